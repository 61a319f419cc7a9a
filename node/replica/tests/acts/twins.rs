//! Two acts of one device and epoch of which neither follows the other prove a cloned device. The first in order takes its
//! place; the other falls, and counts for nothing.

use regulation::{Body, PersonId, Rule};
use replica::registry::sign_entry;
use replica::{Change, Draft, History, Person, Registry, Sealed, Standing, Verdict};

use crate::city::{self, HUB, LAPTOP, OFFICE};

const OVERRULED: Option<Standing> = Some(Standing::Overruled(regulation::Broken { rule: Rule::Clone, by: None }));

/// A ticket, and two acts that a device and its clone made at once with one number.
fn twins(registry: &Registry) -> (History, [Sealed; 2]) {
    let mut history = History::default();
    city::make(registry, &mut history, LAPTOP, 1, city::register());
    let of = |word: &str| city::seal(registry, &history, LAPTOP, 2, city::tag(word)).1;
    let twins = [of("供暖"), of("老人")];
    assert_ne!(twins[0].id(), twins[1].id());
    (history, twins)
}

#[test]
fn of_twins_in_one_stratum_the_first_in_order_stands_whichever_comes_first() {
    let registry = city::registry();
    let (begun, [a, b]) = twins(&registry);
    let (first, second) = if a.id() < b.id() { (&a, &b) } else { (&b, &a) };
    for order in [[&a, &b], [&b, &a]] {
        let mut history = begun.clone();
        city::take(&registry, &mut history, order[0]).unwrap();
        assert_eq!(city::standing(&history, order[0].id()), Some(Standing::Effective), "alone it stands");
        city::take(&registry, &mut history, order[1]).unwrap();
        for settled in [false, true] {
            assert_eq!(city::standing(&history, first.id()), Some(Standing::Effective));
            assert_eq!(city::standing(&history, second.id()), OVERRULED);
            assert_eq!(history.refold(), *history.folded());
            if !settled {
                city::settle(&registry, &mut history, 1);
            }
        }
        assert!(!history.counts(history.index_of(second.id()).unwrap()), "nothing that counts follows it");
    }
}

#[test]
fn twin_that_comes_after_the_other_was_settled_falls_alone() {
    let registry = city::registry();
    let (begun, [a, b]) = twins(&registry);
    for (early, late) in [(&a, &b), (&b, &a)] {
        let mut history = begun.clone();
        city::take(&registry, &mut history, early).unwrap();
        let settle = city::settle(&registry, &mut history, 1);
        city::take(&registry, &mut history, late).unwrap();
        assert_eq!(city::standing(&history, early.id()), Some(Standing::Effective), "what is settled stays");
        assert_eq!(city::standing(&history, late.id()), OVERRULED);
        let second = city::settle(&registry, &mut history, 2);
        assert_eq!(city::standing(&history, early.id()), Some(Standing::Effective));
        assert_eq!(city::standing(&history, late.id()), OVERRULED);
        // Whoever gets the late one first comes to the same.
        let begin = history.nodes()[0].clone();
        let mut other = History::default();
        other.insert(begin);
        for sealed in [late, early, &settle, &second] {
            city::take(&registry, &mut other, sealed).unwrap();
        }
        for sealed in [early, late] {
            assert_eq!(city::standing(&other, sealed.id()), city::standing(&history, sealed.id()));
        }
        assert_eq!(other.record(), history.record());
    }
}

#[test]
fn an_act_whose_number_is_not_above_its_devices_own_before_it_is_unlawful() {
    let registry = city::registry();
    let (mut history, [a, _]) = twins(&registry);
    city::take(&registry, &mut history, &a).unwrap();
    for dseq in [1, 2] {
        let (_, next) = city::seal(&registry, &history, LAPTOP, dseq, city::tag("重复"));
        let verdict = city::take(&registry, &mut history.clone(), &next);
        assert_eq!(verdict, Ok(Verdict::Unlawful(Rule::NumberNotRising)));
    }
}

