//! From what somebody typed to an act: the fields of each kind, once, for pages, commands and programs alike.

mod clean;
mod fields;
mod limits;
mod personal;
mod refused;
mod spec;
mod telephone;
mod typed;
mod values;

use std::collections::BTreeMap;

use kernel::Edit;
use regulation::act::{
    Channel, Contacted, ExternalNumber, Party, Rating, Reached, RejectGround, RequestKind, Satisfaction, Solved,
    Urgency,
};
use regulation::kind::Trait;
use regulation::ticket::KEPT_MOST;
use regulation::{ActKind, Body, Dispatch, Millis, Register};
use replica::{Draft, Effect, Field, Registry, Value};

use crate::narrow::narrow;
use crate::problem::Problem;
pub use clean::{clean, plain_ends};

pub use fields::{HAPPENED_AT, fields};
pub use personal::AS_IS;
pub use spec::{FieldSpec, Input};
pub use telephone::{TELEPHONES, telephone};

/// Whether people make acts of that kind.
#[must_use]
pub fn of_people(kind: &str) -> bool {
    ActKind::parse(kind).is_some_and(|kind| !kind.of_clock())
}

/// Filled-in fields.
pub type Filled = BTreeMap<String, String>;

/// A draft as typed, and a change of text that only the kernel can place.
#[derive(Debug)]
pub struct Typed {
    /// The draft.
    pub draft: Draft,
    /// What becomes of the text of an article.
    pub edit: Option<Edit>,
}

/// Reads a form. `now` is the default of times. A field `base` names the acts that an edit was typed over, `choose` a
/// block of an article and the act whose value of it is chosen; [`AS_IS`] says that a number of somebody is to stand in the text.
///
/// # Errors
/// Which field is missing, unknown or wrong, and what it may be.
pub fn read(kind: ActKind, filled: &Filled, registry: &Registry, now: Millis) -> Result<Typed, Problem> {
    let specs = fields(kind);
    let known = |name: &str| {
        specs.iter().any(|spec| spec.name == name) || matches!(name, "happened_at" | "base" | "choose" | AS_IS)
    };
    if let Some(unknown) = filled.keys().find(|name| !known(name)) {
        let labels = specs.iter().chain([&HAPPENED_AT]).map(|spec| format!("{}（{}）", spec.name, spec.chinese));
        let names: Vec<&str> = specs.iter().map(|spec| spec.name).chain(["happened_at"]).collect();
        return Err(Problem::bad_input(
            format!("“{}”没有字段 {unknown}；可用：{}", kind.chinese(), labels.collect::<Vec<_>>().join("、")),
            format!("{} has no field {unknown}; it has: {}", kind.code(), names.join(", ")),
        ));
    }
    let form = Form { specs: &specs, filled, registry };
    let mut typed = form.typed(kind, now)?;
    form.fits(&typed.draft)?;
    form.nothing_personal(kind)?;
    typed.draft.happened = form.happened(kind, now)?;
    Ok(typed)
}

/// Reads a registration that comes from another system: sorted into a category later.
///
/// # Errors
/// As [`read`].
pub fn read_imported(filled: &Filled, registry: &Registry, now: Millis) -> Result<Draft, Problem> {
    let specs: Vec<FieldSpec> =
        fields(ActKind::Register).into_iter().map(|spec| FieldSpec { required: false, ..spec }).collect();
    let form = Form { specs: &specs, filled, registry };
    let draft = form.register(now, Body::Register)?;
    form.fits(&draft)?;
    Ok(draft)
}

struct Form<'f> {
    specs: &'f [FieldSpec],
    filled: &'f Filled,
    registry: &'f Registry,
}

