//! The fields of each kind of act, in the order in which they are asked for.

use regulation::ActKind;
use regulation::act::{Channel, Party, RequestKind, Urgency};
use regulation::kind::Trait;

use super::spec::{FieldSpec, Input, choices, field, needed, usually};
use super::typed;

const REASON: FieldSpec = needed("text", "理由和依据", "reason", Input::Area);
const PROPOSAL: FieldSpec = field(
    "act",
    "所答复的提议（内部标识，只有一件的可不填）",
    "the proposal (id; may be left out if there is one)",
    Input::Line,
);
const TITLE: FieldSpec = needed("title", "标题", "title", Input::Line);
const CATEGORY: FieldSpec = needed("category", "事项分类", "category", Input::Category);
const REMARK: FieldSpec = field("text", "说明", "remark", Input::Area);
/// When the work was done, where that was another time than it is entered.
pub const HAPPENED_AT: FieldSpec = field("happened_at", "发生时间", "happened at", Input::Time);

/// The fields of a kind, in the order in which they are asked for: what must be filled in, the text, what may be left out.
#[must_use]
pub fn fields(kind: ActKind) -> Vec<FieldSpec> {
    match kind {
        ActKind::Register | ActKind::RegisterByProxy => registration(),
        ActKind::Tag => vec![
            field("add", "添加标签", "add tags", Input::Line),
            field("remove", "去掉标签", "remove tags", Input::Line),
            field("text", "理由", "reason", Input::Area),
        ],
        ActKind::Correct => vec![
            field("title", "标题", "title", Input::Line),
            field("category", "事项分类", "category", Input::Category),
            field("place", "事发地点", "place", Input::Line),
            field("text", "更正说明", "why", Input::Area),
        ],
        ActKind::CorrectRequester => {
            let mut specs = requester().to_vec();
            specs.extend(typed::specs(kind));
            specs.push(REASON);
            specs
        }
        ActKind::ArticleCreate => vec![TITLE, CATEGORY, needed("body", "正文", "body", Input::Area)],
        ActKind::ArticleEdit => vec![
            field("title", "标题", "title", Input::Line),
            field("category", "事项分类", "category", Input::Category),
            field("body", "正文", "body", Input::Area),
        ],
        _ => {
            let mut specs: Vec<FieldSpec> = named(kind).into_iter().collect();
            specs.extend(typed::specs(kind).into_iter().map(|spec| usual(kind, spec)));
            let Some(text) = text(kind) else { return specs };
            let left_out = |spec: &FieldSpec| text.required && !spec.required && spec.default.is_empty();
            let at = match kind {
                // What is decided comes first.
                ActKind::DecideAppeal | ActKind::DecideTime | ActKind::Tolerate => None,
                ActKind::Attach => Some(1),
                _ => specs.iter().position(left_out),
            };
            specs.insert(at.unwrap_or(specs.len()), text);
            specs.extend(beside(kind));
            specs
        }
    }
}

/// What is said in a text of its own, behind the first.
pub(super) fn beside(kind: ActKind) -> Option<FieldSpec> {
    match kind {
        ActKind::Reject => {
            let path = "告知的办理途径（应走其他程序的必填）";
            Some(field("path", path, "the way told (needed for other procedures)", Input::Area))
        }
        ActKind::ReferRegion => Some(needed("receiver", "接收的外地热线", "hotline that receives it", Input::Line)),
        ActKind::MeetingDecision => Some(needed("decision", "决定", "decision", Input::Area)),
        ActKind::Progress => {
            let helpers = "协助单位（行业协会、志愿组织等；不因此看到工单）";
            Some(field("helpers", helpers, "helping bodies (they are not shown the ticket)", Input::Line))
        }
        _ => None,
    }
}

/// What a form takes a declared field for where it is left blank.
fn usual(kind: ActKind, spec: FieldSpec) -> FieldSpec {
    let optional = FieldSpec { required: false, ..spec };
    match (kind, spec.name) {
        (ActKind::Progress, "way") => usually(optional, "system"),
        (_, "way") => usually(optional, "telephone"),
        (_, "reached") => usually(optional, "answered"),
        (_, "media") => usually(optional, "other"),
        (_, "content") => usually(optional, "private"),
        // Asked of what is out of scope alone.
        (ActKind::Reject, "duty") => optional,
        _ => spec,
    }
}

/// The act that is answered, where people say which.
fn named(kind: ActKind) -> Option<FieldSpec> {
    match kind {
        ActKind::Redact => Some(needed("act", "所抹除的记录（内部标识）", "the act (id)", Input::Line)),
        kind if kind.has(Trait::Card) => {
            Some(needed("act", "未采用的记录（内部标识）", "the act that fell (id)", Input::Line))
        }
        ActKind::Ratify => Some(needed("act", "所追认的记录（内部标识）", "the act (id)", Input::Line)),
        ActKind::Confirm | ActKind::Decline => Some(PROPOSAL),
        _ => None,
    }
}

