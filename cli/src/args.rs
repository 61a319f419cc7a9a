//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

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
    #[arg(long, global = true, env = "JIESU_JSON")]
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
    /// 登录：此后 8 小时内的命令不再问密码  Sign in: commands of the next 8 hours ask for no password
    SignIn {
        /// 登录名  Login
        of: String,
    },
    /// 退出登录：此人在本机的登录（含被复制的）即告失效  Sign out: sessions of that person here end, copies of them too
    SignOut {
        /// 登录名；不给则为 --login 所指的人，也没有则为本目录里登录过的所有人
        /// Login; without it that of --login, or everybody who signed in in this folder
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
        /// 期间：2026、2026-11 或 2026-11-25  Period
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
    /// 新设备能连到的本机地址，可多次给出；不给则用本机各网卡的地址
    /// Where the new device finds this node; may be given again; the machine's own addresses otherwise
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
    /// 数据库丢了记录之后启动：另起编号段，缺少的从其他节点取回；从备份放回了整个目录的写 --after-loss=backup
    /// Start after the database lost something; =backup after the whole folder was put back from one
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "loss")]
    pub after_loss: Option<AfterLoss>,
    /// 整个目录是从备份放回的，或停在旧的状态：另起编号段，马上可以办理，缺少的从其他节点取回
    /// The whole folder was put back from a backup or an older state; the same as --after-loss=backup
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
pub enum Ticket {
    /// 登记  Register
    Register {
        /// 从 JSON 文件读取各字段  Fields from a JSON file
        #[arg(long, value_name = "F.json")]
        file: Option<PathBuf>,
        /// 字段：--字段名 值（jiesu help acts）  Fields: --name value
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--FIELD VALUE")]
        fields: Vec<String>,
    },
    /// 查看  Show
    Show {
        /// 编号或标识  Number or id
        id: String,
        /// 显示诉求人信息，留下查看记录  Show personal data; a trace of it is kept
        #[arg(long, requires = "reason")]
        reveal: bool,
        /// 原因：contact 联系诉求人、verify 核实情况、supervise 督办、other 其他  Why
        #[arg(long, requires = "reveal")]
        reason: Option<String>,
        /// 原因说明  Why, in words
        #[arg(long, requires = "reveal", default_value = "")]
        note: String,
    },
    /// 疑似重复的工单  Tickets that it seems to repeat
    Duplicates {
        /// 编号或标识  Number or id
        id: String,
    },
    /// 列表  List
    List(List),
    /// 办理  Act on a ticket
    Act {
        /// 事项（jiesu help acts）  Kind of act
        kind: String,
        /// 编号或标识  Number or id
        id: String,
        /// 字段：--字段名 值  Fields: --name value
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--FIELD VALUE")]
        fields: Vec<String>,
    },
}

#[derive(Subcommand)]
pub enum Audit {
    /// 谁看过诉求人信息  Who was shown personal data
    Reveals {
        /// 工单编号或标识  Of which ticket
        #[arg(long)]
        ticket: Option<String>,
        /// 查看人的登录名  Shown to whom
        #[arg(long, value_name = "LOGIN")]
        of: Option<String>,
        /// 最多行数  At most so many
        #[arg(long)]
        limit: Option<usize>,
    },
}

#[derive(ClapArgs)]
pub struct List {
    /// 状态  State
    #[arg(long)]
    pub state: Option<String>,
    /// 单位  Unit
    #[arg(long)]
    pub unit: Option<String>,
    /// 在此之前到期  Due before
    #[arg(long)]
    pub due_before: Option<String>,
    /// 已逾期  Overdue
    #[arg(long)]
    pub overdue: bool,
    /// 搜索文字  Words
    #[arg(long)]
    pub text: Option<String>,
    /// 条数  How many
    #[arg(long)]
    pub limit: Option<usize>,
    /// 从上一页末尾继续  Go on after a page
    #[arg(long)]
    pub cursor: Option<String>,
}