impl Form<'_> {
    fn typed(&self, kind: ActKind, now: Millis) -> Result<Typed, Problem> {
        let mut edit = None;
        let draft = match kind {
            ActKind::Register => self.told(now).and_then(|()| self.register(now, Body::Register))?,
            ActKind::RegisterByProxy => {
                self.told(now)?;
                self.written_down_soon(now)?;
                self.register(now, Body::RegisterByProxy)?
            }
            ActKind::ArticleCreate => {
                let title = self.title()?.ok_or_else(|| self.missing("title"))?;
                let mut draft = Draft::new(Body::ArticleCreate).text([title]).effects(vec![
                    Effect::Register(Field::Title, Value::Segment(0)),
                    Effect::Register(Field::Category, Value::Code(self.category("category")?.unwrap_or_default())),
                ]);
                replica::edit::write(&[], &[], &self.needed("body")?, draft.writing());
                draft
            }
            ActKind::ArticleEdit => {
                edit = match (self.text("body")?, self.chosen()?) {
                    (Some(text), None) => Some(Edit::Replace { base: self.base()?, text }),
                    (None, Some((block, act))) => Some(Edit::Choose { base: self.base()?, block, act }),
                    (None, None) => None,
                    (Some(_), Some(_)) => {
                        return Err(self.wrong("choose", "不与 body 一同填写", "given without body"));
                    }
                };
                self.registers(Draft::new(Body::ArticleEdit))?
            }
            ActKind::Tag => {
                let mut effects: Vec<Effect> = self.tags("add")?.into_iter().map(Effect::AddTag).collect();
                effects.extend(self.tags("remove")?.into_iter().map(Effect::RemoveTag));
                Draft::new(Body::Tag).effects(effects).text(self.text("text")?)
            }
            ActKind::Correct => {
                let draft = self.registers(Draft::new(Body::Correct))?;
                let mut text = draft.text.clone();
                text.extend(self.text("text")?);
                draft.text(text)
            }
            ActKind::CorrectRequester => self.requester_corrected(now)?,
            _ => {
                let draft = Draft::new(self.body(kind, now)?);
                let mut text: Vec<String> = self.text("text")?.into_iter().collect();
                if let Some(spec) = fields::beside(kind) {
                    text.extend(self.text(spec.name)?);
                }
                let named = match kind {
                    ActKind::Redact | ActKind::Ratify => Some(self.act_id("act")?),
                    kind if kind.has(Trait::Card) => Some(self.act_id("act")?),
                    ActKind::Confirm | ActKind::Decline => self.other_act("act")?,
                    _ => None,
                };
                draft.text(text).answering(named)
            }
        };
        self.check_needed()?;
        Ok(Typed { draft, edit })
    }

    fn body(&self, kind: ActKind, now: Millis) -> Result<Body, Problem> {
        if kind.of_clock() {
            let code = kind.code();
            return Err(Problem::not_permitted(
                format!("{} 由系统自动完成", kind.chinese()),
                format!("{code} is made by a hotline's node alone"),
            ));
        }
        let mut body = self.typed_body(kind, now)?;
        let settings = *self.registry.now().on(now).settings();
        match &mut body {
            Body::Progress { legal_due: Some(due), .. } | Body::NameTerm { legal_due: due } => {
                // A term that ends on a day ends when that day does; one of hours by the minute.
                if self.day_alone("legal_due") {
                    *due = regulation::calendar::end_of_day(*due);
                }
                self.to_come("legal_due", *due, now, settings.legal_wd_max)?;
            }
            Body::MeetingDecision { due } => {
                if self.day_alone("due") {
                    *due = regulation::calendar::end_of_day(*due);
                }
                self.to_come("due", *due, now, settings.meeting_wd_max)?;
            }
            // What is out of scope is nobody's duty here, or somebody's that is named (16(3)).
            Body::Reject { ground, .. } => match (*ground, self.line("duty")?) {
                (RejectGround::OutOfScope, None) => return Err(self.missing("duty")),
                (RejectGround::OutOfScope, _) | (_, None) => {}
                (other, Some(_)) => return Err(self.unasked("duty", other.chinese())),
            },
            Body::DeferApprove { review_at } => self.to_come("review_at", *review_at, now, settings.defer_wd_max)?,
            Body::ExtendRequest { told_at, .. } | Body::Complete { told_at, .. } => {
                self.has_come("told_at", *told_at, now)?
            }
            _ => {}
        }
        Ok(body)
    }

    /// What whoever types a request cannot mean. What comes from other systems is taken as it is.
    fn told(&self, now: Millis) -> Result<(), Problem> {
        self.has_come("raised_at", self.time("raised_at")?.unwrap_or(now), now)?;
        let named = ["name", "phone"].into_iter().find(|field| matches!(self.line(field), Ok(Some(_))));
        if let Some(field) = named.filter(|_| self.flag("anonymous").unwrap_or_default()) {
            return Err(self.wrong(
                field,
                "空的：匿名的不记姓名和电话；记了的不选“匿名”",
                "blank: an anonymous request has no name or telephone",
            ));
        }
        self.dialled()
    }

    /// A unit writes down for the city what was raised lately.
    fn written_down_soon(&self, now: Millis) -> Result<(), Problem> {
        match self.time("raised_at")? {
            Some(at) if at < now - KEPT_MOST => Err(self.wrong("raised_at", "最近三十天内", "within the last 30 days")),
            _ => Ok(()),
        }
    }

    fn registration(&self, now: Millis) -> Result<Register, Problem> {
        let external = match (self.coded("external_system")?, self.coded("external_number")?) {
            (Some(system), Some(number)) => Some(ExternalNumber {
                system: self.code("external_system", system)?,
                number: self.code("external_number", number)?,
            }),
            (None, None) => None,
            _ => {
                return Err(Problem::bad_input(
                    "来源系统和来源编号须同时填写",
                    "external_system and external_number go together",
                ));
            }
        };
        Ok(Register {
            kind: self.choice("kind", RequestKind::parse)?,
            urgency: self.choice("urgency", Urgency::parse)?,
            channel: self.choice("channel", Channel::parse)?,
            raised_at: self.time("raised_at")?.unwrap_or(now),
            day: 0,
            serial: 0,
            // Whoever tips off is protected (11(4)).
            confidential: self.flag("confidential")? || self.choice("kind", RequestKind::parse)? == RequestKind::TipOff,
            anonymous: self.flag("anonymous")?,
            external,
            again: self.other_act("again")?,
            times: match self.line("times")? {
                Some(_) => self.number("times")?.max(1),
                None => 1 + u8::from(self.line("again")?.is_some()),
            },
            // Only an import says otherwise.
            history: false,
            party: self.choice("party", Party::parse)?,
            enterprise: self.flag("enterprise")?,
        })
    }

    fn register(&self, now: Millis, body: fn(Register) -> Body) -> Result<Draft, Problem> {
        let body = body(self.registration(now)?);
        let title = self.title()?.ok_or_else(|| self.missing("title"))?;
        let mut draft = Draft::new(body).text([title, self.needed("content")?]);
        draft.effects.push(Effect::Register(Field::Title, Value::Segment(0)));
        if let Some(category) = self.category("category")? {
            draft.effects.push(Effect::Register(Field::Category, Value::Code(category)));
        }
        self.place(&mut draft)?;
        draft.private = self.requester()?;
        Ok(draft)
    }

    /// Name, telephone and address of whoever raises it; nothing where all are blank.
    fn requester(&self) -> Result<Vec<String>, Problem> {
        let phone = self.line("phone")?.map(|typed| telephone(&typed).unwrap_or(typed));
        let said = [self.line("name")?, phone, self.line("address")?];
        let any = said.iter().any(Option::is_some);
        Ok(if any { said.into_iter().map(Option::unwrap_or_default).collect() } else { Vec::new() })
    }

    /// What is left blank stays as it is.
    fn requester_corrected(&self, now: Millis) -> Result<Draft, Problem> {
        self.dialled()?;
        let (body, private) = (self.body(ActKind::CorrectRequester, now)?, self.requester()?);
        if private.is_empty() && matches!(body, Body::CorrectRequester { party: None, enterprise: None }) {
            return Err(Problem::bad_input(
                "更正哪一项：姓名（name）、电话（phone）、地址（address）、类别（party）、涉企（enterprise）至少填一项",
                "nothing to correct: fill in name, phone, address, party or enterprise",
            ));
        }
        let mut draft = Draft::new(body).text(self.text("text")?);
        draft.private = private;
        Ok(draft)
    }

    /// A telephone is one that can be dialled.
    fn dialled(&self) -> Result<(), Problem> {
        match self.line("phone")? {
            Some(phone) if telephone(&phone).is_none() => Err(self.wrong("phone", TELEPHONES.0, TELEPHONES.1)),
            _ => Ok(()),
        }
    }

    /// A division code becomes a code; anything else that a person says of a place is free text, which travels as such.
    fn place(&self, draft: &mut Draft) -> Result<(), Problem> {
        let Some(place) = self.line("place")? else { return Ok(()) };
        let code = narrow(&place);
        let value = if matches!(code.len(), 6 | 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit()) {
            Value::Code(code)
        } else {
            let segment = u8::try_from(draft.text.len()).unwrap_or(u8::MAX);
            draft.text.push(place);
            Value::Segment(segment)
        };
        draft.effects.push(Effect::Register(Field::Place, value));
        Ok(())
    }

    fn registers(&self, mut draft: Draft) -> Result<Draft, Problem> {
        if let Some(title) = self.title()? {
            let segment = u8::try_from(draft.text.len()).unwrap_or(u8::MAX);
            draft.text.push(title);
            draft.effects.push(Effect::Register(Field::Title, Value::Segment(segment)));
        }
        if let Some(category) = self.category("category")? {
            draft.effects.push(Effect::Register(Field::Category, Value::Code(category)));
        }
        if self.specs.iter().any(|spec| spec.name == "place") {
            self.place(&mut draft)?;
        }
        Ok(draft)
    }

    fn dispatch(&self) -> Result<Dispatch, Problem> {
        let lead = self.unit("lead")?.ok_or_else(|| self.missing("lead"))?;
        let mut assisting = Vec::new();
        for name in self.words("assisting")? {
            assisting.push(self.unit_called(&name)?);
        }
        Ok(Dispatch { lead, assisting })
    }

    fn rating(&self) -> Result<Option<Rating>, Problem> {
        let reached = self.choice("reached", Reached::parse)?;
        if reached == Reached::Answered {
            Ok(Some(Rating {
                contacted: self.choice("contacted", Contacted::parse)?,
                solved: self.choice("solved", Solved::parse)?,
                satisfaction: self.choice("satisfaction", Satisfaction::parse)?,
            }))
        } else {
            // An answer that was typed is never dropped: whoever answered was reached.
            let typed = |name: &&str| self.filled.get(*name).is_some_and(|value| !value.trim().is_empty());
            if let Some(name) = ["contacted", "solved", "satisfaction"].into_iter().find(typed) {
                return Err(self.unasked(name, reached.chinese()));
            }
            Ok(None)
        }
    }

    fn check_needed(&self) -> Result<(), Problem> {
        for spec in self.specs.iter().filter(|spec| spec.required) {
            self.needed(spec.name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_act_can_hold_is_told_with_its_field_in_words() {
        let registry = Registry::default();
        let of = |kind, fields: &[(&str, &str)]| {
            let filled = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            super::read(kind, &filled, &registry, 0).map(|_| ()).unwrap_err()
        };
        let base = [("title", "路灯"), ("content", "不亮"), ("external_number", "P301")];
        let long = "长".repeat(501);
        for (kind, fields, said) in [
            (ActKind::Register, [&base[..], &[("external_system", "省平台")]].concat(), "external_system"),
            (ActKind::Register, vec![("title", &*long), ("content", "不亮")], "title"),
            (ActKind::Tag, vec![("add", "历史")], "历史"),
            (ActKind::Tag, vec![("remove", "conflict")], "conflict"),
            (ActKind::Tag, vec![("add", "电话13800001234")], "add"),
            (ActKind::Tag, vec![("add", "一个长得不能再长的标签名字还有两个字")], "add"),
        ] {
            let problem = of(kind, &fields);
            assert!(problem.code == "bad-input" && problem.title.contains(said), "{said}: {problem:?}");
            assert!(!problem.title.contains("malformed") && problem.detail.contains(said), "{problem:?}");
        }
    }

    #[test]
    fn request_is_not_typed_as_raised_in_the_future_or_with_a_telephone_that_nobody_can_dial() {
        let (registry, now) = (Registry::default(), crate::clock::parse("2026-11-29T12:00:00+08:00").unwrap());
        let told = |name: &str, value: &str| {
            let filled = Filled::from([(name.to_owned(), value.to_owned())]);
            Form { specs: &fields(ActKind::Register), filled: &filled, registry: &registry }.told(now)
        };
        for (name, value, taken) in [
            ("raised_at", "2026-11-29T12:00", true),
            ("raised_at", "2026-11-29T12:01", false),
            ("raised_at", "2030-01-01T08:00", false),
            ("phone", "abc", false),
            ("phone", "0312-5881234 转 8", true),
            ("phone", "１３８００００１２３４", true),
            ("phone", "１３８", false),
            ("phone", "138", false),
            ("phone", "138****1234", false),
            ("phone", " ", true),
        ] {
            let said = told(name, value);
            assert_eq!(said.is_ok(), taken, "{value}: {said:?}");
            assert!(said.err().is_none_or(|problem| problem.title.contains(&format!("{name}（"))), "{value}");
        }
    }

    #[test]
    fn time_that_lies_outside_what_can_be_is_refused_where_it_is_typed() {
        let now = crate::clock::parse("2026-11-02T12:00:00+08:00").unwrap();
        let root = replica::seal::DeviceKey::from_secret(&[7; 32]);
        let founder = crate::founding::Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
        let mut registry = Registry::default();
        for change in crate::founding::changes("保定市", root.public(), [8; 32], &founder).unwrap() {
            let entry = replica::registry::sign_entry(None, &registry, change, 0, &root);
            registry.append(&entry).unwrap();
        }
        let read = |kind, fields: &[(&str, &str)]| {
            let filled = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            super::read(kind, &filled, &registry, now).map(|typed| typed.draft).map_err(|problem| problem.title)
        };
        let progress = |due: &str| read(ActKind::Progress, &[("text", "依条例办理"), ("legal_due", due)]);
        let review = |at: &str| read(ActKind::DeferApprove, &[("review_at", at)]);
        let told = [("outcome", "solved"), ("told_way", "sms"), ("told_whom", "requester"), ("text", "已修")];
        let complete = |at: &str| read(ActKind::Complete, &[&told[..], &[("told_at", at)]].concat());
        let contact = |at: &str| read(ActKind::Contact, &[("happened_at", at)]);
        for (found, field) in [
            (progress("2026-11-01"), "legal_due"),
            (progress("2030-01-01"), "legal_due"),
            (review("2026-11-01"), "review_at"),
            (review("2027-06-01"), "review_at"),
            (complete("2026-11-03"), "told_at"),
            (contact("2026-11-02 12:01"), "happened_at"),
            (read(ActKind::SendBack, &[("text", "缺照片"), ("happened_at", "2026-11-02 08:00")]), "happened_at"),
        ] {
            let said = found.expect_err("refused");
            assert!(said.contains(field), "{field}: {said}");
        }
        for good in [
            progress("2026-11-20"),
            review("2026-12-01"),
            complete("2026-11-02 09:00"),
            complete("now"),
            contact("2026-11-02 09:00"),
        ] {
            good.expect("taken");
        }
    }

    #[test]
    fn answer_of_somebody_who_was_not_reached_is_refused_and_not_dropped() {
        let registry = Registry::default();
        let survey = |reached: &str, answer: Option<(&str, &str)>| {
            let mut filled = Filled::from([("reached".to_owned(), reached.to_owned())]);
            filled.extend(answer.map(|(name, value)| (name.to_owned(), value.to_owned())));
            read(ActKind::FollowUp, &filled, &registry, 0)
        };
        for (name, value) in [("contacted", "no"), ("solved", "no"), ("satisfaction", "dissatisfied")] {
            let refused = survey("no-answer", Some((name, value))).unwrap_err();
            assert!(refused.title.contains(name) && refused.code == "bad-input", "{refused:?}");
            assert!(survey("no-answer", Some((name, " "))).is_ok(), "left empty");
        }
        assert!(survey("no-answer", None).is_ok());
    }

    #[test]
    fn telephones_numbers_and_codes_are_kept_as_ascii_and_what_people_say_as_they_wrote_it() {
        let registry = Registry::default();
        let typed = [
            ("title", "３号楼"),
            ("content", "不亮"),
            ("name", "张３"),
            ("phone", "１３８００００１２３４"),
            ("place", "１３０６０２"),
            ("times", "２"),
            ("external_system", "ＳＹＳ"),
            ("external_number", "Ａ－１"),
        ];
        let filled = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let draft = read_imported(&filled, &registry, 0).unwrap();
        assert_eq!(draft.private, ["张３", "13800001234", ""]);
        assert!(draft.effects.contains(&Effect::Register(Field::Place, Value::Code("130602".to_owned()))));
        assert_eq!(draft.text, ["３号楼", "不亮"]);
        let Body::Register(register) = draft.body else { panic!("{:?}", draft.body) };
        assert_eq!(register.times, 2);
        assert_eq!(register.external, Some(ExternalNumber { system: "SYS".to_owned(), number: "A-1".to_owned() }));
        // Another system's ticket is taken in with whatever it has for a telephone.
        let odd = Filled::from(
            [("title", "甲"), ("content", "乙"), ("phone", "138****1234")].map(|(n, v)| (n.to_owned(), v.to_owned())),
        );
        assert_eq!(read_imported(&odd, &registry, 0).unwrap().private[1], "138****1234");
    }

    #[test]
    fn tip_off_is_confidential_whatever_is_said() {
        let registry = Registry::default();
        for (kind, said, expected) in [
            ("tip-off", None, true),
            ("tip-off", Some(""), true),
            ("举报", Some("否"), true),
            ("tip-off", Some("false"), true),
            ("complaint", None, false),
            ("help", Some("true"), true),
        ] {
            let mut filled = Filled::new();
            for (name, value) in [("title", "偷排"), ("content", "夜里偷排"), ("kind", kind)] {
                filled.insert(name.to_owned(), value.to_owned());
            }
            filled.extend(said.map(|said| ("confidential".to_owned(), said.to_owned())));
            let draft = read_imported(&filled, &registry, 0).unwrap();
            let Body::Register(register) = draft.body else { panic!("{:?}", draft.body) };
            assert_eq!(register.confidential, expected, "{kind} {said:?}");
        }
    }

    #[test]
    fn who_raises_a_request_is_a_natural_person_unless_it_is_said() {
        let registry = Registry::default();
        for (said, expected) in [
            (&[][..], (Party::Natural, false)),
            (&[("party", "法人"), ("enterprise", "是")], (Party::Legal, true)),
            (&[("party", "other-org"), ("enterprise", "no")], (Party::OtherOrg, false)),
        ] {
            let filled = [("title", "断电"), ("content", "车间断电")].iter().chain(said);
            let filled = filled.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let Body::Register(register) = read_imported(&filled, &registry, 0).unwrap().body else {
                panic!("{said:?}")
            };
            assert_eq!((register.party, register.enterprise), expected);
        }
    }

    #[test]
    fn every_kind_of_people_has_a_form_that_says_what_is_missing() {
        let registry = Registry::default();
        for kind in ActKind::ALL.iter().filter(|kind| !kind.of_clock()) {
            let needs = fields(*kind).iter().any(|spec| spec.required);
            let read = read(*kind, &Filled::new(), &registry, 0);
            if needs {
                assert_eq!(read.unwrap_err().code, "bad-input", "{kind:?}");
            }
        }
        let filled = Filled::from([("txt".to_owned(), "x".to_owned())]);
        let problem = read(ActKind::Note, &filled, &registry, 0).unwrap_err();
        assert!(problem.title.contains("txt") && problem.title.contains("text"), "{problem:?}");
    }
}
