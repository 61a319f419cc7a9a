//! Articles 9 to 28 as one table: who may do what, in which state, in answer to what, and where it leads.
//!
//! [`crate::apply()`] checks every act of a ticket against its row before anything else; `docs/regulation.md` and
//! the exhaustive tests are made from the same rows. What a row cannot say (that a return may be asked for once, say)
//! stands beside the effect in `ticket/`, and in the row's `besides` for the reader.

use crate::kind::{ActKind, Role};
use crate::rule::Rule;
use crate::ticket::state::TicketState;

/// Who may do it. What the regulation says of the *city* hotline only the city may do; what it says of 热线工作机构, the
/// hotline that dispatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// 市热线工作机构
    City,
    /// The hotline that made a dispatch in force.
    Dispatcher,
    /// The hotline that made a dispatch in force, or the city hotline.
    CityOrDispatcher,
    /// Any hotline.
    Hotline,
    /// The county hotline that leads now.
    LeadingCounty,
    /// 主办单位
    Lead,
    /// 主办单位, or a county hotline that has sent the ticket on.
    LeadOrOuter,
    /// 协办单位
    Assisting,
    /// A unit with a part in the ticket now.
    Assigned,
    /// A unit with a part in the ticket now, whoever dispatched it, or the city hotline.
    Holder,
    /// Whoever has or had a part in the ticket, dispatched it, wrote it down, or is the city hotline.
    Party,
    /// A government or superior that was asked.
    Named,
    /// Anybody but the city hotline.
    Proxy,
    /// The city hub's clock.
    Hub,
    /// The city hub's clock, or that of a county hotline.
    Clock,
    /// Whoever [`PAIRS`] says, of what is answered.
    Second,
}

impl Who {
    /// The rule that is broken by anybody else, and its Chinese name.
    #[must_use]
    pub const fn names(self) -> (Rule, &'static str) {
        match self {
            Self::City => (Rule::CityOnly, "市热线"),
            Self::Dispatcher => (Rule::DispatcherOnly, "派单热线"),
            Self::CityOrDispatcher => (Rule::DispatcherOnly, "市热线或派单热线"),
            Self::Hotline => (Rule::HotlineOnly, "热线工作机构"),
            Self::LeadingCounty => (Rule::CountyOnly, "主办的县热线"),
            Self::Lead => (Rule::LeadOnly, "主办单位"),
            Self::LeadOrOuter => (Rule::LeadOnly, "主办单位或已下派的县热线"),
            Self::Party => (Rule::HolderOnly, "承办过的单位或热线"),
            Self::Assisting => (Rule::AssistingOnly, "协办单位"),
            Self::Assigned => (Rule::AssignedOnly, "承办单位"),
            Self::Holder => (Rule::HolderOnly, "承办单位或热线"),
            Self::Named => (Rule::NamedOnly, "被报请的政府或主管部门"),
            Self::Proxy => (Rule::UnitOnly, "县热线、乡镇、部门、企业"),
            Self::Hub => (Rule::HubOnly, "市热线中心节点"),
            Self::Clock => (Rule::HubOnly, "市热线或县热线的节点"),
            Self::Second => (Rule::SecondPerson, "见“两人办理”"),
        }
    }
}

/// The act that an act answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// None.
    Nothing,
    /// The dispatch of the author's own part.
    OwnDispatch,
    /// The dispatch in force that the author made.
    MadeDispatch,
    /// A return request on a dispatch that the author made.
    Return,
    /// An extension asked for on a dispatch that the author made.
    Extension,
    /// The escalation that waits for an opinion.
    Escalation,
    /// What was brought before the joint meeting and is not decided yet.
    Meeting,
    /// The deferral that was reported or agreed.
    Deferral,
    /// The completion in force.
    Completion,
    /// The closure in force.
    Closure,
    /// The bad rating to be verified.
    Rating,
    /// The refusal, where there is one.
    Refusal,
    /// The act by which the city took it in, where that was not its registration.
    TakenIn,
    /// The referral to a hotline of another region.
    Referral,
    /// The explanation.
    Explanation,
    /// An attachment of the city's in which the requester is heard or read, once some unit had the ticket.
    Heard,
    /// The newest supervision in force that concerns the author.
    Supervision,
    /// An act that reached the city late, one that names a statutory term, or a county's word that a dispatch was delivered.
    Time,
    /// The appeal that waits.
    Appeal,
    /// The merge in force.
    Merge,
    /// The city's archive.
    Archive,
    /// A proposal that waits.
    Proposal,
}

