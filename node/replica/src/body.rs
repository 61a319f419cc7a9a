//! Encoding of the typed fields of each kind: an array by position, empty where a kind has none.

use regulation::act::{
    AttachClass, Body, Channel, Citation, ClosureGround, Contacted, Content, Dispatch, EmergencyLine, ExternalNumber,
    Finding, Outcome, Rating, Reached, Register, RejectGround, RequestKind, Satisfaction, Seen, SetAsideGround, Solved,
    SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActKind, PersonId, UnitId};

use crate::codec::{Malformed, Reader, Writer};
use crate::limits::{CODE_BYTES_MAX, DISPATCH_UNITS_MAX};

/// The bytes of a body.
#[must_use]
pub fn encode(body: &Body) -> Vec<u8> {
    let mut out = Writer::default();
    match body {
        Body::Register(register) | Body::RegisterByProxy(register) => encode_register(register, &mut out),
        Body::Dispatch(dispatch)
        | Body::SubDispatch(dispatch)
        | Body::Designate(dispatch)
        | Body::Redispatch(dispatch)
        | Body::ReturnApprove(dispatch) => encode_dispatch(dispatch, &mut out),
        Body::ReturnRequest { suggested } => {
            out.array(1).option(*suggested, |out, unit| {
                out.uint(unit.0.into());
            });
        }
        Body::FollowUp { way, reached, rating } => {
            out.array(3).uint(way.number().into()).uint(reached.number().into());
            out.option(*rating, |out, rating| {
                out.array(3).uint(rating.contacted.number().into());
                out.uint(rating.solved.number().into()).uint(rating.satisfaction.number().into());
            });
        }
        Body::Contact { way, reached } => one_or_two(&mut out, way.number().into(), Some(reached.number().into())),
        Body::Progress { way, legal_due } => {
            out.array(2).uint(way.number().into()).option(*legal_due, |out, due| {
                out.int(due);
            });
        }
        Body::Answer { cites } => {
            out.array(1).option(*cites, |out, cites| {
                out.array(2).bytes(&cites.article.0).uint(cites.version.into());
            });
        }
        Body::Supplement { joined } => {
            out.array(1).option(*joined, |out, ticket| {
                out.bytes(&ticket.0);
            });
        }
        Body::SendBack { form_only } => one_or_two(&mut out, u64::from(*form_only), None),
        Body::Attach { class, digest, bytes } => {
            out.array(3).uint(class.number().into()).bytes(digest).uint(*bytes);
        }
        Body::Redact { content } => one_or_two(&mut out, content.number().into(), None),
        Body::ConfirmClosure { ground } => one_or_two(&mut out, ground.number().into(), None),
        Body::SetUrgency { urgency } => one_or_two(&mut out, urgency.number().into(), None),
        Body::Reject { ground } => one_or_two(&mut out, ground.number().into(), None),
        Body::ReferEmergency { line } => one_or_two(&mut out, line.number().into(), None),
        Body::NotifyByPhone { unit } | Body::SignForByPhone { unit } | Body::Recuse { unit } => {
            one_or_two(&mut out, unit.0.into(), None);
        }
        Body::Escalate { to } => one_or_two(&mut out, to.0.into(), None),
        Body::ExtendApprove { days, by_law } => one_or_two(&mut out, (*days).into(), Some(u64::from(*by_law))),
        Body::Supervise { level, ground } => {
            one_or_two(&mut out, level.number().into(), Some(ground.number().into()));
        }
        Body::VerifyRating { finding } => one_or_two(&mut out, finding.number().into(), None),
        Body::SetAsideRating { ground } => one_or_two(&mut out, ground.number().into(), None),
        Body::DecideAppeal { upheld } => one_or_two(&mut out, u64::from(*upheld), None),
        Body::DecideTime { in_time } => one_or_two(&mut out, u64::from(*in_time), None),
        Body::HandOver { to } => one_or_two(&mut out, to.0.into(), None),
        Body::Complete { outcome, told_at } => {
            out.array(2).uint(outcome.number().into()).int(*told_at);
        }
        Body::ExtendRequest { days, told_at } => {
            out.array(2).uint((*days).into()).int(*told_at);
        }
        Body::DeferApprove { review_at } => {
            out.array(1).int(*review_at);
        }
        Body::Merge { into } | Body::Split { into } => {
            out.array(1).bytes(&into.0);
        }
        Body::Witness(Seen::Delivered { unit, at }) => {
            out.array(3).uint(0).uint(unit.0.into()).int(*at);
        }
        Body::Witness(Seen::Late { not_before, received_at, offline, clock_good }) => {
            out.array(5).uint(1).int(*not_before).int(*received_at).flag(*offline).flag(*clock_good);
        }
        // The rest has no fields: see [`Body::plain`], by which it is read again.
        _ => {
            out.array(0);
        }
    }
    out.finish()
}

