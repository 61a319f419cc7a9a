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
    /// The city delegates the publication of a unit's own articles to it (29).
    Publish = 10, "publish", "知识发布";
    /// Alarms. No act of the regulation needs it.
    Security = 11, "security", "安全管理";
    /// Who has seen what, and who had what written into the registry. No act of the regulation needs it.
    Audit = 12, "audit", "安全审计";
    /// A supervision organ looks at one case at a time, by a document of its own (36). No act is lawful by it.
    Inspect = 13, "inspect", "监察";
}

impl Role {
    /// The role of that code name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.names().0 == code)
    }
}

/// What is particular of a kind, beside its row in [`crate::table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// It begins a document.
    Begins,
    /// A hotline's node makes it by itself, and never a person.
    OfClock,
    /// It is between its author and the city.
    Confided,
    /// It may set title and category of the document,
    Registers,
    /// the place,
    Places,
    /// tags,
    Tags,
    /// blocks of an article.
    Blocks,
    /// It is nothing if it writes none of that.
    Writes,
    /// It tells what happened, and decides nothing: it is judged once, at its own past, and nothing beside it takes it away (26).
    Told,
    /// It ends the card of an act that was overruled, which it answers.
    Card,
}

macro_rules! kinds {
    ($($variant:ident = $number:literal, $code:literal, $chinese:literal, $article:expr, $role:expr, $segments:literal, [$($trait:ident)*];)*) => {
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
            /// How many segments of its text must not be empty: title and content, or the one text that it consists of.
            #[must_use]
            pub const fn segments(self) -> usize { match self { $(Self::$variant => $segments,)* } }
            const fn traits(self) -> &'static [Trait] { match self { $(Self::$variant => &[$(Trait::$trait),*],)* } }
            /// The kind of that code name.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> { Self::ALL.iter().copied().find(|kind| kind.code() == code) }
        }
    };
}