impl Target {
    /// The rule that is broken by answering anything else, and its Chinese name.
    #[must_use]
    pub const fn names(self) -> (Rule, &'static str) {
        match self {
            Self::Nothing => (Rule::AnswerMissing, "—"),
            Self::OwnDispatch => (Rule::NotCurrentDispatch, "本单位所受派单"),
            Self::MadeDispatch => (Rule::NotCurrentDispatch, "本机构所作派单"),
            Self::Return => (Rule::NoReturnPending, "退单申请"),
            Self::Extension => (Rule::NoExtensionPending, "延期申请"),
            Self::Escalation => (Rule::NotEscalated, "报请"),
            Self::Meeting => (Rule::NothingForMeeting, "提请联席会议"),
            Self::Deferral => (Rule::NotDeferred, "挂账报告"),
            Self::Completion => (Rule::NoCompletion, "报结"),
            Self::Closure => (Rule::NoClosure, "办结认定"),
            Self::Refusal => (Rule::NotAwaitingConfirmation, "不予受理决定（如有）"),
            Self::TakenIn => (Rule::TakenIn, "受理确认（如有）"),
            Self::Rating => (Rule::NoBadRating, "不满意评价"),
            Self::Referral => (Rule::NotReferred, "转异地热线"),
            Self::Explanation => (Rule::NotExplained, "解释说明"),
            Self::Heard => (Rule::RecordingMissing, "来电录音或来信的附件（派发后）"),
            Self::Supervision => (Rule::NotSupervised, "督办"),
            Self::Time => (Rule::NothingDisputed, "待认定的记录"),
            Self::Appeal => (Rule::NothingAppealed, "考核申诉"),
            Self::Merge => (Rule::NotMerged, "合并"),
            Self::Archive => (Rule::NotArchived, "归档"),
            Self::Proposal => (Rule::NothingToConfirm, "待复核的提议"),
        }
    }
}

/// What an act does to a ticket, by the file of `ticket/` in which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// `intake.rs`
    Intake,
    /// `dispatch.rs`
    Dispatching,
    /// `handle.rs`
    Handling,
    /// `close.rs`
    Closing,
    /// `rate.rs`
    Rating,
    /// It is recorded, and nothing more: what it says, erases or brings about is not the record's.
    Nothing,
    /// It begins a ticket, or goes through [`crate::pairs`].
    Elsewhere,
}

/// How much of what a device may make in one document a kind may use up: so that notes leave room for what must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Nobody waits for it: a note, a tag, a file.
    Free,
    /// It is demanded as often as it happens: a contact, a report of progress, what the requester adds.
    Repeated,
    /// It is demanded, and what others do bounds how often: signing for it, completing it, a decision.
    Demanded,
    /// It can be done once, and always.
    Always,
}

impl Room {
    /// Chinese name.
    #[must_use]
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Free => "随时",
            Self::Repeated => "随事",
            Self::Demanded => "须办",
            Self::Always => "不限",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// The kind of act.
    pub kind: ActKind,
    /// Number in the project's list of transitions, such as `T08`.
    pub number: &'static str,
    /// Who may do it.
    pub who: Who,
    /// States in which it may be done; empty for the act that begins a ticket.
    pub from: &'static [TicketState],
    /// The rule that is broken in any other state.
    pub elsewhere: Rule,
    /// What it answers.
    pub target: Target,
    /// Which file of `ticket/` says what it does.
    pub chapter: Chapter,
    /// Where it leads, for the reader: a state, a flag, or that it stays.
    pub to: &'static str,
    /// What else must hold, for the reader.
    pub besides: &'static str,
    /// What is recorded, for the reader.
    pub records: &'static str,
    /// The text of the regulation is silent: the project's ruling.
    pub derived: bool,
    /// How much room it is left.
    pub room: Room,
}

use TicketState::{
    Answered, Archived, AwaitingArchive, AwaitingClosure, AwaitingConfirmation, AwaitingDispatch, AwaitingFollowUp,
    AwaitingSignFor, AwaitingVerification, InProgress, Merged, OwnMatter, Referred, Registered, Rejected, Withdrawn,
};

const NONE: &[TicketState] = &[];
const ALL: &[TicketState] = &TicketState::ALL;
const PROXY: &[TicketState] = &[AwaitingConfirmation];
const CONFIRMING: &[TicketState] = &[AwaitingConfirmation, Rejected];
const SORTING: &[TicketState] = &[Registered, AwaitingDispatch];
const INTAKE: &[TicketState] = &[AwaitingConfirmation, Registered, AwaitingDispatch];
const TRANSIT: &[TicketState] = &[AwaitingSignFor, InProgress];
const DESIGNATING: &[TicketState] = &[Registered, AwaitingDispatch, AwaitingSignFor, InProgress];
const HANDLING: &[TicketState] = &[InProgress];
const CLOSING: &[TicketState] = &[AwaitingClosure];
const ASKING: &[TicketState] = &[AwaitingFollowUp, AwaitingVerification, AwaitingArchive, Withdrawn, Archived];
const VERIFYING: &[TicketState] = &[AwaitingVerification];
const DISPATCHED: &[TicketState] =
    &[AwaitingSignFor, InProgress, AwaitingClosure, AwaitingFollowUp, AwaitingVerification, AwaitingArchive, Archived];