fn one_or_two(out: &mut Writer, first: u64, second: Option<u64>) {
    out.array(1 + usize::from(second.is_some())).uint(first);
    if let Some(second) = second {
        out.uint(second);
    }
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
        ActKind::RegisterByProxy => Body::RegisterByProxy(decode_register(input)?),
        ActKind::Dispatch => Body::Dispatch(decode_dispatch(input)?),
        ActKind::SubDispatch => Body::SubDispatch(decode_dispatch(input)?),
        ActKind::Designate => Body::Designate(decode_dispatch(input)?),
        ActKind::Redispatch => Body::Redispatch(decode_dispatch(input)?),
        ActKind::ReturnApprove => Body::ReturnApprove(decode_dispatch(input)?),
        ActKind::FollowUp => {
            input.tuple(3)?;
            Body::FollowUp {
                way: code(input, Way::from_number)?,
                reached: code(input, Reached::from_number)?,
                rating: input.option(decode_rating)?,
            }
        }
        ActKind::Witness => Body::Witness(decode_seen(input)?),
        _ => match (fields(kind, input)?, Body::plain(kind)) {
            (Some(body), _) => body,
            (None, Some(plain)) => {
                input.tuple(0)?;
                plain
            }
            (None, None) => return Err(Malformed::new("body", format!("{} has fields", kind.code()))),
        },
    };
    reader.end()?;
    Ok(body)
}

/// Bodies of one or two plain fields; `None` for a kind that has none.
fn fields(kind: ActKind, input: &mut Reader<'_>) -> Result<Option<Body>, Malformed> {
    let count = match kind {
        ActKind::ReturnRequest
        | ActKind::Answer
        | ActKind::Supplement
        | ActKind::SendBack
        | ActKind::Redact
        | ActKind::SetAsideRating
        | ActKind::ConfirmClosure
        | ActKind::SetUrgency
        | ActKind::Reject
        | ActKind::ReferEmergency
        | ActKind::NotifyByPhone
        | ActKind::SignForByPhone
        | ActKind::Recuse
        | ActKind::Escalate
        | ActKind::VerifyRating
        | ActKind::DecideAppeal
        | ActKind::DecideTime
        | ActKind::HandOver
        | ActKind::DeferApprove
        | ActKind::Merge
        | ActKind::Split => 1,
        ActKind::Contact
        | ActKind::Progress
        | ActKind::Complete
        | ActKind::ExtendRequest
        | ActKind::ExtendApprove
        | ActKind::Supervise => 2,
        ActKind::Attach => 3,
        _ => return Ok(None),
    };
    input.tuple(count)?;
    let unit = |input: &mut Reader<'_>| input.uint32().map(UnitId);
    Ok(Some(match kind {
        ActKind::ReturnRequest => Body::ReturnRequest { suggested: input.option(unit)? },
        ActKind::Progress => {
            Body::Progress { way: code(input, Way::from_number)?, legal_due: input.option(Reader::int)? }
        }
        ActKind::Answer => Body::Answer {
            cites: input.option(|input| {
                input.tuple(2)?;
                Ok(Citation { article: input.id()?, version: input.uint32()? })
            })?,
        },
        ActKind::Supplement => Body::Supplement { joined: input.option(Reader::id)? },
        ActKind::SendBack => Body::SendBack { form_only: yes(input)? },
        ActKind::Redact => Body::Redact { content: code(input, Content::from_number)? },
        ActKind::Attach => {
            Body::Attach { class: code(input, AttachClass::from_number)?, digest: input.fixed()?, bytes: input.uint()? }
        }
        ActKind::ConfirmClosure => Body::ConfirmClosure { ground: code(input, ClosureGround::from_number)? },
        ActKind::SetUrgency => Body::SetUrgency { urgency: code(input, Urgency::from_number)? },
        ActKind::Reject => Body::Reject { ground: code(input, RejectGround::from_number)? },
        ActKind::ReferEmergency => Body::ReferEmergency { line: code(input, EmergencyLine::from_number)? },
        ActKind::NotifyByPhone => Body::NotifyByPhone { unit: unit(input)? },
        ActKind::SignForByPhone => Body::SignForByPhone { unit: unit(input)? },
        ActKind::Recuse => Body::Recuse { unit: unit(input)? },
        ActKind::Escalate => Body::Escalate { to: unit(input)? },
        ActKind::VerifyRating => Body::VerifyRating { finding: code(input, Finding::from_number)? },
        ActKind::DecideAppeal => Body::DecideAppeal { upheld: yes(input)? },
        ActKind::DecideTime => Body::DecideTime { in_time: yes(input)? },
        ActKind::HandOver => Body::HandOver { to: PersonId(input.uint32()?) },
        ActKind::DeferApprove => Body::DeferApprove { review_at: input.int()? },
        ActKind::Merge => Body::Merge { into: input.id()? },
        ActKind::Split => Body::Split { into: input.id()? },
        ActKind::Contact => {
            Body::Contact { way: code(input, Way::from_number)?, reached: code(input, Reached::from_number)? }
        }
        ActKind::Complete => Body::Complete { outcome: code(input, Outcome::from_number)?, told_at: input.int()? },
        ActKind::ExtendRequest => Body::ExtendRequest { days: input.uint8()?, told_at: input.int()? },
        ActKind::ExtendApprove => Body::ExtendApprove { days: input.uint8()?, by_law: yes(input)? },
        ActKind::Supervise => Body::Supervise {
            level: code(input, SuperviseLevel::from_number)?,
            ground: code(input, SuperviseGround::from_number)?,
        },
        ActKind::SetAsideRating => Body::SetAsideRating { ground: code(input, SetAsideGround::from_number)? },
        _ => return Ok(None),
    }))
}

