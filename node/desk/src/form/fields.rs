//! The fields of each kind of act, in the order in which they are asked for.

use regulation::ActKind;
use regulation::act::{
    AttachClass, Channel, ClosureGround, Contacted, Content, EmergencyLine, Finding, MediaType, Outcome, Reached,
    RejectGround, RequestKind, Satisfaction, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};

/// How a field is filled in.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// One line.
    Line,
    /// Several lines.
    Area,
    /// One of a closed list: code and Chinese name.
    Choice(fn() -> Vec<(&'static str, &'static str)>),
    /// A unit, by code or name.
    Unit,
    /// Several units, separated by commas.
    Units,
    /// A category, by code or name.
    Category,
    /// A date and time.
    Time,
    /// Yes or no.
    Flag,
}

/// One field of a form.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Its name in commands and JSON.
    pub name: &'static str,
    /// Its name on screens.
    pub chinese: &'static str,
    /// Its name in English.
    pub english: &'static str,
    /// How it is filled in.
    pub input: Input,
    /// It must be filled in.
    pub required: bool,
    /// Taken where it is left blank; empty for none.
    pub default: &'static str,
}

const fn field(name: &'static str, chinese: &'static str, english: &'static str, input: Input) -> FieldSpec {
    FieldSpec { name, chinese, english, input, required: false, default: "" }
}

const fn needed(name: &'static str, chinese: &'static str, english: &'static str, input: Input) -> FieldSpec {
    FieldSpec { required: true, ..field(name, chinese, english, input) }
}

const fn usually(mut spec: FieldSpec, default: &'static str) -> FieldSpec {
    spec.default = default;
    spec
}

macro_rules! choices {
    ($($name:ident of $type:ident;)*) => {
        $(fn $name() -> Vec<(&'static str, &'static str)> {
            $type::ALL.iter().map(|value| (value.code(), value.chinese())).collect()
        })*
    };
}

choices! {
    kinds of RequestKind;
    urgencies of Urgency;
    channels of Channel;
    ways of Way;
    reached of Reached;
    outcomes of Outcome;
    grounds of ClosureGround;
    contacted of Contacted;
    solved of Solved;
    satisfaction of Satisfaction;
    reject_grounds of RejectGround;
    lines of EmergencyLine;
    supervise_levels of SuperviseLevel;
    supervise_grounds of SuperviseGround;
    findings of Finding;
    set_aside_grounds of SetAsideGround;
    attach_classes of AttachClass;
    media_types of MediaType;
    contents of Content;
}

const REASON: FieldSpec = needed("text", "理由和依据", "reason", Input::Area);
const PROPOSAL: FieldSpec = field(
    "act",
    "所答复的提议（内部标识，只有一件的可不填）",
    "the proposal (id; may be left out if there is one)",
    Input::Line,
);
const WAY: FieldSpec = usually(field("way", "方式", "way", Input::Choice(ways)), "telephone");
const REACHED: FieldSpec = usually(field("reached", "结果", "reached", Input::Choice(reached)), "answered");
const LEAD: FieldSpec = needed("lead", "主办单位", "lead unit", Input::Unit);
const ASSISTING: FieldSpec = field("assisting", "协办单位", "assisting units", Input::Units);
const INSTRUCTIONS: FieldSpec = field("text", "派单意见", "instructions", Input::Area);
/// Yes or no, where saying nothing is something else.
const YES_NO: Input = Input::Choice(|| vec![("true", "是"), ("false", "否")]);
const TITLE: FieldSpec = needed("title", "标题", "title", Input::Line);
const CATEGORY: FieldSpec = needed("category", "事项分类", "category", Input::Category);
const UNIT: FieldSpec = needed("unit", "单位", "unit", Input::Unit);
const DAYS: FieldSpec = needed("days", "工作日数", "working days", Input::Line);
const TOLD_AT: FieldSpec = field("told_at", "告知诉求人的时间（空着即此刻）", "told at (empty: now)", Input::Time);
/// When the work was done, where that was another time than it is entered.
pub const HAPPENED_AT: FieldSpec = field("happened_at", "发生时间", "happened at", Input::Time);

