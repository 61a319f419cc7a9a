//! Rows to write, and every write that there is.

use regulation::{ActId, DeviceId, PersonId, UnitId};
use store::{
    AccountRow, ActState, AlarmRow, ArticleRow, Aseq, AsideRow, ChangeSort, Concern, CountRow, Cursor, DeputyRow,
    DocNo, FeedEntry, HeldRow, Key, LeaveRow, Mark, NewAct, ProposalRow, RefusedRow, RequestRow, RevealRow, ScopeId,
    Shelf, Store, StoreError, StubRow, TicketRow, TicketUnit, Turn, UnitDue, UnitPart, Verdict, Weight,
};

pub const KEY: [u8; 32] = [7; 32];
/// What a ticket is called elsewhere.
const EXTERNAL: store::External<'static> = store::External { system: "old", number: "1", unit: UnitId(1) };
const SERIAL: store::Serial = store::Serial { device: DeviceId(4), day: 20_759, serial: 1 };

pub fn id(n: u8) -> ActId {
    ActId([n; 32])
}

pub fn act(n: u8, doc: DocNo) -> NewAct<'static> {
    NewAct {
        id: id(n),
        doc,
        bytes: b"act",
        names: &[],
        signatures: &[1; 64],
        verdict: Verdict::Admitted,
        rule: None,
        received_at: 5,
        peer: None,
        device: DeviceId(1),
        epoch: u64::MAX,
        dseq: n.into(),
    }
}

pub fn ticket(doc: DocNo) -> TicketRow {
    TicketRow {
        doc,
        id: id(1),
        number: "U1-001".to_owned(),
        external: None,
        state: "registered".to_owned(),
        kind: "help".to_owned(),
        urgency: "ordinary".to_owned(),
        category: "0101".to_owned(),
        place: String::new(),
        title: "供暖不热".to_owned(),
        lead: Some(UnitId(3)),
        units: vec![TicketUnit { unit: UnitId(3), part: UnitPart::Lead, open: true }],
        concerned: vec![Concern { unit: UnitId(3), at: 3, open: true, heeds: false }],
        dues: vec![UnitDue { unit: UnitId(3), due: 4, kind: "sign-for".to_owned(), provisional: false }],
        raised_at: 1,
        registered_at: 2,
        updated_at: 3,
        next_due: Some(4),
        next_due_kind: Some("sign-for".to_owned()),
        next_due_unit: Some(UnitId(3)),
        provisional: false,
        flags: String::new(),
        unsettled: 1,
        overruled: 0,
        conflicts: 0,
        overdue_at: Some(9),
        handler: Some(PersonId(1)),
    }
}

pub fn count(day: i64, much: i64) -> CountRow {
    CountRow { day, afternoon: false, unit: UnitId(3), apart: false, leaves: much > 1, numbers: vec![(1, much)] }
}

pub fn article(doc: DocNo) -> ArticleRow {
    ArticleRow {
        owner: UnitId(3),
        correction_due: None,
        doc,
        id: id(1),
        title: "供暖报修".to_owned(),
        category: "0101".to_owned(),
        state: "draft".to_owned(),
        body: "拨打热线".to_owned(),
        published: None,
        published_at: None,
        updated_at: 3,
        conflicts: 0,
    }
}

pub fn held(n: u8) -> HeldRow {
    HeldRow {
        id: id(n),
        act: id(n),
        bytes: vec![n; 10],
        scope: Some(ScopeId(3)),
        peer: Some(DeviceId(2)),
        received_at: 5,
        device: DeviceId(4),
        reason: "held".to_owned(),
    }
}

pub fn aside() -> AsideRow {
    let (scope, peer, device, weight) = (ScopeId(3), DeviceId(2), DeviceId(4), Weight::Held);
    AsideRow { act: id(9), scope, peer, device, weight, bytes: 10, received_at: 5 }
}

pub fn stub() -> StubRow {
    let (device, peer, signatures) = (DeviceId(4), DeviceId(2), vec![1; 64]);
    StubRow { id: id(9), device, epoch: 1, dseq: 1, signatures, peer, received_at: 5 }
}

pub fn refused(n: u32, len: usize) -> RefusedRow {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&n.to_be_bytes());
    RefusedRow { digest, bytes: Some(vec![1; len]), reason: "malformed".to_owned(), peer: None, received_at: n.into() }
}

pub fn account() -> AccountRow {
    let (person, password) = (PersonId(1), "$argon2id$".to_owned());
    AccountRow { person, password, round: 1, first_by: Some(PersonId(2)), own_since: Some(5), version: 3 }
}

pub fn reveal(at: i64) -> RevealRow {
    let text = |text: &str| text.to_owned();
    let (way, reason, note, what) = (text("page"), text("contact"), text("核对"), text("requester"));
    RevealRow { at, person: PersonId(1), doc: id(1), way, reason, note, what, paper: text("保监〔2026〕3号") }
}

pub fn deputy() -> DeputyRow {
    DeputyRow { person: PersonId(1), deputy: Some(PersonId(2)), by: PersonId(1), at: 1 }
}

pub fn leave() -> LeaveRow {
    let (person, cover) = (PersonId(1), PersonId(2));
    LeaveRow { number: 1, person, cover, first: 739_922, last: 739_924, by: person, at: 1, ended: None }
}

pub fn request(n: u8) -> RequestRow {
    RequestRow { id: [n; 32], person: PersonId(1), digest: [n; 32], told: b"done".to_vec(), at: n.into() }
}

