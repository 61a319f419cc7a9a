//! Kinds of acts (办理记录), each with its wire number, its names and its article.

use crate::rule::Article;

macro_rules! roles {
    ($($(#[doc = $doc:literal])? $variant:ident = $number:literal, $code:literal, $chinese:literal;)*) => {
        /// Roles that a person holds in a unit. One person may hold several. The wire number of a role never changes and is
        /// never given to another.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $chinese] $(#[doc = $doc])? $variant,)*
            /// One of a newer version: it is kept, and allows nothing here.
            Other(u16),
        }

        impl Role {
            /// Every role that this version knows.
            pub const ALL: [Self; [$($number),*].len()] = [$(Self::$variant,)*];

            /// Number on the wire.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)* Self::Other(number) => number }
            }

            /// The role of that number.
            #[must_use]
            pub const fn from_number(number: u16) -> Self {
                match number { $($number => Self::$variant,)* _ => Self::Other(number) }
            }

            /// Code name and Chinese name.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* Self::Other(_) => ("other", "其他岗位") }
            }
        }
    };
}

roles! {
    Intake = 1, "intake", "受理";
    Dispatch = 2, "dispatch", "派单";
    Handle = 3, "handle", "承办";
    Review = 4, "review", "审核";
    Supervise = 5, "supervise", "督办";
    FollowUp = 6, "follow-up", "回访";
    Knowledge = 7, "knowledge", "知识库";
    Statistics = 8, "statistics", "统计";
    /// Devices, people and settings. No act of the regulation needs it.
    Administer = 9, "administer", "系统管理";
}

impl Role {
    /// The role of that code name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.names().0 == code)
    }
}

macro_rules! kinds {
    ($($variant:ident = $number:literal, $code:literal, $chinese:literal, $article:expr, $role:expr;)*) => {
        /// What somebody does. The wire number of a kind never changes and is never given to another.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ActKind { $(#[doc = $chinese] $variant,)* }

        impl ActKind {
            /// Every kind that this version knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// Number on the wire.
            #[must_use]
            pub const fn number(self) -> u16 { match self { $(Self::$variant => $number,)* } }
            /// The kind of that number; `None` for one of a newer version.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> { match number { $($number => Some(Self::$variant),)* _ => None } }
            /// Name in commands and JSON.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
            /// Name on screens.
            #[must_use]
            pub const fn chinese(self) -> &'static str { match self { $(Self::$variant => $chinese,)* } }
            /// The article that it rests on.
            #[must_use]
            pub const fn article(self) -> Article { match self { $(Self::$variant => $article,)* } }
            /// The role that its author must hold; `None` if any role will do.
            #[must_use]
            pub const fn role(self) -> Option<Role> { match self { $(Self::$variant => $role,)* } }
            /// The kind of that code name.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> { Self::ALL.iter().copied().find(|kind| kind.code() == code) }
        }
    };
}