fn decode_seen(input: &mut Reader<'_>) -> Result<Seen, Malformed> {
    let len = input.array(5)?;
    match (input.uint8()?, len) {
        (0, 3) => Ok(Seen::Delivered { unit: UnitId(input.uint32()?), at: input.int()? }),
        (1, 5) => Ok(Seen::Late {
            not_before: input.int()?,
            received_at: input.int()?,
            offline: input.flag()?,
            clock_good: input.flag()?,
        }),
        (other, _) => Err(Malformed::new("witness", format!("nothing seen is {other} of {len} items"))),
    }
}

fn yes(input: &mut Reader<'_>) -> Result<bool, Malformed> {
    match input.uint8()? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Malformed::new("body", format!("{other} is neither 0 nor 1"))),
    }
}

fn code<T>(input: &mut Reader<'_>, parse: impl FnOnce(u8) -> Option<T>) -> Result<T, Malformed> {
    let number = input.uint8()?;
    parse(number).ok_or_else(|| Malformed::new("body", format!("code {number} is not known")))
}

fn encode_register(register: &Register, out: &mut Writer) {
    out.array(12).uint(register.kind.number().into()).uint(register.urgency.number().into());
    out.uint(register.channel.number().into()).int(register.raised_at).int(register.day.into());
    out.uint(register.serial.into()).flag(register.confidential).flag(register.anonymous);
    out.option(register.external.as_ref(), |out, external| {
        out.array(2).text(&external.system).text(&external.number);
    });
    out.option(register.again, |out, ticket| {
        out.bytes(&ticket.0);
    });
    out.uint(register.times.into()).flag(register.history);
}

fn decode_register(input: &mut Reader<'_>) -> Result<Register, Malformed> {
    input.tuple(12)?;
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
        again: input.option(Reader::id)?,
        times: input.uint8()?,
        history: input.flag()?,
    })
}

fn encode_dispatch(dispatch: &Dispatch, out: &mut Writer) {
    out.array(2).uint(dispatch.lead.0.into()).array(dispatch.assisting.len());
    for unit in &dispatch.assisting {
        out.uint(unit.0.into());
    }
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
