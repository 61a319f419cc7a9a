//! What the typed fields of each kind of act are. Free text and personal data are never here: they travel in parts.

use crate::ids::{ActId, Millis, PersonId, UnitId};
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

codes! {
    /// Why a request is not taken in (12).
    RejectGround {
        OtherProcedure = 1, "other-procedure", "应通过诉讼、仲裁、纪检监察、行政复议、政府信息公开或信访渠道办理";
        Secret = 2, "secret", "涉及国家秘密、商业秘密、个人隐私";
        Unlawful = 3, "unlawful", "违反法律法规或公序良俗";
        OutOfScope = 4, "out-of-scope", "不属于受理范围";
    }
}

codes! {
    /// A hotline for emergencies (16(4)).
    EmergencyLine {
        Police = 1, "110", "110";
        Fire = 2, "119", "119";
        Ambulance = 3, "120", "120";
        Traffic = 4, "122", "122";
        Other = 5, "other", "其他紧急热线";
    }
}

codes! {
    /// The ground of a supervision (25).
    SuperviseGround {
        NotSignedFor = 1, "not-signed-for", "拒不签收";
        Overdue = 2, "overdue", "逾期未办理且无正当理由";
        Repeated = 3, "repeated", "多次、集中反映未解决";
        BadEffect = 4, "bad-effect", "办理不力造成负面影响";
        Other = 5, "other", "其他";
    }
}

codes! {
    /// Grade of a supervision (25; the grades are `[D]`).
    SuperviseLevel {
        Urge = 1, "urge", "催办";
        Supervise = 2, "supervise", "督办";
        Special = 3, "special", "专项督办";
    }
}

codes! {
    /// What the unit found of a bad rating (27).
    Finding {
        NotDone = 1, "not-done", "应办未办";
        Limited = 2, "limited", "客观条件限制或期望过高";
        Wrong = 3, "wrong", "误评或恶意差评";
    }
}

codes! {
    /// Why a rating is set aside (27(3)).
    SetAsideGround {
        Mistaken = 1, "mistaken", "误评";
        Malicious = 2, "malicious", "恶意差评";
    }
}

codes! {
    /// How a file is hashed.
    FileHash {
        Blake3 = 1, "blake3", "BLAKE3";
    }
}

codes! {
    /// The form of a file.
    MediaType {
        Jpeg = 1, "jpeg", "JPEG 图片";
        Png = 2, "png", "PNG 图片";
        Webp = 3, "webp", "WebP 图片";
        Pdf = 4, "pdf", "PDF 文件";
        Wav = 5, "wav", "WAV 录音";
        Mp3 = 6, "mp3", "MP3 录音";
        M4a = 7, "m4a", "M4A 录音";
        Amr = 8, "amr", "AMR 录音";
        Mp4 = 9, "mp4", "MP4 视频";
        Text = 10, "txt", "纯文本";
        Ofd = 11, "ofd", "OFD 文件";
        Docx = 12, "docx", "DOCX 文件";
        Xlsx = 13, "xlsx", "XLSX 表格";
        Other = 99, "other", "其他格式";
    }
}

codes! {
    /// What an attachment is.
    AttachClass {
        Photo = 1, "photo", "现场照片";
        Form = 2, "form", "现场确认单或纸质记录";
        Recording = 3, "recording", "通话录音";
        Document = 4, "document", "文书或依据";
        Other = 5, "other", "其他";
    }
}

codes! {
    /// A part of an act that can be withheld and erased.
    Content {
        Text = 1, "text", "文字内容";
        Private = 2, "private", "诉求人信息";
    }
}

/// An article of the knowledge base in one of its publications, counted from 1 (16(1), 29).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation {
    /// The article.
    pub article: ActId,
    /// Which publication of it.
    pub version: u32,
}