kinds! {
    Register = 1, "register", "登记", Article(15, 0), Some(Role::Intake), 2, [Begins Places Registers Tags];
    RegisterByProxy = 19, "register-by-proxy", "代录", Article(15, 0), Some(Role::Handle), 2, [Begins Places Registers Tags];
    ConfirmIntake = 20, "confirm-intake", "受理确认", Article(15, 0), Some(Role::Intake), 0, [];
    OwnMatter = 21, "own-matter", "转自办件", Article(15, 0), Some(Role::Intake), 1, [];
    SetUrgency = 22, "set-urgency", "调整紧急程度", Article(21, 3), None, 1, [];
    Answer = 2, "answer", "即时答复", Article(16, 1), Some(Role::Intake), 1, [];
    Convey = 124, "convey", "转达表扬", Article(11, 5), Some(Role::Intake), 0, [];
    Reject = 23, "reject", "不予受理", Article(12, 0), Some(Role::Intake), 1, [];
    ReferEmergency = 24, "refer-emergency", "转紧急热线", Article(16, 4), None, 1, [];
    ReferRegion = 25, "refer-region", "转异地热线", Article(9, 0), Some(Role::Intake), 2, [];
    RegionAnswer = 125, "region-answer", "异地答复", Article(9, 0), Some(Role::Intake), 1, [Told];
    Dispatch = 3, "dispatch", "派发", Article(16, 2), Some(Role::Dispatch), 0, [];
    SubDispatch = 26, "sub-dispatch", "下派", Article(17, 0), Some(Role::Dispatch), 0, [];
    NotifyByPhone = 27, "notify-by-phone", "电话送达", Article(21, 1), None, 1, [Told];
    Designate = 28, "designate", "指定承办", Article(17, 0), Some(Role::Dispatch), 1, [];
    Recall = 29, "recall", "撤回派单", Article(17, 0), Some(Role::Dispatch), 1, [];
    Redispatch = 4, "redispatch", "转派", Article(18, 0), Some(Role::Dispatch), 0, [];
    Recuse = 30, "recuse", "回避", Article(13, 0), Some(Role::Dispatch), 1, [];
    SignFor = 5, "sign-for", "签收", Article(21, 1), Some(Role::Handle), 0, [Told];
    SignForByPhone = 31, "sign-for-by-phone", "电话签收", Article(21, 1), Some(Role::Dispatch), 1, [];
    ReturnRequest = 6, "return-request", "退单申请", Article(18, 0), Some(Role::Handle), 1, [];
    ReturnApprove = 7, "return-approve", "同意退回", Article(18, 0), Some(Role::Dispatch), 0, [];
    ReturnWithdraw = 120, "return-withdraw", "撤回退单申请", Article(18, 0), Some(Role::Handle), 0, [];
    ReturnDeny = 8, "return-deny", "不同意退回", Article(18, 0), Some(Role::Dispatch), 1, [];
    Contact = 9, "contact", "联系诉求人", Article(19, 0), Some(Role::Handle), 0, [Told];
    Progress = 10, "progress", "进度反馈", Article(21, 0), Some(Role::Handle), 1, [Told];
    Arrive = 122, "arrive", "到达现场", Article(21, 3), Some(Role::Handle), 0, [Told];
    NameTerm = 121, "name-term", "确定法定期限", Article(21, 6), Some(Role::Review), 1, [];
    Escalate = 32, "escalate", "报请协调", Article(20, 0), Some(Role::Handle), 1, [];
    Opinion = 33, "opinion", "协调意见", Article(20, 0), None, 1, [];
    ReferMeeting = 34, "refer-meeting", "提请联席会议", Article(4, 0), None, 1, [];
    MeetingDecision = 126, "meeting-decision", "联席会议决定", Article(4, 0), Some(Role::Dispatch), 2, [];
    ExtendRequest = 35, "extend-request", "延期申请", Article(22, 0), Some(Role::Handle), 1, [];
    ExtendApprove = 36, "extend-approve", "准予延期", Article(22, 0), Some(Role::Review), 0, [];
    ExtendDeny = 37, "extend-deny", "不予延期", Article(22, 0), Some(Role::Review), 1, [];
    Defer = 38, "defer", "暂时无法解决", Article(21, 7), Some(Role::Handle), 1, [];
    DeferApprove = 39, "defer-approve", "同意挂账", Article(21, 7), Some(Role::Review), 0, [];
    DeferRelease = 40, "defer-release", "挂账解除", Article(21, 7), None, 0, [];
    AssistFeedback = 41, "assist-feedback", "协办反馈", Article(17, 0), Some(Role::Handle), 1, [Told];
    Complete = 11, "complete", "报结", Article(23, 0), Some(Role::Handle), 1, [];
    ConfirmClosure = 12, "confirm-closure", "办结认定", Article(24, 0), Some(Role::Review), 0, [];
    SendBack = 42, "send-back", "退回重办", Article(24, 0), Some(Role::Review), 1, [];
    Supervise = 43, "supervise", "督办", Article(25, 0), Some(Role::Supervise), 1, [];
    SuperviseReply = 44, "supervise-reply", "督办回复", Article(25, 0), Some(Role::Handle), 1, [Told];
    SuperviseRelease = 45, "supervise-release", "督办解除", Article(25, 0), Some(Role::Supervise), 0, [];
    Remind = 46, "remind", "临期提醒", Article(21, 0), None, 0, [Told];
    Urge = 47, "urge", "催单", Article(13, 0), None, 0, [Told];
    Supplement = 48, "supplement", "补充诉求", Article(14, 0), None, 1, [Told];
    Withdraw = 49, "withdraw", "撤单", Article(13, 0), Some(Role::Intake), 1, [];
    Merge = 50, "merge", "合并", Article(16, 0), Some(Role::Dispatch), 0, [];
    MergeOther = 130, "merge-other", "合并（不同事项）", Article(16, 0), Some(Role::Dispatch), 1, [];
    Split = 51, "split", "拆分", Article(16, 0), Some(Role::Dispatch), 0, [];
    Unmerge = 52, "unmerge", "撤销合并", Article(16, 0), Some(Role::Dispatch), 0, [];
    FollowUp = 13, "follow-up", "回访", Article(26, 0), Some(Role::FollowUp), 0, [Told];
    VerifyRating = 53, "verify-rating", "评价核实", Article(27, 0), Some(Role::Handle), 1, [];
    Remedy = 54, "remedy", "补充办理", Article(27, 1), Some(Role::Handle), 1, [];
    Explain = 55, "explain", "解释说明", Article(27, 2), Some(Role::Handle), 1, [];
    SetAsideRating = 56, "set-aside-rating", "评价不予采纳", Article(27, 3), Some(Role::Review), 1, [];
    Object = 57, "object", "诉求人异议", Article(13, 0), Some(Role::FollowUp), 1, [];
    Appeal = 58, "appeal", "考核申诉", Article(38, 0), Some(Role::Handle), 1, [];
    DecideAppeal = 59, "decide-appeal", "申诉决定", Article(38, 0), Some(Role::Review), 1, [];
    Tolerate = 89, "tolerate", "容错", Article(41, 0), Some(Role::Review), 1, [];
    DecideTime = 60, "decide-time", "时限认定", Article(38, 0), Some(Role::Review), 1, [];
    Witness = 61, "witness", "到达证明", Article(21, 1), None, 0, [OfClock];
    Reclassify = 123, "reclassify", "更正登记类别", Article(15, 0), None, 1, [];
    CorrectRequester = 141, "correct-requester", "更正诉求人信息", Article(15, 0), Some(Role::Intake), 1, [];
    MoreRoom = 140, "more-room", "续页", Article(28, 0), Some(Role::Dispatch), 1, [];
    Correct = 17, "correct", "更正", Article(28, 0), None, 0, [Places Registers Writes];
    Note = 15, "note", "工作记录", Article(7, 0), None, 1, [Told];
    Tag = 16, "tag", "标签", Article(30, 0), None, 0, [Tags Writes Told];
    Claim = 63, "claim", "领办", Article(17, 0), None, 0, [];
    HandOver = 80, "hand-over", "交接", Article(7, 1), None, 0, [];
    Admonish = 81, "admonish", "劝阻", Article(40, 0), None, 1, [Told];
    ReportInterference = 82, "report-interference", "报告干预", Article(39, 5), None, 1, [Confided Told];
    Archive = 14, "archive", "归档", Article(28, 0), None, 0, [];
    Unarchive = 83, "unarchive", "撤销归档", Article(28, 0), None, 1, [];
    Attach = 84, "attach", "附件", Article(28, 0), None, 1, [Told];
    Redact = 85, "redact", "抹除", Article(13, 0), Some(Role::Review), 1, [];
    Ratify = 86, "ratify", "追认", Article(35, 0), Some(Role::Review), 1, [];
    Confirm = 87, "confirm", "复核", Article(6, 0), None, 0, [];
    Decline = 88, "decline", "不予复核", Article(6, 0), None, 1, [];
    Acknowledge = 90, "acknowledge", "知道了", Article(6, 0), None, 0, [Told Card];
    ShowDone = 91, "show-done", "我已办完（补充依据）", Article(23, 0), Some(Role::Handle), 1, [Told Card];
    AcceptWork = 92, "accept-work", "认可其办理", Article(24, 5), Some(Role::Review), 1, [Told Card];
    Uphold = 93, "uphold", "维持并通知", Article(17, 0), None, 1, [Told Card];
    Settle = 18, "settle", "市热线确认", Article(6, 0), None, 0, [OfClock];
    ArticleCreate = 64, "article-create", "新建知识", Article(29, 0), Some(Role::Knowledge), 2, [Begins Registers Tags Blocks];
    ArticleEdit = 65, "article-edit", "编辑知识", Article(29, 0), Some(Role::Knowledge), 0, [Registers Tags Blocks Writes];
    ArticleReview = 67, "article-review", "审核知识", Article(29, 0), Some(Role::Knowledge), 0, [];
    ArticlePublish = 66, "article-publish", "发布知识", Article(29, 0), Some(Role::Knowledge), 0, [];
    ArticleCorrect = 68, "article-correct", "知识纠错", Article(29, 0), None, 1, [];
    ArticleRetire = 69, "article-retire", "停用知识", Article(29, 0), Some(Role::Knowledge), 1, [];
}