const OPEN: &[TicketState] = &[
    AwaitingConfirmation,
    Registered,
    AwaitingDispatch,
    AwaitingSignFor,
    InProgress,
    AwaitingClosure,
    AwaitingFollowUp,
    AwaitingVerification,
];
const UNCLOSED: &[TicketState] =
    &[AwaitingConfirmation, Registered, AwaitingDispatch, AwaitingSignFor, InProgress, AwaitingClosure];
const WORKING: &[TicketState] = &[AwaitingSignFor, InProgress, AwaitingClosure];
/// A contact counts for the rate of response though the requester took the request back afterwards.
const CONTACTING: &[TicketState] = &[
    AwaitingSignFor,
    InProgress,
    AwaitingClosure,
    AwaitingFollowUp,
    AwaitingVerification,
    AwaitingArchive,
    Archived,
    Withdrawn,
];
const FINISHED: &[TicketState] =
    &[Answered, Rejected, Referred, AwaitingArchive, Archived, OwnMatter, Withdrawn, Merged];
const UNMERGING: &[TicketState] = &[Merged, AwaitingArchive, Archived];
const REFERRED: &[TicketState] = &[Referred, AwaitingArchive, Archived];
const OBJECTING: &[TicketState] = &[AwaitingFollowUp, AwaitingArchive, Archived];
const ARCHIVED: &[TicketState] = &[Archived];

macro_rules! rows {
    ($($kind:ident $number:literal $who:ident $from:ident else $elsewhere:ident, $target:ident in $chapter:ident => $to:literal, $besides:literal, $records:literal, $derived:literal, $room:ident;)*) => {
        /// Every kind of act on a ticket.
        pub const TABLE: &[Transition] = &[$(Transition {
            kind: ActKind::$kind,
            number: $number,
            who: Who::$who,
            from: $from,
            elsewhere: Rule::$elsewhere,
            target: Target::$target,
            chapter: Chapter::$chapter,
            to: $to,
            besides: $besides,
            records: $records,
            derived: $derived,
            room: Room::$room,
        },)*];
    };
}

