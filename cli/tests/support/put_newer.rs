//! An act of a kind that no program knows, in a store: for the tests of commands and of pages.

use desk::Home;
use regulation::ActId;
use replica::act::Content;
use replica::newer::Newer;
use replica::seal::encode_signatures;
use replica::{Act, Sealed};
use store::{NewAct, Verdict};

/// Puts an act of a kind that nobody knows behind the newest act of a ticket, in the store of a node that does not run.
pub fn put_newer(home: &Home, doc: ActId) {
    let mut store = home.store().unwrap();
    let row = store.doc_no(&doc).unwrap().unwrap();
    let last = store.acts_of(row, store::Aseq(0)).unwrap().into_iter().max_by_key(|act| act.dseq).unwrap();
    let before = Act::decode(&last.bytes).unwrap();
    let content = Content::Newer(Newer::of_kind(60_000, b"of a newer version"));
    let (effects, parts) = (Vec::new(), Vec::new());
    let (person, answers, happened) = (None, None, None);
    let dseq = before.dseq + 1;
    let act =
        Act { doc: Some(doc), dseq, deps: vec![last.id], person, answers, happened, content, effects, parts, ..before };
    let sealed = Sealed::new(&act, &home.device_key(), Vec::new());
    store.begin().unwrap();
    let new = NewAct {
        id: sealed.id(),
        doc: row,
        bytes: &sealed.bytes,
        names: &[],
        signatures: &encode_signatures(&sealed.signatures),
        verdict: Verdict::Newer,
        rule: None,
        received_at: last.received_at,
        peer: None,
        device: act.device,
        epoch: act.epoch,
        dseq,
    };
    store.insert_act(&new).unwrap();
    store.commit().unwrap();
}
