//! A field of a form.

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
    /// An entry of the duty list by its number, or that there is none.
    Duty,
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

pub(super) const fn field(name: &'static str, chinese: &'static str, english: &'static str, input: Input) -> FieldSpec {
    FieldSpec { name, chinese, english, input, required: false, default: "" }
}

pub(super) const fn needed(
    name: &'static str,
    chinese: &'static str,
    english: &'static str,
    input: Input,
) -> FieldSpec {
    FieldSpec { required: true, ..field(name, chinese, english, input) }
}

pub(super) const fn usually(mut spec: FieldSpec, default: &'static str) -> FieldSpec {
    spec.default = default;
    spec
}

/// The values of a closed list.
macro_rules! choices {
    ($type:ident) => {
        || $type::ALL.iter().map(|value| (value.code(), value.chinese())).collect()
    };
}
pub(super) use choices;

/// Yes or no, where saying nothing is something else.
pub(super) const YES_NO: Input = Input::Choice(|| vec![("true", "是"), ("false", "否")]);
pub(super) const LEAD: FieldSpec = needed("lead", "主办单位", "lead unit", Input::Unit);
pub(super) const ASSISTING: FieldSpec = field("assisting", "协办单位", "assisting units", Input::Units);
