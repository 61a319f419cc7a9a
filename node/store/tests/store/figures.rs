//! Figures are what counting comes to, whatever was written in whatever order.

use regulation::UnitId;
use store::{
    ActState, Aseq, DocNo, Store, Tallied, TicketFilter, TicketRow, TicketUnit, UnitDue, UnitPart, overdue_before,
};

use regulation::calendar::{local_day, month_of_day};
use store::{CountRow, Span};

use crate::rows::{article, count, id, ticket};

const MINUTE: i64 = 60_000;
const STATES: [&str; 3] = ["registered", "in-progress", "archived"];

/// A small generator of numbers, always the same ones.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn row(&mut self, doc: DocNo) -> TicketRow {
        let due = self.below(4_000_000_000);
        let units = (3..6).filter(|_| self.below(2) == 0).flat_map(|unit| {
            [UnitPart::Lead, UnitPart::Assisting].map(|part| TicketUnit {
                unit: UnitId(unit),
                part,
                open: unit % 2 == 1,
            })
        });
        let units = units.collect();
        let own =
            [3, 4].map(|unit| (UnitId(unit), self.below(2) == 0, i64::try_from(self.below(4_000_000_000)).unwrap()));
        let dues = own.into_iter().filter(|(_, runs, _)| *runs);
        let dues =
            dues.map(|(unit, _, due)| UnitDue { unit, due, kind: "finish".to_owned(), provisional: false }).collect();
        TicketRow {
            state: STATES[usize::try_from(self.below(3)).unwrap()].to_owned(),
            overruled: u32::try_from(self.below(2)).unwrap(),
            unsettled: u32::try_from(self.below(3)).unwrap(),
            conflicts: u32::try_from(self.below(2)).unwrap(),
            next_due: (self.below(3) > 0)
                .then(|| i64::try_from(due).unwrap() / MINUTE * [1, MINUTE][usize::from(due.is_multiple_of(2))]),
            lead: [None, Some(UnitId(3)), Some(UnitId(4))][usize::try_from(self.below(3)).unwrap()],
            raised_at: i64::try_from(self.below(4_000_000_000)).unwrap(),
            overdue_at: (self.below(3) == 0).then(|| i64::try_from(self.below(4_000_000_000)).unwrap()),
            units,
            dues,
            ..ticket(doc)
        }
    }
}

#[test]
fn whatever_is_written_figures_are_what_counting_comes_to_and_what_lists_find() {
    let (mut store, mut dice) = (Store::in_memory().unwrap(), Dice(7));
    store.begin().unwrap();
    let docs: Vec<DocNo> = (1..=20).map(|n| store.add_doc(&id(n)).unwrap()).collect();
    for turn in 0..200 {
        let doc = docs[usize::try_from(dice.below(20)).unwrap()];
        match dice.below(5) {
            0 => store.put_article(&article(doc)).unwrap(),
            1 => store.put_act_state(Aseq(turn + 1), &ActState::default()).unwrap(),
            _ => {
                let row = TicketRow { id: store.doc_id(doc).unwrap().unwrap(), ..dice.row(doc) };
                let later = TicketRow { updated_at: row.updated_at + 1, ..row.clone() };
                for row in [row, later.clone(), TicketRow { place: "别处".to_owned(), ..later }] {
                    let renamed = store.ticket(doc).unwrap().is_none_or(|known| known.title != row.title);
                    assert_eq!(store.put_ticket(&row).unwrap(), renamed);
                    assert_eq!(store.ticket(doc).unwrap(), Some(row));
                }
            }
        }
        assert_eq!(store.figures_off().unwrap(), [""; 0], "after {turn}");
    }
    for unit in [None, Some(UnitId(3)), Some(UnitId(4)), Some(UnitId(5))] {
        let filter = TicketFilter { unit, ..TicketFilter::default() };
        let mut listed = store.tally(&filter, 0).unwrap();
        listed.figures.sort_by_key(|one| (one.state.clone(), one.conflicts, one.unsettled, one.overruled));
        let kept = Tallied { figures: store.ticket_figures(unit).unwrap(), ..Tallied::default() };
        assert_eq!(kept, listed, "{unit:?}");
        for now in [0, 1, MINUTE, MINUTE + 1, 90 * MINUTE, 1_500_000_123, 3_000 * MINUTE + 1, 4_000_000_000] {
            let due = TicketFilter { due_before: Some(overdue_before(now)), ..filter.clone() };
            let listed = store.tickets(&due, None, 100).unwrap().rows.len() as u64;
            assert_eq!(store.overdue_figure(unit, now).unwrap(), listed, "{unit:?} at {now}");
            let exact = store.tally(&filter, now).unwrap().overdue;
            assert!(listed <= exact, "never too early");
        }
    }
    let rows: Vec<TicketRow> = docs.iter().filter_map(|doc| store.ticket(*doc).unwrap()).collect();
    let of = |wanted: &dyn Fn(&&TicketRow) -> bool| rows.iter().filter(wanted).count() as u64;
    for (unit, state, tickets) in store.lead_figures().unwrap() {
        assert_eq!(tickets, of(&|row| row.lead == Some(unit) && row.state == state));
    }
    for now in [1, 90 * MINUTE, 1_500_000_123, 4_000_000_000] {
        let late = of(&|row| row.lead == Some(UnitId(3)) && row.overdue_at.is_some_and(|at| at < overdue_before(now)));
        assert_eq!(store.late_figure(UnitId(3), now).unwrap(), late, "at {now}");
    }
    for days in [(0, 0), (1, 20), (3, 60)] {
        let raised = of(&|row| (days.0..=days.1).contains(&local_day(row.raised_at)));
        let halves = (2 * days.0, 2 * days.1 + 1);
        assert_eq!(store.raised("help", halves).unwrap(), raised, "{days:?}");
    }
    assert_eq!(store.newest_update().unwrap(), rows.iter().map(|row| row.updated_at).max());
    store.commit().unwrap();
}

