//! What the city hotline sets for everybody: days, terms, weights, people, hubs and times.

use std::path::PathBuf;

use clap::Subcommand;

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
        /// 逐行计算：文件（- 为标准输入）每行“起算时间,工作日数”，每行输出一个 JSON  Line by line: a file (- for stdin) of `beginning,working days`; one JSON document a line comes out
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
pub enum Duty {
    /// 列出现行条目，以及今后起行、停用的  List what holds now, and what is to hold or to be retired
    List {
        /// 只列这个单位的职责  Only what is this unit's duty
        #[arg(long)]
        unit: Option<String>,
    },
    /// 提出设定条目（在市热线中心节点上）；由另一人复核  Propose entries, on the city hub; another person confirms
    Set {
        /// 编号；一经使用不再改给别的单位  Number; it stays with whose duty it is
        #[arg(required_unless_present = "file", requires_all = ["text", "basis"], conflicts_with = "file")]
        number: Option<u32>,
        /// 哪个单位的职责  Whose duty it is: that unit's
        #[arg(long, conflicts_with = "class", required_unless_present_any = ["class", "file"])]
        unit: Option<String>,
        /// 哪类单位各自的职责，如 township  Or that of every unit of that class, such as township
        #[arg(long)]
        class: Option<String>,
        /// 事项分类  Category
        #[arg(long)]
        category: Option<String>,
        /// 职责内容  What the duty is
        #[arg(long)]
        text: Option<String>,
        /// 依据  What it rests on
        #[arg(long)]
        basis: Option<String>,
        /// 一次设定多条：CSV，各列为 编号、单位（或单位类别）、事项分类（可空）、职责、依据  Many at once from CSV: number, unit or class, category or nothing, duty, basis
        #[arg(long, value_name = "F")]
        file: Option<PathBuf>,
        /// 自以后的某一日起执行；不写则为次日，首次设定的复核后即执行  From this day on; else tomorrow, the first list once confirmed
        #[arg(long)]
        from: Option<String>,
    },
    /// 提出停用条目（在市热线中心节点上）；编号不再使用  Propose to retire entries, for good
    Retire {
        /// 编号  Numbers
        #[arg(required = true)]
        number: Vec<u32>,
        /// 自以后的某一日起；不写则为次日  From this day on; else tomorrow
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
    /// 提出停用机器已无法找回的县中心节点；另一人复核后永久停用  Propose to take a hub out of use whose machine is lost, for good once confirmed
    Retire {
        /// 设备名称；该单位只有一台时，单位也可  Name of the device, or its unit if that has but one
        hub: String,
    },
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
    /// 在本机设密码（输入、--password-file、JIESU_PASSWORD 或标准输入）；改自己的须给原密码  Set a password at this node; one's own by showing the one that there is
    Password {
        /// 登录名  Login
        of: String,
        /// 原密码文件；也可用环境变量 JIESU_OLD_PASSWORD  The password that there is from a file; or JIESU_OLD_PASSWORD
        #[arg(long, value_name = "F")]
        old_password_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub enum Cover {
    /// 本单位谁有 B 岗、谁请假、由谁代班  Who of this unit has a deputy or a leave, and who covers
    Show,
    /// 设 B 岗  Name a deputy
    Deputy {
        /// 登录名（A 岗）  Login
        of: String,
        /// B 岗的登录名；不写则取消  Login of the deputy; without it there is none any more
        #[arg(long, value_name = "LOGIN")]
        by: Option<String>,
    },
    /// 请假：其经手的工单同时列给代班的人  Leave: what the person has in hand is listed to whoever covers too
    Leave {
        /// 请假人的登录名  Login of whoever leaves
        of: String,
        /// 首日，如 2027-01-01；不写则从今天  The first day; today without it
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// 末日  The last day
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// 或天数，不写则一天  Or how many days; one without either
        #[arg(long = "days", value_name = "N", conflicts_with = "until")]
        lasts: Option<u32>,
        /// 代班人的登录名；不写则由 B 岗  Login of whoever covers; the deputy without it
        #[arg(long, value_name = "LOGIN")]
        by: Option<String>,
    },
    /// 销假，或取消将开始的请假  Back from leave, or a leave that is not taken
    Back {
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
