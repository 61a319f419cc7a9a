//! Why an act may not be, or does not stand: a rule with its article and a sentence for the reader.

use crate::ids::ActId;

/// Article and item of the regulation; item 0 is the whole article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Article(pub u8, pub u8);

impl Article {
    /// `第二十一条第一项`
    #[must_use]
    pub fn chinese(self) -> String {
        if self.1 == 0 {
            format!("第{}条", numeral(self.0))
        } else {
            format!("第{}条第{}项", numeral(self.0), numeral(self.1))
        }
    }

    /// `21(1)`
    #[must_use]
    pub fn code(self) -> String {
        if self.1 == 0 { self.0.to_string() } else { format!("{}({})", self.0, self.1) }
    }
}

/// Chinese numeral of 1 to 99.
fn numeral(n: u8) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (usize::from(n / 10 % 10), DIGITS[usize::from(n % 10)]);
    match tens {
        0 => ones.to_owned(),
        1 => format!("十{ones}"),
        _ => format!("{}十{ones}", DIGITS[tens]),
    }
}

macro_rules! rules {
    ($($variant:ident, $code:literal, $article:expr, $chinese:literal, $english:literal;)*) => {
        /// A rule that an act can break. The code is stable; sentences may be improved.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = $english] $variant,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// Stable code in JSON and in the database.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
            /// The article that it rests on.
            #[must_use]
            pub const fn article(self) -> Article { match self { $(Self::$variant => $article,)* } }
            /// The sentence for screens.
            #[must_use]
            pub const fn chinese(self) -> &'static str { match self { $(Self::$variant => $chinese,)* } }
            /// The sentence in English.
            #[must_use]
            pub const fn english(self) -> &'static str { match self { $(Self::$variant => $english,)* } }
            /// The rule of that code.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> { Self::ALL.iter().copied().find(|rule| rule.code() == code) }
        }
    };
}