rows! {
    Register "T01" City NONE else AlreadyRegistered, Nothing in Elsewhere => "已登记", "", "内容、类型、反映时间、渠道、联系方式或匿名", false, Demanded;
    RegisterByProxy "T01" Proxy NONE else AlreadyRegistered, Nothing in Elsewhere => "待受理确认", "", "同登记；由承办单位代录，编号为本设备自有号段", true, Demanded;
    ConfirmIntake "T01" City CONFIRMING else NotAwaitingConfirmation, Refusal in Intake => "已登记", "不予受理的，由另一人复核后受理", "受理人、受理时间；原联系时间保留", true, Demanded;
    OwnMatter "T01" City PROXY else NotAwaitingConfirmation, Nothing in Intake => "自办件", "没有别的工单并入", "不作热线工单的理由；不计考核", true, Demanded;
    SetUrgency "T01" Party OPEN else NotOpen, Nothing in Intake => "不变", "调低只由市热线；协办单位提出的、办结后提出的，不起算他人的两小时", "新的紧急程度和理由", true, Repeated;
    Answer "T02" City SORTING else NotOpenForAnswer, Nothing in Intake => "已即时答复", "没有别的工单并入；撤回过派单、使其回避的人不得了结，报结过的除外", "答复内容；所引知识及其版本", false, Demanded;
    Convey "T02" City SORTING else NotOpenForAnswer, Nothing in Intake => "已即时答复", "没有别的工单并入；只限表扬；表扬不派发，不计考核和办结时限", "转达给哪个单位", true, Demanded;
    Reject "T04" City INTAKE else NotOpenForAnswer, TakenIn in Intake => "不予受理", "没有别的工单并入；撤回过派单、使其回避的人不得了结，报结过的除外；第一项情形须告知办理途径；归档由另一人复核", "第十二条的情形、告知的理由、办理途径", false, Demanded;
    ReferEmergency "T05" City INTAKE else NotOpenForAnswer, Nothing in Intake => "已转其他热线；另有余事的不变", "没有别的工单并入；撤回过派单、使其回避的人不得了结，报结过的除外；另有余事的，办结前都可以转，工单继续办理", "转往的紧急热线、时间、对方编号", false, Demanded;
    ReferRegion "T05" City INTAKE else NotOpenForAnswer, Nothing in Intake => "已转其他热线", "没有别的工单并入；撤回过派单、使其回避的人不得了结，报结过的除外", "转往的外地热线（接收单位）和情况", true, Demanded;
    RegionAnswer "T05" City REFERRED else NotReferred, Referral in Nothing => "不变", "", "外地热线的答复，转告诉求人", true, Repeated;
    Dispatch "T03" City SORTING else AlreadyDispatched, Nothing in Dispatching => "待签收", "主办一个、协办若干，不重复；被回避单位不单独主办", "主办、协办、派单意见", false, Demanded;
    SubDispatch "T03" LeadingCounty TRANSIT else NotInTransit, OwnDispatch in Dispatching => "待签收", "主办为本县下级单位；未在本工单中承办的单位；对外时限不变", "承办单位、下派意见；各层时限分别计算", true, Demanded;
    NotifyByPhone "T03" CityOrDispatcher WORKING else NotInTransit, Nothing in Dispatching => "不变；已送达", "该单位为当前承办单位；县热线只对自己派的单", "谁接的电话；起算该单位时限", true, Repeated;
    Designate "T07" City DESIGNATING else NotInTransit, Nothing in Dispatching => "待签收", "指定后不得再申请退回", "所依原则（职权法定、属地、行业、分级）、主办协办", false, Demanded;
    Recall "T10" Dispatcher TRANSIT else AfterCompletion, MadeDispatch in Dispatching => "待派发", "", "撤回理由；承办单位不负责任", true, Demanded;
    Redispatch "T10" Dispatcher TRANSIT else AfterCompletion, MadeDispatch in Dispatching => "待签收", "换一个主办单位", "新的主办、协办；新的时限", false, Demanded;
    Recuse "T03" City ALL else NotOpen, Nothing in Dispatching => "不变；单独主办的收回，待派发", "", "回避单位和理由；不得单独主办，不见诉求人信息", true, Demanded;
    SignFor "T08" Assigned WORKING else NotInTransit, OwnDispatch in Handling => "办理中（主办签收时）", "本单位尚未签收", "谁、何时、哪台设备；起算办结时限", false, Demanded;
    SignForByPhone "T08" CityOrDispatcher WORKING else NotInTransit, Nothing in Handling => "办理中（主办签收时）", "该单位为当前承办单位且尚未签收；县热线只对自己派的单", "谁在电话中签收", true, Demanded;
    ReturnRequest "T09" LeadOrOuter TRANSIT else NotInHand, OwnDispatch in Dispatching => "退单待审", "未指定承办、没有待审的退单；驳回后可凭新的事实再申请一次", "理由、依据、建议单位；在退单时限内提出的，时限暂停至审核期限届满为止，到期未审的视为驳回；紧急求助的两小时不停", false, Demanded;
    ReturnApprove "T10" Dispatcher TRANSIT else NoReturnPending, Return in Dispatching => "待签收", "换一个主办单位；已有一个单位退回的，须指定承办", "决定、新的主办协办；原单位不负责任", false, Demanded;
    ReturnWithdraw "T09" LeadOrOuter TRANSIT else NotInHand, OwnDispatch in Dispatching => "退单待审解除", "有待审的退单；视为未申请", "撤回申请，继续办理", true, Demanded;
    ReturnDeny "T11" Dispatcher TRANSIT else NoReturnPending, Return in Dispatching => "办理中", "", "理由；时限从停处继续", false, Demanded;
    Contact "T12" Assigned CONTACTING else NotDispatched, OwnDispatch in Handling => "不变", "本单位已签收；代录单位先行处置的，不论状态；短信、网络、系统、书面发出的不算联系的尝试，记为答复的须先附答复原文", "每次联系的方式、结果", false, Repeated;
    Progress "T15" Assigned DISPATCHED else NotDispatched, OwnDispatch in Handling => "不变", "本单位已签收；代录的紧急求助由代录单位先行处置，不论状态", "进展、方式；法律、法规、规章另有期限的，写明依据和期限", false, Repeated;
    Arrive "T15" Assigned DISPATCHED else NotDispatched, OwnDispatch in Nothing => "不变", "代录单位先行处置的，不论状态；不是两小时内的进度反馈，不起止任何时限，不计考核", "何时到达现场", false, Repeated;
    NameTerm "T15" CityOrDispatcher TRANSIT else NotInHand, Nothing in Handling => "不变", "本机构派出的、或市热线的；不早于记录时届满；期限届满后确定的不改变期限；县热线确定的以其对市热线的期限为限，也约束其自身；缩短的自签收起算", "法律、法规、规章规定的期限和依据；即为办结时限", true, Repeated;
    Escalate "T13" LeadOrOuter TRANSIT else NotInHand, OwnDispatch in Handling => "报请中", "本单位已签收；没有待复的报请；办结时限不停；意见到期未复的，督办照常", "报请对象、问题", false, Demanded;
    Opinion "T14" Named OPEN else NotOpen, Escalation in Handling => "报请解除", "", "处理意见、责任", false, Demanded;
    ReferMeeting "T07" Hotline ALL else NotOpen, Nothing in Handling => "不变", "", "提请联席会议的问题", false, Repeated;
    MeetingDecision "T07" City UNCLOSED else NotOpen, Meeting in Handling => "不变", "主办单位其后的进度反馈或报结即为落实；别的期限不因此改变", "纪要、决定、落实期限", true, Demanded;
    ExtendRequest "T17" LeadOrOuter TRANSIT else NotInHand, OwnDispatch in Handling => "延期待审", "本单位已签收；没有待审的延期；超出县级对市热线的期限的，请市热线决定；期限届满后提出的不改变期限；到期未审的视为不予延期，两个工作日内办结", "理由、天数、何时告知诉求人", false, Demanded;
    ExtendApprove "T18" Dispatcher DISPATCHED else NoExtensionPending, Extension in Handling => "延期待审解除", "累计不超过十五个工作日；法律、法规另有规定的写明依据，以法定期限的上限为限", "准予天数；新的期限；决定后再告知诉求人", false, Demanded;
    ExtendDeny "T18" Dispatcher DISPATCHED else NoExtensionPending, Extension in Handling => "延期待审解除", "", "理由", false, Demanded;
    Defer "T16" LeadOrOuter TRANSIT else NotInHand, OwnDispatch in Handling => "不变", "本单位已签收；没有已报告的挂账；在五个工作日内报告、市热线同意的，至复查日止不计时限", "客观条件、理由、计划", false, Demanded;
    DeferApprove "T16" City HANDLING else NotInHand, Deferral in Handling => "挂账", "", "复查日期；等待期间不计解决率，期限届满时计入当月，已解决的除外", true, Demanded;
    DeferRelease "T16" Holder DISPATCHED else NotInHand, Deferral in Handling => "挂账解除", "报告挂账的单位、下派它的县、派单热线或市热线", "何时解除", true, Demanded;
    AssistFeedback "T19" Assisting DISPATCHED else NotDispatched, OwnDispatch in Handling => "不变", "本单位已签收", "协办结果，供主办汇总", true, Repeated;
    Complete "T19" Lead HANDLING else NotInHand, OwnDispatch in Closing => "待办结认定", "未决的退单申请视为撤回", "办理结果、答复内容、何时怎么告知了谁", false, Demanded;
    ConfirmClosure "T20" Dispatcher CLOSING else NoCompletion, Completion in Closing => "待回访", "本类的一项（第四项写明处理依据或文书号），或第五项并写明理由；不与报结的办理结果相矛盾；没有报结以后才并入的工单；有接通的联系、分两天三次的尝试，或附有原文的书面答复（匿名的在查询码处）", "符合第二十四条哪一项", false, Demanded;
    SendBack "T21" Dispatcher CLOSING else NoCompletion, Completion in Closing => "办理中", "", "不符合之处；认定用去的时间不计；只补正形式、在首次退回起的补正期限内补正的，报结时间不变", false, Demanded;
    Supervise "T22" Dispatcher DISPATCHED else NotDispatched, MadeDispatch in Closing => "督办中", "情形由派单热线的节点到时提出的，同一派单、同一轮、同一情形、同一等级只提一次", "等级、第二十五条的情形、要求", false, Demanded;
    SuperviseReply "T23" Assigned DISPATCHED else NotSupervised, Supervision in Closing => "不变", "对本单位的督办", "回复内容", true, Repeated;
    SuperviseRelease "T23" Dispatcher DISPATCHED else NotSupervised, Supervision in Closing => "督办解除", "已回复；市热线中心节点时钟有误时所提的，编号作废后由其自行撤销，不计", "何时解除", true, Demanded;
    Remind "T22" CityOrDispatcher WORKING else NotInTransit, Nothing in Nothing => "不变", "", "临期提醒；不是督办", true, Free;
    Urge "T30" City ALL else NotOpen, Nothing in Intake => "不变", "", "诉求人催办次数；不是督办", true, Repeated;
    Supplement "T30" City ALL else NotOpen, Nothing in Intake => "不变", "尚未报结的工单，别的才能并入（退回补正形式的，原报结仍在）；已派发的，不并入没有派发的；在一件里须回避的单位，不在另一件里承办过；保密的只并入保密的；只由合并、撤销合并办理", "诉求人补充的内容；并入的另一诉求人的工单、各层承办单位在那里的办结时限；各自照旧，各计一次", true, Repeated;
    Withdraw "T30" City UNCLOSED else NotOpen, Heard in Intake => "已撤单", "没有别的工单并入；派发过的，须先附市热线派发以后的诉求人来电录音或来信；已逾期的仍为逾期", "诉求人撤回的意思；派发过的由回访抽查", true, Demanded;
    Merge "T31" City UNCLOSED else NotOpen, Nothing in Intake => "已合并", "并入另一工单；地点、分类有一项相同，地点、分类、类型、登记方式没有不同的（求助、投诉、举报视为相同，代录与热线登记不同）；没有别的工单并入；不在督办中；没有报结在（含退回补正形式的）；另一工单尚未报结，也见“补充诉求”", "并入的工单；地点、分类、类型、登记方式是否相同；各诉求人分别回访", true, Demanded;
    MergeOther "T31" City UNCLOSED else NotOpen, Nothing in Intake => "复核后：已合并", "提出；由另一人复核后生效；没有别的工单并入；不在督办中；没有报结在（含退回补正形式的）；另一工单尚未报结，也见“补充诉求”", "并入的工单；地点、分类、类型、登记方式是否相同；为何合并；各诉求人分别回访", true, Demanded;
    Split "T31" City ALL else NotOpen, Nothing in Intake => "不变", "拆出另一工单", "拆出的工单", true, Repeated;
    Unmerge "T31" City UNMERGING else NotMerged, Merge in Intake => "合并前的状态", "", "撤销合并；并入期间不计时限，本单位在另一工单里办过的，自报结起不计", true, Demanded;
    FollowUp "T24" City ASKING else NoClosure, Closure in Rating => "待归档；不满意或未解决则待核实", "接通须记三项评价；分两天三次未接通、拒访即止；匿名的一次未接通即止；有工单并入的，各诉求人都问过为止；书面发出的不算打过电话，也不因此终止；短信、网络、系统、书面得来的评价和拒访，须先附办结后收到的回复原文，一份回复、一个文件只作一次评价；已撤单的只作抽查，归档后也可", "问的哪位诉求人、方式、结果、是否联系、是否解决、是否满意", false, Demanded;
    VerifyRating "T25" Lead VERIFYING else NoBadRating, Rating in Rating => "不变", "本轮没有核实为应办未办", "核实情况：应办未办、客观限制或期望过高、误评或恶意差评", false, Demanded;
    Remedy "T26" Lead VERIFYING else NoBadRating, Rating in Rating => "办理中（下一轮）", "", "补充办理的内容；另起办理时限", false, Demanded;
    Explain "T27" Lead VERIFYING else NoBadRating, Rating in Rating => "待归档", "本轮没有核实为应办未办", "解释说明的内容", false, Demanded;
    SetAsideRating "T28" City DISPATCHED else NoBadRating, Rating in Rating => "复核后：待核实的转待归档，其余不变", "提出；由另一人复核后生效", "误评或恶意差评的依据；原评价保留", false, Demanded;
    Object "T27" City OBJECTING else NotExplained, Explanation in Rating => "待核实", "只能一次", "诉求人对解释说明的异议", true, Demanded;
    Appeal "T28" Assigned DISPATCHED else NotDispatched, Nothing in Rating => "不变", "已有评价；同一次办结本单位只申诉一次，在当月考评表后的申诉期限内提出的计入", "申诉事项和证据", true, Demanded;
    DecideAppeal "T28" City DISPATCHED else NothingAppealed, Appeal in Rating => "不变", "提出；由另一人复核后生效；决定为终局", "是否成立和理由", true, Demanded;
    Tolerate "T28" City DISPATCHED else NotDispatched, Nothing in Rating => "不变", "提出；由另一人复核后生效；只及于此前认定的办结", "容错的事实和理由，或撤销容错", true, Demanded;
    DecideTime "T28" CityOrDispatcher DISPATCHED else NotDispatched, Time in Rating => "不变", "迟到的记录、有异议的送达由市热线认定；法定期限由派单热线或市热线认定，届满后认定的不改变期限；到期未认定的，按收到的时间计", "迟到的记录是否视为遵守时限、县热线所述送达是否属实、法定期限是否适用，和理由", true, Demanded;
    Witness "T03" Clock ALL else NotOpen, Nothing in Dispatching => "不变；派单已送达，或记录迟到", "迟到只由市热线中心节点证明，一条记录一次；县热线只证明本县单位的送达，不早于派单、不晚于作成，市热线晚收到的自收到时起算", "派单首次到达该单位节点的时间；迟到的记录最早、最晚在何时作成", true, Demanded;
    Reclassify "T32" CityOrDispatcher ALL else NotOpen, Nothing in Intake => "不变", "类型、匿名：不是承办本工单的单位，未认定过办结；已签收的，签收时的类型和现在的类型，两个期限取后到的，改回签收前有过的类型的，只按该类型。保密随时；取消保密只由市热线；与类型、匿名分开更正；改为举报的随即保密", "更正的类型、保密、匿名和理由；原值保留", true, Repeated;
    CorrectRequester "T32" City ALL else NotOpen, Nothing in Intake => "不变", "只改所填的几项；姓名、电话、地址写在隐私部分，不公开", "更正的诉求人姓名、电话、地址、类别、涉企和理由；原值保留", true, Repeated;
    MoreRoom "T32" City ALL else NotOpen, Nothing in Dispatching => "不变", "该单位承办过或代录的；同一单位至多四次；时限、状态都不变", "给哪个单位、为什么；其每台设备在本工单中可记的条数再加一份", true, Demanded;
    Correct "T32" Holder ALL else NotOpen, Nothing in Nothing => "不变", "", "更正的登记项；原值保留", true, Repeated;
    Note "T32" Party ALL else NotOpen, Nothing in Nothing => "不变", "", "工作记录", true, Free;
    Tag "T32" Party ALL else NotOpen, Nothing in Nothing => "不变", "", "标签", true, Free;
    Claim "T03" Hotline OPEN else NotOpen, Nothing in Intake => "不变", "无人领办", "谁在处理，以免两人同办；派发后解除", true, Free;
    HandOver "T03" Holder OPEN else NotOpen, Nothing in Intake => "不变", "", "交给谁", true, Free;
    Admonish "T32" Party ALL else NotOpen, Nothing in Nothing => "不变", "", "劝阻、教育、批评的事实；不影响办理", false, Free;
    ReportInterference "T32" Party ALL else NotOpen, Nothing in Nothing => "不变", "", "干预、压制、打击报复的事实", false, Repeated;
    Archive "T29" Holder FINISHED else NotReadyForArchive, Nothing in Closing => "已归档（市热线归档时）", "各归档一次；督办已解除、申诉已决定，报结以后才并入的已撤销合并；不予受理的由另一人复核归档", "此前全部记录的散列值（校验值）", false, Always;
    Unarchive "T29" City ARCHIVED else NotArchived, Archive in Closing => "归档前的状态", "", "撤销归档的理由", true, Demanded;
    Attach "T32" Party ALL else NotOpen, Nothing in Intake => "不变", "", "附件种类、格式、摘要值、字节数、名称和存放处", true, Free;
    Redact "T32" City ALL else NotOpen, Nothing in Nothing => "不变；复核后抹除", "提出；由另一人复核后生效", "抹除哪条记录的哪一部分和理由；签名仍可验证", true, Demanded;
    Ratify "—" City ALL else NotOpen, Nothing in Nothing => "复核后：按所追认的记录", "提出；由另一人复核后生效；所追认的是因设备编号重复未采用的记录", "追认的理由", true, Demanded;
    Confirm "—" Second ALL else NotOpen, Proposal in Elsewhere => "按所提", "提出人以外的另一人；不是所涉记录的经办人；所提的仍然办得成", "复核意见", true, Demanded;
    Decline "—" Second ALL else NotOpen, Proposal in Elsewhere => "不变", "提出人撤回，或可以复核的人不同意", "理由", true, Demanded;
    Acknowledge "—" Party ALL else NotOpen, Nothing in Nothing => "不变", "本单位未采用的记录", "本单位已看到未采用", true, Demanded;
    ShowDone "—" Party ALL else NotOpen, Nothing in Nothing => "不变", "本单位未采用的报结；由派单热线或市热线认可或维持", "办理的依据", true, Demanded;
    AcceptWork "—" CityOrDispatcher ALL else NotOpen, Nothing in Nothing => "不变", "别的单位未采用的记录", "认可的理由；可据以撤回后来的派单", true, Demanded;
    Uphold "—" CityOrDispatcher ALL else NotOpen, Nothing in Nothing => "不变", "别的单位未采用的记录", "维持的理由，告知该单位", true, Demanded;
    Settle "—" Hub ALL else NotOpen, Nothing in Nothing => "不变", "", "此前各记录由市热线确认收到", true, Demanded;
}