#[test]
fn sums_by_day_and_month_are_what_the_rows_come_to_whatever_was_written() {
    let (mut store, mut dice) = (Store::in_memory().unwrap(), Dice(11));
    store.begin().unwrap();
    let docs: Vec<DocNo> = (1..=9).map(|n| store.add_doc(&id(n)).unwrap()).collect();
    docs.iter().for_each(|doc| assert!(store.put_ticket(&ticket(*doc)).unwrap(), "a new title"));
    for turn in 0..200 {
        let doc = docs[usize::try_from(dice.below(9)).unwrap()];
        let mut days: Vec<i64> = (0..dice.below(4)).map(|_| 20_000 + i64::try_from(dice.below(50)).unwrap()).collect();
        days.sort_unstable();
        days.dedup();
        let rows: Vec<CountRow> =
            days.iter().map(|day| count(*day, 1 + i64::try_from(dice.below(3)).unwrap())).collect();
        store.put_counts(doc, &rows).unwrap();
        assert_eq!(store.counts_of(doc).unwrap(), rows);
        assert_eq!(store.figures_off().unwrap(), [""; 0], "after {turn}");
    }
    let days = (20_010, 20_040);
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.counts_in(days, after, 2).unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.row.day, last.doc));
        all.extend(page);
    }
    assert_eq!(all, store.counts_in(days, None, 1_000).unwrap(), "page by page");
    let expected = docs.iter().flat_map(|doc| store.counts_of(*doc).unwrap());
    let expected = expected.filter(|row| (days.0..=days.1).contains(&row.day)).count();
    assert_eq!(all.len(), expected);
    let left = store.left_out(UnitId(3), days, None, 1_000).unwrap();
    assert_eq!(left.len(), all.iter().filter(|counted| counted.row.leaves).count());
    let rest = store.left_out(UnitId(3), days, left.first().map(|(day, doc, _)| (*day, *doc)), 1_000).unwrap();
    assert_eq!(rest, left[1..]);
    assert!(store.left_out(UnitId(4), days, None, 9).unwrap().is_empty());
    let month = store.sums(Span::Month(month_of_day(20_020))).unwrap();
    assert_eq!(month.len(), 1);
    store.put_counts(docs[0], &[]).unwrap();
    store.recount().unwrap();
    assert_eq!(store.figures_off().unwrap(), [""; 0]);
    store.commit().unwrap();
}