rules! {
    CityOnly, "city-only", Article(15, 0), "只有市热线工作机构可以办理此事项。", "Only the city hotline may do this.";
    HotlineOnly, "hotline-only", Article(17, 0), "只有热线工作机构可以办理此事项。", "Only a hotline may do this.";
    CountyOnly, "county-only", Article(17, 0), "只有收到派单的县级热线可以下派。", "Only the county hotline that has the ticket may send it on.";
    UnitOnly, "unit-only", Article(15, 0), "市热线直接登记，无须代录。", "The city hotline registers itself; a proxy is for the others.";
    AssistingOnly, "assisting-only", Article(17, 0), "只有当前协办单位可以办理此事项。", "Only an assisting unit may do this.";
    NamedOnly, "named-only", Article(20, 0), "只有被报请的人民政府或主管部门可以提出意见。", "Only the government or superior that was asked may give the opinion.";
    HubOnly, "hub-only", Article(6, 0), "只有市热线中心节点可以确认。", "Only the city hub may settle.";
    DispatcherOnly, "dispatcher-only", Article(17, 0), "只有派单的热线工作机构可以办理此事项。", "Only the hotline that dispatched may do this.";
    LeadOnly, "lead-only", Article(17, 0), "只有当前主办单位可以办理此事项。", "Only the present lead unit may do this.";
    AssignedOnly, "assigned-only", Article(17, 0), "只有当前承办单位可以办理此事项。", "Only a unit that the ticket is assigned to may do this.";
    HolderOnly, "holder-only", Article(35, 0), "本单位不承办此工单，不能在工单上记录。", "Only the hotline or a unit that handles the ticket may write on it.";
    RoleMissing, "role-missing", Article(7, 1), "经办人没有相应岗位职责。", "The person does not hold the role that this needs.";
    PersonMissing, "person-missing", Article(7, 1), "须由本单位在岗人员办理。", "A person of the unit must do this.";
    AlreadyRegistered, "already-registered", Article(15, 0), "工单已登记，不能重复登记。", "The ticket is registered already.";
    NotRegistered, "not-registered", Article(15, 0), "工单尚未登记。", "The ticket is not registered yet.";
    WrongDocument, "wrong-document", Article(15, 0), "此事项不适用于这类文件。", "This act does not belong to this sort of document.";
    NotOpenForAnswer, "not-open-for-answer", Article(16, 1), "工单已派发或已办理，不能再即时答复。", "The ticket has been dispatched or dealt with; it can no longer be answered at once.";
    AlreadyDispatched, "already-dispatched", Article(16, 2), "工单已派发，须先转派或等待退回。", "The ticket has been dispatched already; redispatch it instead.";
    NotDispatched, "not-dispatched", Article(17, 0), "工单尚未派发。", "The ticket has not been dispatched.";
    NoSuchUnit, "no-such-unit", Article(17, 0), "名册中没有这个承办单位。", "The registry has no such unit.";
    NoSuchDuty, "no-such-duty", Article(17, 0), "名册的职责清单没有这一条。", "The duty list of the registry has no such entry.";
    OtherDuty, "other-duty", Article(18, 0), "所引条目是别的单位的职责，不能据以驳回该单位的退单申请。", "The entry is a duty of others: the unit's return cannot be refused by it.";
    UnitTwice, "unit-twice", Article(17, 0), "同一单位不能既是主办又是协办，也不能重复列出。", "A unit may be named only once in a dispatch.";
    SameLead, "same-lead", Article(18, 0), "转派须换一个主办单位。", "A redispatch must name another lead unit.";
    NotCurrentDispatch, "not-current-dispatch", Article(17, 0), "所依据的派单已被转派或收回。", "The dispatch that this answers is no longer the current one.";
    AfterCompletion, "after-completion", Article(24, 0), "承办单位已报结，不能再转派。", "The unit has reported completion; the ticket can no longer be redispatched.";
    AlreadySignedFor, "already-signed-for", Article(21, 1), "本单位已签收。", "The unit has signed for it already.";
    NotSignedFor, "not-signed-for", Article(21, 1), "本单位尚未签收。", "The unit has not signed for it yet.";
    ReturnPending, "return-pending", Article(18, 0), "退单申请正在审核。", "A return request is waiting for a decision.";
    NoReturnPending, "no-return-pending", Article(18, 0), "没有待审核的退单申请，或所答复的申请已不是当前申请。", "There is no such return request waiting.";
    ReturnOnce, "return-once", Article(18, 0), "退单申请和复议均已驳回，由原承办单位继续办理。", "The return was refused, and refused again; the unit goes on handling.";
    MustDesignate, "must-designate", Article(17, 0), "已有一个单位退回，再退回的须指定承办单位。", "One unit has returned it already; the next must be designated.";
    PraiseConveyed, "praise-conveyed", Article(11, 5), "表扬不派发，由市热线转达所表扬的单位。", "Praise is not dispatched: the city hotline conveys it to the unit that is praised.";
    NotPraise, "not-praise", Article(11, 5), "只有表扬可以转达；派发过的不能改为表扬。", "Only praise is conveyed, and what was dispatched does not become praise.";
    NotReferred, "not-referred", Article(9, 0), "工单没有转往异地热线。", "The ticket was not referred to a hotline of another region.";
    OneCorrection, "one-correction", Article(15, 0), "保密的更正须与类型、匿名的更正分开办理。", "Confidentiality is corrected in an act of its own, apart from kind and anonymity.";
    OwnKind, "own-kind", Article(38, 0), "承办本工单的单位不能更正其类型或匿名。", "Whoever has a part in the ticket does not correct its kind or anonymity.";
    KindSettled, "kind-settled", Article(38, 0), "已认定过办结或已了结，不能再更正类型或匿名。", "A round was found closed, or the ticket has ended: kind and anonymity stay as they are.";
    AlreadyClaimed, "already-claimed", Article(17, 0), "已有人领办，可由其交接。", "Somebody works on it already; they can hand it over.";
    AlreadySupervised, "already-supervised", Article(25, 0), "同一情形已督办。", "It is supervised on this ground already.";
    AlreadyWitnessed, "already-witnessed", Article(6, 0), "已有到达证明。", "Its arrival was witnessed already.";
    NothingDisputed, "nothing-disputed", Article(38, 0), "没有待认定的记录，或已认定。", "No act waits for a decision on its time.";
    NothingToRedact, "nothing-to-redact", Article(13, 0), "所指记录没有这一部分，或不在本工单。", "The act that is named has no such part.";
    NothingFell, "nothing-fell", Article(6, 0), "所指记录没有未采用，或不由本单位这样了结。", "The act that is named was not overruled, or it is not for this unit to end it so.";
    NothingToRatify, "nothing-to-ratify", Article(35, 0), "所指记录不是因设备重复而不计入的。", "The act that is named was not overruled as that of a cloned device.";
    NotAwaitingConfirmation, "not-awaiting-confirmation", Article(15, 0), "没有待确认的代录。", "There is no proxy registration waiting to be confirmed.";
    TakenIn, "taken-in", Article(15, 0), "市热线已受理；仍不予受理的，须在看到该受理后另作决定。", "The city has taken it in; whoever still refuses it decides so knowing that.";
    NotOpen, "not-open", Article(16, 0), "工单已办完或已转出，不能再办理此事项。", "The ticket is finished or was passed on; this can no longer be done.";
    NotInTransit, "not-in-transit", Article(17, 0), "工单不在待签收或办理中。", "The ticket is neither waiting to be signed for nor being handled.";
    NotBelow, "not-below", Article(17, 0), "县级热线只能下派给本县的单位。", "A county sends on only to units of its own.";
    NoSuchAssignment, "no-such-assignment", Article(17, 0), "该单位不是当前承办单位。", "That unit has no part in the ticket now.";
    NotCovered, "not-covered", Article(21, 1), "县热线的中心节点只能证明派单到达本县的单位。", "A county's hub says only of the units of its county that a dispatch has arrived.";
    WitnessedAhead, "witnessed-ahead", Article(21, 1), "到达的时间不能晚于证明作成的时间。", "What is witnessed cannot have been later than the witness.";
    Recused, "recused", Article(13, 0), "被反映单位不能单独主办，须另有协办单位或另行指定。", "The unit complained of may not be the only one to handle it.";
    Designated, "designated", Article(17, 0), "已指定承办单位，不能再申请退回。", "The unit was designated; it may not ask to return the ticket.";
    ExtensionPending, "extension-pending", Article(22, 0), "延期申请正在审核。", "An extension was asked for already.";
    NoExtensionPending, "no-extension-pending", Article(22, 0), "没有待审核的延期申请，或所答复的申请已不是当前申请。", "There is no such extension asked for.";
    ExtensionTooLong, "extension-too-long", Article(22, 0), "延长期限须为一至十五个工作日，法律、法规另有规定的除外。", "An extension has one to fifteen working days, unless a law provides otherwise.";
    AlreadyEscalated, "already-escalated", Article(20, 0), "已报请，正在等待意见。", "It was escalated already; the opinion is awaited.";
    NotAbove, "not-above", Article(20, 0), "该单位不是本单位的本级政府或上级主管部门。", "That unit is neither the government nor a superior department of one's own.";
    NotEscalated, "not-escalated", Article(20, 0), "没有等待意见的报请。", "Nothing was escalated.";
    NothingForMeeting, "nothing-for-meeting", Article(4, 0), "没有提请联席会议的问题，或已有决定。", "Nothing was brought before the joint meeting, or it is decided.";
    AlreadyDeferred, "already-deferred", Article(21, 7), "已报告暂时无法解决。", "It was reported as not solvable for now already.";
    NotDeferred, "not-deferred", Article(21, 7), "没有待同意或已同意的挂账。", "Nothing was deferred.";
    NotSupervised, "not-supervised", Article(25, 0), "没有这项督办，或已解除。", "There is no such supervision, or it was released.";
    NotReplied, "not-replied", Article(25, 0), "承办单位尚未回复督办。", "The unit has not replied to the supervision.";
    SameTicket, "same-ticket", Article(16, 0), "不能与自身合并或拆分。", "A ticket cannot be merged with or split from itself.";
    OtherMatter, "other-matter", Article(16, 0), "两件工单的地点、分类无从比较（合并人自己的更正不算）；请用“合并（不同事项）”，由另一人复核。", "Neither place nor category of the two can be compared (what you corrected yourself does not count): propose to merge another matter, and another person confirms.";
    OtherPlace, "other-place", Article(16, 0), "两件工单的地点不同（合并人自己的更正不算）；请用“合并（不同事项）”，由另一人复核。", "The two are of different places (what you corrected yourself does not count): propose to merge another matter, and another person confirms.";
    OtherCategory, "other-category", Article(16, 0), "两件工单的事项分类不同（合并人自己的更正不算）；请用“合并（不同事项）”，由另一人复核。", "The two are of different categories (what you corrected yourself does not count): propose to merge another matter, and another person confirms.";
    OtherKind, "other-kind", Article(16, 0), "两件工单的类型不同（求助、投诉、举报视为相同；合并人自己的更正不算）；请用“合并（不同事项）”，由另一人复核。", "The two are of different kinds (what you corrected yourself does not count): propose to merge another matter, and another person confirms.";
    OtherIntake, "other-intake", Article(16, 0), "两件工单的登记方式不同：一件由单位代录，另一件由热线登记或别的单位代录；请用“合并（不同事项）”，由另一人复核。", "A unit wrote one of the two down itself, and not the other: propose to merge another matter, and another person confirms.";
    HasJoined, "has-joined", Article(16, 0), "已有其他工单并入本工单，其诉求人也在等结果：不能就此了结，也不能再并入别的；请派发办理，或先撤销那次合并。", "Other tickets were merged into this one, and their requesters wait as well: it cannot be ended so, nor merged; dispatch it, or undo the merge first.";
    NotMerged, "not-merged", Article(16, 0), "工单没有合并。", "The ticket is not merged.";
    NotJoined, "not-joined", Article(26, 0), "该工单没有并入本工单，或并入前本工单已报结，或诉求人就是另一件的、只问一次；并入由“合并”、撤出由“撤销合并”办理。", "That ticket did not join this one, or joined after it was reported, or its requester is asked already as that of another; it joins by a merge, and leaves by undoing it.";
    JoinsLate, "joins-late", Article(16, 0), "那件工单已报结（退回补正形式的，原报结仍在）：后来的诉求还没有人办，不能并入；请派发办理。", "That ticket is reported already, and sent back for its form alone it still is: what is asked since was dealt with by nobody; dispatch it.";
    JoinedSince, "joined-since", Article(16, 0), "有工单在报结以后才并入，它所反映的还没有人办：请退回承办单位一并办理，或先撤销那次合并。", "A ticket joined after this one was reported, and nobody has dealt with it: send this one back, or undo that merge first.";
    ReportWaits, "report-waits", Article(16, 0), "本工单已报结（退回补正形式的，原报结仍在）：请先认定，或退回重办，再合并。", "This ticket was reported, and sent back for its form alone it still is: find it closed, or send it back to be done again, before it is merged.";
    JoinsUndispatched, "joins-undispatched", Article(16, 0), "本工单已派发，那件还没有：并过去就没有单位在办；请反过来把那件并入本工单，或先派发那件。", "This ticket was dispatched and that one was not: nobody would have it; merge that one into this, or dispatch it first.";
    KeptOut, "kept-out", Article(13, 0), "本单位已回避，不再办理、记录本工单。", "The unit is kept out: it records nothing in this ticket any more.";
    KeptOutJoins, "kept-out-joins", Article(13, 0), "有单位在一件工单里须回避，在另一件里承办过或代录过：不能合并。", "A unit that is kept out of one of the two has, or had, a part in the other: they are not merged.";
    ConfidentialJoins, "confidential-joins", Article(13, 0), "保密的工单只能并入保密的工单。", "What is confidential is merged only into what is confidential.";
    Supervised, "supervised", Article(25, 0), "本工单正在督办，不能并入别的工单；请先解除督办，或反过来把另一件并入本工单。", "The ticket is being supervised and cannot be merged; release that first, or merge the other one into it.";
    NoBadRating, "no-bad-rating", Article(27, 0), "没有待核实的评价，或所依据的评价已不是当前评价。", "There is no rating to verify.";
    SecondPerson, "second-person", Article(27, 3), "须由另一人复核。", "Another person than the first must look at it and decide.";
    TookItBack, "took-it-back", Article(17, 0), "本人把工单从承办单位收回过（撤回派单、回避），其后没有单位报结，须由另一人了结；或再派发办理。", "Whoever took the ticket from a unit, by a recall or by keeping it out, is not the one who ends it here, until some unit has reported it done: another person does, or it is dispatched.";
    NothingToConfirm, "nothing-to-confirm", Article(6, 0), "没有待复核的提议，或提议已撤回、已被取代。", "There is no such proposal waiting: it was taken back, declined or overtaken.";
    ProposerGone, "proposer-gone", Article(7, 1), "提出人已不再有办理此事项的岗位，提议不能再复核；请由在岗人员重新提出。", "Whoever proposed it no longer has the role that it needs; somebody who has it proposes it anew.";
    AlreadyConfirmed, "already-confirmed", Article(6, 0), "同样的提议已复核，不必再办。", "The same was proposed and confirmed already.";
    Concerned, "concerned", Article(13, 0), "所涉记录的经办人和所涉单位的人员不能复核。", "Whoever made the act in question, or is of a unit that is kept out, may not confirm.";
    NotExplained, "not-explained", Article(27, 2), "诉求人只能对解释说明提出一次异议。", "The requester may object once, to an explanation.";
    AppealPending, "appeal-pending", Article(38, 0), "本单位对该次办结的申诉正在等待决定。", "The unit's appeal on that closure waits for a decision already.";
    AppealDecided, "appeal-decided", Article(38, 0), "本单位对该次办结的申诉已有决定，决定为终局。", "The unit's appeal on that closure was decided; the decision is final.";
    NothingTolerated, "nothing-tolerated", Article(41, 0), "没有可以容错的办结，或没有可以撤销的容错。", "There is no closure to let go, or nothing that was let go.";
    NotRated, "not-rated", Article(26, 0), "诉求人尚未评价。", "The requester has not rated it yet.";
    NothingAppealed, "nothing-appealed", Article(38, 0), "没有待决定的申诉。", "There is no appeal to decide.";
    RecordingMissing, "recording-missing", Article(13, 0), "工单派发后撤单，须先附派发以后诉求人要求撤回的来电录音或来信、短信；派发前附过的、同一文件再附的不算。", "To withdraw what a unit has had, first attach the recording or the message in which the requester asks for it, since it was dispatched: neither what was attached before, nor the same file once more.";
    NotArchived, "not-archived", Article(28, 0), "工单尚未归档。", "The ticket is not archived.";
    Retired, "retired", Article(29, 0), "知识已停用。", "The article was retired.";
    NotInHand, "not-in-hand", Article(23, 0), "工单不在办理中。", "The ticket is not being handled.";
    NoCompletion, "no-completion", Article(24, 0), "没有待认定的报结，或所认定的报结已不是当前报结。", "There is no such completion to confirm.";
    GroundOfKind, "ground-of-kind", Article(24, 0), "所依据的不是这类诉求的办结标准；须依本类的一项，或依第五项写明理由。", "Not the standard of this kind of request: name that of its kind, or item 5 with reasons.";
    GroundOfOutcome, "ground-of-outcome", Article(24, 0), "所依据的办结标准与报结的办理结果相矛盾；须退回重办，或依第五项写明理由。", "The standard contradicts what the unit reports that came of it: send it back, or name item 5 with reasons.";
    NotTold, "not-told", Article(23, 0), "没有接通的联系、分两天三次的尝试，也没有附上原文的书面答复（匿名的在查询码处），不能认定办结。请承办单位记入联系，或附上答复的信函、录音、确认单。", "Nobody was reached: no contact that was answered, no three attempts on two days, no written reply whose words the unit has attached (anonymous: at the query code). The unit records a contact, or attaches the letter, the recording or the form.";
    NoClosure, "no-closure", Article(26, 0), "工单尚未认定办结，或所依据的认定已不是当前认定。", "Closure has not been confirmed.";
    AlreadyFiled, "already-filed", Article(26, 0), "工单已归档，不再回访；诉求人另有话说的，先撤销归档，或记为补充诉求、催单。", "The ticket is filed: nobody is asked about it any more. What the requester says besides is a supplement or an urge, or the filing is taken back first.";
    RatingAnswered, "rating-answered", Article(27, 0), "该诉求人的评价已经解释说明，或已不予采纳，不再重复回访。", "What this requester said was explained to him, or set aside: he is not asked once more.";
    NotReadyForArchive, "not-ready-for-archive", Article(28, 0), "工单尚未办完，不能归档。", "The ticket is not finished; it cannot be archived.";
    ArchiveIncomplete, "archive-incomplete", Article(28, 0), "还有未解除的督办、未决定的申诉，或报结以后才并入、还没有撤销合并的工单，归档不完整。", "A supervision or an appeal is still open, or the merge of a ticket that joined after the report is to be undone; the archive would not be complete.";
    AlreadyArchived, "already-archived", Article(28, 0), "已归档。", "It is archived already.";
    RatingIncomplete, "rating-incomplete", Article(26, 0), "接通的回访须如实记录联系、解决和满意三项评价。", "A follow-up that reached the requester must record all three ratings.";
    SentInWriting, "sent-in-writing", Article(26, 0), "“已发送”只用于短信、网络、系统、书面。", "Only what is in writing is sent: by SMS, online, by a system or by letter.";
    ReplyMissing, "reply-missing", Article(26, 0), "短信、网络、系统、书面往来的，只记“已发送”；要记诉求人的答复，须先附上答复原文：联系由承办单位附上，回访由市热线附认定办结以后收到的；一份答复只作一次评价，同一文件再附不算。", "In writing something is sent, and no more; what the requester answered rests on his own words: of a contact the unit attaches them first, of a follow-up the city what it received since the closure. One reply is one rating, and the same file attached once more is none.";
    MustRemedy, "must-remedy", Article(27, 1), "已核实为应办未办的，应当补充办理，不能以解释说明代替。", "What was found not done must be done; an explanation does not take its place.";
    EffectMissing, "effect-missing", Article(28, 0), "没有写明要更改的内容。", "The act names nothing that it changes.";
    EffectOutOfPlace, "effect-out-of-place", Article(28, 0), "更改的内容或位置超出该事项允许的范围。", "The change is not one that this act may make, or lies outside the text.";
    EditorPublishes, "editor-publishes", Article(29, 0), "编辑人不能发布自己编辑的内容，须由另一人审核后发布。", "Another person than the editor must publish.";
    TextUndecided, "text-undecided", Article(29, 0), "正文有一处同时改成了两样，选定其中一样后才能发布。", "Two wordings of one place in the text stand side by side; choose one before it is published.";
    OwnerOnly, "owner-only", Article(29, 0), "单位只能办理自己的知识；认为别的单位的知识有误，请提出纠错。", "A unit writes and retires its own articles only; what is wrong in another's, ask for a correction.";
    NotReviewed, "not-reviewed", Article(29, 0), "现在的内容还没有经另一人审核，不能提出发布。", "Nobody else has reviewed the text as it is now; publication cannot be proposed yet.";
    NothingToPublish, "nothing-to-publish", Article(29, 0), "没有待发布的修改。", "Nothing has changed since the last publication.";
    AnswerMissing, "answer-missing", Article(17, 0), "没有写明所答复或所依据的办理记录。", "The act does not name the one that it answers.";
    Clone, "clone", Article(35, 0), "同一设备有两条互不相承的记录，此条列后，疑似设备被复制。", "The device made another act that this one does not follow, and that one comes first: the device was cloned.";
    TooManyEpochs, "too-many-epochs", Article(35, 0), "该设备在此文件中恢复或重装的次数已达上限，请换用新登记的设备。", "The device was put back too often to go on in this document; use one that is newly enrolled.";
    NumberNotRising, "number-not-rising", Article(35, 0), "记录编号不大于该设备此前的编号。", "Its number is not above those of the device's own acts before it.";
    AllowanceUsed, "allowance-used", Article(28, 0), "该设备在此文件中的办理记录已达上限，请市热线为本单位续页（知识请换一台设备）。", "The device has made as many acts in this document as it may: the city hotline gives the unit more room (of an article, use another device).";
    PagesUsed, "pages-used", Article(28, 0), "已给该单位续页四次；再有要记的，由市热线代记，或另登记一件、将本工单并入。", "That unit was given more room four times; the city records the rest, or registers another ticket and merges this one into it.";
    RoomReserved, "room-reserved", Article(28, 0), "此文件余下的记录数留给签收、联系、报结等须办事项，要记此项，请市热线为本单位续页（知识请换一台设备）。", "What room is left in this document is kept for what must be done, such as signing for it, contacting and completing: the city hotline gives the unit more room (of an article, use another device).";
    NamesIdle, "names-idle", Article(35, 0), "所依据的前序记录不合法或不计入。", "It follows an act that is unlawful or counts for nothing.";
    TooLong, "too-long", Article(28, 0), "此文件的办理记录或正文已达上限：工单由市热线代记，或另登记一件、将本工单并入；知识另建一条。", "The document has reached its limit of acts or of text: the city records the rest, or registers another ticket and merges this one into it; of an article begin another.";
    RegistryBehind, "registry-behind", Article(35, 0), "所依据的名册版本早于前序记录。", "The registry version is older than that of an act it follows.";
    NotYet, "not-yet", Article(6, 0), "名册尚未换用此事项所属的规则版次；各中心节点都升级、换用该版次后方可办理。", "It belongs to an edition of the rules that the registry has not put in force yet; it may be made once every hub is upgraded and the edition is set.";
    TimeBehind, "time-behind", Article(35, 0), "所知的市热线时间编号小于本设备此前的记录或所依据的市热线记录。", "It names an older time of the city's than the device's own acts before it, or the hub's acts that it follows.";
    TextMissing, "text-missing", Article(15, 0), "须写明内容或理由。", "The text that this needs is missing.";
    NoSuchCategory, "no-such-category", Article(15, 0), "名册中没有这个事项分类。", "The registry has no such category.";
}

/// A rule that was broken, and the effective act that stands in the way where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Broken {
    /// Which rule.
    pub rule: Rule,
    /// The act that it lost against, such as the redispatch that overtook a completion.
    pub by: Option<ActId>,
}

impl From<Rule> for Broken {
    fn from(rule: Rule) -> Self {
        Self { rule, by: None }
    }
}

impl Rule {
    /// This rule, broken because of `by`.
    #[must_use]
    pub const fn because(self, by: Option<ActId>) -> Broken {
        Broken { rule: self, by }
    }
}
