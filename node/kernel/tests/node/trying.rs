//! What a registration would come to, found out without making it.

use kernel::{Command, Done, Refusal};
use regulation::act::ExternalNumber;
use regulation::{ActId, Body};
use replica::Draft;

use crate::city::{self, CITY, HUB, NOON, TOWN};

fn numbered(title: &str) -> Draft {
    let mut draft = city::register(title);
    if let Body::Register(register) = &mut draft.body {
        register.external = Some(ExternalNumber { system: "old".to_owned(), number: "7".to_owned() });
    }
    draft
}

#[test]
fn what_is_tried_comes_to_what_is_done_and_changes_nothing() {
    let mut hub = city::node(HUB);
    let [person, _] = city::people(CITY);
    let mut ask = |person, command| city::ask(&mut hub, NOON, Some(person), command).0;
    for _ in 0..3 {
        assert_eq!(ask(person, Command::Try(numbered("路灯不亮"))), Ok(Done::Would));
    }
    let stranger = city::people(TOWN)[0];
    let refused = ask(stranger, Command::Try(numbered("路灯不亮")));
    assert_eq!(refused, ask(stranger, Command::Begin(numbered("路灯不亮"))), "the same rule says no");
    assert!(matches!(refused, Err(Refusal::Rule(_))), "{refused:?}");
    let Ok(Done::Made { doc, .. }) = ask(person, Command::Begin(numbered("路灯不亮"))) else {
        panic!("it is made")
    };
    assert_eq!(ask(person, Command::Try(numbered("路灯不亮"))), Ok(Done::Known { doc }));
    let other = ask(person, Command::Try(numbered("井盖丢失")));
    assert_eq!(other, ask(person, Command::Begin(numbered("井盖丢失"))));
    assert!(matches!(other, Err(Refusal::OtherText { .. })), "{other:?}");
    let docs: Vec<ActId> = kernel::read::docs(hub.store()).unwrap();
    assert_eq!(docs, [doc], "what was tried is nowhere");
    let number = hub.store().ticket(hub.store().doc_no(&doc).unwrap().unwrap()).unwrap().unwrap().number;
    assert!(number.contains("-00001-"), "no serial was spent: {number}");
}