/// What the text of a kind is called: a reason where there must be one, a remark where there may be one, unless it is
/// something else.
fn text(kind: ActKind) -> Option<FieldSpec> {
    let must = |chinese, english| Some(needed("text", chinese, english, Input::Area));
    let may = |chinese, english| Some(field("text", chinese, english, Input::Area));
    match kind {
        ActKind::Answer => must("答复内容", "answer"),
        ActKind::Dispatch | ActKind::SubDispatch | ActKind::Redispatch | ActKind::ReturnApprove => {
            may("派单意见", "instructions")
        }
        ActKind::Designate => Some(REASON),
        ActKind::Reject => must("告知的理由", "reason told"),
        ActKind::ReferEmergency => must("转接情况（时间、对方编号）", "how it was passed on"),
        ActKind::ReferRegion => must("转接情况（怎么转的、告知了什么）", "how it was passed on, and what was told"),
        ActKind::RegionAnswer => must("外地热线的答复", "what the other hotline answered"),
        ActKind::NotifyByPhone | ActKind::SignForByPhone => {
            must("谁接的电话、怎么说", "who answered, and what was said")
        }
        ActKind::Escalate => must("问题和建议", "question"),
        ActKind::Opinion => must("处理意见", "opinion"),
        ActKind::ReferMeeting => must("提请的问题", "question"),
        ActKind::MeetingDecision => must("会议纪要", "minutes"),
        ActKind::AssistFeedback => must("协办结果", "result"),
        ActKind::SendBack => must("不符合办结标准之处", "what is missing"),
        ActKind::Supervise => must("督办要求", "what is demanded"),
        ActKind::SuperviseReply => must("督办回复", "reply"),
        ActKind::Supplement => must("补充的内容", "what is added"),
        ActKind::VerifyRating => must("核实情况和证据", "what was found"),
        ActKind::Remedy => must("如何补充办理", "what will be done"),
        ActKind::Explain => must("解释说明的内容", "what was explained"),
        ActKind::SetAsideRating => must("依据", "evidence"),
        ActKind::Object => must("诉求人的异议", "the requester's objection"),
        ActKind::Appeal => must("申诉事项和证据", "appeal and evidence"),
        ActKind::DecideAppeal => must("决定理由", "reason"),
        ActKind::DecideTime => must("认定理由", "reason"),
        ActKind::Tolerate => must("理由（第四十一条）", "reason (article 41)"),
        ActKind::ConfirmClosure => may(
            "处理依据或文书号（第四项必填）；认定理由（第五项必填）",
            "basis or document number (item 4); reasons (item 5)",
        ),
        ActKind::ExtendApprove => {
            may("法律、法规另有规定的依据（必填）；说明", "the law that provides for it (needed then); remark")
        }
        ActKind::Acknowledge => may("说明", "remark"),
        ActKind::ShowDone => must("办完的依据", "what shows that it was done"),
        ActKind::AcceptWork => must("认可的理由", "why the work is recognised"),
        ActKind::Uphold => must("维持的理由（告知该单位）", "why what stands is upheld"),
        ActKind::Attach => must("名称和存放处", "name and where it is kept"),
        ActKind::Confirm => may("复核意见", "remark"),
        ActKind::Admonish | ActKind::ReportInterference => must("事实经过", "what happened"),
        ActKind::ArticleCorrect => must("错在何处", "what is wrong"),
        ActKind::Contact => may("沟通情况", "what was said"),
        ActKind::Convey => may("转达的话", "what is conveyed"),
        ActKind::Arrive => may("现场情况", "what was found there"),
        ActKind::Progress => must("进展情况；法定期限须写明依据", "progress; name the law of a statutory term"),
        ActKind::Complete => must("答复诉求人的内容", "reply to the requester"),
        ActKind::FollowUp => may("诉求人意见", "what the requester said"),
        ActKind::Note => must("记录内容", "note"),
        ActKind::SignFor
        | ActKind::SuperviseRelease
        | ActKind::Claim
        | ActKind::HandOver
        | ActKind::Archive
        | ActKind::ArticleReview
        | ActKind::ArticlePublish => None,
        kind if kind.of_clock() => None,
        kind if kind.segments() > 0 => Some(REASON),
        _ => Some(REMARK),
    }
}

/// Who raises it: what stands in the private part, in its order.
const fn requester() -> [FieldSpec; 3] {
    [
        field("name", "诉求人", "requester", Input::Line),
        field("phone", "联系电话", "telephone", Input::Line),
        field("address", "联系地址", "address", Input::Line),
    ]
}

fn registration() -> Vec<FieldSpec> {
    let [name, phone, address] = requester();
    vec![
        TITLE,
        needed("content", "诉求内容", "content", Input::Area),
        usually(field("kind", "诉求类型", "kind", Input::Choice(choices!(RequestKind))), "help"),
        usually(field("urgency", "紧急程度", "urgency", Input::Choice(choices!(Urgency))), "ordinary"),
        usually(field("channel", "受理渠道", "channel", Input::Choice(choices!(Channel))), "telephone"),
        CATEGORY,
        field("place", "事发地点（行政区划代码或文字）", "place (division code or text)", Input::Line),
        name,
        phone,
        address,
        field("raised_at", "反映时间", "raised at", Input::Time),
        field("confidential", "要求保密（举报一律保密）", "confidential (a tip-off always is)", Input::Flag),
        field("anonymous", "匿名", "anonymous", Input::Flag),
        usually(field("party", "诉求人类别", "who raises it", Input::Choice(choices!(Party))), "natural"),
        field("enterprise", "涉企", "for an enterprise", Input::Flag),
        field("external_system", "来源系统", "external system", Input::Line),
        field("external_number", "来源编号", "external number", Input::Line),
        field(
            "again",
            "再次来电：原工单（编号或内部标识）",
            "earlier ticket, if raised before (number or id)",
            Input::Line,
        ),
        field("times", "第几次反映", "how many times raised", Input::Line),
    ]
}
