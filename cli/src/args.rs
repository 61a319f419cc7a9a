//! The command line.

mod city;
mod node;
mod tickets;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub use city::{Calendar, Cover, Duty, Hub, Person, Terms, Times, Weights};
pub use node::{
    Alarm, Bench, ClockConfirm, CommandsAre, Config, Demo, HubBench, Init, Invite, Join, OpenCommands, Serve, Sync,
};
pub use tickets::{Audit, Import, Kb, List, Ticket};

/// 接诉即办 · 12345 热线工单系统（离线优先）  The 12345 hotline of a city, offline first
#[derive(Parser)]
#[command(name = "jiesu", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// What is logged where nothing else is asked for: a long-running node says more than a command.
    pub fn default_log(&self) -> &'static str {
        match self.command {
            Command::Serve(_) => "info",
            _ => "error",
        }
    }
}

#[derive(ClapArgs, Clone)]
pub struct Global {
    /// 节点目录  Folder of the node
    #[arg(long, global = true, env = "JIESU_DIR", default_value = ".jiesu", value_name = "D")]
    pub dir: PathBuf,
    /// 输出 JSON  Print JSON
    #[arg(long, global = true, env = "JIESU_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    /// 语言  Language
    #[arg(long, global = true, env = "JIESU_LANG", value_enum, default_value_t = Lang::Zh)]
    pub lang: Lang,
    /// 经办人登录名  Login of whoever does this
    #[arg(long, global = true, env = "JIESU_LOGIN", value_name = "LOGIN")]
    pub login: Option<String>,
    /// 密码文件，- 为标准输入；也可用环境变量 JIESU_PASSWORD  Password from a file, - for stdin; or JIESU_PASSWORD
    #[arg(long, global = true, env = "JIESU_PASSWORD_FILE", value_name = "F")]
    pub password_file: Option<PathBuf>,
    /// 请求编号：上次结果未知时用同一编号再执行，已办的不会重复办理  Id of the request: run again under the same one it is not done twice
    #[arg(long, global = true, env = "JIESU_REQUEST_ID", value_name = "ID")]
    pub request_id: Option<String>,
    /// 另一个命令正在使用本节点时等多少秒  Seconds to wait for another command that has this node
    #[arg(long, global = true, env = "JIESU_WAIT", value_name = "SECONDS", default_value_t = 10)]
    pub wait: u16,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    Zh,
    En,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Subcommand)]
