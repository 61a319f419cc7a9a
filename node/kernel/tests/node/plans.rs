//! Every statement that a node's work, its pages and its calls use finds what it wants by an index: SQLite is asked for its
//! plan of each. A statement that goes through a whole table which grows is listed here, with the reason.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use kernel::{Input, Kernel, duplicates, read};
use regulation::{ActId, DeviceId};
use store::{
    ACT_ROWS_MAX, ArticleFilter, Aseq, Attention, DocNo, Queries, RevealFilter, ScopeId, Sought, TicketCursor,
    TicketFilter,
};

use crate::city::{self, CITY, HUB, NOON, OFFICE, TOWN};
use crate::net::Net;

/// What may go through a whole table or sort what it found: a piece of the statement, and why. Whoever adds to it says why
/// the table cannot grow, or who may wait for it.
const WHOLE: [(&str, &str); 28] = [
    ("SELECT count(*) FROM ", "rows of each table, for doctor and the tests"),
    ("FROM registry", "the log is read whole when the node opens, and is as long as the registry has entries"),
    ("FROM meta", "some dozen rows"),
    ("FROM accounts", "people of one node"),
    ("FROM alarms", "bounded by alarms::ALARMS_MAX"),
    ("FROM cursors", "peers times scopes"),
    ("FROM generations", "one row a generation that is still shown"),
    ("FROM projection", "one row"),
    ("UPDATE projection", "one row"),
    ("FROM commits", "one row"),
    ("UPDATE commits", "one row"),
    ("FROM docs WHERE doc > ?1 ORDER BY doc LIMIT", "a page of a walk by the primary key"),
    ("SELECT aseq FROM acts WHERE aseq > ?1 ORDER BY aseq LIMIT", "a page of a walk by the primary key"),
    ("json_each", "a list of peers or scopes that the caller gives"),
    ("s.stratum IS NULL", "only what the hub has not confirmed stands in that index; read when the hub opens"),
    ("FROM held_needs n WHERE NOT EXISTS", "what is held is bounded by quotas; read by doctor alone"),
    ("FROM held GROUP BY device", "what is held is bounded by quotas"),
    ("article_search MATCH", "articles that have the words are sorted by how well they fit; no ticket is among them"),
    ("FROM externals e JOIN externals o", "tickets of one number of another system: mostly none"),
    ("SELECT EXISTS (SELECT 1 FROM ticket_units)", "its first row"),
    ("FROM reveals JOIN docs USING (doc) WHERE ?1 IS NULL AND ?2 IS NULL", "a page of the newest, by the primary key"),
    ("FROM changes ORDER BY seq DESC LIMIT 1", "its last row, by the primary key"),
    ("INSERT INTO docs", "its trigger looks at the last of the changes"),
    ("FROM backlog", "peers times scopes"),
    ("FROM heads", "one row a scope"),
    ("UPDATE cursors", "peers times scopes; when the node opens"),
    ("FROM counted WHERE doc", "views, whose rows are found by the document"),
    ("FROM refused ORDER BY rseq DESC LIMIT", "a page of the newest, by the primary key"),
];

/// The first page of a list goes through the index of its order until it is full; every other one must begin at its key.
fn first_page(step: &str, sql: &str) -> bool {
    let indices = ["tickets_by_due", "tickets_overruled", "tickets_conflicts", "articles_by_update"];
    let begins = sql.contains("t.due > ?") || sql.contains("t.due = ?");
    indices.iter().any(|index| step.contains(index)) && sql.contains("LIMIT") && !begins
}

fn traced(device: DeviceId) -> (Kernel, Arc<Mutex<BTreeSet<String>>>) {
    let mut store = city::store(&city::registry());
    let said: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let keep = Arc::clone(&said);
    store
        .trace(move |sql| {
            keep.lock().unwrap().insert(sql.to_owned());
        })
        .unwrap();
    (city::open(device, store, NOON, false), said)
}

