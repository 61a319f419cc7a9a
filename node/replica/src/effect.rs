//! Effects: the closed set of writes to a document that any node applies without knowing the act's kind.

use std::collections::BTreeSet;

use regulation::kind::Trait;
use regulation::{ActId, ActKind};

use crate::characters::{blank, numeric};
use crate::codec::{Malformed, Reader, Writer, known};
use crate::limits::{BLOCK_VALUES_MAX, CODE_BYTES_MAX, EFFECT_ITEMS_MAX, TAG_CHARS_MAX};
use crate::malformed::{NoTag, Wrong};
use crate::unknown::Unknown;

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

/// A block of an article: the act that brought it, and which of the act's effects did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// The act.
    pub act: ActId,
    /// Place of the effect among those of the act, from 0.
    pub effect: u8,
}

/// What a new block stands behind: something that its author saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// The beginning of the text.
    Start,
    /// The block that an earlier effect of the same act brings, by its place.
    Own(u8),
    /// A block of an act before it.
    Block(BlockId),
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
    /// Puts a new block into the text.
    Insert {
        /// Where.
        behind: Behind,
        /// The segment of the act's text part that it is.
        segment: u8,
    },
    /// Sets a block: in place of the values that the author saw, and of no other.
    Set {
        /// The block.
        block: BlockId,
        /// The acts whose values of the block the author saw, sorted.
        over: Vec<ActId>,
        /// The segment that it becomes; none if it is removed.
        segment: Option<u8>,
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
            Self::Insert { behind, segment } => {
                match behind {
                    Behind::Start => out.array(2).uint(4),
                    Behind::Own(effect) => out.array(3).uint(4).uint((*effect).into()),
                    Behind::Block(block) => out.array(4).uint(4).bytes(&block.act.0).uint(block.effect.into()),
                };
                out.uint((*segment).into());
            }
            Self::Set { block, over, segment } => {
                out.array(5).uint(5).bytes(&block.act.0).uint(block.effect.into()).array(over.len());
                for act in over {
                    out.bytes(&act.0);
                }
                out.option(*segment, |out, segment| {
                    out.uint(segment.into());
                });
            }
        }
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let len = input.array(EFFECT_ITEMS_MAX)?;
        let number = input.uint()?;
        known(Unknown::Effect(number))?;
        match (number, len) {
            (0, 3) => {
                let field = field(input)?;
                Ok(Self::Register(field, register_code(field, input.code(CODE_BYTES_MAX)?)?))
            }
            (1, 3) => Ok(Self::Register(field(input)?, Value::Segment(input.uint8()?))),
            (2, 2) => Ok(Self::AddTag(tag(input)?)),
            (3, 2) => Ok(Self::RemoveTag(tag(input)?)),
            (4, 2) => Ok(Self::Insert { behind: Behind::Start, segment: input.uint8()? }),
            (4, 3) => Ok(Self::Insert { behind: Behind::Own(input.uint8()?), segment: input.uint8()? }),
            (4, 4) => Ok(Self::Insert { behind: Behind::Block(block(input)?), segment: input.uint8()? }),
            (5, 5) => Ok(Self::Set {
                block: block(input)?,
                over: (0..input.array(BLOCK_VALUES_MAX)?).map(|_| input.id()).collect::<Result<_, _>>()?,
                segment: input.option(Reader::uint8)?,
            }),
            (other @ 0..=5, _) => Err(Malformed::new("effect", format!("no effect {other} of {len} items"))),
            (other, _) => Err(Malformed::newer(Unknown::Effect(other))),
        }
    }

    /// Its number, and that of its register.
    pub(crate) fn uses(&self) -> impl Iterator<Item = Unknown> + use<> {
        let (number, register) = match self {
            Self::Register(field, Value::Code(_)) => (0, Some(field.number())),
            Self::Register(field, Value::Segment(_)) => (1, Some(field.number())),
            Self::AddTag(_) => (2, None),
            Self::RemoveTag(_) => (3, None),
            Self::Insert { .. } => (4, None),
            Self::Set { .. } => (5, None),
        };
        [Some(Unknown::Effect(number)), register.map(|register| Unknown::Register(register.into()))]
            .into_iter()
            .flatten()
    }

    /// The segment of the text part that it writes.
    #[must_use]
    pub const fn segment(&self) -> Option<u8> {
        match self {
            Self::Register(_, Value::Segment(segment)) | Self::Insert { segment, .. } => Some(*segment),
            Self::Set { segment, .. } => *segment,
            _ => None,
        }
    }

    /// Whether an act of that kind may make this effect.
    #[must_use]
    pub fn allowed(&self, kind: ActKind) -> bool {
        kind.has(match self {
            Self::Register(Field::Place, _) => Trait::Places,
            Self::Register(..) => Trait::Registers,
            Self::AddTag(_) | Self::RemoveTag(_) => Trait::Tags,
            // What begins an article has no block before it that it could set.
            Self::Set { .. } if kind.begins() => return false,
            Self::Insert { .. } | Self::Set { .. } => Trait::Blocks,
        })
    }
}

