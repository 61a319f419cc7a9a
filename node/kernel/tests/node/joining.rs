//! A device that was let in fetches the registry as any feed, over a link that is thin, loses and is cut, in time that is
//! only counted.

use std::collections::VecDeque;

use kernel::joining::JOINING;
use kernel::{Admission, Alarm, ConnId, Effect, Identity, Input, Kernel};
use regulation::DeviceId;
use replica::{Change, Class, Device, DeviceKey, Registry};
use store::Store;

use crate::city::{self, CITY, HUB, NOON, TOWN};

const NEW: DeviceId = DeviceId(90);
/// 64 kbit/s: a packet of 1,200 bytes takes so long.
const PACKET_MS: i64 = 150;
const PACKET_BYTES: usize = 1_200;
/// Until the loss of a packet is noticed.
const AGAIN_MS: i64 = 400;

fn key() -> DeviceKey {
    DeviceKey::from_secret(&[0x5e; 32])
}

fn lcg(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// A registry of some MB, in which the new device is enrolled last but for a few.
fn registry(versions: u64) -> Registry {
    let mut registry = city::registry();
    let mut state = 7;
    for _ in 0..versions {
        let name = |state: &mut u64| format!("类别{:x}{:x}", lcg(state), lcg(state));
        let categories = (0..700).map(|n| (format!("{n:04}"), name(&mut state))).collect();
        city::append(&mut registry, Change::Categories(categories));
    }
    let device = Device { unit: TOWN, class: Class::Office, key: key().public(), name: "新设备".to_owned() };
    city::append(&mut registry, Change::Enrol(NEW, device, None));
    city::append(&mut registry, city::calendar(&[9]));
    registry
}

fn admission(registry: &Registry) -> Admission {
    Admission::of(registry, &key().public(), HUB, city::key(HUB).public()).unwrap()
}

fn open(store: Store) -> Kernel {
    let identity = Identity { key: key(), root: None, reliable_links: true };
    Kernel::open(store, identity, [9; 32], NOON, false).unwrap()
}

/// The new device, with nothing but what it was given.
fn joiner(admission: &Admission) -> Kernel {
    assert!(admission.encode().len() < 64 * 1024, "{}", admission.encode().len());
    admission.check(&key().public()).unwrap();
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    store.set_meta(JOINING, &admission.encode()).unwrap();
    store.commit().unwrap();
    open(store)
}

/// Both ends and what is under way, each way by itself.
struct Thin {
    ends: [Option<Kernel>; 2],
    under_way: [VecDeque<Vec<u8>>; 2],
    conn: u64,
    state: u64,
    now: i64,
    /// Packets that arrived, and that were lost.
    packets: [u64; 2],
}

impl Thin {
    fn new(host: Kernel, joiner: Kernel, state: u64) -> Self {
        let ends = [Some(host), Some(joiner)];
        Self { ends, under_way: Default::default(), conn: 0, state, now: NOON, packets: [0, 0] }
    }

    fn joiner(&self) -> &Kernel {
        self.ends[1].as_ref().unwrap()
    }

    fn input(&mut self, at: usize, input: Input) {
        let conn = ConnId(self.conn);
        for effect in self.ends[at].as_mut().unwrap().handle(self.now, vec![input]).unwrap() {
            match effect {
                Effect::Send { conn: of, bytes } if of == conn => self.under_way[1 - at].push_back(bytes),
                Effect::Close { reason, .. } => panic!("{at} closed: {reason}"),
                _ => {}
            }
        }
    }

    fn connect(&mut self) {
        self.conn += 1;
        for (at, key) in [(0, key().public()), (1, city::key(HUB).public())] {
            self.input(at, Input::Connected { conn: ConnId(self.conn), key });
        }
    }

    fn cut(&mut self) {
        self.under_way = Default::default();
        for at in [0, 1] {
            self.input(at, Input::Gone { conn: ConnId(self.conn) });
        }
    }

    /// Carries the next frame over the link, packet by packet; false if nothing is under way. One packet in `cuts` on
    /// average cuts the link, wherever in a frame that is.
    fn step(&mut self, cuts: u64) -> Option<bool> {
        let to = usize::from(self.under_way[0].is_empty());
        let frame = self.under_way[to].pop_front()?;
        for _ in 0..(frame.len() + 4).div_ceil(PACKET_BYTES) {
            while lcg(&mut self.state).is_multiple_of(10) {
                self.now += PACKET_MS + AGAIN_MS;
                self.packets[1] += 1;
            }
            self.now += PACKET_MS;
            self.packets[0] += 1;
            if lcg(&mut self.state).is_multiple_of(cuts) {
                return Some(false);
            }
        }
        self.input(to, Input::Frame { conn: ConnId(self.conn), bytes: frame });
        Some(true)
    }
}

/// Joins over such a link; how many packets came, and how often it was cut.
fn joined(registry: &Registry, cuts: u64, seed: u64) -> (Thin, u64) {
    let mut hub = city::open(HUB, city::store(registry), NOON, false);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
    let mut thin = Thin::new(hub, joiner(&admission(registry)), seed);
    let (mut times, mut before) = (0, 0);
    thin.connect();
    loop {
        match thin.step(cuts) {
            Some(true) => {}
            None => break,
            Some(false) => {
                times += 1;
                thin.cut();
                // Now and then it was the power that went.
                if times % 3 == 0 {
                    let kernel = thin.ends[1].take().unwrap();
                    thin.ends[1] = Some(open(kernel.into_store()));
                }
                thin.connect();
            }
        }
        let here = thin.joiner().registry().version();
        assert!(here >= before, "what was there is gone");
        before = here;
        assert!(thin.now - NOON < 4 * 3_600_000, "it never comes to an end");
    }
    let (host, joiner) = (thin.ends[0].as_ref().unwrap(), thin.joiner());
    assert!(host.registry().entries().eq(joiner.registry().entries()));
    assert_eq!(joiner.device(), Some(NEW));
    // All that it has a part in came over the same connection, once it knew who it is.
    assert!(kernel::read::docs(joiner.store()).unwrap().contains(&doc));
    (thin, times)
}

#[test]
fn registry_of_some_megabytes_comes_over_a_thin_link_that_loses_and_is_cut() {
    let registry = registry(110);
    let bytes: usize = registry.entries().map(<[u8]>::len).sum();
    assert!(bytes > 2 << 20, "{bytes}");
    let (whole, never) = joined(&registry, u64::MAX, 1);
    assert_eq!(never, 0);
    let (cut, times) = joined(&registry, 150, 2);
    assert!(times > 5, "cut {times} times");
    assert!(cut.packets[1] > cut.packets[0] / 20, "nothing was lost");
    // What was sent a second time is what was not acknowledged when the link was cut, and no more.
    let again = cut.packets[0].saturating_sub(whole.packets[0]);
    assert!(again < times * 100, "{} packets without a cut, {again} more with {times}", whole.packets[0]);
}

#[test]
fn device_that_joins_takes_the_registry_of_its_city_alone() {
    let registry = registry(1);
    let given = admission(&registry);
    // Another city's, signed by another root; and an entry of its own that another key is enrolled by.
    assert!(given.check(&DeviceKey::from_secret(&[1; 32]).public()).is_err());
    let mut forged = given.clone();
    *forged.enrolled.last_mut().unwrap() ^= 1;
    assert!(forged.check(&key().public()).is_err());
    assert_eq!(
        Admission::of(&registry, &city::key(HUB).public(), HUB, [0; 32]),
        None,
        "it was not enrolled as a new one"
    );
    // The root key has signed another entry where it was enrolled: the log was forked before its time.
    let mut other = city::registry();
    city::append(&mut other, Change::Categories(vec![("1".to_owned(), "别的".to_owned())]));
    while other.version() < registry.version() {
        city::append(&mut other, city::calendar(&[10]));
    }
    let device = Device { unit: TOWN, class: Class::Office, key: key().public(), name: "别的".to_owned() };
    city::append(&mut other, Change::Enrol(NEW, device, None));
    let hub = city::open(HUB, city::store(&other), NOON, false);
    let mut thin = Thin::new(hub, joiner(&given), 3);
    thin.connect();
    while thin.step(u64::MAX).is_some() {}
    let version = given.check(&key().public()).unwrap();
    assert_eq!((thin.joiner().registry().version(), thin.joiner().device()), (version - 1, None));
    let alarms = thin.joiner().store().alarms(10).unwrap();
    let refused = [Alarm::RegistryRefused.code(), Alarm::RegistryForked.code()];
    assert!(alarms.iter().any(|row| refused.contains(&row.kind.as_str())), "{alarms:?}");
    // Nobody but the node that let it in is heard meanwhile.
    let conn = ConnId(77);
    let effects = thin.ends[1].as_mut().unwrap();
    let effects = effects.handle(NOON, vec![Input::Connected { conn, key: city::key(DeviceId(2)).public() }]).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Close { .. })), "{effects:?}");
}
