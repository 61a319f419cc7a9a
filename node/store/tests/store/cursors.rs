//! What waits to be acknowledged.

use regulation::DeviceId;
use store::{Aseq, Cursor, FeedEntry, Mark, ScopeId, Store};

use crate::rows::{act, id};

const TOWN: ScopeId = ScopeId(3);
const CITY: DeviceId = DeviceId(1);
const COUNTY: DeviceId = DeviceId(2);

#[test]
fn what_one_of_several_peers_acknowledged_or_brought_is_pending_no_more() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let doc = store.add_doc(&id(1)).unwrap();
    let mut acts = Vec::new();
    for n in 1..=4 {
        let mut act = act(n, doc);
        act.peer = (n == 4).then_some(CITY);
        acts.push(store.insert_act(&act).unwrap());
    }
    let entries = [FeedEntry::Enter { doc, after: Aseq(0), upto: acts[0] }]
        .into_iter()
        .chain(acts[1..].iter().map(|aseq| FeedEntry::Act(*aseq)));
    for (lseq, entry) in (1..).zip(entries) {
        store.feed_append(TOWN, entry, Mark { lseq, running: [0; 16] }, None).unwrap();
    }
    let acked = |lseq| Cursor { acked: Mark { lseq, running: [0; 16] }, ..Cursor::default() };
    let pending = |store: &Store, peers: &[DeviceId]| {
        assert_eq!(store.figures_off().unwrap(), [""; 0]);
        store.backlog().unwrap().of_all(peers, TOWN)
    };
    assert_eq!((pending(&store, &[COUNTY]), pending(&store, &[CITY])), (4, 3), "one came from the city");
    assert_eq!(pending(&store, &[COUNTY, CITY]), 3);
    store.set_cursor(CITY, TOWN, &acked(2)).unwrap();
    assert_eq!((pending(&store, &[COUNTY]), pending(&store, &[CITY])), (4, 1));
    assert_eq!(pending(&store, &[COUNTY, CITY]), 1, "the county was never reached");
    store.set_cursor(COUNTY, TOWN, &acked(3)).unwrap();
    // The third came to the county, the fourth from the city: at most one is on its way to both.
    assert_eq!(pending(&store, &[COUNTY, CITY]), 1);
    store.set_cursor(CITY, TOWN, &acked(3)).unwrap();
    assert_eq!(pending(&store, &[COUNTY, CITY]), 0, "what is left came from the city");
    assert_eq!((pending(&store, &[COUNTY]), pending(&store, &[CITY])), (1, 0));
    // A peer that has lost everything is sent everything again.
    store.set_cursor(CITY, TOWN, &acked(0)).unwrap();
    assert_eq!(pending(&store, &[CITY]), 3);
    assert_eq!(pending(&store, &[DeviceId(9)]), 4, "nobody ever heard of it");
    store.commit().unwrap();
}
