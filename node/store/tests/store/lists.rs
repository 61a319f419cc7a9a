//! Lists and searches: page by page they come to what looking at every ticket comes to, and no page looks at more than its bound.

use regulation::{ActId, PersonId, UnitId};
use store::{
    ArticleRow, Attention, CORRECTIONS_COUNTED_MAX, Concern, CorrectionCursor, CorrectionFilter, DocNo, Key, Past,
    SEARCH_SEEN_MAX, Shelf, Sought, Store, TICKETS_COUNTED_MAX, TICKETS_SEEN_MAX, TicketCursor, TicketFilter,
    TicketRow, TicketUnit, UnitDue, UnitPart,
};

use crate::rows::{article, ticket};

/// A store of so many tickets, each as `make` has it of its place.
fn filled(tickets: u32, mut make: impl FnMut(u32, TicketRow) -> (TicketRow, &'static str)) -> (Store, Vec<TicketRow>) {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let mut rows = Vec::new();
    for n in 0..tickets {
        let mut id = ActId([0; 32]);
        id.0[..4].copy_from_slice(&n.to_be_bytes());
        let doc = store.add_doc(&id).unwrap();
        let (row, body) = make(n, TicketRow { id, units: Vec::new(), ..ticket(doc) });
        store.put_search(Shelf::Tickets, doc, &row.title, body).unwrap();
        store.put_ticket(&row).unwrap();
        rows.push(row);
    }
    store.commit().unwrap();
    (store, rows)
}

/// The same due of two units.
fn dues(due: Option<i64>) -> Vec<UnitDue> {
    let of = |unit| due.map(|due| UnitDue { unit: UnitId(unit), due, kind: "sign-for".to_owned(), provisional: false });
    [3, 4].into_iter().filter_map(of).collect()
}

/// All of a list, so many a page, and of how many pages.
fn paged(store: &Store, filter: &TicketFilter, limit: usize) -> (Vec<DocNo>, usize) {
    let (mut docs, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.tickets(filter, after.as_ref(), limit).unwrap();
        (pages, after) = (pages + 1, page.next);
        assert!(page.rows.len() <= limit);
        docs.extend(page.rows.iter().map(|row| row.doc));
        // A place is written into an address and read from it.
        after = after.map(|next: TicketCursor| next.to_string().parse().unwrap());
        if after.is_none() {
            return (docs, pages);
        }
    }
}

#[test]
fn pages_of_each_list_come_to_what_looking_at_every_ticket_comes_to() {
    let (store, rows) = filled(90, |n, row| {
        let open = |unit, part, open| TicketUnit { unit: UnitId(unit), part, open };
        let units = match n % 4 {
            0 => vec![open(3, UnitPart::Lead, true), open(3, UnitPart::Assisting, true)],
            1 => vec![open(3, UnitPart::Lead, false), open(4, UnitPart::Assisting, true)],
            2 => vec![open(3, UnitPart::Assisting, n % 3 == 0)],
            _ => Vec::new(),
        };
        let row = TicketRow {
            number: format!("130600-001-2026110{}-{n:05}", n / 40),
            state: ["registered", "archived"][usize::from(n % 3 == 0)].to_owned(),
            next_due: (n % 5 < 3).then(|| i64::from(n * 7 % 20)),
            dues: dues((n % 5 < 3).then(|| i64::from(n * 7 % 20))),
            overruled: n % 2,
            conflicts: u32::from(n % 7 == 0),
            units,
            handler: (n % 5 < 3).then_some(PersonId(n % 5 + 2)),
            ..row
        };
        (row, if n % 2 == 0 { "小区东门外停水" } else { "水" })
    });
    let sought = |words: &str| Some(Sought::Words(words.to_owned()));
    let number = |begins: &str| Some(Sought::Number(begins.to_owned()));
    for state in [None, Some("archived".to_owned())] {
        for unit in [None, Some(UnitId(3))] {
            for due_before in [None, Some(9)] {
                for attention in [None, Some(Attention::Overruled), Some(Attention::Conflicts)] {
                    for looked in [None, sought("停水"), sought("水"), number("130600-001-20261100"), number("x")] {
                        // Whose they are is asked for beside each of the others.
                        let handlers = due_before.and(attention).map(|_| vec![PersonId(2), PersonId(4)]);
                        let filter = TicketFilter {
                            state: state.clone(),
                            unit,
                            due_before,
                            attention,
                            past: None,
                            sought: looked.clone(),
                            handlers: handlers.clone(),
                        };
                        let fits = |row: &&TicketRow| {
                            state.as_ref().is_none_or(|state| row.state == *state)
                                && unit.is_none_or(|unit| row.units.iter().any(|one| one.unit == unit && one.open))
                                && due_before.is_none_or(|before| row.next_due.is_some_and(|due| due < before))
                                && attention.is_none_or(|attention| match attention {
                                    Attention::Overruled => row.overruled > 0,
                                    Attention::Conflicts => row.conflicts > 0,
                                })
                                && handlers.as_ref().is_none_or(|of| row.handler.is_some_and(|who| of.contains(&who)))
                                && match &looked {
                                    Some(Sought::Words(words)) => words == "水" || row.doc.0 % 2 == 1,
                                    Some(Sought::Number(begins)) => row.number.starts_with(begins),
                                    Some(Sought::Key { .. }) | None => true,
                                }
                        };
                        let mut expected: Vec<&TicketRow> = rows.iter().filter(fits).collect();
                        match looked {
                            Some(_) => expected.reverse(),
                            None => expected.sort_by_key(|row| (row.next_due.unwrap_or(i64::MAX), row.doc)),
                        }
                        let expected: Vec<DocNo> = expected.into_iter().map(|row| row.doc).collect();
                        for limit in [1, 7, 500] {
                            assert_eq!(paged(&store, &filter, limit).0, expected, "{filter:?} by {limit}");
                        }
                        let tallied = store.tally(&filter, 9).unwrap();
                        let counted: u64 = tallied.figures.iter().map(|figure| figure.tickets).sum();
                        assert_eq!((counted, tallied.more), (expected.len() as u64, false), "{filter:?}");
                    }
                }
            }
        }
    }
    let page = store.tickets(&TicketFilter::default(), None, 90).unwrap();
    assert_eq!((page.rows.len(), page.next), (90, None), "the last page is told to be the last");
}

#[test]
fn what_changes_hands_or_its_due_stands_once_in_the_list_of_each_unit() {
    let (mut store, rows) = filled(1, |_, row| (row, ""));
    let row = &rows[0];
    let units = |units: &[u32]| {
        units.iter().map(|unit| TicketUnit { unit: UnitId(*unit), part: UnitPart::Lead, open: true }).collect()
    };
    let row = |of: &[u32], next_due| TicketRow { units: units(of), next_due, dues: dues(next_due), ..row.clone() };
    for (now, in_hand) in [(row(&[3], None), [1, 0]), (row(&[3, 4], Some(5)), [1, 1]), (row(&[4], Some(6)), [0, 1])] {
        store.begin().unwrap();
        store.put_ticket(&now).unwrap();
        store.commit().unwrap();
        let found =
            [3, 4].map(|unit| paged(&store, &TicketFilter { unit: Some(UnitId(unit)), ..TicketFilter::default() }, 9));
        assert_eq!(found.map(|(docs, _)| docs.len()), in_hand);
        assert_eq!(store.figures_off().unwrap(), [""; 0]);
    }
}

#[test]
fn a_due_has_an_owner_and_the_list_of_a_unit_goes_by_its_own() {
    let due = |unit, due| UnitDue { unit: UnitId(unit), due, kind: "finish".to_owned(), provisional: false };
    let (store, rows) = filled(3, |n, row| {
        let units = vec![TicketUnit { unit: UnitId(3), part: UnitPart::Lead, open: true }];
        let dues = match n {
            0 => vec![due(1, 60_000), due(3, 540_000)],
            1 => vec![due(3, 300_000)],
            _ => vec![due(1, 120_000)],
        };
        let next_due = dues.iter().map(|due| due.due).min();
        (TicketRow { units, dues, next_due, ..row }, "")
    });
    let list = |unit| paged(&store, &TicketFilter { unit, ..TicketFilter::default() }, 9).0;
    assert_eq!(list(Some(UnitId(3))), [rows[1].doc, rows[0].doc, rows[2].doc]);
    assert_eq!(list(None), [rows[0].doc, rows[2].doc, rows[1].doc]);
    // What is over of somebody else is not overdue here.
    assert_eq!([None, Some(UnitId(3))].map(|unit| store.overdue_figure(unit, 240_000).unwrap()), [2, 0]);
    assert_eq!(rows[0].due_of(UnitId(3)).map(|due| due.due), Some(540_000));
    assert_eq!(store.ticket(rows[0].doc).unwrap().unwrap(), rows[0]);
}

#[test]
fn what_a_unit_did_is_found_when_it_has_left_its_hands() {
    let concern = |unit, at, open, heeds| Concern { unit: UnitId(unit), at, open, heeds };
    let (store, rows) = filled(5, |n, row| {
        let concerned = match n {
            0 => vec![concern(3, 10, false, true), concern(4, 50, false, false)],
            1 => vec![concern(3, 40, true, true)],
            2 => vec![concern(3, 30, false, false)],
            3 => vec![concern(4, 30, false, true)],
            _ => Vec::new(),
        };
        (TicketRow { concerned, ..row }, "")
    });
    let of = |past| TicketFilter { unit: Some(UnitId(3)), past: Some(past), ..TicketFilter::default() };
    for limit in [1, 9] {
        assert_eq!(paged(&store, &of(Past::Heeds), limit).0, [rows[1].doc, rows[0].doc], "the newest first");
        assert_eq!(paged(&store, &of(Past::Since(0)), limit).0, [rows[2].doc, rows[0].doc]);
        assert_eq!(paged(&store, &of(Past::Since(20)), limit).0, [rows[2].doc]);
    }
}

#[test]
fn keys_find_a_ticket_and_of_requesters_not_for_everybody() {
    let (mut store, rows) = filled(3, |n, row| {
        let flags = ["", "urgent confidential", "recused"][n as usize].to_owned();
        (TicketRow { flags, ..row }, "")
    });
    store.begin().unwrap();
    for (n, row) in rows.iter().enumerate() {
        let keys = [
            (Key::NumberEnd, format!("X{n}0")),
            (Key::Telephone, "13800001111".to_owned()),
            (Key::Name, "张三".to_owned()),
        ];
        store.put_keys(row.doc, &keys).unwrap();
        store.put_keys(row.doc, &keys).unwrap();
    }
    store.commit().unwrap();
    let found = |what, key: &str, restricted| {
        let sought = Some(Sought::Key { what, key: key.to_owned(), restricted });
        [1, 9].map(|limit| paged(&store, &TicketFilter { sought: sought.clone(), ..TicketFilter::default() }, limit).0)
    };
    let all: Vec<DocNo> = rows.iter().rev().map(|row| row.doc).collect();
    for (what, key) in [(Key::Telephone, "13800001111"), (Key::Name, "张三")] {
        assert!(store.any_key(what, key, true).unwrap() && store.any_key(what, key, false).unwrap());
        assert_eq!(found(what, key, true), [all.clone(), all.clone()]);
        assert_eq!(found(what, key, false), [vec![rows[0].doc], vec![rows[0].doc]], "whom not everybody may know");
    }
    assert_eq!(found(Key::NumberEnd, "X1", true)[1], [rows[1].doc]);
    for (what, key) in [(Key::Name, "张"), (Key::Telephone, "1380000111"), (Key::Source, "X")] {
        assert!(!store.any_key(what, key, true).unwrap(), "{what:?} {key}: of people what is whole alone");
    }
    // That somebody raised one of those is seen by nothing.
    store.begin().unwrap();
    store.put_keys(rows[1].doc, &[(Key::Name, "王五".to_owned())]).unwrap();
    store.commit().unwrap();
    assert_eq!([true, false].map(|of| store.any_key(Key::Name, "王五", of).unwrap()), [true, false]);
}

#[test]
fn a_page_whose_rows_hardly_fit_ends_at_its_bound_and_says_where_to_go_on() {
    let most = u32::try_from(TICKETS_SEEN_MAX).unwrap();
    let (store, _) = filled(most + 9, |n, row| {
        let conflicts = u32::from(n == 0 || n == most + 3);
        (
            TicketRow { next_due: Some(n.into()), state: "archived".to_owned(), conflicts, overruled: 1, ..row },
            "路灯不亮",
        )
    });
    let both = TicketFilter { attention: Some(Attention::Conflicts), ..TicketFilter::default() };
    for filter in [
        TicketFilter { sought: Some(Sought::Words("路灯".to_owned())), ..both.clone() },
        TicketFilter { sought: Some(Sought::Number("U1".to_owned())), ..both },
    ] {
        let (docs, pages) = paged(&store, &filter, 50);
        assert_eq!((docs.len(), pages), (2, 2), "{filter:?}");
        assert_eq!(store.tickets(&filter, None, 50).unwrap().rows.len(), 1);
        assert!(store.tally(&filter, 0).unwrap().more, "what was not looked at is not said to be nothing");
    }
    let frequent = TicketFilter { sought: Some(Sought::Words("路灯".to_owned())), ..TicketFilter::default() };
    let tallied = store.tally(&frequent, 0).unwrap();
    let counted: u64 = tallied.figures.iter().map(|figure| figure.tickets).sum();
    assert_eq!((counted, tallied.more), (TICKETS_COUNTED_MAX as u64, true));
}

#[test]
fn words_that_hardly_ever_stand_together_are_looked_for_a_bounded_way_back() {
    // Of two frequent words either one or the other stands in nearly all; a rare one reaches all the way.
    let (store, _) = filled(2 * SEARCH_SEEN_MAX + 400, |n, row| {
        let body = match n {
            7 => "路灯，停水，老鼠",
            n if n % 2 == 0 => "路灯不亮",
            _ => "全楼停水",
        };
        (TicketRow { title: String::new(), ..row }, body)
    });
    let of = |words: &str| TicketFilter { sought: Some(Sought::Words(words.to_owned())), ..TicketFilter::default() };
    let first = store.tickets(&of("路灯 停水"), None, 50).unwrap();
    assert!(first.rows.is_empty());
    let Some(TicketCursor::Came(reach)) = first.next else { panic!("{:?} is the end", first.next) };
    assert!(reach > DocNo(1) && reach.0 < 500, "as far back as the words are in so many: {reach:?}");
    assert_eq!(paged(&store, &of("路灯 停水"), 50), (vec![DocNo(8)], 2));
    assert_eq!(paged(&store, &of("老鼠 停水 路灯"), 50), (vec![DocNo(8)], 1));
    assert!(store.tally(&of("路灯 停水"), 0).unwrap().more);
}

#[test]
fn a_search_for_tickets_finds_no_article_nor_the_other_way_round() {
    let (mut store, rows) = filled(1, |_, row| (row, "暖气不热"));
    store.begin().unwrap();
    let doc = store.add_doc(&ActId([9; 32])).unwrap();
    store.put_article(&article(doc)).unwrap();
    store.put_search(Shelf::Articles, doc, "供暖报修", "暖气不热，拨打热线").unwrap();
    store.commit().unwrap();
    let words = TicketFilter { sought: Some(Sought::Words("暖气".to_owned())), ..TicketFilter::default() };
    assert_eq!(paged(&store, &words, 9).0, [rows[0].doc]);
    let found = store.search_articles("暖气", &store::ArticleFilter::default(), 9).unwrap();
    assert_eq!(found.iter().map(|row| row.doc).collect::<Vec<_>>(), [doc]);
}

#[test]
fn what_is_to_be_corrected_is_listed_page_by_page_by_an_index_and_counted_up_to_its_bound() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let mut expected = Vec::new();
    for n in 0..2 * CORRECTIONS_COUNTED_MAX {
        let mut id = ActId([0; 32]);
        id.0[..4].copy_from_slice(&n.to_be_bytes());
        let doc = store.add_doc(&id).unwrap();
        let (owner, due) = (UnitId(3 + n % 2), (n % 7 > 0).then_some(i64::from(n % 5)));
        store.put_article(&ArticleRow { id, owner, correction_due: due, ..article(doc) }).unwrap();
        expected.extend(due.map(|due| (due, doc, owner)));
    }
    store.commit().unwrap();
    expected.sort_unstable();
    for owner in [None, Some(UnitId(3))] {
        for due_before in [None, Some(3)] {
            let filter = CorrectionFilter { owner, due_before };
            let fits = |(due, _, of): &&(i64, DocNo, UnitId)| {
                owner.is_none_or(|owner| owner == *of) && due_before.is_none_or(|before| *due < before)
            };
            let all: Vec<DocNo> = expected.iter().filter(fits).map(|(_, doc, _)| *doc).collect();
            let (mut docs, mut after) = (Vec::new(), None);
            loop {
                let page = store.corrections(filter, after, 7).unwrap();
                docs.extend(page.iter().map(|row| row.doc));
                let Some(last) = page.get(6) else { break };
                after = Some(CorrectionCursor { due: last.correction_due.unwrap(), doc: last.doc });
            }
            assert_eq!(docs, all, "{filter:?}");
            let counted = all.len().min(CORRECTIONS_COUNTED_MAX as usize);
            assert_eq!(store.corrections_counted(filter).unwrap(), counted as u64);
        }
    }
    store.begin().unwrap();
    for (_, doc, _) in &expected {
        let row = store.article(*doc).unwrap().unwrap();
        store.put_article(&ArticleRow { correction_due: None, ..row }).unwrap();
    }
    store.commit().unwrap();
    assert_eq!(store.corrections_counted(CorrectionFilter::default()).unwrap(), 0);
}
