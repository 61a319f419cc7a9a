//! Any lies of a peer with a valid key, in any order.

use kernel::{Command, Input, scopes};
use proptest::prelude::*;
use regulation::ActId;
use replica::{Act, Draft, History, Sealed};
use sync::frame::Carried;
use sync::{Frame, Mark, ScopeKey};

use crate::city::{self, CITY, NOON, OFFICE};
use crate::hostile::{OTHER_SCOPE, TOWN_SCOPE, hub};
use crate::liar::Liar;

/// No file of failures: the seed that `.cargo/config.toml` or the caller gives brings them again.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() }
}

/// What a liar does next.
#[derive(Clone, Debug)]
enum Lie {
    /// An item out of the pool in a scope, some of its bytes changed.
    Item(usize, usize, Vec<(prop::sample::Index, u8)>),
    /// The name of one.
    Name(usize, usize),
    /// Any frame about a scope and a mark.
    Frame(u8, usize, u64),
}

fn lie() -> impl Strategy<Value = Lie> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    let lseq = prop_oneof![0u64..5, Just(u64::MAX), any::<u64>()];
    prop_oneof![
        4 => (0usize..6, 0usize..5, changes).prop_map(|(item, scope, changes)| Lie::Item(item, scope, changes)),
        1 => (0usize..6, 0usize..5).prop_map(|(item, scope)| Lie::Name(item, scope)),
        2 => (0u8..6, 0usize..5, lseq).prop_map(|(kind, scope, lseq)| Lie::Frame(kind, scope, lseq)),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_lies_in_any_order_stop_the_node_or_reach_what_is_not_shared(lies in prop::collection::vec(lie(), 1..30)) {
        let (mut hub, docs) = hub();
        let mut office = Liar::connect(&mut hub, OFFICE);
        let shared = Liar::history(&hub, docs[0]);
        let acts = [
            office.make(&hub, &shared, city::tag("供暖")),
            office.make(&hub, &shared, Draft::new(regulation::Body::SignFor)),
            office.make(&hub, &Liar::history(&hub, docs[1]), city::tag("老人")),
            office.make(&hub, &History::default(), city::article()),
            office.make_unknown(&hub, &shared),
            office.make(&hub, &History::default(), city::register("假工单")),
        ];
        let scopes = [TOWN_SCOPE, scopes::KNOWLEDGE, scopes::REGISTRY, OTHER_SCOPE, ScopeKey(CITY.0)];
        let foreign = [OTHER_SCOPE, ScopeKey(CITY.0)].map(|scope| kernel::read::scope_acts(hub.store(), scope).unwrap());
        for lie in lies {
            let answers = match lie {
                Lie::Item(item, scope, changes) => {
                    let mut bytes = acts[item].encode();
                    for (index, byte) in changes {
                        let place = index.index(bytes.len());
                        bytes[place] = byte;
                    }
                    office.push(&mut hub, scopes[scope], &[bytes])
                }
                Lie::Name(item, scope) => office.send(&mut hub, scopes[scope], vec![Carried::Known(acts[item].id().0)]),
                Lie::Frame(kind, scope, lseq) => {
                    let (scope, mark) = (scopes[scope], Mark { lseq, running: [0; 16] });
                    let frame = match kind {
                        0 => Frame::Ack { scope, mark, gap: lseq % 2 == 0 },
                        1 => Frame::Rewind { scope, mark, round: lseq },
                        2 => Frame::Mismatch { scope },
                        3 => Frame::Cursors(vec![(scope, mark)]),
                        4 => Frame::CursorsPlease,
                        _ => Frame::Hello(sync::Hello { min: 1, max: 1, digest: [0; 16], ask: true, ..sync::Hello::default() }),
                    };
                    office.say(&mut hub, &frame)
                }
            };
            prop_assert_eq!(answers.closed, None);
            for frame in answers.frames {
                if let Frame::Batch { scope, items, .. } | Frame::Pieces { scope, items, .. } = frame {
                    prop_assert!(scopes[..3].contains(&scope));
                    let of = |item: &Carried| match item {
                        Carried::Item { bytes, .. } if scope != scopes[2] => {
                            let sealed = Sealed::decode(bytes).unwrap();
                            Act::decode(&sealed.bytes).unwrap().doc.unwrap_or(sealed.id())
                        }
                        _ => ActId([0; 32]),
                    };
                    prop_assert!(!items.iter().any(|item| docs[1..].contains(&of(item))), "it was sent what others have");
                }
            }
            hub.handle(NOON, vec![Input::Tick]).unwrap();
        }
        prop_assert_eq!(hub.registry().version(), city::registry().version());
        for (scope, before) in [OTHER_SCOPE, ScopeKey(CITY.0)].iter().zip(&foreign) {
            let after = kernel::read::scope_acts(hub.store(), *scope).unwrap();
            let own = Liar::history(&hub, docs[1]).nodes().len() + Liar::history(&hub, docs[2]).nodes().len();
            prop_assert!(after.is_superset(before) && after.len() <= before.len() + own + 40);
        }
        let everybody = kernel::read::scope_acts(hub.store(), scopes::KNOWLEDGE).unwrap();
        prop_assert!(docs.iter().all(|doc| !everybody.contains(doc)), "a ticket is in the knowledge base");
        // Nor is there anything of what others have in the scope that it does share.
        let own = kernel::read::scope_acts(hub.store(), TOWN_SCOPE).unwrap();
        for doc in &docs[1..] {
            let history = Liar::history(&hub, *doc);
            prop_assert!(history.nodes().iter().all(|node| !own.contains(&node.id)), "a foreign ticket is in its scope");
        }
        let before = hub.store().dump_projections().unwrap();
        city::ask(&mut hub, NOON, None, Command::Rebuild).0.unwrap();
        prop_assert!(hub.store().dump_projections().unwrap() == before);
    }
}