impl ActKind {
    /// Whether that is particular of it.
    #[must_use]
    pub fn has(self, particular: Trait) -> bool {
        self.traits().contains(&particular)
    }

    /// Whether it belongs to a knowledge article rather than to a ticket.
    #[must_use]
    pub const fn of_knowledge(self) -> bool {
        matches!(self.number(), 64..80)
    }

    /// Whether it begins a document.
    #[must_use]
    pub fn begins(self) -> bool {
        self.has(Trait::Begins)
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
    pub fn of_clock(self) -> bool {
        self.has(Trait::OfClock)
    }

    /// Whether it counts when it is written down, whatever is typed of an earlier time: somebody else's clock runs from it, and
    /// nobody else was there (`[D]`).
    #[must_use]
    pub const fn at_once(self) -> bool {
        matches!(
            self,
            Self::SetUrgency
                | Self::Reclassify
                | Self::MeetingDecision
                | Self::NotifyByPhone
                | Self::SignForByPhone
                | Self::Recall
                | Self::Redispatch
                | Self::Designate
                | Self::ReturnApprove
                | Self::ReturnDeny
                | Self::NameTerm
                | Self::ExtendApprove
                | Self::ExtendDeny
                | Self::DeferApprove
                | Self::DeferRelease
                | Self::SendBack
                | Self::Supervise
                | Self::SuperviseRelease
                | Self::DecideAppeal
                | Self::DecideTime
        )
    }

    /// Whether it is between its author and the city (13, 39(5)): a report of interference may accuse whoever else holds
    /// the ticket. What it says is private, and nobody else is shown that it was made.
    #[must_use]
    pub fn confided(self) -> bool {
        self.has(Trait::Confided)
    }
}
