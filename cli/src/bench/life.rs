//! What becomes of a ticket in the city that is measured: who does what in turn, drawn by a seed.

use desk::form::Filled;
use regulation::ActKind;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The city hotline.
    City,
    /// The unit that leads.
    Lead,
}

/// An act that is to be made.
#[derive(Clone, Debug)]
pub struct Step {
    pub who: Who,
    pub kind: ActKind,
    pub fields: Filled,
}

fn step(who: Who, kind: ActKind, fields: &[(&str, &str)]) -> Step {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Step { who, kind, fields }
}

/// Numbers by a seed (splitmix64): the same everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A die of that seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// So many times of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Bytes of an id.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.chunks_mut(8).for_each(|eight| eight.copy_from_slice(&self.next().to_be_bytes()));
        bytes
    }
}

/// The acts after registration. An inquiry is mostly answered at once. Of the others the old ones have come to their end but
/// for a few, which are overdue since; of those of the last days some stand at each step. `answers` is false for a ticket
/// whose unit has no node yet: there it waits to be signed for.
pub fn after_registration(dice: &mut Dice, inquiry: bool, old: bool, answers: bool, lead: &str) -> Vec<Step> {
    use ActKind as K;
    use Who::{City, Lead};
    if inquiry && dice.percent(70) {
        let text = "已按知识库现行办理指南当场答复，诉求人表示清楚。";
        return vec![step(City, K::Answer, &[("text", text)]), step(City, K::Archive, &[])];
    }
    let mut steps = vec![
        step(City, K::Dispatch, &[("lead", lead), ("text", "请按规定时限办理并答复诉求人。")]),
        step(Lead, K::SignFor, &[]),
        step(Lead, K::Contact, &[("text", "电话联系诉求人，约定上门时间。")]),
        step(Lead, K::Progress, &[("way", "on-site"), ("text", "已到现场查看，安排人员处理，材料已备齐。")]),
    ];
    if dice.percent(40) {
        steps.push(step(Lead, K::Note, &[("text", "现场拍照留存，涉及管线由物业配合。")]));
    }
    if dice.percent(15) {
        steps.push(step(City, K::Urge, &[("text", "诉求人再次来电，希望尽快处理。")]));
    }
    if dice.percent(10) {
        steps.push(step(City, K::Tag, &[("add", "重点")]));
    }
    let outcome = "已处理完毕，当面告知诉求人，诉求人认可；后续由社区跟踪。";
    let satisfied = if dice.percent(85) { "satisfied" } else { "mostly" };
    steps.extend([
        step(
            Lead,
            K::Complete,
            &[
                ("outcome", "solved"),
                ("told_at", "now"),
                ("told_way", "sms"),
                ("told_whom", "requester"),
                ("text", outcome),
            ],
        ),
        step(City, K::ConfirmClosure, &[("ground", "other"), ("text", "经核实已办结，诉求人认可。")]),
        step(
            City,
            K::FollowUp,
            &[("contacted", "yes"), ("solved", "yes"), ("satisfaction", satisfied), ("text", "处理很快。")],
        ),
        step(City, K::Archive, &[]),
    ]);
    let ended = dice.percent(if old { 97 } else { 45 });
    let upto = if ended { steps.len() } else { dice.below(steps.len()) };
    steps.truncate(if answers { upto } else { upto.min(1) });
    steps
}

/// What is left to do of a ticket that was to be archived while a supervision is open.
pub fn released() -> Vec<Step> {
    let text = "已按督办要求办结。";
    vec![
        step(Who::Lead, ActKind::SuperviseReply, &[("text", text)]),
        step(Who::City, ActKind::SuperviseRelease, &[]),
        step(Who::City, ActKind::Archive, &[]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_has_eight_acts_a_ticket_and_tickets_at_every_step() {
        let mut dice = Dice::new(1);
        let (mut acts, mut open) = (0, 0);
        for n in 0..10_000 {
            let steps = after_registration(&mut dice, n % 8 == 0, n % 6 != 0, n % 20 != 0, "x");
            acts += 1 + steps.len();
            open += usize::from(steps.last().is_none_or(|last| last.kind != ActKind::Archive));
        }
        assert!((76_000..84_000).contains(&acts), "{acts}");
        assert!((1_000..3_000).contains(&open), "{open}");
    }
}
