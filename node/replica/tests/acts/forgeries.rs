//! What is not by the device that it names, or not where it belongs.

use regulation::Rule;
use replica::registry::{ROOT_LOG, RegistryError, RegistryVersion, sign_entry};
use replica::seal::verify;
use replica::{Act, Change, Class, Device, Entry, History, Registry, Sealed, Verdict, compose};

use crate::city::{self, HUB, LAPTOP, OFFICE, TOWN};

const NOT_THE_DEVICE: &str = "refused: the signature is not that of the device";

fn ticket(registry: &Registry) -> (History, Sealed) {
    let mut history = History::default();
    let first = city::make(registry, &mut history, LAPTOP, 1, city::register());
    (history, first)
}

#[test]
fn act_signed_again_by_another_device_is_refused() {
    let registry = city::registry();
    let (mut history, _) = ticket(&registry);
    let (act, sealed) = city::seal(&registry, &history, LAPTOP, 2, city::tag("供暖"));
    for other in [OFFICE, HUB] {
        let forged = Sealed::new(&act, &city::key(other), Vec::new());
        assert_eq!(forged.id(), sealed.id());
        assert_eq!(city::take(&registry, &mut history, &forged), Err(NOT_THE_DEVICE.to_owned()));
    }
    assert_eq!(city::take(&registry, &mut history, &sealed), Ok(Verdict::Admitted));
}

#[test]
fn signature_with_any_bit_changed_is_refused() {
    let registry = city::registry();
    let (mut history, _) = ticket(&registry);
    let (_, sealed) = city::seal(&registry, &history, LAPTOP, 2, city::tag("供暖"));
    for bit in 0..512 {
        let mut forged = sealed.clone();
        forged.signatures[0].bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(city::take(&registry, &mut history, &forged), Err(NOT_THE_DEVICE.to_owned()), "bit {bit}");
    }
}

/// The order of the base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn malleable_signature_is_refused() {
    // S and S + order are the same number to the equation; only the lower one may pass, or one act had two signatures.
    let (key, hash) = (city::key(LAPTOP), [7; 32]);
    let good = key.sign(&hash);
    assert!(verify(&key.public(), &hash, &good));
    let mut other = good;
    let mut carry = 0;
    for (byte, order) in other[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (u8::try_from(sum & 0xff).unwrap(), sum >> 8);
    }
    assert_eq!(carry, 0);
    assert!(!verify(&key.public(), &hash, &other));
}

/// Points of small order, in their canonical form.
const SMALL: [&str; 5] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

#[test]
fn key_of_small_order_signs_nothing() {
    let point = |hex: &str| -> [u8; 32] {
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        std::array::from_fn(|n| byte(2 * n))
    };
    // With S = 0 and R of small order such a key "signs" about every eighth message, without any secret.
    for key in SMALL {
        for r in SMALL {
            for n in 0..32 {
                let mut signature = [0; 64];
                signature[..32].copy_from_slice(&point(r));
                assert!(!verify(&point(key), &[n; 32], &signature), "key {key}, R {r}");
            }
        }
    }
}

#[test]
fn act_put_into_another_document_is_refused_and_made_for_it_is_held() {
    let registry = city::registry();
    let (mut first, _) = ticket(&registry);
    let mut second = History::default();
    let other = city::make(&registry, &mut second, LAPTOP, 2, city::article());
    let (act, sealed) = city::seal(&registry, &first, LAPTOP, 3, city::tag("供暖"));
    // By somebody on the way, who cannot sign.
    let moved = Act { doc: Some(other.id()), ..act.clone() };
    let forged = Sealed { bytes: moved.encode(), ..sealed };
    assert_eq!(city::take(&registry, &mut second, &forged), Err(NOT_THE_DEVICE.to_owned()));
    // By the device itself: what it follows is not in that document, and never will be.
    let signed = Sealed::new(&moved, &city::key(LAPTOP), Vec::new());
    let need = format!("held: {:?}", replica::Need::Act(act.deps[0]));
    assert_eq!(city::take(&registry, &mut second, &signed), Err(need));
    assert_eq!(first.nodes().len() + second.nodes().len(), 2);
    let (_, own) = city::seal(&registry, &first, LAPTOP, 3, city::tag("供暖"));
    assert_eq!(city::take(&registry, &mut first, &own), Ok(Verdict::Admitted));
}

#[test]
fn act_that_claims_another_device_of_its_unit_is_refused() {
    let registry = city::registry();
    let (mut history, _) = ticket(&registry);
    let (act, _) = city::seal(&registry, &history, LAPTOP, 2, city::tag("供暖"));
    let forged = Sealed::new(&Act { device: HUB, ..act }, &city::key(LAPTOP), Vec::new());
    assert_eq!(city::take(&registry, &mut history, &forged), Err(NOT_THE_DEVICE.to_owned()));
}

