//! Kinds of acts (办理记录), each with its wire number, its names and its article.

use crate::rule::Article;

/// Roles that a person holds in a unit. One person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 受理
    Intake,
    /// 派单
    Dispatch,
    /// 承办
    Handle,
    /// 审核
    Review,
    /// 督办
    Supervise,
    /// 回访
    FollowUp,
    /// 知识库
    Knowledge,
    /// 统计
    Statistics,
}

impl Role {
    /// Every role, in the order of its wire number.
    pub const ALL: [Self; 8] = [
        Self::Intake,
        Self::Dispatch,
        Self::Handle,
        Self::Review,
        Self::Supervise,
        Self::FollowUp,
        Self::Knowledge,
        Self::Statistics,
    ];

    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Intake => ("intake", "受理"),
            Self::Dispatch => ("dispatch", "派单"),
            Self::Handle => ("handle", "承办"),
            Self::Review => ("review", "审核"),
            Self::Supervise => ("supervise", "督办"),
            Self::FollowUp => ("follow-up", "回访"),
            Self::Knowledge => ("knowledge", "知识库"),
            Self::Statistics => ("statistics", "统计"),
        }
    }

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
    Answer = 2, "answer", "即时答复", Article(16, 1), Some(Role::Intake);
    Dispatch = 3, "dispatch", "派发", Article(16, 2), Some(Role::Dispatch);
    Redispatch = 4, "redispatch", "转派", Article(18, 0), Some(Role::Dispatch);
    SignFor = 5, "sign-for", "签收", Article(21, 1), Some(Role::Handle);
    ReturnRequest = 6, "return-request", "退单申请", Article(18, 0), Some(Role::Handle);
    ReturnApprove = 7, "return-approve", "同意退回", Article(18, 0), Some(Role::Dispatch);
    ReturnDeny = 8, "return-deny", "不同意退回", Article(18, 0), Some(Role::Dispatch);
    Contact = 9, "contact", "联系诉求人", Article(19, 0), Some(Role::Handle);
    Progress = 10, "progress", "进度反馈", Article(21, 0), Some(Role::Handle);
    Complete = 11, "complete", "报结", Article(23, 0), Some(Role::Handle);
    ConfirmClosure = 12, "confirm-closure", "办结认定", Article(24, 0), Some(Role::Review);
    FollowUp = 13, "follow-up", "回访", Article(26, 0), Some(Role::FollowUp);
    Archive = 14, "archive", "归档", Article(28, 0), None;
    Note = 15, "note", "工作记录", Article(7, 0), None;
    Tag = 16, "tag", "标签", Article(30, 0), None;
    Correct = 17, "correct", "更正", Article(28, 0), None;
    Settle = 18, "settle", "市热线确认", Article(6, 0), None;
    ArticleCreate = 64, "article-create", "新建知识", Article(29, 0), Some(Role::Knowledge);
    ArticleEdit = 65, "article-edit", "编辑知识", Article(29, 0), Some(Role::Knowledge);
    ArticlePublish = 66, "article-publish", "发布知识", Article(29, 0), Some(Role::Knowledge);
}

impl ActKind {
    /// Whether it belongs to a knowledge article rather than to a ticket.
    #[must_use]
    pub const fn of_knowledge(self) -> bool {
        self.number() >= 64
    }

    /// Whether it begins a document.
    #[must_use]
    pub const fn begins(self) -> bool {
        matches!(self, Self::Register | Self::ArticleCreate)
    }

    /// Whether only the city hub's clock makes it, without a person.
    #[must_use]
    pub const fn of_hub(self) -> bool {
        matches!(self, Self::Settle)
    }

    /// How many segments of its text part must not be empty: title and content, or the one text that it consists of.
    #[must_use]
    pub const fn segments(self) -> usize {
        match self {
            Self::Register | Self::ArticleCreate => 2,
            Self::Answer | Self::ReturnRequest | Self::ReturnDeny | Self::Progress | Self::Complete => 1,
            _ => 0,
        }
    }
}