/// The row of a kind; `None` for kinds of the knowledge base.
#[must_use]
pub fn row(kind: ActKind) -> Option<&'static Transition> {
    TABLE.iter().find(|row| row.kind == kind)
}

/// Whether something hangs on when an act of that kind was made: if it comes late, the city hub says so.
#[must_use]
pub fn timed(kind: ActKind) -> bool {
    !kind.of_clock() && row(kind).is_some_and(|row| row.chapter != Chapter::Nothing)
}

/// How much room a kind is left. Of articles: what is written and remarked is free, deciding on it is demanded.
#[must_use]
pub fn room(kind: ActKind) -> Room {
    let free = matches!(kind, ActKind::ArticleEdit | ActKind::ArticleCorrect);
    row(kind).map_or(if free { Room::Free } else { Room::Demanded }, |row| row.room)
}

/// Whose people confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// 市热线工作机构
    City,
    /// The city hotline, or people of the unit that an article belongs to whom the city delegated it to.
    Keeper,
}

impl Of {
    /// Chinese name.
    #[must_use]
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::City => "市热线",
            Self::Keeper => "市热线，或责任单位中由其委以“知识发布”岗位的人员；不是其编辑人",
        }
    }
}

/// What two people decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// An act of that kind: proposed by whoever may make it.
    Act(ActKind),
    /// 封存考评表 (38): an entry of the registry, as those below.
    Lock,
    /// 考评权重 (38)
    Weights,
    /// 时限与限度设置 (21)
    Terms,
    /// 职责清单 (17)
    Duties,
    /// 规则版次 (6)
    Edition,
    /// 作废时间编号 (6): times that the hub signed by a wrong clock.
    Void,
    /// 停用中心节点 (6): a hub whose machine is lost for good.
    Retire,
}