/// What a hotline's node has seen by itself, without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// 送达: the dispatch that this answers was first at a node of the unit `[D]`.
    Delivered {
        /// The unit.
        unit: UnitId,
        /// When.
        at: Millis,
    },
    /// 离线补传: the act that this answers reached the city later than it says it was made `[D]`.
    Late {
        /// It cannot have been made before: its device had seen what the city hub made then.
        not_before: Millis,
        /// It was made by then: a hotline had it.
        received_at: Millis,
        /// Nothing that the device made later had come before it: it was out of reach meanwhile.
        offline: bool,
        /// What it says lies between the two, give or take the allowance for clocks.
        clock_good: bool,
    },
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
    /// 再次来电: the ticket of the same requester and matter that was closed before (25(3)).
    pub again: Option<ActId>,
    /// How many times the requester has raised the matter, this time counted; from 1.
    pub times: u8,
    /// It was closed in another system before the city was in force, and came in as history: no unit ever has it.
    pub history: bool,
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

impl Rating {
    /// 不满意 or 未解决: the unit has to look into it (27).
    #[must_use]
    pub fn bad(self) -> bool {
        self.solved == Solved::No || self.satisfaction == Satisfaction::Dissatisfied
    }
}

macro_rules! plain {
    ($variant:ident) => {
        Some(Self::$variant)
    };
    ($variant:ident $($fields:tt)+) => {
        None
    };
}

