//! What a locked table is corrected by.

use regulation::rates::{Book, Key, Sign, Tally, carried, corrections};
use regulation::{ActId, UnitId};

/// A correction as it is read.
type Found = (Key, Sign, Vec<(&'static str, i64)>);

fn key(unit: u32, ticket: u8) -> Key {
    Key { unit: UnitId(unit), ticket: ActId([ticket; 32]), apart: false }
}

fn rated(satisfied: i64) -> Tally {
    Tally { closed: 1, rated: 1, contacted: 1, satisfied, ..Tally::default() }
}

#[test]
fn figures_that_stay_the_same_are_not_corrected() {
    let book = Book::from([(key(1, 1), rated(1)), (key(2, 1), rated(0))]);
    assert_eq!(corrections(&book, &book), []);
    assert_eq!(corrections(&Book::new(), &Book::new()), []);
}

#[test]
fn each_difference_is_whole_and_says_whether_it_gives_or_takes() {
    let counted = Book::from([(key(1, 1), rated(1)), (key(1, 2), rated(0)), (key(1, 3), rated(1))]);
    // The first was set aside, the second found content after all, the third passed to another unit, the fourth arrived
    // late.
    let now = Book::from([
        (key(1, 1), Tally { closed: 1, ..Tally::default() }),
        (key(1, 2), rated(1)),
        (key(2, 3), rated(1)),
        (key(2, 4), Tally { dispatched: 1, ..Tally::default() }),
    ]);
    let found: Vec<Found> = corrections(&counted, &now)
        .into_iter()
        .map(|correction| (correction.key, correction.sign(), correction.difference.figures()))
        .collect();
    assert_eq!(
        found,
        [
            (key(1, 1), Sign::Reversed, vec![("rated", -1), ("contacted", -1), ("satisfied", -1)]),
            (key(1, 2), Sign::Added, vec![("satisfied", 1)]),
            (key(1, 3), Sign::Reversed, vec![("closed", -1), ("rated", -1), ("contacted", -1), ("satisfied", -1)]),
            (key(2, 3), Sign::Added, vec![("closed", 1), ("rated", 1), ("contacted", 1), ("satisfied", 1)]),
            (key(2, 4), Sign::Added, vec![("dispatched", 1)]),
        ]
    );
}

#[test]
fn a_correction_is_called_what_it_does() {
    assert_eq!(Sign::Added.names(), ("added", "补记"));
    assert_eq!(Sign::Reversed.names(), ("reversed", "冲正"));
}

/// The locked table and all that it was corrected by always come to what is so now, and nothing is corrected twice.
#[test]
fn a_table_with_its_corrections_comes_to_what_is_so_now() {
    let mut counted = Book::from([(key(1, 1), rated(1)), (key(1, 2), rated(0))]);
    for now in [
        Book::from([(key(1, 1), rated(0)), (key(1, 2), rated(0))]),
        Book::from([(key(2, 1), rated(1))]),
        Book::new(),
        Book::from([(key(1, 1), rated(1)), (key(1, 2), rated(0))]),
    ] {
        for correction in corrections(&counted, &now) {
            counted.entry(correction.key).or_default().add(&correction.difference);
        }
        assert_eq!(corrections(&counted, &now), []);
        counted.retain(|_, tally| *tally != Tally::default());
        assert_eq!(counted, now);
    }
}

#[test]
fn figures_are_read_back_by_their_names() {
    let tally = Tally { closed: 3, satisfied: -1, ..Tally::default() };
    assert_eq!(tally.figures(), [("closed", 3), ("satisfied", -1)]);
    assert_eq!(Tally::from_figures(tally.figures()), Some(tally));
    assert_eq!(Tally::from_figures([("gossip", 1)]), None);
}

#[test]
fn a_table_carries_a_correction_whole_or_not_at_all_and_no_number_passes_its_base() {
    let bad_taken_back = Tally { closed: -1, rated: -1, contacted: -1, judged: -1, ..Tally::default() };
    let good_after_all = Tally { satisfied: 1, ..Tally::default() };
    let bad_after_all = Tally { satisfied: -1, ..Tally::default() };
    let late_let_go = Tally { finish_due: -1, ..Tally::default() };
    let own = |closed: i64, satisfied: i64| Tally {
        closed,
        rated: closed,
        contacted: closed,
        judged: closed,
        satisfied,
        finish_due: closed,
        finished_in_time: closed,
        ..Tally::default()
    };
    for (own, differences, fits) in [
        // Two satisfied of one is no rate; of two, one of whom was dissatisfied, one satisfied of one is.
        (own(2, 2), vec![&bad_taken_back], vec![false]),
        (own(2, 1), vec![&bad_taken_back], vec![true]),
        (own(0, 0), vec![&bad_taken_back, &good_after_all, &bad_after_all], vec![false; 3]),
        (own(2, 2), vec![&late_let_go, &good_after_all], vec![false; 2]),
        // What comes later may make room for what came before; as much as there is room for.
        (own(2, 2), vec![&bad_taken_back, &bad_after_all], vec![true; 2]),
        (own(2, 1), vec![&good_after_all, &good_after_all], vec![true, false]),
        (own(2, 1), vec![], vec![]),
    ] {
        assert!(own.sound());
        assert_eq!(carried(&own, &differences), fits, "{own:?} {differences:?}");
        let mut with = own;
        differences.iter().zip(&fits).filter(|(_, fits)| **fits).for_each(|(difference, _)| with.add(difference));
        assert!(with.sound(), "{with:?}");
    }
    // Thousandths count as what they are.
    let mean = Tally { rated: 1, closed: 1, satisfied_parts: 600, mostly_satisfied_parts: 500, ..Tally::default() };
    assert!(!mean.sound());
    assert!(Tally { mostly_satisfied_parts: 400, ..mean }.sound());
}