#[test]
fn person_of_another_unit_does_nothing_at_this_device() {
    let registry = city::registry();
    let (history, _) = ticket(&registry);
    // Whether the kind asks for a role or not.
    for draft in [city::dispatch(TOWN), city::tag("供暖")] {
        for person in [city::person(TOWN), regulation::PersonId(999)] {
            let stamp = replica::Stamp { person: Some(person), ..city::stamp(&registry, LAPTOP, 2) };
            let (act, parts) = compose(&history, draft.clone(), stamp);
            let sealed = Sealed::new(&act, &city::key(LAPTOP), parts);
            let verdict = city::take(&registry, &mut history.clone(), &sealed);
            assert_eq!(verdict, Ok(Verdict::Unlawful(Rule::PersonMissing)), "{person:?}");
        }
    }
}

#[test]
fn settling_is_the_hubs_alone() {
    let registry = city::registry();
    let (mut history, _) = ticket(&registry);
    let settle = replica::Draft::new(regulation::Body::Settle);
    let (_, sealed) = city::seal(&registry, &history, LAPTOP, 2, settle);
    assert_eq!(city::take(&registry, &mut history, &sealed), Ok(Verdict::Unlawful(Rule::HubOnly)));
}

#[test]
fn act_made_under_an_older_registry_than_what_it_follows_is_unlawful() {
    let mut registry = city::registry();
    let older = registry.versions();
    let entry = sign_entry(None, &registry, Change::Categories(Vec::new()), city::NOON, &city::root());
    registry.append(&entry).unwrap();
    let (mut history, _) = ticket(&registry);
    let stamp = replica::Stamp { registry: older, ..city::stamp(&registry, LAPTOP, 2) };
    let (act, parts) = compose(&history, city::tag("供暖"), stamp);
    let sealed = Sealed::new(&act, &city::key(LAPTOP), parts);
    assert_eq!(city::take(&registry, &mut history, &sealed), Ok(Verdict::Unlawful(Rule::RegistryBehind)));
}

#[test]
fn act_under_a_registry_that_is_not_here_is_held() {
    let registry = city::registry();
    let (mut history, _) = ticket(&registry);
    let newer = RegistryVersion { log: ROOT_LOG, version: registry.version() + 1 };
    let stamp = replica::Stamp { registry: vec![newer], ..city::stamp(&registry, LAPTOP, 2) };
    let (act, parts) = compose(&history, city::tag("供暖"), stamp);
    let sealed = Sealed::new(&act, &city::key(LAPTOP), parts);
    let held = format!("held: {:?}", replica::Need::Registry(newer));
    assert_eq!(city::take(&registry, &mut history, &sealed), Err(held));
}

/// The key of a device that was enrolled anew.
fn new_key() -> replica::DeviceKey {
    replica::DeviceKey::from_secret(&[0x77; 32])
}

fn rekey(registry: &mut Registry) {
    let entry = sign_entry(None, registry, Change::Rekey(OFFICE, new_key().public()), city::NOON, &city::root());
    registry.append(&entry).unwrap();
}

#[test]
fn act_is_checked_with_the_key_of_the_registry_that_it_names() {
    let before = city::registry();
    let (mut history, _) = ticket(&before);
    city::make(&before, &mut history, LAPTOP, 2, city::dispatch(TOWN));
    let mut after = before.clone();
    rekey(&mut after);
    let sealed = |registry: &Registry, key: &replica::DeviceKey| {
        let (act, parts) = compose(&history, city::tag("供暖"), city::stamp(registry, OFFICE, 1));
        Sealed::new(&act, key, parts)
    };
    let (old, new) = (city::key(OFFICE), new_key());
    let take = |sealed: &Sealed, registry: &Registry| city::take(registry, &mut history.clone(), sealed);
    assert_eq!(take(&sealed(&before, &old), &after), Ok(Verdict::Admitted), "made before it was enrolled anew");
    assert_eq!(take(&sealed(&after, &new), &after), Ok(Verdict::Admitted));
    assert_eq!(take(&sealed(&after, &old), &after), Err(NOT_THE_DEVICE.to_owned()));
    assert_eq!(take(&sealed(&before, &new), &after), Err(NOT_THE_DEVICE.to_owned()));
}