#[derive(Subcommand)]
pub enum Import {
    /// 工单：.xlsx、.csv、.tsv 或 .jsonl  Tickets
    Tickets {
        /// 文件  File
        file: PathBuf,
        /// 列名对照 TOML：我们的名称 = "文件里的列名"  Names of columns
        #[arg(long, value_name = "MAP.toml")]
        map: Option<PathBuf>,
        /// 来源系统名称，说过一次就记住  Name of the other system; kept in mind once it was said
        #[arg(long)]
        system: Option<String>,
        /// 工作表，默认第一张  Sheet of a workbook; the first one by default
        #[arg(long)]
        sheet: Option<String>,
        /// 未导入的行存入此文件，改好后可再导入  Write the refused rows to a file, to be mended and imported again
        #[arg(long, value_name = "F")]
        refused: Option<PathBuf>,
        /// --refused 的文件已存在时覆盖  Overwrite the file of refused rows if it is there
        #[arg(long, requires = "refused")]
        force: bool,
        /// 试运行：说出会怎样，不写入  Tell what would be done, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// 作为历史数据（开始派单之前，已办结的旧件）  As history: closed cases, before the city dispatches
        #[arg(long)]
        history: bool,
    },
    /// 历史数据：列出；由导入人以外的另一人确认归档  History: list it; another person files it
    History {
        /// 确认并归档  File what others brought in
        #[arg(long)]
        confirm: bool,
    },
}

#[derive(Subcommand)]
pub enum Kb {
    /// 新建  New article
    Add {
        /// 标题  Title
        #[arg(long)]
        title: String,
        /// 事项分类  Category
        #[arg(long)]
        category: String,
        /// 正文  Body
        #[arg(long, required_unless_present = "file")]
        body: Option<String>,
        /// 正文文件  Body from a file
        #[arg(long, conflicts_with = "body")]
        file: Option<PathBuf>,
    },
    /// 编辑  Edit
    Edit {
        /// 标识  Id
        id: String,
        /// 标题  Title
        #[arg(long)]
        title: Option<String>,
        /// 事项分类  Category
        #[arg(long)]
        category: Option<String>,
        /// 正文  Body
        #[arg(long)]
        body: Option<String>,
        /// 正文文件  Body from a file
        #[arg(long, conflicts_with = "body")]
        file: Option<PathBuf>,
    },
    /// 同一处同时改成了几样：采用一条记录的写法  Of wordings that stand side by side, choose one act's
    Choose {
        /// 标识  Id
        id: String,
        /// 采用哪条记录的写法：show 所列编号，可只写开头几位  The act whose wording is chosen, or the beginning of its id
        act: String,
    },
    /// 审核（须由编辑人以外的人）  Review: another person than the editor
    Review {
        /// 标识  Id
        id: String,
    },
    /// 指出错误  Point out an error
    Correct {
        /// 标识  Id
        id: String,
        /// 错在何处  What is wrong
        #[arg(long)]
        text: String,
    },
    /// 停用  Retire
    Retire {
        /// 标识  Id
        id: String,
        /// 理由  Why
        #[arg(long)]
        text: String,
    },
    /// 提出发布（由另一人复核后发布）  Propose to publish: another person confirms
    Publish {
        /// 标识  Id
        id: String,
    },
    /// 复核发布（须由提出人、编辑人以外的人）  Confirm: neither who proposed it nor an editor
    Confirm {
        /// 标识  Id
        id: String,
        /// 意见  Remark
        #[arg(long)]
        text: Option<String>,
    },
    /// 不予复核，或撤回自己提出的  Decline, or take back what one proposed
    Decline {
        /// 标识  Id
        id: String,
        /// 理由  Why
        #[arg(long)]
        text: String,
    },
    /// 搜索  Search
    Search {
        /// 文字  Words
        text: Option<String>,
    },
    /// 查看  Show
    Show {
        /// 标识  Id
        id: String,
    },
}

