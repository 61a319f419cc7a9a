//! What the typed fields of each kind of act are. Free text and personal data are never here: they travel in parts.

mod naming;
mod records;

pub use crate::codes::*;
use crate::ids::{ActId, DutyId, Millis, PersonId, UnitId};
use crate::kind::ActKind;
use naming::{Named, Naming};
pub use records::{Agrees, Citation, Dispatch, ExternalNumber, Had, Joins, Rating, Register, Seen};

/// The declaration of the typed fields: each kind, its fields by number and name, their types, a value that breaks no rule
/// by its particulars, and their names on screens. `regulation::bodies!(read)` hands it to the macro `read`, so that types,
/// encoding, forms and summaries are made of the same lines. A number is never given to another field; a new field gets
/// the one behind the last. What several kinds have in common is a record: `Dispatch(dispatch: Dispatch)`.
#[macro_export]
macro_rules! bodies {
    ($read:ident) => {
        $read! {
            Register(register: Register);
            RegisterByProxy(register: Register);
            ConfirmIntake;
            OwnMatter;
            SetUrgency {
                /// The new one.
                1 urgency: Urgency = Urgency::Urgent, "紧急程度", "urgency";
            };
            Answer {
                /// What of the knowledge base was read out.
                1 cites: Option<Citation> = None, "所引知识（内部标识）", "article cited (id)";
            };
            Convey {
                /// Who is praised.
                1 unit: UnitId = NO_UNIT, "所表扬的单位", "unit that is praised";
            };
            Reject {
                /// Why.
                1 ground: RejectGround = RejectGround::OutOfScope, "不予受理的情形", "ground";
                /// What is out of scope: whose duty it is; absent: that no entry covers it.
                2 duty: Option<DutyId> = None, "职责清单条目（不属于受理范围的必填：编号，或 无）", "entry of the duty list (needed if out of scope: its number, or none)";
            };
            ReferEmergency {
                /// Where to.
                1 line: EmergencyLine = EmergencyLine::Police, "紧急热线", "emergency line";
                /// Something is left to be done here: the ticket goes on.
                2 residue: bool = false, "另有余事，工单继续办理", "something is left: the ticket goes on";
            };
            ReferRegion;
            RegionAnswer;
            Dispatch(dispatch: Dispatch);
            SubDispatch(dispatch: Dispatch);
            NotifyByPhone {
                /// Who was told.
                1 unit: UnitId = NO_UNIT, "单位", "unit";
            };
            Designate(dispatch: Dispatch);
            Recall;
            Redispatch(dispatch: Dispatch);
            Recuse {
                /// Who is kept out.
                1 unit: UnitId = NO_UNIT, "单位", "unit";
            };
            SignFor;
            SignForByPhone {
                /// Who signed.
                1 unit: UnitId = NO_UNIT, "单位", "unit";
            };
            ReturnRequest {
                /// The unit whose duty it is, in the asker's view.
                1 suggested: Option<UnitId> = None, "建议承办单位", "suggested unit";
                /// The entry that it rests on (18: 依据); absent: that no entry covers the matter.
                2 duty: Option<DutyId> = None, "所依据的职责清单条目（编号，或 无）", "entry of the duty list that it rests on (its number, or none)";
            };
            ReturnApprove(dispatch: Dispatch);
            ReturnWithdraw;
            ReturnDeny {
                /// The entry by which it is the duty of whoever asks; absent: that no entry covers the matter.
                1 duty: Option<DutyId> = None, "该单位的职责清单条目（编号，或 无）", "entry of that unit's duties (its number, or none)";
            };
            Contact {
                /// How.
                1 way: Way = Way::Telephone, "方式", "way";
                /// With what result.
                2 reached: Reached = Reached::Answered, "结果", "reached";
            };
            Progress {
                /// How it was reported.
                1 way: Way = Way::System, "方式", "way";
                /// The first moment after the term that a law, a regulation or a rule sets for the matter (21(6)); the text names it.
                2 legal_due: Option<Millis> = None, "法律、法规、规章规定的期限届满日", "last day of a statutory term";
            };
            Arrive;
            NameTerm {
                /// The first moment after the term that a law, a regulation or a rule sets for the matter (21(6)), by the hour where it
                /// is one of hours; the text names it.
                1 legal_due: Millis = 0, "法律、法规、规章规定的期限（可写到时刻）", "end of a statutory term (by the hour if it is one of hours)";
            };
            Escalate {
                /// The government or superior that is asked.
                1 to: UnitId = NO_UNIT, "报请的人民政府或上级主管部门", "government or superior";
            };
            Opinion;
            ReferMeeting;
            MeetingDecision {
                /// The first moment that is too late to report what became of it.
                1 due: Millis = 0, "落实期限", "by when it is carried out";
            };
            ExtendRequest {
                /// Working days asked for.
                1 days: u8 = 5, "工作日数", "working days";
                /// When the requester was told.
                2 told_at: Millis = 0, "何时告知诉求人", "when the requester was told";
                /// It goes beyond what the county that sent the ticket on has left: the city decides (18, `[D]`).
                3 of_city: bool = false, "超出县级期限，请市热线决定", "beyond the county's term: the city decides";
            };
            ExtendApprove {
                /// Working days granted.
                1 days: u8 = 5, "工作日数", "working days";
                /// A law or regulation provides for more than the usual most.
                2 by_law: bool = false, "法律、法规另有规定", "a law provides for it";
            };
            ExtendDeny;
            Defer;
            DeferApprove {
                /// When it is looked at again.
                1 review_at: Millis = 0, "复查日期", "review date";
            };
            DeferRelease;
            AssistFeedback;
            Complete {
                /// What came of it.
                1 outcome: Outcome = Outcome::Solved, "办理结果", "outcome";
                /// When the requester was told (23).
                2 told_at: Millis = 0, "告知诉求人的时间", "told at";
                /// How.
                3 told_way: Way = Way::Online, "怎么告知的", "told how";
                /// Whom.
                4 told_whom: Heard = Heard::QueryCode, "告知了谁", "who was told";
            };
            ConfirmClosure {
                /// The item of article 24.
                1 ground: ClosureGround = ClosureGround::Solved, "认定依据", "ground";
            };
            SendBack {
                /// Only its form is wanting (补正): the time of the first completion goes on counting.
                1 form_only: bool = false, "只须补正形式（报结时间不变）", "only its form (keeps its time)";
            };
            Supervise {
                /// Its grade.
                1 level: SuperviseLevel = SuperviseLevel::Urge, "督办等级", "grade";
                /// The item of article 25.
                2 ground: SuperviseGround = SuperviseGround::Other, "督办情形", "ground";
            };
            SuperviseReply;
            SuperviseRelease;
            Remind;
            Urge;
            Supplement {
                /// The ticket of another requester that was merged into this one.
                1 joined: Option<ActId> = None, "并入的另一工单（编号或内部标识）", "ticket that joined (number or id)";
                /// What the program knows of that ticket, and never a person.
                2 joins: Option<Joins> = None, "并入工单的情况", "of the ticket that joined";
            };
            Withdraw;
            Merge {
                /// The ticket that goes on.
                1 into: ActId = ActId([0; 32]), "另一工单（编号或内部标识）", "the other ticket (number or id)";
                /// Whether the two are of one place, as the program finds.
                2 place: Agree = Agree::Same, "地点", "place";
                /// Whether they are of one category, as the program finds.
                3 category: Agree = Agree::Same, "事项分类", "category";
                /// Whether both ask for the same: to be told, to be helped, to be heard, to thank; as the program finds.
                4 kind: Agree = Agree::Same, "类型", "kind";
                /// Whether both were taken in by the hotline, or both written down by one unit; as the program finds.
                5 intake: Agree = Agree::Same, "登记方式", "intake";
            };
            MergeOther {
                /// The ticket that goes on.
                1 into: ActId = ActId([0; 32]), "另一工单（编号或内部标识）", "the other ticket (number or id)";
                /// Whether the two are of one place, as the program finds.
                2 place: Agree = Agree::Same, "地点", "place";
                /// Whether they are of one category, as the program finds.
                3 category: Agree = Agree::Same, "事项分类", "category";
                /// Whether both ask for the same: to be told, to be helped, to be heard, to thank; as the program finds.
                4 kind: Agree = Agree::Same, "类型", "kind";
                /// Whether both were taken in by the hotline, or both written down by one unit; as the program finds.
                5 intake: Agree = Agree::Same, "登记方式", "intake";
            };
            Split {
                /// The ticket that takes a part of this one.
                1 into: ActId = ActId([0; 32]), "另一工单（编号或内部标识）", "the other ticket (number or id)";
            };
            Unmerge {
                /// Until when units of this ticket had it in the one that it had joined, as the program finds.
                1 had: Vec<Had> = Vec::new(), "并入期间的办理", "handled meanwhile";
            };
            FollowUp {
                /// How.
                1 way: Way = Way::Telephone, "方式", "way";
                /// Whether anybody answered.
                2 reached: Reached = Reached::Answered, "结果", "reached";
                /// Present exactly when somebody answered.
                3 rating: Option<Rating> = Some(Rating::BEST), "三项评价", "ratings";
                /// Whose requester is asked: that of a ticket that joined; absent: the ticket's own.
                4 of: Option<ActId> = None, "问的是哪件并入工单的诉求人（编号或内部标识；空着即本工单）", "whose requester: a ticket that joined (number or id; empty: this one's)";
            };
            VerifyRating {
                /// What the unit found.
                1 finding: Finding = Finding::NotDone, "核实结论", "finding";
            };
            Remedy;
            Explain;
            SetAsideRating {
                /// Why.
                1 ground: SetAsideGround = SetAsideGround::Mistaken, "不予采纳的情形", "ground";
            };
            Object;
            Appeal;
            DecideAppeal {
                /// The unit is right.
                1 upheld: bool = true, "申诉成立", "upheld";
            };
            Tolerate {
                /// An honest error is let go; or that is taken back.
                1 granted: bool = true, "予以容错（否：撤销容错）", "let go (no: taken back)";
            };
            DecideTime {
                /// The work counts as done in time.
                1 in_time: bool = true, "视为遵守时限", "counts as in time";
            };
            Witness(seen: Seen);
            Reclassify {
                /// The kind, if that was wrong.
                1 kind: Option<RequestKind> = None, "诉求类型（不改的留空）", "kind (blank: as it is)";
                /// Whether personal data is kept confidential, if that was wrong (13).
                2 confidential: Option<bool> = Some(true), "保密（不改的留空；与类型、匿名分开更正）", "confidential (blank: as it is; by itself)";
                /// Whether no name was given, if that was wrong.
                3 anonymous: Option<bool> = None, "匿名（不改的留空）", "anonymous (blank: as it is)";
            };
            CorrectRequester {
                /// Who raises it, if that was wrong.
                1 party: Option<Party> = None, "诉求人类别（不改的留空）", "who raises it (blank: as it is)";
                /// Whether it is raised for an enterprise, if that was wrong.
                2 enterprise: Option<bool> = Some(true), "涉企（不改的留空）", "for an enterprise (blank: as it is)";
            };
            MoreRoom {
                /// Whose devices may go on recording.
                1 unit: UnitId = NO_UNIT, "给哪个单位续页", "unit that may go on recording";
            };
            Correct;
            Note;
            Tag;
            Claim;
            HandOver {
                /// Who goes on.
                1 to: PersonId = NO_PERSON, "交给谁（登录名）", "to whom (login)";
            };
            Admonish;
            ReportInterference;
            Archive;
            Unarchive;
            Attach {
                /// What it is.
                1 class: AttachClass = AttachClass::Photo, "附件种类", "class";
                /// Root of the tree of hashes over the file.
                2 root: [u8; 32] = [0; 32], "摘要值（BLAKE3）", "BLAKE3";
                /// Its length, bytes.
                3 bytes: u64 = 1, "字节数", "bytes";
                /// How it is hashed.
                4 hash: FileHash = FileHash::Blake3, "摘要算法", "hash";
                /// Its form.
                5 media: MediaType = MediaType::Other, "格式", "format";
            };
            Redact {
                /// Which part of the act that it answers is erased.
                1 content: Content = Content::Private, "抹除哪一部分", "which part";
            };
            Ratify;
            Confirm;
            Decline;
            Acknowledge;
            ShowDone;
            AcceptWork;
            Uphold;
            Settle;
            ArticleCreate;
            ArticleEdit;
            ArticleReview;
            ArticlePublish;
            ArticleCorrect;
            ArticleRetire;
        }
    };
}