#[test]
fn verdict_does_not_depend_on_how_much_of_the_registry_is_here() {
    // Whoever has not heard of a device, or of its new key, waits for the registry that the act names: an act that is
    // refused here and admitted elsewhere would never come again.
    let before = city::registry();
    let (mut history, _) = ticket(&before);
    city::make(&before, &mut history, LAPTOP, 2, city::dispatch(TOWN));
    let mut after = before.clone();
    rekey(&mut after);
    let newcomer = regulation::DeviceId(9);
    let device =
        Device { unit: TOWN, class: Class::Office, key: city::key(newcomer).public(), name: "新机".to_owned() };
    let entry = sign_entry(None, &after, Change::Device(newcomer, device), city::NOON, &city::root());
    after.append(&entry).unwrap();
    for (device, key) in [(OFFICE, new_key()), (newcomer, city::key(newcomer))] {
        let (act, parts) = compose(&history, city::tag("供暖"), city::stamp(&after, device, 1));
        let sealed = Sealed::new(&act, &key, parts);
        let here = city::take(&before, &mut history.clone(), &sealed);
        assert!(here.as_ref().is_err_and(|why| why.starts_with("held")), "{device:?}: {here:?}");
        assert_eq!(city::take(&after, &mut history.clone(), &sealed), Ok(Verdict::Admitted), "{device:?}");
    }
    // A device that the named registry does not list: the same answer before and after it is enrolled.
    let (act, parts) = compose(&history, city::tag("供暖"), city::stamp(&before, OFFICE, 1));
    let act = Act { device: newcomer, ..act };
    let sealed = Sealed::new(&act, &city::key(newcomer), parts);
    let verdicts = [&before, &after].map(|registry| city::take(registry, &mut history.clone(), &sealed).is_ok());
    assert_eq!(verdicts[0], verdicts[1], "the same act, the same registry named");
}

#[test]
fn registry_entry_is_the_root_keys_alone_and_in_its_place() {
    let mut registry = city::registry();
    let change = || Change::Hub(LAPTOP);
    let forged = sign_entry(None, &registry, change(), city::NOON, &city::key(HUB));
    assert_eq!(registry.append(&forged), Err(RegistryError::Signature { version: 10 }));
    let (entry, signature) = Entry::decode(&sign_entry(None, &registry, change(), city::NOON, &city::root())).unwrap();
    // Changed after it was signed.
    let moved = Entry { change: Change::Hub(HUB), ..entry.clone() }.encode(&signature);
    assert_eq!(registry.append(&moved), Err(RegistryError::Signature { version: 10 }));
    // Signed by the root key, but elsewhere in the log.
    let sign = |entry: Entry| entry.encode(&city::root().sign(&entry.hash()));
    let later = sign(Entry { version: 12, ..entry.clone() });
    assert_eq!(registry.append(&later), Err(RegistryError::Gap { held: 9, found: 12 }));
    let fork = sign(Entry { version: 9, ..entry.clone() });
    assert_eq!(registry.append(&fork), Err(RegistryError::Fork { version: 9 }));
    let zero = sign(Entry { version: 0, ..entry.clone() });
    assert!(registry.append(&zero).is_err());
    let chained = sign(Entry { previous: [1; 32], ..entry.clone() });
    assert_eq!(registry.append(&chained), Err(RegistryError::Fork { version: 10 }));
    let log = sign(Entry { log: 1, ..entry.clone() });
    assert!(registry.append(&log).is_err(), "an entry of another log is no entry of this one");
    let again = sign(Entry { change: city::changes()[0].clone(), ..entry });
    assert!(matches!(registry.append(&again), Err(RegistryError::Inconsistent { .. })), "a city is founded once");
    assert_eq!(registry.version(), 9);
    assert_eq!(registry.now().hub(), Some(HUB));
}

#[test]
fn registry_takes_no_key_twice_and_nothing_of_strangers() {
    let mut registry = city::registry();
    let stranger = regulation::UnitId(99);
    let device = |unit, key| Device { unit, class: Class::Office, key, name: "设备".to_owned() };
    let changes = [
        Change::Device(regulation::DeviceId(9), device(TOWN, city::key(LAPTOP).public())),
        Change::Device(regulation::DeviceId(9), device(stranger, [5; 32])),
        Change::Hub(regulation::DeviceId(9)),
    ];
    for change in changes {
        let entry = sign_entry(None, &registry, change.clone(), city::NOON, &city::root());
        assert!(matches!(registry.append(&entry), Err(RegistryError::Inconsistent { .. })), "{change:?}");
    }
    let known = registry.entries().next().unwrap().to_vec();
    assert_eq!(registry.append(&known), Ok(replica::registry::Appended::Known));
    assert_eq!(registry.version(), 9);
}
