//! Effects: the closed set of writes to a document that any node applies without knowing the act's kind.

use regulation::ActKind;

use crate::codec::{Malformed, Reader, Writer};
use crate::limits::CODE_BYTES_MAX;

/// A register of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 标题
    Title,
    /// 事项分类
    Category,
    /// 事发地点
    Place,
}

impl Field {
    /// Every register, in the order of its wire number.
    pub const ALL: [Self; 3] = [Self::Title, Self::Category, Self::Place];

    /// Name in the document and in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Category => "category",
            Self::Place => "place",
        }
    }

    /// Name on screens.
    #[must_use]
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Title => "标题",
            Self::Category => "事项分类",
            Self::Place => "事发地点",
        }
    }

    /// The register of that name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    const fn number(self) -> u8 {
        match self {
            Self::Title => 0,
            Self::Category => 1,
            Self::Place => 2,
        }
    }
}

/// What a register is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A code of the registry.
    Code(String),
    /// A segment of the act's text part.
    Segment(u8),
}

/// A write to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Sets a register.
    Register(Field, Value),
    /// Adds a tag.
    AddTag(String),
    /// Removes a tag.
    RemoveTag(String),
    /// Replaces `delete` code points at `position` by a segment of the act's text part.
    Splice {
        /// Code points from the beginning of the text, as it is at the act's causal past and after its earlier effects.
        position: u32,
        /// Code points to remove.
        delete: u32,
        /// The segment to insert.
        insert: Option<u8>,
    },
}

impl Effect {
    pub(crate) fn encode(&self, out: &mut Writer) {
        match self {
            Self::Register(field, Value::Code(code)) => {
                out.array(3).uint(0).uint(field.number().into()).text(code);
            }
            Self::Register(field, Value::Segment(segment)) => {
                out.array(3).uint(1).uint(field.number().into()).uint((*segment).into());
            }
            Self::AddTag(tag) => {
                out.array(2).uint(2).text(tag);
            }
            Self::RemoveTag(tag) => {
                out.array(2).uint(3).text(tag);
            }
            Self::Splice { position, delete, insert } => {
                out.array(4).uint(4).uint((*position).into()).uint((*delete).into());
                out.option(*insert, |out, segment| {
                    out.uint(segment.into());
                });
            }
        }
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let len = input.array(4)?;
        match (input.uint8()?, len) {
            (0, 3) => {
                let field = field(input)?;
                Ok(Self::Register(field, register_code(field, input.code(CODE_BYTES_MAX)?)?))
            }
            (1, 3) => Ok(Self::Register(field(input)?, Value::Segment(input.uint8()?))),
            (2, 2) => Ok(Self::AddTag(tag(input)?)),
            (3, 2) => Ok(Self::RemoveTag(tag(input)?)),
            (4, 4) => Ok(Self::Splice {
                position: input.uint32()?,
                delete: input.uint32()?,
                insert: input.option(Reader::uint8)?,
            }),
            (other, _) => Err(Malformed::new("effect", format!("no effect {other} of {len} items"))),
        }
    }

    /// The segment of the text part that it writes.
    #[must_use]
    pub const fn segment(&self) -> Option<u8> {
        match self {
            Self::Register(_, Value::Segment(segment)) => Some(*segment),
            Self::Splice { insert, .. } => *insert,
            _ => None,
        }
    }

    /// Whether an act of that kind may make this effect.
    #[must_use]
    pub fn allowed(&self, kind: ActKind) -> bool {
        match self {
            Self::Register(Field::Place, _) => {
                matches!(kind, ActKind::Register | ActKind::RegisterByProxy | ActKind::Correct)
            }
            Self::Register(..) => kind.begins() || matches!(kind, ActKind::Correct | ActKind::ArticleEdit),
            Self::AddTag(_) | Self::RemoveTag(_) => {
                kind.begins() || matches!(kind, ActKind::Tag | ActKind::ArticleEdit)
            }
            Self::Splice { .. } => matches!(kind, ActKind::Note | ActKind::ArticleCreate | ActKind::ArticleEdit),
        }
    }
}

/// Whether an act of that kind is nothing without an effect.
#[must_use]
pub fn needs_effect(kind: ActKind) -> bool {
    matches!(kind, ActKind::Note | ActKind::Tag | ActKind::Correct | ActKind::ArticleEdit)
}

fn field(input: &mut Reader<'_>) -> Result<Field, Malformed> {
    let number = input.uint8()?;
    Field::ALL
        .into_iter()
        .find(|field| field.number() == number)
        .ok_or_else(|| Malformed::new("effect", format!("no register {number}")))
}

/// Bytes of the code of a category, at most.
pub const CATEGORY_BYTES_MAX: usize = 8;
/// Characters of a tag, at most.
pub const TAG_CHARS_MAX: usize = 16;
/// Digits in a row that a tag or place may have: fewer than a telephone number.
const DIGITS_MAX: usize = 6;

/// Tags are words of a controlled list, Chinese ones among them; never sentences, and never numbers of a person: they
/// stand inside the signed act, from which nothing can be erased.
fn tag(input: &mut Reader<'_>) -> Result<String, Malformed> {
    let tag = input.text(CODE_BYTES_MAX)?;
    if tag.is_empty() || tag.chars().any(char::is_whitespace) || tag.chars().count() > TAG_CHARS_MAX {
        return Err(Malformed::new("tag", format!("one word of at most {TAG_CHARS_MAX} characters expected")));
    }
    if tag.split(|c: char| !c.is_numeric()).any(|digits| digits.chars().count() > DIGITS_MAX) {
        return Err(Malformed::new("tag", "no number of a person or telephone may stand here"));
    }
    Ok(tag)
}

/// The code of a register: of a category, or of a division, which has 6, 9 or 12 digits. A title is text, which travels
/// as a part.
fn register_code(field: Field, code: String) -> Result<Value, Malformed> {
    let fits = match field {
        Field::Title => false,
        Field::Category => code.len() <= CATEGORY_BYTES_MAX,
        Field::Place => matches!(code.len(), 6 | 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if fits { Ok(Value::Code(code)) } else { Err(Malformed::new("code", format!("no code of {}", field.code()))) }
}