#[test]
fn what_follows_a_twin_falls_and_stands_with_it() {
    let registry = city::registry();
    let (begun, [a, b]) = twins(&registry);
    for (followed, other) in [(&a, &b), (&b, &a)] {
        let mut history = begun.clone();
        city::take(&registry, &mut history, followed).unwrap();
        let after = city::make(&registry, &mut history, LAPTOP, 3, city::dispatch(city::TOWN));
        city::take(&registry, &mut history, other).unwrap();
        let stands = followed.id() < other.id();
        let expected = if stands { Some(Standing::Effective) } else { OVERRULED };
        assert_eq!(city::standing(&history, followed.id()), expected);
        assert_eq!(city::standing(&history, after.id()), expected);
        let lead = history.record().ticket().unwrap().lead().map(|lead| lead.unit);
        assert_eq!(lead, stands.then_some(city::TOWN));
        assert_eq!(history.refold(), *history.folded());
    }
}

#[test]
fn what_fell_for_its_place_has_written_nothing() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::article_of("甲。"));
    let of = |text: &str| {
        let draft = city::edit(&mut history.clone(), text);
        city::seal(&registry, &history, LAPTOP, 2, draft).1
    };
    let (a, b) = (of("甲。子。"), of("甲。丑。"));
    for order in [[&a, &b], [&b, &a]] {
        let mut history = history.clone();
        for sealed in order {
            city::take(&registry, &mut history, sealed).unwrap();
            history.document().unwrap();
        }
        let text = history.document().unwrap().text().unwrap();
        assert_eq!((text.contains('子'), text.contains('丑')), (a.id() < b.id(), b.id() < a.id()), "{text}");
        assert_eq!(history.document().unwrap().digest(), history.redrawn().unwrap().digest());
    }
}

#[test]
fn nobody_names_what_counts_for_nothing() {
    let registry = city::registry();
    let (mut history, [a, b]) = twins(&registry);
    for sealed in [&a, &b] {
        city::take(&registry, &mut history, sealed).unwrap();
    }
    city::settle(&registry, &mut history, 1);
    let fell = a.id().max(b.id());
    let by = |device, dseq, more: &[regulation::ActId]| {
        let (mut act, parts) = replica::compose(&history, city::tag("重复"), city::stamp(&registry, device, dseq));
        assert!(!act.deps.contains(&fell));
        act.deps.extend(more);
        act.deps.sort_unstable();
        city::take(&registry, &mut history.clone(), &Sealed::new(&act, &city::key(device), parts))
    };
    assert_eq!(by(HUB, 2, &[]), Ok(Verdict::Admitted));
    assert_eq!(by(HUB, 2, &[fell]), Ok(Verdict::Unlawful(Rule::NamesIdle)));
    assert_eq!(by(LAPTOP, 3, &[fell]), Ok(Verdict::Admitted), "its own, once");
}

#[test]
fn one_number_in_another_epoch_or_by_another_device_is_no_twin() {
    let registry = city::registry();
    let (mut history, [a, _]) = twins(&registry);
    city::take(&registry, &mut history, &a).unwrap();
    let dispatch = city::make(&registry, &mut history, LAPTOP, 3, city::dispatch(city::TOWN));
    let office =
        city::make(&registry, &mut history, OFFICE, 2, Draft::new(Body::SignFor).answering(Some(dispatch.id())));
    let stamp = replica::Stamp { epoch: 2, ..city::stamp(&registry, LAPTOP, 2) };
    let (act, parts) = replica::compose(&history, city::tag("重复"), stamp);
    let restored = Sealed::new(&act, &city::key(LAPTOP), parts);
    city::take(&registry, &mut history, &restored).unwrap();
    for sealed in [&a, &dispatch, &office, &restored] {
        assert_eq!(city::standing(&history, sealed.id()), Some(Standing::Effective));
    }
}

