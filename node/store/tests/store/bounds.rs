//! What is bounded stays bounded, and what is kept stays as it came.

use regulation::DeviceId;
use store::{
    ACT_ROWS_BYTES_MAX, ACT_ROWS_MAX, ALARM_ROWS_MAX, AlarmRow, Aseq, Cursor, FeedEntry, HELD_ROWS_BYTES_MAX,
    HELD_ROWS_MAX, Mark, Matter, REFUSED_BYTES_MAX, REFUSED_ROWS_MAX, ScopeId, Store,
};

use crate::rows::{act, alarm, fill, held, id, refused, ticket};

#[test]
fn quarantine_keeps_the_newest_and_of_large_items_the_digest() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let count = u32::try_from(REFUSED_ROWS_MAX).unwrap();
    for n in 0..count + 5 {
        assert!(store.refuse(&refused(n, 1)).unwrap());
        assert!(!store.refuse(&refused(n, 1)).unwrap(), "it is kept once");
    }
    assert!(store.refuse(&refused(count + 5, REFUSED_BYTES_MAX)).unwrap());
    assert!(store.refuse(&refused(count + 6, REFUSED_BYTES_MAX + 1)).unwrap());
    store.commit().unwrap();
    assert_eq!(store.refused_count().unwrap(), REFUSED_ROWS_MAX as u64);
    let rows = store.refused(usize::MAX).unwrap();
    assert_eq!(rows.len(), REFUSED_ROWS_MAX);
    assert_eq!((rows[0].received_at, &rows[0].bytes), (i64::from(count) + 6, &None));
    assert_eq!(rows[1].bytes.as_ref().map(Vec::len), Some(REFUSED_BYTES_MAX));
    assert_eq!(rows.last().unwrap().received_at, 7, "the oldest went first");
}

#[test]
fn alarms_that_stand_outlive_those_that_somebody_took_note_of() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let count = i64::try_from(ALARM_ROWS_MAX).unwrap();
    for n in 0..count {
        let acknowledged = (n % 2 == 0).then_some((regulation::PersonId(1), n));
        store.put_alarm(&AlarmRow { acknowledged, ..alarm(n) }).unwrap();
    }
    store.put_alarm(&alarm(count)).unwrap();
    store.commit().unwrap();
    let rows = store.alarms(usize::MAX).unwrap();
    assert_eq!(rows.len(), ALARM_ROWS_MAX);
    assert_eq!(rows[0].source, format!("device {count}"), "the newest first");
    assert!(rows.iter().all(|row| row.source != "device 0"), "the oldest that was acknowledged went");
    assert!(rows.iter().any(|row| row.source == "device 1"));
}

#[test]
fn acts_of_all_documents_come_by_rows_and_by_bytes_and_none_is_passed_over() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let doc = store.add_doc(&id(1)).unwrap();
    for n in 1..=5 {
        let aseq = store.insert_act(&act(n, doc)).unwrap();
        store.put_part(aseq, 1, &[0; 16], &vec![n; ACT_ROWS_BYTES_MAX * 2 / 5]).unwrap();
    }
    store.commit().unwrap();
    let (mut after, mut pages) = (Aseq(0), Vec::new());
    loop {
        let page = store.acts_after(after, ACT_ROWS_MAX).unwrap();
        let Some(last) = page.last() else { break };
        after = last.aseq;
        assert!(page.iter().all(|act| act.parts.len() == 1), "no act is parted");
        pages.push(page.len());
    }
    assert_eq!(pages, [2, 2, 1]);
    let (mut after, mut pages) = (Aseq(0), Vec::new());
    while let Some(last) = store.acts_of(doc, after).unwrap().last().map(|last| last.aseq) {
        pages.push(store.acts_of(doc, after).unwrap().len());
        after = last;
    }
    assert_eq!(pages, [2, 2, 1], "a document too");
    let arrivals = store.arrivals(doc, Aseq(1)).unwrap();
    assert_eq!(arrivals.iter().map(|one| one.id).collect::<Vec<_>>(), [2, 3, 4, 5].map(id));
}

