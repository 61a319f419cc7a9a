//! How far this node is with its peers, in honest words.

use std::collections::BTreeSet;

use regulation::{DeviceId, Millis};
use replica::{Class, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Backlog, Queries, ScopeId, TicketFigure};

use super::{UnitRef, county_hub, device_name};
use crate::clock;
use crate::problem::{Problem, database};
use crate::{Connection, Desk, Me, Status};

/// A peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeerView {
    /// Number of its device.
    pub device: u32,
    /// Name of its device.
    pub name: String,
    /// Its unit.
    pub unit: UnitRef,
    /// `hub`, `office` or `laptop`.
    pub class: String,
    /// What its program called its version when it last connected, as far as this process knows.
    pub program: Option<String>,
    /// It is connected now.
    pub connected: bool,
    /// Nothing is under way with it.
    pub in_sync: bool,
    /// When it was last connected, as far as this process knows.
    pub last_seen: Option<String>,
    /// Acts that it has not acknowledged.
    pub pending: u64,
    /// Its address.
    pub address: Option<String>,
    /// Round trip in milliseconds.
    pub rtt_ms: Option<u64>,
    /// Acts sent in this conversation.
    pub sent: u64,
    /// Acts received in this conversation.
    pub received: u64,
    /// Bytes sent in this conversation, before encryption.
    pub bytes_sent: u64,
    /// Bytes received in this conversation, before encryption.
    pub bytes_received: u64,
    /// Round trips of this conversation.
    pub round_trips: u64,
}

/// An address that does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unreachable {
    /// The address.
    pub address: String,
    /// Why.
    pub reason: String,
    /// Why, in Chinese.
    pub reason_zh: String,
    /// When it is tried next.
    pub next_at: String,
}

/// The node and its peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SyncView {
    /// The disk is full: nothing is saved and nobody is reached until there is room.
    pub full: bool,
    /// The city has taken this device out of use: nobody syncs with it any more, and what is done here reaches nobody.
    #[serde(default)]
    pub retired: bool,
    /// Number of this device.
    pub device: u32,
    /// Name of this device.
    pub name: String,
    /// What this program calls its version.
    pub program: String,
    /// Its unit.
    pub unit: UnitRef,
    /// It is the city hub.
    pub hub: bool,
    /// Of a city hub that was put back: whom it waits for before it makes an act.
    #[serde(default)]
    pub waits_for: Vec<super::Unheard>,
    /// Whoever stands above this node: the county's hub, or the city's.
    pub upstream: Option<String>,
    /// It, or whoever else stands above, has acknowledged everything.
    pub received_above: bool,
    /// Acts that nobody who stands above has acknowledged.
    pub pending: u64,
    /// When the newest confirmation of the city hub came here (市热线已收).
    pub received_by_city_at: Option<String>,
    /// Acts here that the city hub has not confirmed.
    pub unsettled_docs: u64,
    /// Since when no peer is connected.
    pub offline_since: Option<String>,
    /// Peers, the connected ones first.
    pub peers: Vec<PeerView>,
    /// Addresses that do not answer.
    pub unreachable: Vec<Unreachable>,
    /// Acts that wait for something.
    pub held: u64,
    /// Acts that this program is too old for (需升级).
    #[serde(default)]
    pub newer: u64,
    /// Items that were refused.
    pub refused: u64,
    /// What somebody has to look at: what stands first.
    pub alarms: Vec<super::AlarmView>,
    /// Tickets with an act that a rule decided against, and somebody here has to look at.
    pub overruled_tickets: u64,
    /// Tickets with registers of more than one value.
    pub conflict_tickets: u64,
    /// Documents that lists show as they were before something changed (重算中 n 件).
    pub recalculating: u64,
    /// Tickets held here.
    pub tickets: u64,
    /// Articles held here.
    pub articles: u64,
    /// Acts held here.
    pub acts: u64,
    /// Registry version.
    pub registry_version: u32,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// The sentence for the top bar.
    pub sentence: String,
    /// The same in English.
    pub sentence_en: String,
}

/// A running node and its peers now.
///
/// # Errors
/// The database cannot be read, or the device is not enrolled.
pub async fn sync_now(desk: &Desk) -> Result<SyncView, Problem> {
    let (me, status, connections) = (desk.me()?, desk.status(), desk.connections());
    let view = desk.read(move |reader, registry| sync(reader, registry, &me, &status, &connections, clock::now()));
    let mut view = view.await?;
    if desk.is_full() {
        full(&mut view, &database::room_wanted(desk.home().free_bytes()));
    }
    Ok(view)
}

