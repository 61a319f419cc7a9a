//! Proposals of acts, and who could propose them: by the registry that the confirm names.

use regulation::act::Content;
use regulation::{Body, PersonId, Role, Rule};
use replica::registry::sign_entry;
use replica::{Change, Draft, History, Person, Registry, Standing, Verdict};

use crate::city::{self, LAPTOP};

const PROPOSER: PersonId = PersonId(11);
const SECOND: PersonId = PersonId(12);

fn with(registry: &Registry, id: PersonId, roles: &[Role]) -> Registry {
    let mut registry = registry.clone();
    let (name, login) = ("职员".to_owned(), format!("p{}", id.0));
    let person = Person { unit: city::CITY, name, login, roles: roles.to_vec() };
    let entry = sign_entry(None, &registry, Change::Person(id, person), city::NOON, &city::root());
    registry.append(&entry).unwrap();
    registry
}

#[test]
fn what_somebody_proposed_who_lost_the_role_is_unlawful_to_confirm_by_the_registry_that_says_so() {
    let begun = with(
        &with(&city::registry(), PROPOSER, &regulation::split::all_of_one()),
        SECOND,
        &regulation::split::all_of_one(),
    );
    let (lost, moved) = (with(&begun, PROPOSER, &[Role::Intake]), with(&begun, PROPOSER, &[]));
    let mut history = History::default();
    let register = city::make(&begun, &mut history, LAPTOP, 1, city::register()).id();
    let redact = Draft::new(Body::Redact { content: Content::Text }).text(["写了电话"]).answering(Some(register));
    let (proposal, verdict) = city::make_as(&begun, &mut history, (LAPTOP, 2), PROPOSER, redact);
    assert_eq!(verdict, Verdict::Admitted);
    let confirm = || Draft::new(Body::Confirm).answering(Some(proposal));
    for registry in [&lost, &moved] {
        let mut tried = history.clone();
        let (id, verdict) = city::make_as(registry, &mut tried, (LAPTOP, 3), SECOND, confirm());
        assert_eq!(verdict, Verdict::Unlawful(Rule::ProposerGone));
        assert_eq!(city::standing(&tried, id), None);
        // It is ended by whoever may, and does not wait for ever.
        let no = Draft::new(Body::Decline).text(["已离岗"]).answering(Some(proposal));
        let (_, verdict) = city::make_as(registry, &mut history.clone(), (LAPTOP, 3), SECOND, no);
        assert_eq!(verdict, Verdict::Admitted);
    }
    // Who confirmed by a registry in which he had the role has confirmed, whatever the registry says since; when he has the
    // role again it is confirmed again.
    let again = with(&lost, PROPOSER, &[Role::Review]);
    for registry in [&begun, &again] {
        let mut done = history.clone();
        let (id, verdict) = city::make_as(registry, &mut done, (LAPTOP, 3), SECOND, confirm());
        assert_eq!((verdict, city::standing(&done, id)), (Verdict::Admitted, Some(Standing::Effective)));
        city::settle(&with(registry, PROPOSER, &[]), &mut done, 1);
        assert_eq!(city::standing(&done, id), Some(Standing::Effective), "what is settled stays");
        assert_eq!(done.refold(), *done.folded());
    }
}
