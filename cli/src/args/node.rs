//! How a node is made, joined and run, and what is asked of it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

#[derive(ClapArgs)]
pub struct Demo {
    /// 演示后即结束，不开网页  End instead of serving pages
    #[arg(long)]
    pub once: bool,
    /// 工单文件（JSON 每行一条）  Tickets, one JSON object a line
    #[arg(long, value_name = "FILE.jsonl")]
    pub tickets: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Bench {
    /// 市热线中心节点：N 件工单，逐页逐项计时  A city hub of N tickets: each page and call, durable acts, memory
    Hub(HubBench),
}

#[derive(ClapArgs)]
pub struct HubBench {
    /// 工单数；生成的城市留在 --dir 里，下次沿用  Tickets; the city that is made stays in --dir for the next run
    #[arg(long, default_value_t = 10_000)]
    pub n: u32,
    /// 种子：同一种子生成同一座城市  The same seed makes the same city
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// 同时写入的人数，可多次给出  Writers at once; may be given again
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64])]
    pub writers: Vec<usize>,
}

#[derive(Subcommand)]
pub enum Init {
    /// 新城市：根密钥、名册、单位、日历、时限  Root key, registry, units, calendar, terms
    City {
        /// 城市名  Name of the city
        #[arg(long)]
        name: String,
        /// 管理员姓名  Name of the first person
        #[arg(long, default_value = "管理员")]
        person: String,
        #[command(flatten)]
        open: OpenCommands,
    },
}

#[derive(ClapArgs)]
pub struct OpenCommands {
    /// 本目录的命令不须登录（此后可用 jiesu config commands 更改）  Commands of this folder need no session
    #[arg(long, env = "JIESU_OPEN_COMMANDS", value_parser = clap::builder::FalseyValueParser::new())]
    pub open_commands: bool,
}

#[derive(ClapArgs)]
pub struct Invite {
    /// 单位代码或名称  Unit, by code or name
    #[arg(long)]
    pub unit: String,
    /// 设备类别 hub、office、laptop  Class of the device
    #[arg(long)]
    pub class: String,
    /// 新设备能连到的本机地址，可多次给出；不给则用本机各网卡的地址  Where the new device finds this node; may be given again; the machine's own addresses otherwise
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub address: Vec<String>,
}

#[derive(ClapArgs)]
pub struct Join {
    /// 邀请码；断行、带空格的照样粘贴  The invitation; line ends and blanks in it do no harm
    #[arg(required = true, num_args = 1.., value_name = "TOKEN")]
    pub token: Vec<String>,
    /// 设备名称  What people call the device
    #[arg(long, default_value = "")]
    pub device: String,
    /// 使用人姓名  Name of the person who uses it
    #[arg(long, requires = "person_login")]
    pub person: Option<String>,
    /// 使用人登录名  Login of that person
    #[arg(long, requires = "person")]
    pub person_login: Option<String>,
    #[command(flatten)]
    pub open: OpenCommands,
}

#[derive(ClapArgs)]
pub struct Serve {
    /// 其他节点连接本机的地址（UDP）  Where peers find it; default 0.0.0.0:4433
    #[arg(long, env = "JIESU_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// 网页地址（TCP）  Where its pages are; default 127.0.0.1:8480
    #[arg(long, env = "JIESU_WEB")]
    pub web: Option<SocketAddr>,
    /// 保持连接的节点，可多次给出  A peer that it keeps connected to; may be given again
    #[arg(long, env = "JIESU_PEER", value_name = "HOST:PORT", value_delimiter = ',')]
    pub peer: Vec<String>,
    /// 数据库丢了记录之后启动：另起编号段，缺少的从其他节点取回；从备份放回了整个目录的写 --after-loss=backup  Start after the database lost something; =backup after the whole folder was put back from one
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "loss")]
    pub after_loss: Option<AfterLoss>,
    /// 整个目录是从备份放回的，或停在旧的状态：另起编号段，马上可以办理，缺少的从其他节点取回  The whole folder was put back from a backup or an older state; the same as --after-loss=backup
    #[arg(long, conflicts_with = "after_loss")]
    pub restored: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum AfterLoss {
    Loss,
    Backup,
}

impl From<AfterLoss> for desk::home::AfterLoss {
    fn from(said: AfterLoss) -> Self {
        match said {
            AfterLoss::Loss => Self::Loss,
            AfterLoss::Backup => Self::Backup,
        }
    }
}

#[derive(Subcommand)]
pub enum Alarm {
    /// 列出告警  List them
    List,
    /// 知道了  Take note of one
    Ack {
        /// 事由代码（见 jiesu alarm list）  Code of its kind
        kind: String,
        /// 来源（告警出自本机的不写）  Its source (none if this node is)
        source: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum ClockConfirm {
    /// 时间无误，恢复自动的送达证明和督办  It is right: what the node does by itself goes on
    Confirm {
        /// 另一只钟表上的时间，如 2026-11-02T09:30  The time by another clock
        time: String,
    },
}

#[derive(Subcommand)]
pub enum Sync {
    /// 立即尝试连接  Try every peer now
    Now,
    /// 同步状态  How the node stands with its peers
    Status {
        /// 只看此节点（设备号或名称）  Only this peer
        #[arg(long)]
        peer: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Config {
    /// 命令是否须登录  Whether commands need a session
    Commands {
        /// open 不须登录；signed-in 须登录（默认）  open: anybody who can use this folder acts as anybody
        value: CommandsAre,
    },
    /// 检查 config.toml  Check config.toml
    Check,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum CommandsAre {
    SignedIn,
    Open,
}