/// Of a node whose disk is full: it is cut off from everybody until there is room, and keeps nothing.
fn full(view: &mut SyncView, (room, room_en): &(String, String)) {
    view.sentence = format!("磁盘已满：只能查看，不能保存；请腾出空间，{room}");
    view.sentence_en = format!("the disk is full: nothing can be saved; make room, {room_en}");
    for peer in &mut view.peers {
        (peer.connected, peer.in_sync) = (false, false);
    }
    view.full = true;
}

/// The node and its peers now.
///
/// # Errors
/// The database cannot be read.
pub fn sync(
    store: &Queries,
    registry: &Registry,
    me: &Me,
    status: &Status,
    connections: &[(u64, Connection)],
    now: Millis,
) -> Result<SyncView, Problem> {
    let at = registry.now();
    let above = above(registry, me);
    let mut known: Vec<DeviceId> = store.cursor_peers()?;
    known.extend(status.peers.iter().map(|peer| peer.device).chain(above.iter().copied()));
    known.sort_unstable();
    known.dedup();
    let backlog = store.backlog()?;
    let mut peers = Vec::new();
    // What is out of use is no peer: it will never fetch what waits for it.
    for device in known.into_iter().filter(|device| *device != me.id && at.in_use(*device)) {
        peers.push(peer(&backlog, registry, me, status, connections, device));
    }
    peers.sort_by_key(|peer| (!peer.connected, peer.device));
    // What one of them has is on its way, whichever of them this node reaches.
    let pending = pending(&backlog, registry, me, &above);
    // Nobody has received anything that never acknowledged anything.
    let mine = ScopeId(me.device.unit.0);
    let mut took = None;
    for device in above.iter().rev() {
        let acked = store.cursor(*device, mine)?.acked.lseq > 0;
        if acked && peers.iter().any(|peer| peer.device == device.0 && peer.pending == 0) {
            took = took.or(Some(*device));
        }
    }
    let upstream = took.or(above.first().copied());
    // What left this unit is no longer its business: its last word on it is the settled one.
    let figures = store.ticket_figures((me.device.class != Class::Hub).then_some(me.device.unit))?;
    let count = |what: fn(&TicketFigure) -> bool| figures.iter().filter(|f| what(f)).map(|f| f.tickets).sum();
    let hub = at.hub();
    let received_by_city = match hub {
        Some(hub) if !me.hub => store.newest_act_of(hub)?,
        _ => None,
    };
    let mut view = SyncView {
        full: false,
        retired: status.retired && status.peers.is_empty(),
        device: me.id.0,
        name: me.device.name.clone(),
        program: kernel::PROGRAM.to_owned(),
        unit: UnitRef::of(&at, me.device.unit),
        hub: me.hub,
        waits_for: super::uncertain::waits_for(store, &at, me)?,
        upstream: upstream.map(|device| device_name(&at, device)),
        received_above: took.is_some(),
        pending,
        received_by_city_at: received_by_city.map(clock::text),
        unsettled_docs: count(|figure| figure.unsettled),
        offline_since: status.alone_since.map(clock::text),
        unreachable: status
            .failures
            .iter()
            .map(|(address, failure)| Unreachable {
                address: address.clone(),
                reason: failure.reason.clone(),
                reason_zh: failure.reason_zh.clone(),
                next_at: clock::text(failure.next_at),
            })
            .collect(),
        held: store.total("held")?,
        newer: store.newer_count()?.0,
        refused: store.refused_count()?,
        alarms: super::alarms::alarms(store, &at)?,
        // A unit looks at what became of its own acts, in its hands or not.
        overruled_tickets: match at.level(me.device.unit) {
            regulation::Level::Unit => store.heeds_figure(me.device.unit)?,
            _ => count(|figure| figure.overruled),
        },
        conflict_tickets: count(|figure| figure.conflicts),
        recalculating: store.stale_count()?,
        tickets: store.ticket_figures(None)?.iter().map(|figure| figure.tickets).sum(),
        articles: store.article_figure()?,
        acts: store.total("acts")?,
        registry_version: registry.version(),
        database_bytes: store.bytes()?,
        peers,
        sentence: String::new(),
        sentence_en: String::new(),
    };
    (view.sentence, view.sentence_en) = sentence(&view, status.alone_since, now);
    Ok(view)
}