kinds! {
    Register = 1, "register", "登记", Article(15, 0), Some(Role::Intake);
    RegisterByProxy = 19, "register-by-proxy", "代录", Article(15, 0), Some(Role::Handle);
    ConfirmIntake = 20, "confirm-intake", "受理确认", Article(15, 0), Some(Role::Intake);
    OwnMatter = 21, "own-matter", "转自办件", Article(15, 0), Some(Role::Intake);
    SetUrgency = 22, "set-urgency", "调整紧急程度", Article(21, 3), None;
    Answer = 2, "answer", "即时答复", Article(16, 1), Some(Role::Intake);
    Reject = 23, "reject", "不予受理", Article(12, 0), Some(Role::Intake);
    ReferEmergency = 24, "refer-emergency", "转紧急热线", Article(16, 4), None;
    ReferRegion = 25, "refer-region", "转异地热线", Article(9, 0), Some(Role::Intake);
    Dispatch = 3, "dispatch", "派发", Article(16, 2), Some(Role::Dispatch);
    SubDispatch = 26, "sub-dispatch", "下派", Article(17, 0), Some(Role::Dispatch);
    NotifyByPhone = 27, "notify-by-phone", "电话送达", Article(21, 1), None;
    Designate = 28, "designate", "指定承办", Article(17, 0), Some(Role::Dispatch);
    Recall = 29, "recall", "撤回派单", Article(17, 0), Some(Role::Dispatch);
    Redispatch = 4, "redispatch", "转派", Article(18, 0), Some(Role::Dispatch);
    Recuse = 30, "recuse", "回避", Article(13, 0), Some(Role::Dispatch);
    SignFor = 5, "sign-for", "签收", Article(21, 1), Some(Role::Handle);
    SignForByPhone = 31, "sign-for-by-phone", "电话签收", Article(21, 1), Some(Role::Dispatch);
    ReturnRequest = 6, "return-request", "退单申请", Article(18, 0), Some(Role::Handle);
    ReturnApprove = 7, "return-approve", "同意退回", Article(18, 0), Some(Role::Dispatch);
    ReturnDeny = 8, "return-deny", "不同意退回", Article(18, 0), Some(Role::Dispatch);
    Contact = 9, "contact", "联系诉求人", Article(19, 0), Some(Role::Handle);
    Progress = 10, "progress", "进度反馈", Article(21, 0), Some(Role::Handle);
    Escalate = 32, "escalate", "报请协调", Article(20, 0), Some(Role::Handle);
    Opinion = 33, "opinion", "协调意见", Article(20, 0), None;
    ReferMeeting = 34, "refer-meeting", "提请联席会议", Article(4, 0), None;
    ExtendRequest = 35, "extend-request", "延期申请", Article(22, 0), Some(Role::Handle);
    ExtendApprove = 36, "extend-approve", "准予延期", Article(22, 0), Some(Role::Review);
    ExtendDeny = 37, "extend-deny", "不予延期", Article(22, 0), Some(Role::Review);
    Defer = 38, "defer", "暂时无法解决", Article(21, 7), Some(Role::Handle);
    DeferApprove = 39, "defer-approve", "同意挂账", Article(21, 7), Some(Role::Review);
    DeferRelease = 40, "defer-release", "挂账解除", Article(21, 7), None;
    AssistFeedback = 41, "assist-feedback", "协办反馈", Article(17, 0), Some(Role::Handle);
    Complete = 11, "complete", "报结", Article(23, 0), Some(Role::Handle);
    ConfirmClosure = 12, "confirm-closure", "办结认定", Article(24, 0), Some(Role::Review);
    SendBack = 42, "send-back", "退回重办", Article(24, 0), Some(Role::Review);
    Supervise = 43, "supervise", "督办", Article(25, 0), Some(Role::Supervise);
    SuperviseReply = 44, "supervise-reply", "督办回复", Article(25, 0), Some(Role::Handle);
    SuperviseRelease = 45, "supervise-release", "督办解除", Article(25, 0), Some(Role::Supervise);
    Remind = 46, "remind", "临期提醒", Article(21, 0), None;
    Urge = 47, "urge", "催单", Article(13, 0), None;
    Supplement = 48, "supplement", "补充诉求", Article(14, 0), None;
    Withdraw = 49, "withdraw", "撤单", Article(13, 0), Some(Role::Intake);
    Merge = 50, "merge", "合并", Article(16, 0), Some(Role::Dispatch);
    Split = 51, "split", "拆分", Article(16, 0), Some(Role::Dispatch);
    Unmerge = 52, "unmerge", "撤销合并", Article(16, 0), Some(Role::Dispatch);
    FollowUp = 13, "follow-up", "回访", Article(26, 0), Some(Role::FollowUp);
    VerifyRating = 53, "verify-rating", "评价核实", Article(27, 0), Some(Role::Handle);
    Remedy = 54, "remedy", "补充办理", Article(27, 1), Some(Role::Handle);
    Explain = 55, "explain", "解释说明", Article(27, 2), Some(Role::Handle);
    SetAsideRating = 56, "set-aside-rating", "评价不予采纳", Article(27, 3), Some(Role::Review);
    Object = 57, "object", "诉求人异议", Article(13, 0), Some(Role::FollowUp);
    Appeal = 58, "appeal", "考核申诉", Article(38, 0), Some(Role::Handle);
    DecideAppeal = 59, "decide-appeal", "申诉决定", Article(38, 0), Some(Role::Review);
    DecideTime = 60, "decide-time", "时限认定", Article(38, 0), Some(Role::Review);
    Witness = 61, "witness", "到达证明", Article(21, 1), None;
    Correct = 17, "correct", "更正", Article(28, 0), None;
    Note = 15, "note", "工作记录", Article(7, 0), None;
    Tag = 16, "tag", "标签", Article(30, 0), None;
    Claim = 63, "claim", "领办", Article(17, 0), None;
    HandOver = 80, "hand-over", "交接", Article(7, 1), None;
    Admonish = 81, "admonish", "劝阻", Article(40, 0), None;
    ReportInterference = 82, "report-interference", "报告干预", Article(39, 5), None;
    Archive = 14, "archive", "归档", Article(28, 0), None;
    Unarchive = 83, "unarchive", "撤销归档", Article(28, 0), None;
    Attach = 84, "attach", "附件", Article(28, 0), None;
    Redact = 85, "redact", "抹除", Article(13, 0), Some(Role::Review);
    Ratify = 86, "ratify", "追认", Article(35, 0), Some(Role::Review);
    Confirm = 87, "confirm", "复核", Article(6, 0), None;
    Decline = 88, "decline", "不予复核", Article(6, 0), None;
    Settle = 18, "settle", "市热线确认", Article(6, 0), None;
    ArticleCreate = 64, "article-create", "新建知识", Article(29, 0), Some(Role::Knowledge);
    ArticleEdit = 65, "article-edit", "编辑知识", Article(29, 0), Some(Role::Knowledge);
    ArticleReview = 67, "article-review", "审核知识", Article(29, 0), Some(Role::Knowledge);
    ArticlePublish = 66, "article-publish", "发布知识", Article(29, 0), Some(Role::Knowledge);
    ArticleCorrect = 68, "article-correct", "知识纠错", Article(29, 0), None;
    ArticleRetire = 69, "article-retire", "停用知识", Article(29, 0), Some(Role::Knowledge);
}

