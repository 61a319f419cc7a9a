//! The typed fields of an act in a few words, in Chinese and English.

use regulation::{Body, UnitId};
use replica::registry::At;

use super::said::{Words, in_words, short};
use super::{UnitRef, person_name};

/// The typed fields in a few words: one after the other, unless a sentence says more.
pub(super) fn summary(at: &At<'_>, body: &Body, words: Words) -> String {
    let say = |chinese, english| words.say(chinese, english);
    let name = |unit: &UnitId| UnitRef::of(at, *unit).name;
    macro_rules! name {
        ($code:expr) => {
            words.name($code.code(), $code.chinese())
        };
    }
    match body {
        Body::ReturnRequest { suggested: Some(unit), .. } => {
            format!("{}{}", say("建议转给：", "suggested: "), name(unit))
        }
        Body::Progress { way, legal_due: Some(due) } => {
            let until = say("；法定期限至 ", "; legal term until ");
            format!("{}{until}{}", name!(way), short(due.saturating_sub(1)))
        }
        Body::MeetingDecision { due } => {
            format!("{}{}", say("落实期限至 ", "carried out by "), short(due.saturating_sub(1)))
        }
        Body::SendBack { form_only: true } => {
            say("补正形式，报结时间不变", "form only: the time of completion stays").to_owned()
        }
        Body::Supplement { joined: Some(ticket), joins } => {
            let parted = joins.as_ref().is_some_and(|joins| joins.parted);
            let joined = if parted { say("不再并入", "joins no more:") } else { say("并入", "joined:") };
            let had = joins.iter().flat_map(|joins| &joins.had);
            let carried: Vec<String> = had
                .filter_map(|had| Some(format!("{} {}", name(&had.unit), short(had.until?.saturating_sub(1)))))
                .collect();
            let by = if carried.is_empty() { "" } else { say("；原办结时限 ", "; to be finished there by ") };
            format!("{joined} {}{by}{}", ticket.short(), carried.join(say("、", ", ")))
        }
        Body::Attach { class, bytes, media, root, .. } => {
            let digest: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
            let (unit, of) = (say("字节", "bytes"), say("摘要", "digest"));
            format!("{} · {} · {bytes} {unit} · {of} {digest}", name!(class), name!(media))
        }
        Body::Escalate { to } => format!("{}{}", say("报请：", "to: "), name(to)),
        Body::ExtendRequest { days, told_at, of_city } => match words {
            Words::Chinese => {
                let whom = if *of_city { "请市热线决定；" } else { "" };
                format!("申请 {days} 个工作日；{whom}{} 告知诉求人", short(*told_at))
            }
            Words::English => {
                let whom = if *of_city { "of the city; " } else { "" };
                format!("asks for {days} work days; {whom}requester told {}", short(*told_at))
            }
        },
        Body::ExtendApprove { days, by_law } => {
            let law = if *by_law { say("（法律、法规另有规定）", " (by another law)") } else { "" };
            match words {
                Words::Chinese => format!("准予 {days} 个工作日{law}"),
                Words::English => format!("{days} work days{law}"),
            }
        }
        Body::DeferApprove { review_at } => match words {
            Words::Chinese => format!("{} 复查", short(*review_at)),
            Words::English => format!("looked at again {}", short(*review_at)),
        },
        Body::Complete { outcome, told_at, told_way, told_whom } => match words {
            Words::Chinese => {
                format!("{}；{} {}告知：{}", name!(outcome), short(*told_at), name!(told_way), name!(told_whom))
            }
            Words::English => {
                format!("{}; told {} ({}): {}", name!(outcome), short(*told_at), name!(told_way), name!(told_whom))
            }
        },
        Body::FollowUp { way, reached, rating, of: Some(ticket) } => {
            let said = in_words(at, &Body::FollowUp { way: *way, reached: *reached, rating: *rating, of: None }, words);
            format!("{said} · {} {}", say("并入工单的诉求人", "requester of the joined ticket"), ticket.short())
        }
        Body::Supervise { level, ground } => format!("{}{}{}", name!(level), say("：", ": "), name!(ground)),
        Body::Merge { into, .. } => format!("{} {}", say("并入", "into"), into.short()),
        Body::Split { into } => format!("{} {}", say("拆出", "split off:"), into.short()),
        Body::DecideAppeal { upheld: true } => say("申诉成立", "upheld").to_owned(),
        Body::DecideAppeal { upheld: false } => say("申诉不成立", "not upheld").to_owned(),
        Body::Tolerate { granted: true } => say("予以容错", "let go as an honest error").to_owned(),
        Body::Tolerate { granted: false } => say("收回容错", "no longer let go").to_owned(),
        Body::DecideTime { in_time: true } => say("视为遵守时限", "counts as in time").to_owned(),
        Body::DecideTime { in_time: false } => say("认定为逾期", "counts as late").to_owned(),
        Body::HandOver { to } => format!("{} {}", say("交给", "to"), person_name(at, *to)),
        _ => in_words(at, body, words),
    }
}

#[cfg(test)]
mod tests {
    use regulation::ActId;
    use regulation::act::{Contacted, Rating, Reached, Satisfaction, Seen, Solved, Way};
    use replica::Registry;

    use super::*;

    #[test]
    fn whose_requester_was_asked_and_what_is_known_of_a_device_is_said_in_words() {
        let registry = Registry::default();
        let said = |body: &Body| summary(&registry.now(), body, Words::Chinese);
        let rating =
            Some(Rating { contacted: Contacted::Yes, solved: Solved::Yes, satisfaction: Satisfaction::Satisfied });
        let of = |of| said(&Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating, of });
        let (own, joined) = (of(None), of(Some(ActId([7; 32]))));
        assert!(!own.contains("并入") && joined.starts_with(&own), "{joined}");
        assert!(joined.ends_with("并入工单的诉求人 0707070707"), "no label of a form, nor a whole hash: {joined}");
        // That nothing was heard of it is no proof that it was out of reach.
        let late =
            |offline| said(&Body::Witness(Seen::Late { not_before: 0, received_at: 1, offline, clock_good: true }));
        assert!(late(true).contains("未收到该设备别的记录") && !late(true).contains("未联网"), "{}", late(true));
        assert!(!late(false).contains("未收到"));
    }
}