fn peer(
    backlog: &Backlog,
    registry: &Registry,
    me: &Me,
    status: &Status,
    connections: &[(u64, Connection)],
    device: DeviceId,
) -> PeerView {
    let at = registry.now();
    let known = at.device(device);
    let connected = status.peers.iter().rev().find(|peer| peer.device == device);
    let connection = connected.and_then(|peer| connections.iter().find(|(conn, _)| *conn == peer.conn.0));
    let stats = connected.map(|peer| peer.stats).unwrap_or_default();
    let pending = pending(backlog, registry, me, &[device]);
    PeerView {
        device: device.0,
        name: device_name(&at, device),
        unit: known.map(|known| UnitRef::of(&at, known.unit)).unwrap_or_default(),
        class: known.map(|known| known.class.names().0.to_owned()).unwrap_or_default(),
        program: status.programs.get(&device).cloned(),
        connected: connected.is_some(),
        in_sync: connected.is_some_and(|peer| peer.in_sync),
        last_seen: status.seen.get(&device).map(|at| clock::text(*at)),
        pending,
        address: connection.map(|(_, stats)| stats.address.to_string()),
        rtt_ms: connection.and_then(|(_, stats)| u64::try_from(stats.rtt.as_millis()).ok()),
        sent: stats.items_sent,
        received: stats.items_received,
        bytes_sent: stats.bytes_sent,
        bytes_received: stats.bytes_received,
        round_trips: stats.round_trips,
    }
}

/// Acts of the scopes that this node shares with these devices, which none of them has acknowledged, at most.
fn pending(backlog: &Backlog, registry: &Registry, me: &Me, devices: &[DeviceId]) -> u64 {
    let at = registry.now();
    let theirs: BTreeSet<_> = devices
        .iter()
        .filter_map(|device| at.device(*device))
        .flat_map(|device| kernel::scopes::held(&at, device.unit, device.class))
        .collect();
    let mine = kernel::scopes::held(&at, me.device.unit, me.device.class).into_iter();
    let shared = mine.filter(|scope| *scope != kernel::scopes::REGISTRY && theirs.contains(scope));
    shared.map(|scope| backlog.of_all(devices, ScopeId(scope.0))).sum()
}

/// Whoever stands above a node, the nearest first: its county's hub and the city's.
fn above(registry: &Registry, me: &Me) -> Vec<DeviceId> {
    let at = registry.now();
    let mut above: Vec<DeviceId> = county_hub(&at, me.device.unit).into_iter().chain(at.hub()).collect();
    above.dedup();
    above.retain(|device| *device != me.id);
    above
}

/// What the top bar says: only what is proven.
fn sentence(view: &SyncView, alone_since: Option<Millis>, now: Millis) -> (String, String) {
    if view.retired {
        return (
            "本机已由市热线停用：不再同步，在这里办理的内容到不了别处。请停止使用，保留整个目录；要继续用这台电脑的，换一个目录用新的邀请码加入".to_owned(),
            "the city hotline has taken this device out of use: it syncs no more, and what is done here reaches nobody. Stop using it and keep the folder; to go on with this computer join in another folder with a new invitation".to_owned(),
        );
    }
    if view.hub {
        let connected = view.peers.iter().filter(|peer| peer.connected).count();
        let waiting: u64 = view.peers.iter().map(|peer| peer.pending).sum();
        let nodes = if connected == 1 { "node" } else { "nodes" };
        return (
            format!("市热线中心节点 · {connected} 个节点在线 · 待下发 {waiting} 条"),
            format!("city hub · {connected} {nodes} connected · {waiting} to deliver"),
        );
    }
    let saved = match (view.pending, &view.received_by_city_at) {
        (0, Some(at)) if view.unsettled_docs == 0 => {
            let time = at.get(11..16).unwrap_or_default();
            (format!("市热线已收 {time}"), format!("received by the city {time}"))
        }
        (0, _) if view.received_above => {
            let above = view.upstream.clone().unwrap_or_default();
            (format!("{above}已收，待市热线确认"), format!("received by {above}, not yet confirmed by the city"))
        }
        (0, _) => ("已存本机".to_owned(), "saved here".to_owned()),
        (n, _) => (format!("已存本机 · 待上传 {n} 条"), format!("saved here · {n} to upload")),
    };
    match alone_since {
        Some(since) => {
            let gone = elapsed(now.saturating_sub(since));
            (
                format!("离线{}，可继续工作 · {}", gone.0, saved.0),
                format!("offline {}, work goes on · {}", gone.1, saved.1),
            )
        }
        None => saved,
    }
}

fn elapsed(ms: Millis) -> (String, String) {
    match ms / 60_000 {
        0 => (String::new(), String::new()),
        minutes @ 1..60 => (format!(" {minutes} 分钟"), format!("for {minutes} min")),
        minutes => (format!(" {} 小时", minutes / 60), format!("for {} h", minutes / 60)),
    }
}