/// What pages and calls ask of the store.
fn ask(kernel: &Kernel, doc: ActId) {
    let store: &Queries = kernel.store();
    let row = store.doc_no(&doc).unwrap().unwrap();
    let filters = [
        TicketFilter::default(),
        TicketFilter { state: Some("registered".to_owned()), ..TicketFilter::default() },
        TicketFilter { due_before: Some(NOON), ..TicketFilter::default() },
        TicketFilter { attention: Some(Attention::Overruled), ..TicketFilter::default() },
        TicketFilter { attention: Some(Attention::Conflicts), ..TicketFilter::default() },
        TicketFilter {
            sought: Some(Sought::Words("供暖不热".to_owned())),
            unit: Some(TOWN),
            ..TicketFilter::default()
        },
        TicketFilter { sought: Some(Sought::Number("1306".to_owned())), ..TicketFilter::default() },
        TicketFilter { unit: Some(TOWN), ..TicketFilter::default() },
        TicketFilter { unit: Some(TOWN), state: Some("archived".to_owned()), ..TicketFilter::default() },
    ];
    for filter in &filters {
        let due = TicketCursor::Due(Some(NOON), row);
        for after in [None, Some(due), Some(TicketCursor::Number("1307".to_owned(), row))] {
            store.tickets(filter, after.as_ref(), 50).unwrap();
        }
        store.tally(filter, NOON).unwrap();
    }
    let ticket = store.ticket(row).unwrap().unwrap();
    store.tickets_by_number(&ticket.number).unwrap();
    store.any_number(&ticket.number).unwrap();
    store.docs_beginning(&doc.hex()[..8], 2).unwrap();
    store.ticket_flags(row).unwrap();
    store.any_assigned().unwrap();
    duplicates::duplicates(store, &kernel.registry().now(), row).unwrap();
    read::history(store, kernel.registry(), doc).unwrap();
    store.act_states_of(row).unwrap();
    store.doc_scopes(row).unwrap();
    store.open_docs_in_scope(ScopeId(TOWN.0), DocNo(0), 50).unwrap();
    for filter in
        [ArticleFilter::default(), ArticleFilter { state: Some("draft".to_owned()), ..ArticleFilter::default() }]
    {
        let cursor = store.articles(&filter, None, 1).unwrap().first().map(store::ArticleRow::cursor);
        store.articles(&filter, cursor.as_ref(), 50).unwrap();
        store.search_articles("供暖", &filter, 50).unwrap();
    }
    for filter in [
        RevealFilter { doc: Some(row), person: None },
        RevealFilter { doc: None, person: Some(city::people(CITY)[0]) },
        RevealFilter { doc: None, person: None },
    ] {
        store.reveals(filter, 50).unwrap();
    }
    store.stale_count().unwrap();
    store.is_stale(row).unwrap();
    store.stale_docs(8).unwrap();
    store.backlog().unwrap();
    store.cursor_peers().unwrap();
    store.cursors_of(OFFICE).unwrap();
    store.newest_act_of(HUB).unwrap();
    store.heard_from(OFFICE, 0, NOON).unwrap();
    store.delivered_to(OFFICE, Aseq(1)).unwrap();
    store.alarms(50).unwrap();
    store.refused(50).unwrap();
    store.stats().unwrap();
    store.request(&[0; 32]).unwrap();
    store.docs_after(DocNo(0), ACT_ROWS_MAX).unwrap();
    store.acts_after(Aseq(0), 10).unwrap();
    store.feed_scopes().unwrap();
    store.held_waiting_for(&[0; 32], None).unwrap();
    store.aside_needed(ScopeId(TOWN.0), 10).unwrap();
}

#[test]
fn every_statement_of_work_pages_and_calls_finds_what_it_wants_by_an_index() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let (hub, said) = traced(HUB);
    net.nodes[0].1 = hub;
    net.connect(HUB, OFFICE);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    let article = city::begin(net.node(HUB), NOON, person, city::article());
    assert_ne!(article, doc);
    for _ in 0..3 {
        net.input(HUB, Input::Tick);
        net.input(OFFICE, Input::Tick);
        net.run();
    }
    let hub = &net.nodes[0].1;
    ask(hub, doc);
    let said = said.lock().unwrap().clone();
    let asked = |word: &str| said.iter().filter(|sql| sql.trim_start().starts_with(word)).count();
    assert!(asked("SELECT") > 60 && asked("INSERT") > 5, "{} {}", asked("SELECT"), asked("INSERT"));
    let mut found = Vec::new();
    // Triggers are told as remarks; what they do is in the plan of what fires them.
    let words = ["SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE"];
    let planned = |sql: &&String| words.iter().any(|word| sql.trim_start().starts_with(word));
    for sql in said.iter().filter(planned) {
        for step in hub.store().plan(sql).unwrap() {
            // A virtual table and what a statement itself has made are no tables that grow.
            let whole = step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE") && !step.contains("CONSTANT ROW");
            let sorts = step.contains("TEMP B-TREE") && sql.contains("LIMIT");
            let flat = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let known = WHOLE.iter().any(|(piece, _)| flat.contains(piece)) || first_page(&step, sql);
            if (whole || sorts) && !known {
                found.push(format!("{step}\n    {flat}"));
            }
        }
    }
    assert!(found.is_empty(), "through a whole table, or sorted:\n{}", found.join("\n"));
}