/// The fields of a kind, in the order in which they are asked for.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one line a kind")]
pub fn fields(kind: ActKind) -> Vec<FieldSpec> {
    match kind {
        ActKind::Register | ActKind::RegisterByProxy => vec![
            TITLE,
            needed("content", "诉求内容", "content", Input::Area),
            usually(field("kind", "诉求类型", "kind", Input::Choice(kinds)), "help"),
            usually(field("urgency", "紧急程度", "urgency", Input::Choice(urgencies)), "ordinary"),
            usually(field("channel", "受理渠道", "channel", Input::Choice(channels)), "telephone"),
            CATEGORY,
            field("place", "事发地点（行政区划代码或文字）", "place (division code or text)", Input::Line),
            field("name", "诉求人", "requester", Input::Line),
            field("phone", "联系电话", "telephone", Input::Line),
            field("address", "联系地址", "address", Input::Line),
            field("raised_at", "反映时间", "raised at", Input::Time),
            field("confidential", "要求保密（不选时举报按保密）", "confidential (a tip-off is by itself)", YES_NO),
            field("anonymous", "匿名", "anonymous", Input::Flag),
            field("external_system", "来源系统", "external system", Input::Line),
            field("external_number", "来源编号", "external number", Input::Line),
            field(
                "again",
                "再次来电：原工单（编号或内部标识）",
                "again: the earlier ticket (number or id)",
                Input::Line,
            ),
            field("times", "第几次反映", "how many times raised", Input::Line),
        ],
        ActKind::Answer => vec![
            needed("text", "答复内容", "answer", Input::Area),
            field("article", "所引知识（内部标识）", "article cited (id)", Input::Line),
        ],
        ActKind::Dispatch | ActKind::SubDispatch | ActKind::Redispatch | ActKind::ReturnApprove => {
            vec![LEAD, ASSISTING, INSTRUCTIONS]
        }
        ActKind::Designate => vec![LEAD, ASSISTING, REASON],
        ActKind::Reject => vec![
            needed("ground", "不予受理的情形", "ground", Input::Choice(reject_grounds)),
            needed("text", "告知的理由", "reason told", Input::Area),
            field(
                "path",
                "告知的办理途径（应走其他程序的必填）",
                "the way told (needed for other procedures)",
                Input::Area,
            ),
        ],
        ActKind::ReferEmergency => vec![
            needed("line", "紧急热线", "emergency line", Input::Choice(lines)),
            needed("text", "转接情况（时间、对方编号）", "how it was passed on", Input::Area),
        ],
        ActKind::ReferRegion => vec![needed("text", "转往的热线和情况", "which hotline, and how", Input::Area)],
        ActKind::SetUrgency => {
            vec![needed("urgency", "紧急程度", "urgency", Input::Choice(urgencies)), REASON]
        }
        ActKind::NotifyByPhone | ActKind::SignForByPhone => {
            vec![UNIT, needed("text", "谁接的电话、怎么说", "who answered, and what was said", Input::Area)]
        }
        ActKind::Recuse => vec![UNIT, REASON],
        ActKind::Escalate => vec![
            needed("to", "报请的人民政府或上级主管部门", "government or superior", Input::Unit),
            needed("text", "问题和建议", "question", Input::Area),
        ],
        ActKind::Opinion => vec![needed("text", "处理意见", "opinion", Input::Area)],
        ActKind::ReferMeeting => {
            vec![needed("text", "提请的问题、纪要、决定、期限", "question, minutes, decision", Input::Area)]
        }
        ActKind::ExtendRequest => vec![DAYS, REASON, TOLD_AT],
        ActKind::ExtendApprove => vec![
            DAYS,
            field("by_law", "法律、法规另有规定", "a law provides for it", Input::Flag),
            field("text", "说明", "remark", Input::Area),
        ],
        ActKind::DeferApprove => {
            vec![
                needed("review_at", "复查日期", "review date", Input::Time),
                field("text", "说明", "remark", Input::Area),
            ]
        }
        ActKind::AssistFeedback => vec![needed("text", "协办结果", "result", Input::Area)],
        ActKind::SendBack => vec![
            needed("text", "不符合办结标准之处", "what is missing", Input::Area),
            field("form_only", "只须补正形式（报结时间不变）", "only its form (keeps its time)", Input::Flag),
        ],
        ActKind::Supervise => vec![
            needed("level", "督办等级", "grade", Input::Choice(supervise_levels)),
            needed("ground", "督办情形", "ground", Input::Choice(supervise_grounds)),
            needed("text", "督办要求", "what is demanded", Input::Area),
        ],
        ActKind::SuperviseReply => vec![needed("text", "督办回复", "reply", Input::Area)],
        ActKind::Supplement => vec![
            needed("text", "补充的内容", "what is added", Input::Area),
            field("joined", "并入的另一工单（编号或内部标识）", "ticket that joined (number or id)", Input::Line),
        ],
        ActKind::Merge | ActKind::Split => vec![
            needed("into", "另一工单（编号或内部标识）", "the other ticket (number or id)", Input::Line),
            field("text", "说明", "remark", Input::Area),
        ],
        ActKind::VerifyRating => vec![
            needed("finding", "核实结论", "finding", Input::Choice(findings)),
            needed("text", "核实情况和证据", "what was found", Input::Area),
        ],
        ActKind::Remedy => vec![needed("text", "如何补充办理", "what will be done", Input::Area)],
        ActKind::Explain => vec![needed("text", "解释说明的内容", "what was explained", Input::Area)],
        ActKind::SetAsideRating => vec![
            needed("ground", "不予采纳的情形", "ground", Input::Choice(set_aside_grounds)),
            needed("text", "依据", "evidence", Input::Area),
        ],
        ActKind::Object => vec![needed("text", "诉求人的异议", "the requester's objection", Input::Area)],
        ActKind::Appeal => vec![needed("text", "申诉事项和证据", "appeal and evidence", Input::Area)],
        ActKind::DecideAppeal => {
            vec![field("upheld", "申诉成立", "upheld", Input::Flag), needed("text", "决定理由", "reason", Input::Area)]
        }
        ActKind::DecideTime => vec![
            field("in_time", "视为遵守时限", "counts as in time", Input::Flag),
            needed("text", "认定理由", "reason", Input::Area),
        ],
        ActKind::Attach => vec![
            usually(field("class", "附件种类", "class", Input::Choice(attach_classes)), "photo"),
            needed("text", "名称和存放处", "name and where it is kept", Input::Area),
            usually(field("media", "格式", "format", Input::Choice(media_types)), "other"),
            needed("digest", "摘要值（BLAKE3）", "BLAKE3", Input::Line),
            needed("bytes", "字节数", "bytes", Input::Line),
        ],
        ActKind::Redact => vec![
            needed("act", "所抹除的记录（内部标识）", "the act (id)", Input::Line),
            usually(field("content", "抹除哪一部分", "which part", Input::Choice(contents)), "private"),
            REASON,
        ],
        ActKind::Ratify => {
            vec![needed("act", "所追认的记录（内部标识）", "the act (id)", Input::Line), REASON]
        }
        ActKind::Confirm => vec![PROPOSAL, field("text", "复核意见", "remark", Input::Area)],
        ActKind::Decline => vec![PROPOSAL, REASON],
        ActKind::HandOver => vec![needed("to", "交给谁（登录名）", "to whom (login)", Input::Line)],
        ActKind::OwnMatter
        | ActKind::Recall
        | ActKind::ExtendDeny
        | ActKind::Withdraw
        | ActKind::Defer
        | ActKind::Unarchive
        | ActKind::ArticleRetire => vec![REASON],
        ActKind::Admonish | ActKind::ReportInterference => {
            vec![needed("text", "事实经过", "what happened", Input::Area)]
        }
        ActKind::ArticleCorrect => vec![needed("text", "错在何处", "what is wrong", Input::Area)],
        ActKind::ConfirmIntake | ActKind::Urge | ActKind::Remind | ActKind::Unmerge | ActKind::DeferRelease => {
            vec![field("text", "说明", "remark", Input::Area)]
        }
        ActKind::ReturnRequest => vec![REASON, field("suggested", "建议承办单位", "suggested unit", Input::Unit)],
        ActKind::ReturnDeny => vec![REASON],
        ActKind::Contact => vec![WAY, REACHED, field("text", "沟通情况", "what was said", Input::Area)],
        ActKind::Progress => {
            vec![
                usually(WAY, "system"),
                needed(
                    "text",
                    "进展情况；法定期限须写明依据",
                    "progress; name the law of a statutory term",
                    Input::Area,
                ),
                field("legal_due", "法律、法规、规章规定的期限届满日", "last day of a statutory term", Input::Time),
            ]
        }
        ActKind::Complete => vec![
            needed("outcome", "办理结果", "outcome", Input::Choice(outcomes)),
            needed("text", "答复诉求人的内容", "reply to the requester", Input::Area),
            TOLD_AT,
        ],
        ActKind::ConfirmClosure => vec![needed("ground", "认定依据", "ground", Input::Choice(grounds))],
        ActKind::FollowUp => vec![
            WAY,
            REACHED,
            field("contacted", "是否联系", "contacted", Input::Choice(contacted)),
            field("solved", "是否解决", "solved", Input::Choice(solved)),
            field("satisfaction", "是否满意", "satisfaction", Input::Choice(satisfaction)),
            field("text", "诉求人意见", "what the requester said", Input::Area),
        ],
        ActKind::Note => vec![needed("text", "记录内容", "note", Input::Area)],
        ActKind::Tag => vec![
            field("add", "添加标签", "add tags", Input::Line),
            field("remove", "去掉标签", "remove tags", Input::Line),
            field("text", "理由（加“容错”标签时必填）", "reason (needed for the tolerance tag)", Input::Area),
        ],
        ActKind::Correct => vec![
            field("title", "标题", "title", Input::Line),
            field("category", "事项分类", "category", Input::Category),
            field("place", "事发地点", "place", Input::Line),
            field("text", "更正说明", "why", Input::Area),
        ],
        ActKind::ArticleCreate => vec![TITLE, CATEGORY, needed("body", "正文", "body", Input::Area)],
        ActKind::ArticleEdit => vec![
            field("title", "标题", "title", Input::Line),
            field("category", "事项分类", "category", Input::Category),
            field("body", "正文", "body", Input::Area),
        ],
        ActKind::SignFor
        | ActKind::SuperviseRelease
        | ActKind::Claim
        | ActKind::Archive
        | ActKind::Settle
        | ActKind::Witness
        | ActKind::ArticleReview
        | ActKind::ArticlePublish => vec![],
    }
}