pub enum Command {
    /// 四节点演示：断网、并行办理、恢复、合并  Four nodes on this machine: cut, worked on, reconciled
    Demo(Demo),
    /// 新建城市  Found a city
    #[command(subcommand)]
    Init(Init),
    /// 邀请新设备加入  Invite a device
    Invite(Invite),
    /// 用邀请码加入  Join with an invitation
    Join(Join),
    /// 运行节点  Run the node
    Serve(Serve),
    /// 工单  Tickets
    #[command(subcommand)]
    Ticket(Ticket),
    /// 导入  Import
    #[command(subcommand)]
    Import(Import),
    /// 知识库  Knowledge base
    #[command(subcommand)]
    Kb(Kb),
    /// 工作日历  Working days
    #[command(subcommand)]
    Calendar(Calendar),
    /// 同步  Sync
    #[command(subcommand)]
    Sync(Sync),
    /// 告警  Alarms
    #[command(subcommand)]
    Alarm(Alarm),
    /// 市热线中心节点  The city hub
    #[command(subcommand)]
    Hub(Hub),
    /// 本机时钟：查看，或核对后确认  The clock: show it, or say that it is right
    Clock {
        #[command(subcommand)]
        confirm: Option<ClockConfirm>,
    },
    /// 人员  People
    #[command(subcommand)]
    Person(Person),
    /// A/B 岗、请假和代班（本单位自己设，断网也能设）  Deputies, leave and cover, set by the unit itself, also without a network
    #[command(subcommand)]
    Cover(Cover),
    /// 登录：此后 8 小时内的命令不再问密码  Sign in: commands of the next 8 hours ask for no password
    SignIn {
        /// 登录名  Login
        of: String,
    },
    /// 退出登录：此人在本机的登录（含被复制的）即告失效  Sign out: sessions of that person here end, copies of them too
    SignOut {
        /// 登录名；不给则为 --login 所指的人，也没有则为本目录里登录过的所有人  Login; without it that of --login, or everybody who signed in in this folder
        of: Option<String>,
    },
    /// 待复核的提议：谁、何时、提出了什么  What waits for a second person
    Proposals,
    /// 复核别人提出的事项（jiesu proposals 列出）  Confirm what somebody else proposed
    Confirm {
        /// 提议的标识，可只写开头  Id of the proposal, or its beginning
        id: String,
        /// 意见  Remark
        #[arg(long)]
        text: Option<String>,
    },
    /// 不予复核，或撤回自己提出的  Decline, or take back what one proposed
    Decline {
        /// 提议的标识，可只写开头  Id of the proposal, or its beginning
        id: String,
        /// 理由  Why
        #[arg(long)]
        text: String,
    },
    /// 名册记录：谁、何时、改了什么，以及待用的邀请  Who changed what in the registry, and invitations
    Roster {
        /// 最多行数  At most so many
        #[arg(long)]
        limit: Option<usize>,
    },
    /// 本节点的设置  Settings of this node
    #[command(subcommand)]
    Config(Config),
    /// 列出承办单位  List units
    Units {
        /// 只列名称或代码含此文字的  Only those whose name or code contains this
        text: Option<String>,
    },
    /// 列出事项分类  List categories
    Categories {
        /// 只列名称或代码含此文字的  Only those whose name or code contains this
        text: Option<String>,
    },
    /// 本节点概况  What this node is and holds
    Status,
    /// 逐条核验签名、前序和结论  Check every act against its signature and past
    Verify {
        /// 工单或知识条目  A ticket or article
        id: Option<String>,
        /// 全部  Everything
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// 只核对列表和计数  Only what lists and figures show
        #[arg(long, conflicts_with_all = ["id", "all"])]
        projections: bool,
    },
    /// 报表：daily（日统计）、rates（考评表）、exclusions（不计入清单）；lock 封存一个月的考评表  Reports; lock a table of rates
    Report {
        /// 报表，或 lock  Which, or lock
        kind: String,
        /// 期间：2026、2026-11、2026-11-25，或日统计的 2026-11-25-noon（前一日中午至当日中午）  2026, 2026-11, 2026-11-25, or 2026-11-25-noon from noon to noon
        #[arg(long)]
        period: String,
        /// 格式  Format
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// 写入文件  Write to a file
        #[arg(long, value_name = "F")]
        out: Option<PathBuf>,
        /// 文件已存在时覆盖  Overwrite the file if it is there
        #[arg(long, requires = "out")]
        force: bool,
    },
    /// 查看记录  Who was shown what
    #[command(subcommand)]
    Audit(Audit),
    /// 时限和界限  Terms and limits
    #[command(subcommand)]
    Terms(Terms),
    /// 职责清单（退单和驳回须引用其条目）  The duty list, which returns and refusals quote
    #[command(subcommand)]
    Duty(Duty),
    /// 三率权重  Weights of the rates
    #[command(subcommand)]
    Weights(Weights),
    /// 市热线签过的时间  Times that the city hub signed
    #[command(subcommand)]
    Times(Times),
    /// 由办理记录重建其余一切  Build everything again from the acts
    Rebuild,
    /// 压测（自建一座城市，不碰本机数据）  Measure; makes a city of its own and touches no other data
    #[command(subcommand)]
    Bench(Bench),
    /// 按 TOML 在本机启动一组节点（开发用）  Start a group of nodes on this machine, for development
    Devcluster {
        /// 配置  Configuration
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
    },
    /// 主题帮助：exit-codes、acts  Help on a topic
    Help {
        /// 主题  Topic
        topic: Option<String>,
    },
}
