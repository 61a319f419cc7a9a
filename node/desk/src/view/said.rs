//! The fields that [`regulation::bodies!`] declares, in a few words: how each is said hangs on its type alone.

use regulation::act::{
    AttachClass, Body, Citation, ClosureGround, Content, Dispatch, EmergencyLine, FileHash, Finding, MediaType,
    Outcome, Rating, Reached, Register, RejectGround, Seen, SetAsideGround, SuperviseGround, SuperviseLevel, Urgency,
    Way,
};
use regulation::{ActId, Millis, PersonId, UnitId};
use replica::registry::At;

use super::{UnitRef, person_name};

/// A type of declared fields. `chinese` is what the field is called; what says enough by itself does not say it.
trait Said {
    fn said(&self, at: &At<'_>, chinese: &str) -> Option<String>;
}

macro_rules! summaries {
    ($($variant:ident $(($record:ident: $whole:ty))? $({ $($(#[$doc:meta])* $number:literal $field:ident: $type:ty = $sample:expr, $chinese:literal, $english:literal;)* })?;)*) => {
        /// The declared fields of a body, one after the other.
        pub(super) fn in_words(at: &At<'_>, body: &Body) -> String {
            let said: Vec<Option<String>> = match body {
                $(Body::$variant $(($record))? $({ $($field),* })? => vec![
                    $($record.said(at, ""),)?
                    $($($field.said(at, $chinese),)*)?
                ],)*
            };
            said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    };
}

regulation::bodies!(summaries);

macro_rules! said {
    ($($type:ty: |$value:ident, $at:ident, $chinese:ident| $said:expr;)*) => {$(
        impl Said for $type {
            fn said(&self, $at: &At<'_>, $chinese: &str) -> Option<String> {
                let $value = self;
                $said
            }
        }
    )*};
}

said! {
    bool: |value, _at, chinese| value.then(|| chinese.to_owned());
    u8: |value, _at, chinese| Some(format!("{chinese} {value}"));
    u64: |value, _at, chinese| Some(format!("{chinese} {value}"));
    [u8; 32]: |value, _at, _chinese| Some(value.iter().map(|byte| format!("{byte:02x}")).collect());
    Millis: |value, _at, chinese| Some(format!("{chinese} {}", short(*value)));
    UnitId: |value, at, _chinese| Some(UnitRef::of(at, *value).name);
    PersonId: |value, at, _chinese| Some(person_name(at, *value));
    ActId: |value, _at, chinese| Some(format!("{chinese} {}", value.short()));
    Citation: |value, _at, _chinese| Some(format!("引用知识 {} 第 {} 版", value.article.short(), value.version));
    Rating: |value, _at, _chinese| Some(format!(
        "联系：{} · 解决：{} · {}",
        value.contacted.chinese(),
        value.solved.chinese(),
        value.satisfaction.chinese()
    ));
    // There is one.
    FileHash: |_value, _at, _chinese| None;
    Register: |value, _at, _chinese| {
        let again = if value.times > 1 { format!(" · 第 {} 次反映", value.times) } else { String::new() };
        Some(format!("{} · {} · {}{again}", value.kind.chinese(), value.urgency.chinese(), value.channel.chinese()))
    };
    Dispatch: |value, at, _chinese| {
        let name = |unit: &UnitId| UnitRef::of(at, *unit).name;
        let assisting: Vec<String> = value.assisting.iter().map(name).collect();
        let lead = format!("主办：{}", name(&value.lead));
        Some(if assisting.is_empty() { lead } else { format!("{lead}；协办：{}", assisting.join("、")) })
    };
    Seen: |value, at, _chinese| Some(match value {
        Seen::Delivered { unit, at: when } => format!("{} {} 送达", UnitRef::of(at, *unit).name, short(*when)),
        Seen::Late { not_before, received_at, offline, clock_good } => format!(
            "不早于 {}，不晚于 {}{}{}",
            short(*not_before),
            short(*received_at),
            if *offline { "；其间未联网" } else { "" },
            if *clock_good { "" } else { "；时钟存疑" }
        ),
    });
}

impl<T: Said> Said for Option<T> {
    fn said(&self, at: &At<'_>, chinese: &str) -> Option<String> {
        self.as_ref().and_then(|value| value.said(at, chinese))
    }
}

macro_rules! codes {
    ($($type:ident)*) => { said! { $($type: |value, _at, _chinese| Some(value.chinese().to_owned());)* } };
}

codes! {
    AttachClass ClosureGround Content EmergencyLine Finding MediaType Outcome Reached RejectGround SetAsideGround
    SuperviseGround SuperviseLevel Urgency Way
}

pub(super) fn short(at: Millis) -> String {
    regulation::calendar::local(at).format("%m-%d %H:%M").to_string()
}