/// Whether an act of that kind is nothing without an effect.
#[must_use]
pub fn needs_effect(kind: ActKind) -> bool {
    kind.has(Trait::Writes)
}

/// What of blocks the shape of an act alone decides: it puts nothing behind what it has not brought yet, sets no block
/// twice, and names what it replaces.
///
/// # Errors
/// Which of it is not so.
pub(crate) fn check_blocks(effects: &[Effect]) -> Result<(), Malformed> {
    let fail = |why: &str| Err(Malformed::new("effect", why));
    let mut set = BTreeSet::new();
    for (index, effect) in effects.iter().enumerate() {
        match effect {
            Effect::Insert { behind: Behind::Own(own), .. } => {
                let own = usize::from(*own);
                if own >= index || !matches!(effects[own], Effect::Insert { .. }) {
                    return fail("a block stands behind none that the act has brought");
                }
            }
            Effect::Set { block, over, .. } => {
                if over.is_empty() || !over.windows(2).all(|pair| pair[0] < pair[1]) {
                    return fail("the values that a block is set over are missing or not sorted");
                }
                if !set.insert(block) {
                    return fail("a block is set twice");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn block(input: &mut Reader<'_>) -> Result<BlockId, Malformed> {
    Ok(BlockId { act: input.id()?, effect: input.uint8()? })
}

fn field(input: &mut Reader<'_>) -> Result<Field, Malformed> {
    let number = input.uint()?;
    Field::ALL
        .into_iter()
        .find(|field| u64::from(field.number()) == number)
        .ok_or_else(|| Malformed::newer(Unknown::Register(number)))
}

/// Bytes of the code of a category, at most.
pub const CATEGORY_BYTES_MAX: usize = 8;
/// Digits in a row that a tag may have: fewer than a telephone number.
pub const TAG_DIGITS_MAX: usize = 6;

/// Tags are words of a controlled list, Chinese ones among them; never sentences, and never numbers of a person: they
/// stand inside the signed act, from which nothing can be erased.
///
/// # Errors
/// Why it is none.
pub fn tag_fits(tag: &str) -> Result<(), NoTag> {
    let chars = tag.chars().count();
    if chars == 0 || chars > TAG_CHARS_MAX || tag.len() > CODE_BYTES_MAX || tag.chars().any(blank) {
        return Err(NoTag::Word);
    }
    if tag.split(|c| !numeric(c)).any(|digits| digits.chars().count() > TAG_DIGITS_MAX) {
        return Err(NoTag::Number);
    }
    Ok(())
}

fn tag(input: &mut Reader<'_>) -> Result<String, Malformed> {
    let tag = input.text(CODE_BYTES_MAX)?;
    tag_fits(&tag).map_err(Wrong::Tag)?;
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
    if fits { Ok(Value::Code(code)) } else { Err(Wrong::Code.into()) }
}
