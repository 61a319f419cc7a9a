//! The fields that [`regulation::bodies!`] declares, in forms: how each is filled in and read hangs on its type alone.

use regulation::act::{
    Agree, AttachClass, Body, Citation, ClosureGround, Contacted, Content, Dispatch, EmergencyLine, FileHash, Finding,
    Had, Heard, Joins, MediaType, Outcome, Party, Rating, Reached, Register, RejectGround, RequestKind, Satisfaction,
    Seen, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActId, ActKind, DutyId, Millis, PersonId, UnitId};

use super::Form;
use super::spec::{ASSISTING, FieldSpec, Input, LEAD, YES_NO, choices, field, needed};
use crate::problem::Problem;

/// What stands for the present where a time must be said.
const NOW: [&str; 2] = ["now", "此刻"];

/// A type of declared fields.
trait Typed: Sized {
    /// What is asked for, under the names of the field.
    fn specs(name: &'static str, chinese: &'static str, english: &'static str) -> Vec<FieldSpec>;
    /// What was typed.
    fn read(form: &Form<'_>, name: &str, now: Millis) -> Result<Self, Problem>;
}

/// The name of a declared field in forms, where people call it otherwise.
const fn name_of(name: &'static str) -> &'static str {
    match name.as_bytes() {
        b"cites" => "article",
        b"root" => "digest",
        _ => name,
    }
}

macro_rules! forms {
    ($($variant:ident $(($record:ident: $whole:ty))? $({ $($(#[$doc:meta])* $number:literal $field:ident: $type:ty = $sample:expr, $chinese:literal, $english:literal;)* })?;)*) => {
        /// The declared fields of a kind.
        pub(super) fn specs(kind: ActKind) -> Vec<FieldSpec> {
            let specs: Vec<Vec<FieldSpec>> = match kind {
                $(ActKind::$variant => vec![
                    $(<$whole>::specs(stringify!($record), "", ""),)?
                    $($(<$type>::specs(name_of(stringify!($field)), $chinese, $english),)*)?
                ],)*
            };
            specs.concat()
        }

        impl Form<'_> {
            /// The body of a kind as it was typed.
            pub(super) fn typed_body(&self, kind: ActKind, now: Millis) -> Result<Body, Problem> {
                Ok(match kind {
                    $(ActKind::$variant => Body::$variant
                        $((<$whole>::read(self, stringify!($record), now)?))?
                        $({ $($field: Typed::read(self, name_of(stringify!($field)), now)?,)* })?,)*
                })
            }
        }
    };
}

regulation::bodies!(forms);

macro_rules! typed {
    ($($type:ty: $spec:ident $input:expr, |$form:ident, $name:ident, $now:ident| $read:expr;)*) => {$(
        impl Typed for $type {
            fn specs(name: &'static str, chinese: &'static str, english: &'static str) -> Vec<FieldSpec> {
                vec![$spec(name, chinese, english, $input)]
            }
            fn read($form: &Form<'_>, $name: &str, $now: Millis) -> Result<Self, Problem> {
                $read
            }
        }
    )*};
}

typed! {
    bool: field Input::Flag, |form, name, _now| form.flag(name);
    u8: needed Input::Line, |form, name, _now| form.number(name);
    u64: needed Input::Line, |form, name, _now| form.file_bytes(name);
    [u8; 32]: needed Input::Line, |form, name, _now| form.digest(name);
    Millis: needed Input::Time, |form, name, now| match form.line(name)? {
        None if form.needs(name) => Err(form.missing(name)),
        Some(text) if NOW.contains(&text.as_str()) => Ok(now),
        _ => Ok(form.time(name)?.unwrap_or(now)),
    };
    Option<Millis>: field Input::Time, |form, name, _now| form.time(name);
    UnitId: needed Input::Unit, |form, name, _now| form.unit(name)?.ok_or_else(|| form.missing(name));
    Option<UnitId>: field Input::Unit, |form, name, _now| form.unit(name);
    PersonId: needed Input::Line, |form, name, _now| form.person(name);
    ActId: needed Input::Line, |form, name, _now| form.act_id(name);
    Option<ActId>: field Input::Line, |form, name, _now| form.other_act(name);
    Option<DutyId>: needed Input::Duty, |form, name, now| form.duty(name, now);
    Option<bool>: field YES_NO, |form, name, _now| form.line(name)?.map(|_| form.flag(name)).transpose();
    Option<RequestKind>: field Input::Choice(choices!(RequestKind)), |form, name, _now| {
        form.line(name)?.map(|_| form.choice(name, RequestKind::parse)).transpose()
    };
    Option<Party>: field Input::Choice(choices!(Party)), |form, name, _now| {
        form.line(name)?.map(|_| form.choice(name, Party::parse)).transpose()
    };
    Option<Citation>: field Input::Line, |form, name, _now| form.citation(name);
}

macro_rules! choices_typed {
    ($($type:ident)*) => { typed! { $($type: needed Input::Choice(choices!($type)), |form, name, _now| form.choice(name, $type::parse);)* } };
}

choices_typed! {
    AttachClass ClosureGround Content EmergencyLine Finding Heard MediaType Outcome Reached RejectGround SetAsideGround
    SuperviseGround SuperviseLevel Urgency Way
}

impl Typed for Dispatch {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        vec![LEAD, ASSISTING]
    }

    fn read(form: &Form<'_>, _: &str, _: Millis) -> Result<Self, Problem> {
        form.dispatch()
    }
}

/// Asked of whoever was reached.
impl Typed for Option<Rating> {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        vec![
            field("contacted", "是否联系", "contacted", Input::Choice(choices!(Contacted))),
            field("solved", "是否解决", "solved", Input::Choice(choices!(Solved))),
            field("satisfaction", "是否满意", "satisfaction", Input::Choice(choices!(Satisfaction))),
        ]
    }

    fn read(form: &Form<'_>, _: &str, _: Millis) -> Result<Self, Problem> {
        form.rating()
    }
}

/// There is one.
impl Typed for FileHash {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        Vec::new()
    }

    fn read(_: &Form<'_>, _: &str, _: Millis) -> Result<Self, Problem> {
        Ok(Self::Blake3)
    }
}

/// Its form is one of its own: see [`super::fields()`].
impl Typed for Register {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        Vec::new()
    }

    fn read(form: &Form<'_>, _: &str, now: Millis) -> Result<Self, Problem> {
        form.registration(now)
    }
}

/// The program says whether two tickets agree, once it has both.
impl Typed for Agree {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        Vec::new()
    }

    fn read(_: &Form<'_>, _: &str, _: Millis) -> Result<Self, Problem> {
        Ok(Self::Unknown)
    }
}

/// The program says what goes on of a ticket that joins.
impl Typed for Option<Joins> {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        Vec::new()
    }

    fn read(_: &Form<'_>, _: &str, _: Millis) -> Result<Self, Problem> {
        Ok(None)
    }
}

/// The program says who had it meanwhile.
impl Typed for Vec<Had> {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        Vec::new()
    }

    fn read(_: &Form<'_>, _: &str, _: Millis) -> Result<Self, Problem> {
        Ok(Self::new())
    }
}

/// Nobody types what a node has seen.
impl Typed for Seen {
    fn specs(_: &'static str, _: &'static str, _: &'static str) -> Vec<FieldSpec> {
        Vec::new()
    }

    fn read(form: &Form<'_>, name: &str, _: Millis) -> Result<Self, Problem> {
        Err(form.missing(name))
    }
}