impl Matter {
    /// Chinese name and code name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Act(kind) => (kind.chinese(), kind.code()),
            Self::Lock => ("封存考评表", "lock"),
            Self::Weights => ("设定权重", "weights"),
            Self::Terms => ("设定时限", "terms"),
            Self::Duties => ("设定职责清单", "duty"),
            Self::Edition => ("换用规则版次", "edition"),
            Self::Void => ("作废时间编号", "void-times"),
            Self::Retire => ("停用中心节点", "retire-hub"),
        }
    }
}

/// Who confirms what somebody has proposed; always another person. Entries of the registry are proposed by the same people.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// What.
    pub matter: Matter,
    /// By one of these roles.
    pub roles: &'static [Role],
    /// In which body.
    pub of: Of,
}

/// What needs two people, and who the second is.
pub const PAIRS: &[Pair] = &[
    Pair { matter: Matter::Act(ActKind::SetAsideRating), roles: &[Role::Review], of: Of::City },
    Pair { matter: Matter::Act(ActKind::DecideAppeal), roles: &[Role::Review], of: Of::City },
    Pair { matter: Matter::Act(ActKind::Tolerate), roles: &[Role::Review], of: Of::City },
    Pair { matter: Matter::Act(ActKind::Redact), roles: &[Role::Review], of: Of::City },
    Pair { matter: Matter::Act(ActKind::Ratify), roles: &[Role::Review], of: Of::City },
    Pair { matter: Matter::Act(ActKind::MergeOther), roles: &[Role::Dispatch], of: Of::City },
    Pair { matter: Matter::Act(ActKind::ArticlePublish), roles: &[Role::Knowledge, Role::Publish], of: Of::Keeper },
    Pair { matter: Matter::Lock, roles: &[Role::Review, Role::Statistics], of: Of::City },
    Pair { matter: Matter::Weights, roles: &[Role::Administer], of: Of::City },
    Pair { matter: Matter::Terms, roles: &[Role::Administer], of: Of::City },
    Pair { matter: Matter::Duties, roles: &[Role::Administer], of: Of::City },
    Pair { matter: Matter::Edition, roles: &[Role::Administer], of: Of::City },
    Pair { matter: Matter::Void, roles: &[Role::Administer], of: Of::City },
    Pair { matter: Matter::Retire, roles: &[Role::Administer], of: Of::City },
];

/// Who confirms an act of that kind; `None` for what one person does.
#[must_use]
pub fn pair(kind: ActKind) -> Option<&'static Pair> {
    pair_of(Matter::Act(kind))
}

/// Who confirms that.
#[must_use]
pub fn pair_of(matter: Matter) -> Option<&'static Pair> {
    PAIRS.iter().find(|pair| pair.matter == matter)
}
