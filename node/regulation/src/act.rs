//! What the typed fields of each kind of act are. Free text and personal data are never here: they travel in parts.

use crate::ids::{Millis, UnitId};
use crate::kind::ActKind;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $number:literal, $code:literal, $chinese:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $chinese] $variant,)* }

        impl $name {
            /// Every value, in the order of its wire number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// Number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 { match self { $(Self::$variant => $number,)* } }
            /// The value of that number.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> { match number { $($number => Some(Self::$variant),)* _ => None } }
            /// Name in commands and JSON.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
            /// Name on screens.
            #[must_use]
            pub const fn chinese(self) -> &'static str { match self { $(Self::$variant => $chinese,)* } }
            /// The value of that code or Chinese name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == text || value.chinese() == text)
            }
        }
    };
}

codes! {
    /// Class of a request, which decides its term (11, 21).
    RequestKind {
        Inquiry = 1, "inquiry", "咨询";
        Help = 2, "help", "求助";
        Suggestion = 3, "suggestion", "意见建议";
        Complaint = 4, "complaint", "投诉";
        TipOff = 5, "tip-off", "举报";
    }
}

codes! {
    /// How the request reached the hotline (2).
    Channel {
        Telephone = 1, "telephone", "电话";
        Website = 2, "website", "网站";
        WeChat = 3, "wechat", "微信";
        App = 4, "app", "APP";
        Sms = 5, "sms", "短信";
        Mailbox = 6, "mailbox", "信箱";
        Province = 7, "province", "省平台";
        Emergency = 8, "emergency", "紧急热线转来";
        Media = 9, "media", "媒体网站";
        Visit = 10, "visit", "上门";
        Other = 11, "other", "其他";
    }
}

codes! {
    /// Whether it is urgent help touching life or production (21(3)).
    Urgency {
        Ordinary = 1, "ordinary", "一般";
        Urgent = 2, "urgent", "紧急";
    }
}

codes! {
    /// How somebody was reached, or a report was made.
    Way {
        System = 1, "system", "系统";
        Telephone = 2, "telephone", "电话";
        OnSite = 3, "on-site", "现场";
        Sms = 4, "sms", "短信";
        Online = 5, "online", "网络";
    }
}

codes! {
    /// What came of an attempt to reach the requester (19, 26).
    Reached {
        Answered = 1, "answered", "接通";
        NoAnswer = 2, "no-answer", "无人接听";
        DeadNumber = 3, "dead-number", "空号";
        Declined = 4, "declined", "拒访";
        Appointed = 5, "appointed", "约时";
    }
}

codes! {
    /// What came of the handling (办理结果).
    Outcome {
        Solved = 1, "solved", "实际解决";
        Explained = 2, "explained", "解释说明";
        Adopted = 3, "adopted", "采纳";
        NotAdopted = 4, "not-adopted", "未采纳";
        DealtWith = 5, "dealt-with", "依法处理";
        Unsolved = 6, "unsolved", "未解决";
    }
}

codes! {
    /// The item of article 24 that a closure rests on.
    ClosureGround {
        Answered = 1, "answered", "咨询已解答";
        Solved = 2, "solved", "求助已解决";
        Replied = 3, "replied", "建议已答复采纳情况";
        DealtWith = 4, "dealt-with", "投诉举报已依法处理";
        Other = 5, "other", "热线工作机构认定";
    }
}

codes! {
    /// Whether the unit contacted the requester (26).
    Contacted {
        Yes = 1, "yes", "是";
        No = 2, "no", "否";
        Unsure = 3, "unsure", "记不清";
    }
}

codes! {
    /// Whether the matter was solved, as the requester sees it (26).
    Solved {
        Yes = 1, "yes", "解决";
        Mostly = 2, "mostly", "基本解决";
        No = 3, "no", "未解决";
    }
}

codes! {
    /// How content the requester is (26).
    Satisfaction {
        Satisfied = 1, "satisfied", "满意";
        Mostly = 2, "mostly", "基本满意";
        Dissatisfied = 3, "dissatisfied", "不满意";
    }
}

/// A number in another system, such as a province platform or an imported message board. ASCII, ≤ 64 bytes each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalNumber {
    /// Name of the other system.
    pub system: String,
    /// The number there.
    pub number: String,
}

