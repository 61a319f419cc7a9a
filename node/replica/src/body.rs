//! Encoding of the typed fields of each kind: an array by position, empty where a kind has none.

use regulation::act::{
    Body, Channel, ClosureGround, Contacted, Dispatch, ExternalNumber, Outcome, Rating, Reached, Register, RequestKind,
    Satisfaction, Solved, Urgency, Way,
};
use regulation::{ActKind, UnitId};

use crate::codec::{Malformed, Reader, Writer};
use crate::limits::{CODE_BYTES_MAX, DISPATCH_UNITS_MAX};

/// The bytes of a body.
#[must_use]
pub fn encode(body: &Body) -> Vec<u8> {
    let mut out = Writer::default();
    match body {
        Body::Register(register) => encode_register(register, &mut out),
        Body::Dispatch(dispatch) | Body::Redispatch(dispatch) | Body::ReturnApprove(dispatch) => {
            out.array(2).uint(dispatch.lead.0.into()).array(dispatch.assisting.len());
            for unit in &dispatch.assisting {
                out.uint(unit.0.into());
            }
        }
        Body::ReturnRequest { suggested } => {
            out.array(1).option(*suggested, |out, unit| {
                out.uint(unit.0.into());
            });
        }
        Body::Contact { way, reached } => {
            out.array(2).uint(way.number().into()).uint(reached.number().into());
        }
        Body::Progress { way } => {
            out.array(1).uint(way.number().into());
        }
        Body::Complete { outcome, told_at } => {
            out.array(2).uint(outcome.number().into()).int(*told_at);
        }
        Body::ConfirmClosure { ground } => {
            out.array(1).uint(ground.number().into());
        }
        Body::FollowUp { way, reached, rating } => {
            out.array(3).uint(way.number().into()).uint(reached.number().into());
            out.option(*rating, |out, rating| {
                out.array(3).uint(rating.contacted.number().into());
                out.uint(rating.solved.number().into()).uint(rating.satisfaction.number().into());
            });
        }
        Body::Answer
        | Body::SignFor
        | Body::ReturnDeny
        | Body::Archive
        | Body::Note
        | Body::Tag
        | Body::Correct
        | Body::Settle
        | Body::ArticleCreate
        | Body::ArticleEdit
        | Body::ArticlePublish => {
            out.array(0);
        }
    }
    out.finish()
}

/// The body of that kind from its bytes.
///
/// # Errors
/// Bytes that are no body of that kind within the limits.
pub fn decode(kind: ActKind, bytes: &[u8]) -> Result<Body, Malformed> {
    let mut reader = Reader::new(bytes);
    let input = &mut reader;
    let body = match kind {
        ActKind::Register => Body::Register(decode_register(input)?),
        ActKind::Dispatch => Body::Dispatch(decode_dispatch(input)?),
        ActKind::Redispatch => Body::Redispatch(decode_dispatch(input)?),
        ActKind::ReturnApprove => Body::ReturnApprove(decode_dispatch(input)?),
        ActKind::ReturnRequest => {
            input.tuple(1)?;
            Body::ReturnRequest { suggested: input.option(|input| input.uint32().map(UnitId))? }
        }
        ActKind::Contact => {
            input.tuple(2)?;
            Body::Contact { way: code(input, Way::from_number)?, reached: code(input, Reached::from_number)? }
        }
        ActKind::Progress => {
            input.tuple(1)?;
            Body::Progress { way: code(input, Way::from_number)? }
        }
        ActKind::Complete => {
            input.tuple(2)?;
            Body::Complete { outcome: code(input, Outcome::from_number)?, told_at: input.int()? }
        }
        ActKind::ConfirmClosure => {
            input.tuple(1)?;
            Body::ConfirmClosure { ground: code(input, ClosureGround::from_number)? }
        }
        ActKind::FollowUp => {
            input.tuple(3)?;
            Body::FollowUp {
                way: code(input, Way::from_number)?,
                reached: code(input, Reached::from_number)?,
                rating: input.option(decode_rating)?,
            }
        }
        ActKind::Answer => empty(input, Body::Answer)?,
        ActKind::SignFor => empty(input, Body::SignFor)?,
        ActKind::ReturnDeny => empty(input, Body::ReturnDeny)?,
        ActKind::Archive => empty(input, Body::Archive)?,
        ActKind::Note => empty(input, Body::Note)?,
        ActKind::Tag => empty(input, Body::Tag)?,
        ActKind::Correct => empty(input, Body::Correct)?,
        ActKind::Settle => empty(input, Body::Settle)?,
        ActKind::ArticleCreate => empty(input, Body::ArticleCreate)?,
        ActKind::ArticleEdit => empty(input, Body::ArticleEdit)?,
        ActKind::ArticlePublish => empty(input, Body::ArticlePublish)?,
    };
    reader.end()?;
    Ok(body)
}

fn empty(input: &mut Reader<'_>, body: Body) -> Result<Body, Malformed> {
    input.tuple(0)?;
    Ok(body)
}

fn code<T>(input: &mut Reader<'_>, parse: impl FnOnce(u8) -> Option<T>) -> Result<T, Malformed> {
    let number = input.uint8()?;
    parse(number).ok_or_else(|| Malformed::new("body", format!("code {number} is not known")))
}

fn encode_register(register: &Register, out: &mut Writer) {
    out.array(9).uint(register.kind.number().into()).uint(register.urgency.number().into());
    out.uint(register.channel.number().into()).int(register.raised_at).int(register.day.into());
    out.uint(register.serial.into()).flag(register.confidential).flag(register.anonymous);
    out.option(register.external.as_ref(), |out, external| {
        out.array(2).text(&external.system).text(&external.number);
    });
}

fn decode_register(input: &mut Reader<'_>) -> Result<Register, Malformed> {
    input.tuple(9)?;
    Ok(Register {
        kind: code(input, RequestKind::from_number)?,
        urgency: code(input, Urgency::from_number)?,
        channel: code(input, Channel::from_number)?,
        raised_at: input.int()?,
        day: i32::try_from(input.int()?).map_err(|_| Malformed::new("body", "day out of range"))?,
        serial: input.uint32()?,
        confidential: input.flag()?,
        anonymous: input.flag()?,
        external: input.option(|input| {
            input.tuple(2)?;
            Ok(ExternalNumber { system: input.code(CODE_BYTES_MAX)?, number: input.code(CODE_BYTES_MAX)? })
        })?,
    })
}

fn decode_dispatch(input: &mut Reader<'_>) -> Result<Dispatch, Malformed> {
    input.tuple(2)?;
    let lead = UnitId(input.uint32()?);
    let assisting =
        (0..input.array(DISPATCH_UNITS_MAX)?).map(|_| input.uint32().map(UnitId)).collect::<Result<Vec<_>, _>>()?;
    Ok(Dispatch { lead, assisting })
}

fn decode_rating(input: &mut Reader<'_>) -> Result<Rating, Malformed> {
    input.tuple(3)?;
    Ok(Rating {
        contacted: code(input, Contacted::from_number)?,
        solved: code(input, Solved::from_number)?,
        satisfaction: code(input, Satisfaction::from_number)?,
    })
}