#[derive(Subcommand)]
pub enum Calendar {
    /// 计算到期  When a term ends
    Due {
        /// 起算时间  Beginning
        #[arg(long, value_name = "TS", required_unless_present = "batch")]
        start: Option<String>,
        /// 工作日数  Working days
        #[arg(long, value_name = "N", required_unless_present = "batch")]
        days: Option<u32>,
        /// 逐行计算：文件（- 为标准输入）每行“起算时间,工作日数”，每行输出一个 JSON  Line by line: a file (- for stdin) of
        /// `beginning,working days`; one JSON document a line comes out
        #[arg(long, value_name = "F", conflicts_with_all = ["start", "days"])]
        batch: Option<PathBuf>,
    },
    /// 查看一年  Days of a year
    Show {
        /// 年份  Year
        year: i32,
    },
    /// 导入节假日文件：CSV、holiday-cn 的 JSON 或 ICS  Import a file of holidays: CSV, JSON of holiday-cn, or ICS
    Import {
        /// 文件  File
        file: PathBuf,
        /// 不再询问  Do not ask
        #[arg(long)]
        yes: bool,
        /// 只说会改变什么，不写入  Tell what would change, and change nothing
        #[arg(long, conflicts_with = "yes")]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
pub enum Terms {
    /// 查看全部，带可设的范围  Show all, with what they can be set to
    Show,
    /// 提出设定（在市热线中心节点上）：名称=数值，可给几项；由另一人复核后生效。换用规则版次单独设定：edition=2  Propose, on the city hub: NAME=VALUE, one or more, or edition=2 by itself; in force once another person confirms
    Set {
        /// 名称=数值，如 help_wd=4  NAME=VALUE, such as help_wd=4
        #[arg(required = true)]
        set: Vec<String>,
        /// 自以后的某一日起执行，如 2027-01-01；不写则复核后即执行  From this day on, which has not begun; else once confirmed
        #[arg(long)]
        from: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Weights {
    /// 查看  Show
    Show,
    /// 设定（在市热线中心节点上）；三项之和为 100，未给出的不变  Set, on the city hub; 100 in all, what is not given stays
    Set {
        /// 响应率，百分数  Response, percent
        #[arg(long)]
        response: Option<u32>,
        /// 解决率，百分数  Solution, percent
        #[arg(long)]
        solution: Option<u32>,
        /// 满意率，百分数  Satisfaction, percent
        #[arg(long)]
        satisfaction: Option<u32>,
        /// “基本解决”“基本满意”折算，百分数  What half an answer is worth, percent
        #[arg(long)]
        mostly: Option<u32>,
        /// 自以后的某一日起执行，如 2027-01-01；不写则复核后即执行  From this day on, which has not begun; else once confirmed
        #[arg(long)]
        from: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Alarm {
    /// 列出告警  List them
    List,
    /// 知道了  Take note of one
    Ack {
        /// 事由代码（见 jiesu alarm list）  Code of its kind
        kind: String,
        /// 来源  Its source
        source: String,
    },
}

#[derive(Subcommand)]
pub enum Hub {
    /// 放回旧拷贝后不等各县传完就恢复办理（每个县须市热线两名系统管理岗位的人员各运行一次）  After it was put back: go on without counties; two administrators each
    Waive {
        /// 只对这些县（代码或简称），不写则对仍在等的全部  For these counties alone, by code or short name; else for all that it waits for
        county: Vec<String>,
    },
    /// 放回旧拷贝后尚未传完的县，和它们连上后可能改变的工单  What may change once the counties are heard that were not yet
    Tickets {
        /// 只看这个县  Of that county alone
        county: Option<String>,
        /// 接上一页最后一件工单的标识  After this ticket, the last of the page before
        #[arg(long)]
        after: Option<String>,
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

#[derive(Subcommand)]
pub enum Person {
    /// 登记人员（在市热线中心节点上）  Add a person, on the city hub
    Add {
        /// 单位  Unit
        #[arg(long)]
        unit: String,
        /// 姓名  Name
        #[arg(long)]
        name: String,
        /// 登录名  Login
        #[arg(long = "as", value_name = "LOGIN")]
        as_login: String,
        /// 岗位，可多次给出  Role; may be given again
        #[arg(long, value_delimiter = ',')]
        role: Vec<String>,
    },
    /// 增减岗位（在市热线中心节点上）  Give and take roles, on the city hub
    Roles {
        /// 登录名  Login
        of: String,
        /// 增加的岗位，可多次给出  Role that is given; may be given again
        #[arg(long, value_delimiter = ',')]
        add: Vec<String>,
        /// 取消的岗位，可多次给出  Role that is taken away; may be given again
        #[arg(long, value_delimiter = ',')]
        remove: Vec<String>,
    },
    /// 在本机设密码（输入、--password-file、JIESU_PASSWORD 或标准输入）  Set a password at this node
    Password {
        /// 登录名  Login
        of: String,
    },
}

#[derive(Subcommand)]
pub enum Times {
    /// 市热线签过的时间及其编号，新的在前  Times that the hub signed, and their numbers, the newest first
    Show {
        /// 从此编号往前  From this number back
        #[arg(long, value_name = "N")]
        upto: Option<u64>,
        /// 至多列出多少个  At most so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// 提出作废时钟有误时签出的编号；复核后永久作废  Propose to void the numbers of a wrong clock, for good once confirmed
    Void {
        /// 第一个编号  The first number
        from: u64,
        /// 最后一个编号  The last number
        to: u64,
        /// 理由  Why
        #[arg(long)]
        reason: String,
    },
}