impl ActKind {
    /// Whether it belongs to a knowledge article rather than to a ticket.
    #[must_use]
    pub const fn of_knowledge(self) -> bool {
        matches!(self.number(), 64..80)
    }

    /// Whether it begins a document.
    #[must_use]
    pub const fn begins(self) -> bool {
        matches!(self, Self::Register | Self::RegisterByProxy | Self::ArticleCreate)
    }

    /// Whether it answers a proposal, of tickets and articles alike.
    #[must_use]
    pub const fn of_pairs(self) -> bool {
        matches!(self, Self::Confirm | Self::Decline)
    }

    /// Whether it may be made of an article, or else of a ticket.
    #[must_use]
    pub const fn fits(self, knowledge: bool) -> bool {
        self.of_pairs() || self.of_knowledge() == knowledge
    }

    /// Whether a hotline's node makes it by itself, and never a person.
    #[must_use]
    pub const fn of_clock(self) -> bool {
        matches!(self, Self::Settle | Self::Witness)
    }

    /// Whether it is between its author and the city (13, 39(5)): a report of interference may accuse whoever else holds
    /// the ticket. What it says is private, and nobody else is shown that it was made.
    #[must_use]
    pub const fn confided(self) -> bool {
        matches!(self, Self::ReportInterference)
    }

    /// How many segments of its text must not be empty: title and content, or the one text that it consists of.
    #[must_use]
    pub const fn segments(self) -> usize {
        match self {
            Self::Register | Self::RegisterByProxy | Self::ArticleCreate => 2,
            Self::OwnMatter
            | Self::SetUrgency
            | Self::Answer
            | Self::Reject
            | Self::ReferEmergency
            | Self::ReferRegion
            | Self::NotifyByPhone
            | Self::SignForByPhone
            | Self::Designate
            | Self::Recall
            | Self::Recuse
            | Self::ReturnRequest
            | Self::ReturnDeny
            | Self::Progress
            | Self::Note
            | Self::Escalate
            | Self::Opinion
            | Self::ReferMeeting
            | Self::ExtendRequest
            | Self::ExtendDeny
            | Self::Defer
            | Self::AssistFeedback
            | Self::Complete
            | Self::SendBack
            | Self::Supervise
            | Self::SuperviseReply
            | Self::Supplement
            | Self::Withdraw
            | Self::VerifyRating
            | Self::Remedy
            | Self::Explain
            | Self::SetAsideRating
            | Self::Object
            | Self::Appeal
            | Self::DecideAppeal
            | Self::DecideTime
            | Self::Admonish
            | Self::ReportInterference
            | Self::Unarchive
            | Self::Attach
            | Self::Redact
            | Self::Ratify
            | Self::Decline
            | Self::ArticleCorrect
            | Self::ArticleRetire => 1,
            _ => 0,
        }
    }
}
