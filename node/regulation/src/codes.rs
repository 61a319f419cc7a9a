//! Closed lists of the regulation, each value with its number on the wire and its names.

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
        Praise = 6, "praise", "表扬";
    }
}

codes! {
    /// Who raises a request (2).
    Party {
        Natural = 1, "natural", "自然人";
        Legal = 2, "legal", "法人";
        OtherOrg = 3, "other-org", "其他组织";
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
        Letter = 6, "letter", "书面";
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
        Sent = 6, "sent", "已发送";
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
    /// Who was told the result (23).
    Heard {
        Requester = 1, "requester", "诉求人本人";
        Household = 2, "household", "家属或同住人";
        Agent = 3, "agent", "委托的人";
        QueryCode = 4, "query-code", "凭查询码查看";
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
        Invalid = 5, "invalid", "无效诉求：无具体内容、骚扰";
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

impl ClosureGround {
    /// The item of article 24 for requests of that kind; the fifth is for any.
    #[must_use]
    pub const fn of(kind: RequestKind) -> Self {
        match kind {
            RequestKind::Inquiry => Self::Answered,
            RequestKind::Help => Self::Solved,
            RequestKind::Suggestion => Self::Replied,
            RequestKind::Complaint | RequestKind::TipOff => Self::DealtWith,
            // Nothing of it is handled; whatever is closed of it is so by finding.
            RequestKind::Praise => Self::Other,
        }
    }

    /// Whether it can be found of work that came to that by its own report: what is not solved meets no standard of its kind.
    #[must_use]
    pub const fn agrees(self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Unsolved => matches!(self, Self::Other),
            Outcome::NotAdopted => !matches!(self, Self::Solved),
            Outcome::Solved | Outcome::Explained | Outcome::Adopted | Outcome::DealtWith => true,
        }
    }
}

impl Way {
    /// Nobody speaks to anybody: what is told so can be read again, and nothing shows by itself that anybody has.
    #[must_use]
    pub const fn written(self) -> bool {
        !matches!(self, Self::Telephone | Self::OnSite)
    }
}

impl Reached {
    /// The requester himself has said something: in writing there are words of his then.
    #[must_use]
    pub const fn replied(self) -> bool {
        matches!(self, Self::Answered | Self::Declined | Self::Appointed)
    }
}

codes! {
    /// Whether two tickets that are merged are of one place, of one category, or of one kind.
    Agree {
        Same = 1, "same", "相同";
        Unknown = 2, "unknown", "无从比较";
        Other = 3, "other", "不同";
    }
}

impl RequestKind {
    /// Whether whoever asks the one and whoever asks the other want the same: something done, an answer, to be heard, or to thank
    /// (11, `[D]`). What one calls 求助 another calls 投诉.
    #[must_use]
    pub fn wants_the_same(self, other: Self) -> bool {
        let something_done = |kind| matches!(kind, Self::Help | Self::Complaint | Self::TipOff);
        self == other || something_done(self) && something_done(other)
    }
}