#[test]
fn act_that_is_held_again_stays_as_it_first_came() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    store.hold(&held(9), &[[1; 32], [2; 32]]).unwrap();
    let again = store::HeldRow { bytes: vec![0], received_at: 99, reason: "another".to_owned(), ..held(9) };
    store.hold(&again, &[[3; 32]]).unwrap();
    let row = store.held(&id(9)).unwrap().unwrap();
    assert_eq!((row.bytes, row.received_at, row.reason.as_str()), (held(9).bytes, 5, "another"));
    assert_eq!(store.held_needs(&id(9)).unwrap(), [[3; 32]]);
    // Unless more of its parts came.
    store.hold(&store::HeldRow { bytes: vec![1; 20], ..again }, &[[3; 32]]).unwrap();
    assert_eq!(store.held(&id(9)).unwrap().unwrap().bytes, [1; 20]);
    // Who answers for it is known once it was judged: with it goes what it weighs.
    let other = DeviceId(held(9).device.0 + 1);
    let weighs = |store: &Store, device| store.weight_of(store::Weight::Held, device).unwrap();
    let before = weighs(&store, held(9).device);
    store.hold(&store::HeldRow { device: other, bytes: vec![1; 30], ..held(9) }, &[[3; 32]]).unwrap();
    assert_eq!((weighs(&store, held(9).device), weighs(&store, other)), (0, before + 10));
    assert_eq!(store.held(&id(9)).unwrap().unwrap().device, other);
    assert!(store.drop_held(&id(9)).unwrap() && !store.drop_held(&id(9)).unwrap());
    assert_eq!(weighs(&store, other), 0);
    assert!(store.held_waiting_for(&[3; 32], None).unwrap().is_empty(), "its needs went with it");
    store.commit().unwrap();
}

#[test]
fn questions_return_no_more_than_their_limit_and_pages_join() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    for n in 0..u16::try_from(HELD_ROWS_MAX).unwrap() + 3 {
        let mut row = held(1);
        row.id.0[..2].copy_from_slice(&n.to_be_bytes());
        store.hold(&row, &[[7; 32]]).unwrap();
    }
    store.commit().unwrap();
    let waiting = store.held_waiting_for(&[7; 32], None).unwrap();
    assert_eq!(waiting.len(), HELD_ROWS_MAX);
    assert_eq!(store.held_waiting_for(&[7; 32], waiting.last().map(|row| &row.id)).unwrap().len(), 3);
    let first = store.held_after(None, usize::MAX).unwrap();
    assert_eq!(first.len(), HELD_ROWS_MAX);
    assert_eq!(store.held_after(first.last().map(|row| &row.id), usize::MAX).unwrap().len(), 3);
    assert_eq!(store.held_count_of(DeviceId(4)).unwrap(), HELD_ROWS_MAX as u64 + 3);
}

#[test]
fn held_acts_come_by_their_bytes_and_one_that_is_longer_comes_alone() {
    for (each, at_once) in
        [(HELD_ROWS_BYTES_MAX / 4, 4), (HELD_ROWS_BYTES_MAX / 4 + 1, 3), (HELD_ROWS_BYTES_MAX + 1, 1)]
    {
        let mut store = Store::in_memory().unwrap();
        store.begin().unwrap();
        for n in 0..5 {
            let row = store::HeldRow { id: id(n), bytes: vec![n; each], ..held(n) };
            store.hold(&row, &[[7; 32]]).unwrap();
        }
        store.commit().unwrap();
        let (mut after, mut seen) = (None, 0);
        loop {
            let rows = store.held_waiting_for(&[7; 32], after.as_ref()).unwrap();
            assert_eq!(rows, store.held_after(after.as_ref(), usize::MAX).unwrap());
            let Some(last) = rows.last() else { break };
            assert!(rows.len() == at_once || seen + rows.len() == 5, "{each}: {}", rows.len());
            (after, seen) = (Some(last.id), seen + rows.len());
        }
        assert_eq!(seen, 5);
    }
}