macro_rules! bodies {
    ($($variant:ident $(($inner:ty))? $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })?;)*) => {
        /// The typed fields of an act, by its kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Body {
            $(
                #[doc = concat!("See [`ActKind::", stringify!($variant), "`].")]
                $variant $(($inner))? $({ $($(#[$field_doc])* $field: $type,)* })?,
            )*
        }

        impl Body {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> ActKind {
                match self { $(Self::$variant { .. } => ActKind::$variant,)* }
            }

            /// The body of a kind that has no fields; `None` for one that has.
            #[must_use]
            pub const fn plain(kind: ActKind) -> Option<Self> {
                match kind { $(ActKind::$variant => plain!($variant $(($inner))? $({ $($field)* })?),)* }
            }
        }
    };
}

bodies! {
    Register(Register);
    RegisterByProxy(Register);
    ConfirmIntake;
    OwnMatter;
    SetUrgency {
        /// The new one.
        urgency: Urgency,
    };
    Answer {
        /// What of the knowledge base was read out.
        cites: Option<Citation>,
    };
    Reject {
        /// Why.
        ground: RejectGround,
    };
    ReferEmergency {
        /// Where to.
        line: EmergencyLine,
    };
    ReferRegion;
    Dispatch(Dispatch);
    SubDispatch(Dispatch);
    NotifyByPhone {
        /// Who was told.
        unit: UnitId,
    };
    Designate(Dispatch);
    Recall;
    Redispatch(Dispatch);
    Recuse {
        /// Who is kept out.
        unit: UnitId,
    };
    SignFor;
    SignForByPhone {
        /// Who signed.
        unit: UnitId,
    };
    ReturnRequest {
        /// The unit whose duty it is, in the asker's view.
        suggested: Option<UnitId>,
    };
    ReturnApprove(Dispatch);
    ReturnDeny;
    Contact {
        /// How.
        way: Way,
        /// With what result.
        reached: Reached,
    };
    Progress {
        /// How it was reported.
        way: Way,
        /// The first moment after the term that a law, a regulation or a rule sets for the matter (21(6)); the text names it.
        legal_due: Option<Millis>,
    };
    Escalate {
        /// The government or superior that is asked.
        to: UnitId,
    };
    Opinion;
    ReferMeeting;
    ExtendRequest {
        /// Working days asked for.
        days: u8,
        /// When the requester was told.
        told_at: Millis,
    };
    ExtendApprove {
        /// Working days granted.
        days: u8,
        /// A law or regulation provides for more than the usual most.
        by_law: bool,
    };
    ExtendDeny;
    Defer;
    DeferApprove {
        /// When it is looked at again.
        review_at: Millis,
    };
    DeferRelease;
    AssistFeedback;
    Complete {
        /// What came of it.
        outcome: Outcome,
        /// When the requester was told (23).
        told_at: Millis,
    };
    ConfirmClosure {
        /// The item of article 24.
        ground: ClosureGround,
    };
    SendBack {
        /// Only its form is wanting (补正): the time of the first completion goes on counting.
        form_only: bool,
    };
    Supervise {
        /// Its grade.
        level: SuperviseLevel,
        /// The item of article 25.
        ground: SuperviseGround,
    };
    SuperviseReply;
    SuperviseRelease;
    Remind;
    Urge;
    Supplement {
        /// The ticket of another requester that was merged into this one.
        joined: Option<ActId>,
    };
    Withdraw;
    Merge {
        /// The ticket that goes on.
        into: ActId,
    };
    Split {
        /// The ticket that takes a part of this one.
        into: ActId,
    };
    Unmerge;
    FollowUp {
        /// How.
        way: Way,
        /// Whether anybody answered.
        reached: Reached,
        /// Present exactly when somebody answered.
        rating: Option<Rating>,
    };
    VerifyRating {
        /// What the unit found.
        finding: Finding,
    };
    Remedy;
    Explain;
    SetAsideRating {
        /// Why.
        ground: SetAsideGround,
    };
    Object;
    Appeal;
    DecideAppeal {
        /// The unit is right.
        upheld: bool,
    };
    DecideTime {
        /// The work counts as done in time.
        in_time: bool,
    };
    Witness(Seen);
    Correct;
    Note;
    Tag;
    Claim;
    HandOver {
        /// Who goes on.
        to: PersonId,
    };
    Admonish;
    ReportInterference;
    Archive;
    Unarchive;
    Attach {
        /// What it is.
        class: AttachClass,
        /// Root of the tree of hashes over the file.
        root: [u8; 32],
        /// Its length, bytes.
        bytes: u64,
        /// How it is hashed.
        hash: FileHash,
        /// Its form.
        media: MediaType,
    };
    Redact {
        /// Which part of the act that it answers is erased.
        content: Content,
    };
    Ratify;
    Confirm;
    Decline;
    Settle;
    ArticleCreate;
    ArticleEdit;
    ArticleReview;
    ArticlePublish;
    ArticleCorrect;
    ArticleRetire;
}

impl Body {
    /// The units that a dispatch of any kind assigns, the lead first.
    #[must_use]
    pub fn dispatch(&self) -> Option<&Dispatch> {
        match self {
            Self::Dispatch(dispatch)
            | Self::SubDispatch(dispatch)
            | Self::Designate(dispatch)
            | Self::Redispatch(dispatch)
            | Self::ReturnApprove(dispatch) => Some(dispatch),
            _ => None,
        }
    }

    /// How many segments of its text part must not be empty. Beyond what every act of the kind needs: whoever is turned away
    /// to another procedure is told the way (12(1)).
    #[must_use]
    pub const fn segments(&self) -> usize {
        match self {
            Self::Reject { ground: RejectGround::OtherProcedure } => 2,
            _ => self.kind().segments(),
        }
    }

    /// The person besides its author whom the act names: who takes over.
    #[must_use]
    pub const fn people(&self) -> Option<PersonId> {
        match self {
            Self::HandOver { to } => Some(*to),
            _ => None,
        }
    }

    /// The units that the act names as having, or getting, something to do with the ticket.
    #[must_use]
    pub fn names(&self) -> Vec<UnitId> {
        match self {
            Self::NotifyByPhone { unit }
            | Self::SignForByPhone { unit }
            | Self::Recuse { unit }
            | Self::Escalate { to: unit }
            | Self::Witness(Seen::Delivered { unit, .. })
            | Self::ReturnRequest { suggested: Some(unit) } => vec![*unit],
            _ => self
                .dispatch()
                .map(|d| std::iter::once(d.lead).chain(d.assisting.clone()).collect())
                .unwrap_or_default(),
        }
    }
}
