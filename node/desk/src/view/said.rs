//! The fields that [`regulation::bodies!`] declares, in a few words: how each is said hangs on its type alone.

use regulation::act::{
    Agree, AttachClass, Body, Citation, ClosureGround, Content, Dispatch, EmergencyLine, FileHash, Finding, Had, Heard,
    Joins, MediaType, Outcome, Party, Rating, Reached, Register, RejectGround, RequestKind, Seen, SetAsideGround,
    SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActId, DutyId, Millis, PersonId, UnitId};
use replica::registry::At;

use super::{UnitRef, person_name};
use crate::{clock, english};

/// The language of a sentence that is made of several pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Chinese,
    English,
}

impl Words {
    /// One of two texts.
    pub(super) fn say<'t>(self, chinese: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    /// Something that has a code and a Chinese name.
    pub(super) fn name(self, code: &str, chinese: &str) -> String {
        match self {
            Self::Chinese => chinese.to_owned(),
            Self::English => english::words(code),
        }
    }
}

/// A type of declared fields. `called` is what the field is called; what says enough by itself does not say it.
trait Said {
    fn said(&self, at: &At<'_>, called: &str, words: Words) -> Option<String>;
}

macro_rules! summaries {
    ($($variant:ident $(($record:ident: $whole:ty))? $({ $($(#[$doc:meta])* $number:literal $field:ident: $type:ty = $sample:expr, $chinese:literal, $english:literal;)* })?;)*) => {
        /// The declared fields of a body, one after the other.
        pub(super) fn in_words(at: &At<'_>, body: &Body, words: Words) -> String {
            let said: Vec<Option<String>> = match body {
                $(Body::$variant $(($record))? $({ $($field),* })? => vec![
                    $($record.said(at, "", words),)?
                    $($($field.said(at, words.say($chinese, $english), words),)*)?
                ],)*
            };
            said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    };
}

regulation::bodies!(summaries);

macro_rules! said {
    ($($type:ty: |$value:ident, $at:ident, $called:ident, $words:ident| $said:expr;)*) => {$(
        impl Said for $type {
            fn said(&self, $at: &At<'_>, $called: &str, $words: Words) -> Option<String> {
                let $value = self;
                $said
            }
        }
    )*};
}

said! {
    bool: |value, _at, called, _words| value.then(|| called.to_owned());
    u8: |value, _at, called, _words| Some(format!("{called} {value}"));
    u64: |value, _at, called, _words| Some(format!("{called} {value}"));
    [u8; 32]: |value, _at, _called, _words| Some(value.iter().map(|byte| format!("{byte:02x}")).collect());
    Millis: |value, _at, called, _words| Some(format!("{called} {}", short(*value)));
    UnitId: |value, at, _called, _words| Some(UnitRef::of(at, *value).name);
    PersonId: |value, at, _called, _words| Some(person_name(at, *value));
    // What a form says besides of how to name it is nobody's matter here.
    ActId: |value, _at, called, _words| {
        let called = called.split(['（', '(']).next().unwrap_or_default().trim_end();
        Some(format!("{called} {}", value.short()))
    };
    Citation: |value, _at, _called, words| Some(match words {
        Words::Chinese => format!("引用知识 {} 第 {} 版", value.article.short(), value.version),
        Words::English => format!("cites article {}, version {}", value.article.short(), value.version),
    });
    Rating: |value, _at, _called, words| Some(format!(
        "{}{} · {}{} · {}",
        words.say("联系：", "contacted: "),
        words.name(value.contacted.code(), value.contacted.chinese()),
        words.say("解决：", "solved: "),
        words.name(value.solved.code(), value.solved.chinese()),
        words.name(value.satisfaction.code(), value.satisfaction.chinese())
    ));
    // There is one.
    FileHash: |_value, _at, _called, _words| None;
    Register: |value, _at, _called, words| {
        let again = match (value.times, words) {
            (..=1, _) => String::new(),
            (times, Words::Chinese) => format!(" · 第 {times} 次反映"),
            (times, Words::English) => format!(" · raised {times} times"),
        };
        let kind = words.name(value.kind.code(), value.kind.chinese());
        let urgency = words.name(value.urgency.code(), value.urgency.chinese());
        let channel = words.name(value.channel.code(), value.channel.chinese());
        let party = match value.party {
            Party::Natural => String::new(),
            party => format!(" · {}", words.name(party.code(), party.chinese())),
        };
        let enterprise = if value.enterprise { words.say(" · 涉企", " · for an enterprise") } else { "" };
        Some(format!("{kind} · {urgency} · {channel}{party}{enterprise}{again}"))
    };
    Dispatch: |value, at, _called, words| {
        let name = |unit: &UnitId| UnitRef::of(at, *unit).name;
        let assisting: Vec<String> = value.assisting.iter().map(name).collect();
        let lead = format!("{}{}", words.say("主办：", "lead: "), name(&value.lead));
        let and = words.say("；协办：", "; assisting: ");
        Some(if assisting.is_empty() { lead } else { format!("{lead}{and}{}", assisting.join(words.say("、", ", "))) })
    };
    Agree: |value, _at, called, words| Some(format!("{called} {}", words.name(value.code(), value.chinese())));
    // What it said when it was quoted stands behind the summary.
    DutyId: |_value, _at, _called, _words| None;
    // The summary of a supplement says it in a sentence.
    Joins: |_value, _at, _called, _words| None;
    // The dues of the ticket that it went back to show it.
    Vec<Had>: |_value, _at, _called, _words| None;
    Seen: |value, at, _called, words| Some(match value {
        Seen::Delivered { unit, at: when } => {
            format!("{} {} {}", UnitRef::of(at, *unit).name, short(*when), words.say("送达", "delivered"))
        }
        Seen::Late { not_before, received_at, offline, clock_good } => format!(
            "{}{}{}{}{}{}",
            words.say("不早于 ", "not before "),
            short(*not_before),
            words.say("，不晚于 ", ", not after "),
            short(*received_at),
            if *offline { words.say("；其间未收到该设备别的记录", "; nothing else was heard of its device meanwhile") } else { "" },
            if *clock_good { "" } else { words.say("；时钟存疑", "; doubtful clock") }
        ),
    });
}

/// Where nothing may be said no is said too.
impl Said for Option<bool> {
    fn said(&self, _: &At<'_>, called: &str, words: Words) -> Option<String> {
        let called = called.split(['（', '(']).next().unwrap_or_default().trim();
        self.map(|yes| format!("{called}{}", if yes { words.say("：是", ": yes") } else { words.say("：否", ": no") }))
    }
}

impl Said for RequestKind {
    fn said(&self, _: &At<'_>, _: &str, words: Words) -> Option<String> {
        Some(words.name(self.code(), self.chinese()))
    }
}

macro_rules! perhaps {
    ($($type:ty)*) => {$(
        impl Said for Option<$type> {
            fn said(&self, at: &At<'_>, called: &str, words: Words) -> Option<String> {
                self.as_ref().and_then(|value| value.said(at, called, words))
            }
        }
    )*};
}

perhaps! { Party Millis UnitId ActId DutyId Citation Joins Rating RequestKind }

macro_rules! codes {
    ($($type:ident)*) => {
        said! { $($type: |value, _at, _called, words| Some(words.name(value.code(), value.chinese()));)* }
    };
}

codes! {
    AttachClass ClosureGround Content EmergencyLine Finding Heard MediaType Outcome Party Reached RejectGround SetAsideGround
    SuperviseGround SuperviseLevel Urgency Way
}

/// A moment in few words, as whoever looks now reads it.
pub(super) fn short(at: Millis) -> String {
    clock::short(at, clock::now())
}