#[test]
fn positions_beyond_all_range_stay_beyond_every_head() {
    let mut store = Store::in_memory().unwrap();
    fill(&mut store);
    store.begin().unwrap();
    let mark = Mark { lseq: u64::MAX, running: [1; 16] };
    store
        .set_cursor(
            DeviceId(2),
            ScopeId(3),
            &Cursor { received: mark, acked: mark, full_upto: u64::MAX, arrived: u64::MAX, newer: Some(mark) },
        )
        .unwrap();
    store.commit().unwrap();
    let cursor = store.cursor(DeviceId(2), ScopeId(3)).unwrap();
    for lseq in [cursor.received.lseq, cursor.acked.lseq, cursor.full_upto, cursor.arrived] {
        assert_eq!(lseq, i64::MAX.unsigned_abs());
    }
    assert_eq!(store.feed_mark(ScopeId(3), u64::MAX).unwrap(), None);
    assert!(store.feed_read(ScopeId(3), u64::MAX, ACT_ROWS_MAX).unwrap().is_empty());
    assert_eq!(store.feed_mark(ScopeId(3), 0).unwrap(), Some(Mark::default()));
}

#[test]
fn two_acts_of_one_identity_are_both_kept() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let doc = store.add_doc(&id(1)).unwrap();
    assert_eq!(store.add_doc(&id(1)).unwrap(), doc);
    for n in [1, 2] {
        store.insert_act(&store::NewAct { epoch: u64::MAX, dseq: 7, ..act(n, doc) }).unwrap();
    }
    store.commit().unwrap();
    let found: Vec<_> =
        store.acts_of_identity(DeviceId(1), u64::MAX, 7).unwrap().into_iter().map(|(_, id)| id).collect();
    assert_eq!(found, [id(1), id(2)]);
    assert_eq!(store.act(&id(1)).unwrap().unwrap().epoch, u64::MAX);
}

#[test]
fn ids_that_stand_in_an_act_are_kept_by_number_and_come_back_wherever_it_is_read() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let (doc, other) = (store.add_doc(&id(1)).unwrap(), store.add_doc(&id(2)).unwrap());
    store.insert_act(&act(1, doc)).unwrap();
    store.insert_act(&act(2, other)).unwrap();
    // Of its document, of an act of another document, of one that is not stored, and one that nobody said it names.
    let bytes = [&id(1).0[..], b"-", &id(2).0, &id(3).0, &id(1).0, &[9; 5]].concat();
    let names = [id(1), id(2), id(3)];
    store.insert_act(&store::NewAct { bytes: &bytes, names: &names, dseq: 3, ..act(4, doc) }).unwrap();
    store.insert_act(&store::NewAct { bytes: &bytes, dseq: 4, ..act(5, other) }).unwrap();
    store.commit().unwrap();
    for n in [4, 5] {
        let read = store.act(&id(n)).unwrap().unwrap();
        assert_eq!(read.bytes, bytes);
        assert!(store.acts_of(read.doc, Aseq(0)).unwrap().contains(&read));
        assert!(store.acts_after(Aseq(0), 9).unwrap().contains(&read));
        assert_eq!(store.acts_between(read.doc, Aseq(read.aseq.0 - 1), read.aseq).unwrap(), [read]);
    }
}

#[test]
fn erased_part_leaves_the_act_and_its_other_part() {
    let mut store = Store::in_memory().unwrap();
    fill(&mut store);
    store.begin().unwrap();
    let aseq = store.aseq_of(&id(1)).unwrap().unwrap();
    store.put_part(aseq, 2, &[1; 16], b"13800000000").unwrap();
    assert!(store.drop_part(aseq, 1).unwrap());
    assert!(!store.drop_part(aseq, 1).unwrap());
    store.commit().unwrap();
    let kinds: Vec<u8> = store.act(&id(1)).unwrap().unwrap().parts.iter().map(|part| part.kind).collect();
    assert_eq!(kinds, [2]);
}