macro_rules! plain {
    ($variant:ident) => {
        Some(Self::$variant)
    };
    ($variant:ident $($fields:tt)+) => {
        None
    };
}

macro_rules! declare {
    ($($variant:ident $(($record:ident: $whole:ty))? $({ $($(#[$doc:meta])* $number:literal $field:ident: $type:ty = $sample:expr, $chinese:literal, $english:literal;)* })?;)*) => {
        /// The typed fields of an act, by its kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Body {
            $(
                #[doc = concat!("See [`ActKind::", stringify!($variant), "`].")]
                $variant $(($whole))? $({ $($(#[$doc])* $field: $type,)* })?,
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
                match kind { $(ActKind::$variant => plain!($variant $(($record))? $({ $($field)* })?),)* }
            }

            /// A body of that kind that breaks no rule by its particulars: of a unit and a person that no registry has.
            #[must_use]
            pub fn sample(kind: ActKind) -> Self {
                match kind { $(ActKind::$variant => Self::$variant $((<$whole>::sample()))? $({ $($field: $sample,)* })?,)* }
            }

            /// The units that a dispatch of any kind assigns, the lead first.
            #[must_use]
            pub fn dispatch(&self) -> Option<&Dispatch> {
                match self { $(Self::$variant $(($record))? $({ $($field: _,)* })? => None $(.or($record.dispatch()))?,)* }
            }

            /// Shows whom it names, each to be seen or to be put another in its place.
            fn each(&mut self, see: &mut dyn FnMut(Named<'_>)) {
                match self { $(Self::$variant $(($record))? $({ $($field,)* })? => {
                    $($record.each(see);)?
                    $($($field.each(see);)*)?
                })* }
            }
        }
    };
}

bodies!(declare);

/// A unit and a person that no registry has.
pub const NO_UNIT: UnitId = UnitId(u32::MAX);
/// See [`NO_UNIT`].
pub const NO_PERSON: PersonId = PersonId(u32::MAX);

impl Body {
    /// How many segments of its text part must not be empty. Beyond what every act of the kind needs: whoever is turned away
    /// to another procedure is told the way (12(1)).
    #[must_use]
    pub const fn segments(&self) -> usize {
        match self {
            Self::Reject { ground: RejectGround::OtherProcedure, .. } => 2,
            // 处理依据或文书号 (24(4)); why the hotline finds so (24(5)).
            Self::ConfirmClosure { ground: ClosureGround::DealtWith | ClosureGround::Other }
            // The law that provides for more (22).
            | Self::ExtendApprove { by_law: true, .. } => 1,
            _ => self.kind().segments(),
        }
    }

    /// The entry of the duty list that it quotes (17, 18).
    #[must_use]
    pub const fn duty(&self) -> Option<DutyId> {
        match self {
            Self::ReturnRequest { duty, .. } | Self::ReturnDeny { duty } | Self::Reject { duty, .. } => *duty,
            _ => None,
        }
    }

    /// The person besides its author whom the act names: who takes over.
    #[must_use]
    pub fn people(&self) -> Option<PersonId> {
        let mut found = None;
        self.clone().each(&mut |named| {
            if let Named::Person(person) = named {
                found = Some(*person);
            }
        });
        found
    }

    /// The units that the act names as having, or getting, something to do with the ticket.
    #[must_use]
    pub fn names(&self) -> Vec<UnitId> {
        let mut found = Vec::new();
        self.clone().each(&mut |named| {
            if let Named::Unit(unit) = named {
                found.push(*unit);
            }
        });
        found
    }

    /// The same with others in the place of whom it names.
    #[must_use]
    pub fn renamed(mut self, unit: impl Fn(UnitId) -> UnitId, person: impl Fn(PersonId) -> PersonId) -> Self {
        self.each(&mut |named| match named {
            Named::Unit(of) => *of = unit(*of),
            Named::Person(of) => *of = person(*of),
        });
        self
    }
}