type Write = fn(&mut Store) -> Result<(), StoreError>;

/// Every write by name; all of them can be made in a transaction, in this order.
pub fn alarm(at: i64) -> AlarmRow {
    AlarmRow {
        kind: "registry-refused".into(),
        source: format!("device {at}"),
        detail: String::new(),
        first_at: at,
        last_at: at,
        count: 1,
        acknowledged: None,
        over_at: None,
    }
}

/// What waits for a second person.
pub fn proposal() -> ProposalRow {
    let (person, keeper) = (Some(PersonId(1)), Some(UnitId(2)));
    ProposalRow { act: id(7), kind: 66, person, keeper, since: 5 }
}

pub fn writes() -> Vec<(&'static str, Write)> {
    vec![
        ("put_external", |s| s.add_doc(&id(1)).and_then(|doc| s.put_external(EXTERNAL, doc, Some([1; 32]), None))),
        ("put_serial", |s| s.put_serial(20_759, 1)),
        ("put_number", |s| s.add_doc(&id(1)).and_then(|doc| s.put_number(SERIAL, doc)).map(drop)),
        ("put_time", |s| s.put_time(3, 1_000).map(drop)),
        ("skip_serials", |s| s.skip_serials(1)),
        ("put_account", |s| s.put_account(&account())),
        ("end_sessions", |s| s.end_sessions(PersonId(1)).map(drop)),
        ("remove_account", |s| s.remove_account(PersonId(1)).map(drop)),
        ("put_deputy", |s| s.put_deputy(&deputy())),
        ("put_leave", |s| s.put_leave(&leave())),
        ("end_leave", |s| s.end_leave(1, PersonId(2), 2)),
        ("put_alarm", |s| s.put_alarm(&alarm(1))),
        ("add_doc", |s| s.add_doc(&id(1)).map(drop)),
        ("put_reveal", |s| s.put_reveal(&reveal(1))),
        ("put_request", |s| s.put_request(&request(1), 2, 0)),
        ("put_answer", |s| s.put_answer(&[1; 32], b"answer")),
        ("insert_act", |s| s.insert_act(&act(1, DocNo(1))).map(drop)),
        ("set_verdict", |s| s.set_verdict(Aseq(1), Verdict::Unlawful, Some("city-only")).map(drop)),
        ("put_part", |s| s.put_part(Aseq(1), 1, &[0; 16], "私密".as_bytes())),
        ("drop_part", |s| s.drop_part(Aseq(1), 2).map(drop)),
        ("put_article", |s| s.put_article(&article(DocNo(1)))),
        ("put_proposals", |s| s.put_proposals(DocNo(1), &[proposal()])),
        ("set_cursor", |s| s.set_cursor(DeviceId(2), ScopeId(3), &Cursor::default())),
        ("feed_append", |s| {
            s.feed_append(ScopeId(3), FeedEntry::Act(Aseq(1)), Mark { lseq: 1, running: [1; 16] }, None)
        }),
        ("set_doc_scope", |s| s.set_doc_scope(DocNo(1), ScopeId(3), true)),
        ("hold", |s| s.hold(&held(9), &[[8; 32]])),
        ("drop_held", |s| s.drop_held(&id(8)).map(drop)),
        ("set_aside", |s| s.set_aside(&aside())),
        ("drop_aside", |s| s.drop_aside(&id(8), ScopeId(3))),
        ("put_stub", |s| s.put_stub(&stub()).map(drop)),
        ("put_finding", |s| s.put_finding(&[6; 32], &id(1), b"finding").map(drop)),
        ("set_finding", |s| s.set_finding(1, b"finding")),
        ("put_keys", |s| s.put_keys(DocNo(1), &[(Key::Name, "张三".to_owned())])),
        ("set_meta", |s| s.set_meta("node/x", b"value")),
        ("registry_append", |s| s.registry_append(0, 1, b"entry")),
        ("refuse", |s| s.refuse(&refused(1, 10)).map(drop)),
        ("forget_refused", |s| s.forget_refused(&[9; 32]).map(drop)),
        ("go_back_for_newer", |s| s.go_back_for_newer().map(drop)),
        ("put_counts", |s| s.put_counts(DocNo(1), &[count(20_000, 1)])),
        ("put_search", |s| s.put_search(Shelf::Tickets, DocNo(1), "供暖不热", "三单元")),
        ("put_act_state", |s| s.put_act_state(Aseq(1), &ActState::default())),
        ("put_ticket", |s| s.put_ticket(&ticket(DocNo(1))).map(drop)),
        ("set_projected", |s| s.set_projected(DocNo(1), Turn::Open)),
        ("note_change", |s| s.note_change(DocNo(1), ChangeSort::Acts)),
        ("skip_changes", Store::skip_changes),
        ("recount", Store::recount),
        ("want_projections", Store::want_projections),
        ("drop_projections", Store::drop_projections),
    ]
}

/// Makes all of them but the last, which empties the projections.
pub fn fill(store: &mut Store) {
    store.begin().unwrap();
    for (name, write) in writes().into_iter().filter(|(name, _)| *name != "drop_projections") {
        write(store).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    store.commit().unwrap();
}

/// All that can be seen of a store: the rows of every table, and the projections as text.
pub fn contents(store: &store::Queries) -> (Vec<(&'static str, u64)>, Vec<String>) {
    (store.stats().unwrap().rows, store.dump_projections().unwrap())
}