/// Fields of `register` (15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Class of the request.
    pub kind: RequestKind,
    /// Urgency as the operator heard it.
    pub urgency: Urgency,
    /// How it came.
    pub channel: Channel,
    /// When the requester said it.
    pub raised_at: Millis,
    /// Day of the number, days since 1970-01-01 in local time (UTC+8).
    pub day: i32,
    /// Serial of that device and day, from 1.
    pub serial: u32,
    /// The requester asked that personal data be kept confidential (13).
    pub confidential: bool,
    /// The requester gave no name.
    pub anonymous: bool,
    /// Its number elsewhere.
    pub external: Option<ExternalNumber>,
}

/// Fields of `dispatch`, `redispatch` and `return-approve` (17, 18): one lead and any assisting units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// 主办单位
    pub lead: UnitId,
    /// 协办单位, each once.
    pub assisting: Vec<UnitId>,
}

/// Ratings of a follow-up that reached the requester (26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// 是否联系
    pub contacted: Contacted,
    /// 是否解决
    pub solved: Solved,
    /// 是否满意
    pub satisfaction: Satisfaction,
}

/// The typed fields of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// 登记
    Register(Register),
    /// 即时答复; text: the reply
    Answer,
    /// 派发; text: instructions, may be empty
    Dispatch(Dispatch),
    /// 转派
    Redispatch(Dispatch),
    /// 签收
    SignFor,
    /// 退单申请; text: reason and basis
    ReturnRequest {
        /// The unit whose duty it is, in the asker's view.
        suggested: Option<UnitId>,
    },
    /// 同意退回, with the new dispatch
    ReturnApprove(Dispatch),
    /// 不同意退回; text: reason
    ReturnDeny,
    /// 联系诉求人; text: what was said
    Contact {
        /// How.
        way: Way,
        /// With what result.
        reached: Reached,
    },
    /// 进度反馈; text: the report
    Progress {
        /// How it was reported.
        way: Way,
    },
    /// 报结; text: the reply that the requester was given
    Complete {
        /// What came of it.
        outcome: Outcome,
        /// When the requester was told (23).
        told_at: Millis,
    },
    /// 办结认定
    ConfirmClosure {
        /// The item of article 24.
        ground: ClosureGround,
    },
    /// 回访; text: what the requester said
    FollowUp {
        /// How.
        way: Way,
        /// Whether anybody answered.
        reached: Reached,
        /// Present exactly when somebody answered.
        rating: Option<Rating>,
    },
    /// 归档
    Archive,
    /// 工作记录: splices into the working notes
    Note,
    /// 标签: adds or removes tags
    Tag,
    /// 更正: sets registers
    Correct,
    /// 市热线确认
    Settle,
    /// 新建知识; text: title and body
    ArticleCreate,
    /// 编辑知识: splices, registers
    ArticleEdit,
    /// 发布知识
    ArticlePublish,
}

impl Body {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Register(_) => ActKind::Register,
            Self::Answer => ActKind::Answer,
            Self::Dispatch(_) => ActKind::Dispatch,
            Self::Redispatch(_) => ActKind::Redispatch,
            Self::SignFor => ActKind::SignFor,
            Self::ReturnRequest { .. } => ActKind::ReturnRequest,
            Self::ReturnApprove(_) => ActKind::ReturnApprove,
            Self::ReturnDeny => ActKind::ReturnDeny,
            Self::Contact { .. } => ActKind::Contact,
            Self::Progress { .. } => ActKind::Progress,
            Self::Complete { .. } => ActKind::Complete,
            Self::ConfirmClosure { .. } => ActKind::ConfirmClosure,
            Self::FollowUp { .. } => ActKind::FollowUp,
            Self::Archive => ActKind::Archive,
            Self::Note => ActKind::Note,
            Self::Tag => ActKind::Tag,
            Self::Correct => ActKind::Correct,
            Self::Settle => ActKind::Settle,
            Self::ArticleCreate => ActKind::ArticleCreate,
            Self::ArticleEdit => ActKind::ArticleEdit,
            Self::ArticlePublish => ActKind::ArticlePublish,
        }
    }
}