#[test]
fn a_twin_that_is_ratified_takes_effect_in_the_place_of_the_confirm() {
    let mut registry = city::registry();
    let (first, second, third) = (city::person(city::CITY), PersonId(11), PersonId(12));
    for id in [second, third] {
        let (name, login) = ("职员".to_owned(), format!("p{}", id.0));
        let person = Person { unit: city::CITY, name, login, roles: regulation::split::all_of_one() };
        let entry = sign_entry(None, &registry, Change::Person(id, person), city::NOON, &city::root());
        registry.append(&entry).unwrap();
    }
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let ratify = |act| Draft::new(Body::Ratify).text(["磁盘被复制，此记录为真"]).answering(Some(act));
    let confirm = |proposal| Draft::new(Body::Confirm).answering(Some(proposal));
    // The clone of a laptop dispatched, and the laptop itself wrote a tag under the same number.
    let (_, dispatch) = city::seal(&registry, &history, LAPTOP, 2, city::dispatch(city::TOWN));
    let tags = (0..).map(|n| city::seal(&registry, &history, LAPTOP, 2, city::tag(&format!("供暖{n}"))).1);
    let tag = tags.into_iter().find(|tag| tag.id() < dispatch.id()).unwrap();
    for sealed in [&dispatch, &tag] {
        city::take(&registry, &mut history, sealed).unwrap();
    }
    city::settle(&registry, &mut history, 1);
    assert!(history.record().ticket().unwrap().lead().is_none());
    for nothing in [history.id().unwrap(), regulation::ActId([9; 32])] {
        let mut tried = history.clone();
        let (_, verdict) = city::make_as(&registry, &mut tried, (LAPTOP, 3), second, ratify(nothing));
        assert_eq!(verdict, Verdict::Unlawful(Rule::NothingToRatify), "{nothing:?} was not overruled as a twin");
    }
    let (proposal, verdict) = city::make_as(&registry, &mut history, (LAPTOP, 3), second, ratify(dispatch.id()));
    assert_eq!(verdict, Verdict::Admitted);
    assert!(history.record().ticket().unwrap().lead().is_none(), "what is proposed holds nothing");
    // Neither who proposed it confirms, nor whose act it was, nor who sits at another unit.
    for (device, person, rule) in [
        (LAPTOP, second, Rule::SecondPerson),
        (LAPTOP, first, Rule::Concerned),
        (OFFICE, city::person(city::TOWN), Rule::CityOnly),
    ] {
        let (_, verdict) = city::make_as(&registry, &mut history.clone(), (device, 4), person, confirm(proposal));
        assert_eq!(verdict, Verdict::Unlawful(rule), "{person:?}");
    }
    // Two confirm at once: the one that comes second does no harm.
    let before = history.clone();
    let (done, verdict) = city::make_as(&registry, &mut history, (LAPTOP, 4), third, confirm(proposal));
    assert_eq!(verdict, Verdict::Admitted);
    let lead = |history: &History| history.record().ticket().unwrap().lead().map(|lead| (lead.unit, lead.dispatch));
    assert_eq!(lead(&history), Some((city::TOWN, done)), "under the id of the confirm");
    assert_eq!(city::standing(&history, dispatch.id()), OVERRULED, "what was settled stays as it was");
    assert_eq!(city::standing(&history, proposal), Some(Standing::Effective));
    assert_eq!(city::standing(&history, done), Some(Standing::Effective));
    let stamp = replica::Stamp { person: Some(third), ..city::stamp(&registry, city::HUB, 2) };
    let (act, parts) = replica::compose(&before, confirm(proposal), stamp);
    let beside = Sealed::new(&act, &city::key(city::HUB), parts);
    let mut both = history.clone();
    assert_eq!(city::take(&registry, &mut both, &beside), Ok(Verdict::Admitted));
    let standings = [done, beside.id()].map(|id| city::standing(&both, id));
    assert_eq!(standings.iter().filter(|standing| **standing == Some(Standing::Effective)).count(), 1, "{standings:?}");
    let fell = |standing: &Option<Standing>| matches!(standing, Some(Standing::Overruled(b)) if b.rule == Rule::AlreadyConfirmed);
    assert_eq!(standings.iter().filter(|standing| fell(standing)).count(), 1, "{standings:?}");
    // Ratified twice, it is not dispatched twice; and what two people decide is not ratified but proposed again.
    for (again, rule) in
        [(dispatch.id(), Rule::AlreadyConfirmed), (proposal, Rule::NothingToRatify), (done, Rule::NothingToRatify)]
    {
        let (_, verdict) = city::make_as(&registry, &mut history.clone(), (LAPTOP, 5), second, ratify(again));
        assert_eq!(verdict, Verdict::Unlawful(rule));
    }
    // The unit signs for it, and whoever hears of it in another order comes to the same.
    let sign_for = Draft::new(Body::SignFor).answering(Some(done));
    city::make(&registry, &mut history, OFFICE, 1, sign_for);
    assert_eq!(history.refold(), *history.folded());
    let of = |id| history.nodes().iter().find(|node| node.id == id).unwrap();
    assert_eq!(history.brings(of(done)).body.dispatch().map(|dispatch| dispatch.lead), Some(city::TOWN));
    assert_eq!(history.brings(of(proposal)).body, Body::Ratify);
}