#[test]
fn feed_numbers_its_entries_without_a_gap() {
    let mut store = Store::in_memory().unwrap();
    fill(&mut store);
    store.begin().unwrap();
    let aseq = store.aseq_of(&id(1)).unwrap().unwrap();
    for expected in 2..6 {
        let at = Mark { lseq: expected, running: [u8::try_from(expected).unwrap(); 16] };
        store.feed_append(ScopeId(3), FeedEntry::Act(aseq), at, None).unwrap();
    }
    store.feed_append(ScopeId(4), FeedEntry::Act(aseq), Mark { lseq: 1, running: [1; 16] }, None).unwrap();
    store.commit().unwrap();
    assert_eq!(store.feed_head(ScopeId(3)).unwrap(), Mark { lseq: 5, running: [5; 16] });
    let lseqs: Vec<u64> = store.feed_read(ScopeId(3), 2, 2).unwrap().iter().map(|row| row.lseq).collect();
    assert_eq!(lseqs, [3, 4]);
    store.begin().unwrap();
    for n in 6..=70 {
        let at = Mark { lseq: n.into(), running: [n; 16] };
        store.feed_append(ScopeId(3), FeedEntry::Act(aseq), at, None).unwrap();
    }
    store.commit().unwrap();
    let kept = |lseq| store.feed_mark(ScopeId(3), lseq).unwrap().map(|mark| (mark.lseq, mark.running[0]));
    let asked = [0, 31, 32, 63, 64, 69, 70, 71].map(kept);
    let (zero, at) = (Some((0, 0)), |n: u8| Some((u64::from(n), n)));
    assert_eq!(asked, [zero, zero, at(32), at(32), at(64), at(64), at(70), None]);
    assert_eq!(store.feed_scopes().unwrap().len(), 2);
    store.begin().unwrap();
    let taken = Mark { lseq: 70, running: [1; 16] };
    assert!(store.feed_append(ScopeId(3), FeedEntry::Act(aseq), taken, None).is_err(), "its place is taken");
}

#[test]
fn tickets_near_a_time_are_those_within_reach_on_both_sides_nearest_first() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    for raised_at in 0..20_u8 {
        let doc = store.add_doc(&id(raised_at)).unwrap();
        let place = if raised_at % 2 == 0 { "义安镇" } else { "" };
        let category = if raised_at < 15 { "0104" } else { "" };
        let (place, category) = (place.to_owned(), category.to_owned());
        store.put_ticket(&store::TicketRow { place, category, raised_at: raised_at.into(), ..ticket(doc) }).unwrap();
    }
    store.commit().unwrap();
    let near = |matter, around, within, limit| -> Vec<i64> {
        let rows = store.tickets_near(matter, around, within, limit).unwrap();
        rows.iter().map(|row| row.raised_at).collect()
    };
    let category = Matter::Category("0104");
    assert_eq!(near(category, 10, 3, 9), [10, 9, 11, 8, 12, 7, 13], "both ends are within reach");
    assert_eq!(near(category, 13, 9, 2), [13, 12, 14, 11], "two on each side");
    assert_eq!(near(Matter::Category(""), 16, 2, 9), [16, 15, 17, 18]);
    assert_eq!(near(Matter::Place("义安镇"), 6, 4, 9), [6, 4, 8, 2, 10]);
    assert!(near(Matter::Place(""), 6, 99, 9).is_empty(), "no place is no place in common");
    assert!(near(category, i64::MAX, i64::MAX, 9).len() <= 18 && near(category, i64::MIN, 1, 9).is_empty());
}
