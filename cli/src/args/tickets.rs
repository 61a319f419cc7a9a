//! What is asked of tickets and articles.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

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
    /// 取出附件原件，留下查看记录  Write an attached file; a trace of it is kept
    File {
        /// 编号或标识  Number or id
        id: String,
        /// 摘要值的前 8 位或更多；附件只有一份的不用写  Digest, or its first 8 characters; not needed where there is one file
        digest: Option<String>,
        /// 写到哪个文件；不写，用附件自己的名称  Where it is written; by its own name if left out
        #[arg(long, value_name = "F")]
        out: Option<PathBuf>,
        /// 原因：contact 联系诉求人、verify 核实情况、supervise 督办、other 其他  Why
        #[arg(long)]
        reason: String,
        /// 原因说明  Why, in words
        #[arg(long, default_value = "")]
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
    /// 监察：凭文号查看一件的全部内容，留下查看记录（第三十六条）  For a supervision organ: one whole case, by a document; a trace is kept
    Inspect {
        /// 工单编号或标识  Number or id of the ticket
        id: String,
        /// 文号  Number of the document
        #[arg(long)]
        paper: String,
        /// 用途  What for
        #[arg(long)]
        purpose: String,
    },
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
    /// 只列我经手的，以及我今天代班的  Only what I have in hand, or cover for today
    #[arg(long)]
    pub mine: bool,
    /// 需知悉：本单位有未采用、已认可或维持的  To take note of: what was not adopted, or decided on
    #[arg(long)]
    pub heeds: bool,
    /// 90 日内办过、现不在本单位的  Handled within 90 days, and no longer this unit's
    #[arg(long)]
    pub handled: bool,
    /// 文字、编号或其末几位、来源编号、诉求人电话或姓名  Words, a number or its end, the number at the source, the requester
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
        /// 接上一页  Behind the page before
        #[arg(long, conflicts_with = "confirm")]
        after: Option<String>,
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
    /// 待答复的纠错，先到期的在前  What is to be corrected, what is due first first
    Corrections,
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
