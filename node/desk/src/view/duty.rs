//! Entries of the duty list (职责清单, 17 and 18) as people see them, and as an act quotes them.

use regulation::act::{Body, RejectGround};
use regulation::calendar::local_date;
use regulation::{DutyId, Millis};
use replica::registry::{At, Duties, Duty, Holder, ROOT_LOG};
use replica::{Change, Node};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::said::Words;
use super::{Both, UnitRef};

/// Entries that are named one by one where a change of the list is told.
const DUTIES_NAMED_MAX: usize = 4;

/// An entry of the duty list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DutyView {
    /// Its number: by it it is quoted.
    pub number: u32,
    /// Whose duty it is, if it is one unit's.
    pub unit: Option<UnitRef>,
    /// The kind of units whose duty it is, if it is that of each of them.
    pub class: Option<String>,
    /// Whose it is, on screens.
    pub whose: String,
    /// The same in English.
    pub whose_en: String,
    /// Code of the category that it is about; empty for none.
    pub category: String,
    /// What the duty is.
    pub text: String,
    /// What it rests on.
    pub basis: String,
    /// The day from which on it says so; absent where it is only quoted.
    pub since: Option<String>,
}

impl DutyView {
    /// What an entry says, and since when if that is told.
    #[must_use]
    pub fn of(at: &At<'_>, id: DutyId, since: Option<Millis>, duty: &Duty) -> Self {
        let (unit, class, (whose, whose_en)) = match duty.holder {
            Holder::Unit(unit) => {
                let unit = UnitRef::of(at, unit);
                let name = unit.name.clone();
                (Some(unit), None, (name.clone(), name))
            }
            Holder::Kind(kind) => {
                let (code, chinese) = kind.names();
                (None, Some(code.to_owned()), (format!("各{chinese}"), format!("every {}", code.replace('-', " "))))
            }
        };
        Self {
            number: id.0,
            unit,
            class,
            whose,
            whose_en,
            category: duty.category.clone().unwrap_or_default(),
            text: duty.text.clone(),
            basis: duty.basis.clone(),
            since: since.map(|since| local_date(since).to_string()),
        }
    }

    fn said(&self, words: Words) -> String {
        let Self { number, text, basis, .. } = self;
        match words {
            Words::Chinese => format!("职责清单第 {number} 条（{}）：{text}；依据：{basis}", self.whose),
            Words::English => format!("entry {number} of the duty list ({}): {text}; basis: {basis}", self.whose_en),
        }
    }
}

/// The entry that an act quotes, as its author read it.
pub(super) fn quoted(at: &At<'_>, node: &Node) -> Option<DutyView> {
    let id = node.fact.body.duty()?;
    let version = node.act.registry.iter().find(|version| version.log == ROOT_LOG)?.version;
    let duty = at.duty_quoted(id, version, node.act.time)?;
    Some(DutyView::of(at, id, None, duty))
}

/// The same in words; that there is none, where that is what the act says.
pub(super) fn quoted_in_words(at: &At<'_>, node: &Node, words: Words) -> Option<String> {
    let none = match &node.fact.body {
        Body::ReturnRequest { duty, .. } | Body::ReturnDeny { duty } => duty.is_none(),
        Body::Reject { ground: RejectGround::OutOfScope, duty } => duty.is_none(),
        _ => false,
    };
    match quoted(at, node) {
        Some(duty) => Some(duty.said(words)),
        None => none
            .then(|| words.say("称职责清单没有相应条目", "says that no entry of the duty list covers it").to_owned()),
    }
}

/// An entry as it is to be, or that it is to be retired.
fn entry(at: &At<'_>, id: DutyId, duty: Option<&Duty>) -> Both {
    match duty {
        Some(duty) => {
            let duty = DutyView::of(at, id, None, duty);
            (
                format!("第 {} 条（{}）{}；依据：{}", id.0, duty.whose, duty.text, duty.basis),
                format!("{} ({}) {}; basis: {}", id.0, duty.whose_en, duty.text, duty.basis),
            )
        }
        None => (format!("停用第 {} 条", id.0), format!("retire {}", id.0)),
    }
}

/// Each entry that a change states, and what it said when that was proposed: whoever confirms it reads all of it.
pub(super) fn entries(at: &At<'_>, before: Option<&At<'_>>, change: &Change) -> (Vec<String>, Vec<String>) {
    let Change::Duties(duties) = change else { return (Vec::new(), Vec::new()) };
    let one = |(id, duty): &(DutyId, Option<Duty>)| {
        let (mut chinese, mut english) = entry(at, *id, duty.as_ref());
        if let Some((_, was)) = before.and_then(|before| before.duty(*id)) {
            chinese += &format!("（原：{}；依据：{}）", was.text, was.basis);
            english += &format!(" (was: {}; basis: {})", was.text, was.basis);
        }
        (chinese, english)
    };
    duties.entries.iter().map(one).unzip()
}

/// What is stated of the list, in a few words: of many entries how many they are.
pub(super) fn stated(at: &At<'_>, duties: &Duties) -> Both {
    let (chinese, english) = match duties.entries.len() {
        0..=DUTIES_NAMED_MAX => {
            let all = duties.entries.iter().map(|(id, duty)| entry(at, *id, duty.as_ref()));
            let (chinese, english): (Vec<String>, Vec<String>) = all.unzip();
            (chinese.join("；"), english.join("; "))
        }
        many => {
            let retired = duties.entries.iter().filter(|(_, duty)| duty.is_none()).count();
            (format!("{many} 条，其中停用 {retired} 条"), format!("{many} entries, {retired} of them retired"))
        }
    };
    let (since, since_en) = duties.begins().map_or_else(Both::default, |begins| {
        (format!("，自 {} 起", local_date(begins)), format!(", from {}", local_date(begins)))
    });
    (format!("职责清单：{chinese}{since}"), format!("duty list: {english}{since_en}"))
}
