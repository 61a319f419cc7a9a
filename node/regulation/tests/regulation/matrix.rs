//! Every pair of acts that two bodies can make at once, without hearing of each other: what comes of them, and the page
//! that is made from it.
//!
//! What is not settled yet goes by authority (city, county, lead, any other), then by the precedence of kinds, then by hash;
//! what the city hub settled first stands first whoever made it. Both follow from bringing in the two acts in that order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::at_once::beside;
use crate::support::records::{LEAD, authors, differs, particular, records};
use regulation::kind::Trait;
use regulation::precedence::{ORDER, precedence};
use regulation::{ActId, ActKind, Fact, Level, Record, bring_in, decide, options};

/// Authority and precedence inside a stratum; the lower goes first. What the hub does is settled by that alone.
fn rank(fact: &Fact, record: &Record) -> (bool, u8, u16) {
    (!fact.author.hub, authority(fact, record), precedence(&fact.body))
}

fn authority(fact: &Fact, record: &Record) -> u8 {
    let leads = record.ticket().and_then(|ticket| ticket.lead()).is_some_and(|lead| lead.unit == fact.author.unit);
    match fact.author.level {
        Level::CityHotline => 0,
        Level::CountyHotline => 1,
        Level::Unit if leads => 2,
        Level::Unit => 3,
    }
}

/// What became of the second of two acts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Stands,
    Overruled(&'static str),
}

fn fate(record: &Record, first: &Fact, second: &Fact) -> (Fate, Record) {
    let mut record = record.clone();
    bring_in(&mut record, first).expect("lawful where it was made");
    let second = beside(&record, first, second);
    let fate = match bring_in(&mut record, &second) {
        Ok(()) => Fate::Stands,
        Err(broken) => Fate::Overruled(broken.rule.code()),
    };
    (fate, record)
}

/// Lawful acts of different bodies in one record, by two.
fn pairs(record: &Record) -> Vec<(Fact, Fact)> {
    let mut open = Vec::new();
    for (number, (who, author)) in (100_u8..).zip(authors()) {
        for (place, kind) in (0_u8..).zip(ActKind::ALL.iter().copied()) {
            if kind.begins() || kind.of_knowledge() || !differs(who, kind) {
                continue;
            }
            let mut fact = particular(record, kind, &author);
            let mut id = [number; 32];
            id[1] = place;
            // Later than all that made the record.
            (fact.id, fact.claimed_at) = (ActId(id), 1);
            if decide(record, &fact).is_ok() {
                open.push(fact);
            }
        }
    }
    let mut pairs = Vec::new();
    for (index, a) in open.iter().enumerate() {
        // The clerks of one unit hear of each other, unless its laptop is away too: then the pair is of one unit.
        for b in &open[index..] {
            let mut b = b.clone();
            if a.id == b.id {
                b.id = ActId([99; 32]);
            }
            pairs.push((a.clone(), b));
        }
    }
    pairs
}

#[derive(Default)]
struct Cell {
    /// Fate of the second when they are not settled, the first being of higher authority.
    unsettled: BTreeSet<Fate>,
    /// Fate of the act with the later code when the other was settled first, and the other way round.
    settled: [BTreeSet<Fate>; 2],
    seen: usize,
}

fn cells() -> (BTreeMap<(ActKind, ActKind), Cell>, usize) {
    let (mut cells, mut tried) = (BTreeMap::<_, Cell>::new(), 0);
    for (_, record) in records() {
        for (a, b) in pairs(&record) {
            let (a, b) = if a.body.kind() <= b.body.kind() { (a, b) } else { (b, a) };
            let cell = cells.entry((a.body.kind(), b.body.kind())).or_default();
            let (second_b, _) = fate(&record, &a, &b);
            let (second_a, _) = fate(&record, &b, &a);
            let a_first = rank(&a, &record) <= rank(&b, &record);
            let b_first = rank(&b, &record) <= rank(&a, &record);
            // Of equal authority and precedence the hash decides: both can happen.
            cell.unsettled.extend(a_first.then_some(second_b));
            cell.unsettled.extend(b_first.then_some(second_a));
            cell.settled[0].insert(second_b);
            cell.settled[1].insert(second_a);
            cell.seen += 1;
            tried += 2;
        }
    }
    (cells, tried)
}

#[test]
fn nothing_is_overruled_that_its_row_allows_where_it_arrives() {
    // An act that falls does so by a rule that has a sentence and an article; and one of two always stands.
    let (cells, tried) = cells();
    assert!(tried > 20_000, "{tried} pairs");
    for ((a, b), cell) in cells {
        for fate in cell.unsettled.iter().chain(&cell.settled[0]).chain(&cell.settled[1]) {
            if let Fate::Overruled(rule) = fate {
                assert!(regulation::Rule::parse(rule).is_some_and(|rule| !rule.chinese().is_empty()), "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn what_people_fear_most_ends_as_it_should() {
    use ActKind as K;
    let record = |name: &str| records().into_iter().find(|(other, _)| *other == name).expect("a record").1;
    let made = |record: &Record, who: &str, kind, number: u8| {
        let author = authors().into_iter().find(|(name, _)| *name == who).expect("somebody").1;
        let mut fact = options::fact(record, kind, &author);
        fact.id = ActId([number; 32]);
        fact
    };
    // Which of two stands, unsettled: by authority.
    for (name, first, second, rule) in [
        ("signed", ("city", K::Redispatch), ("lead", K::Complete), "not-current-dispatch"),
        ("signed", ("city", K::Recall), ("lead", K::Complete), "stands"),
        ("dispatched", ("city", K::Redispatch), ("lead", K::SignFor), "stands"),
        ("written down", ("city", K::ConfirmIntake), ("city", K::Reject), "taken-in"),
        ("written down", ("city", K::ConfirmIntake), ("other", K::Note), "stands"),
        ("written down", ("city", K::ConfirmIntake), ("other", K::Progress), "stands"),
        ("extension asked", ("city", K::ExtendApprove), ("lead", K::Complete), "stands"),
        ("completed", ("city", K::SendBack), ("city", K::ConfirmClosure), "no-completion"),
        ("signed", ("lead", K::Complete), ("lead", K::ReturnRequest), "not-in-hand"),
        ("return asked", ("city", K::ReturnApprove), ("city", K::ReturnDeny), "no-return-pending"),
        ("extension asked", ("city", K::ExtendApprove), ("city", K::ExtendDeny), "no-extension-pending"),
        ("replied", ("city", K::SuperviseRelease), ("lead", K::SuperviseReply), "stands"),
        ("discontent", ("lead", K::Remedy), ("lead", K::Explain), "no-bad-rating"),
        ("closed", ("city", K::FollowUp), ("city", K::FollowUp), "stands"),
        ("setting aside proposed", ("second", K::Confirm), ("lead", K::Remedy), "no-bad-rating"),
        ("registered", ("city", K::Dispatch), ("city", K::Dispatch), "already-dispatched"),
        ("registered", ("city", K::Dispatch), ("city", K::Answer), "not-open-for-answer"),
        ("registered", ("city", K::Dispatch), ("city", K::Reject), "not-open-for-answer"),
    ] {
        let record = record(name);
        let (a, b) = (made(&record, first.0, first.1, 201), made(&record, second.0, second.1, 202));
        assert!(rank(&a, &record) <= rank(&b, &record), "{name}: {first:?} goes before {second:?}");
        let (fate, _) = fate(&record, &a, &b);
        let expected = if rule == "stands" { Fate::Stands } else { Fate::Overruled(rule) };
        assert!(fate == expected, "{name}: {first:?} against {second:?}");
    }
    // A completion that was settled first is not taken back by a redispatch that arrives later.
    let signed = record("signed");
    let (complete, redispatch) = (made(&signed, "lead", K::Complete, 201), made(&signed, "city", K::Redispatch, 202));
    assert!(fate(&signed, &complete, &redispatch).0 == Fate::Overruled("after-completion"));
    let (_, after) = fate(&signed, &redispatch, &complete);
    assert!(
        after.ticket().is_some_and(|ticket| ticket.assignments.iter().any(|a| a.unit == LEAD && a.closed_by.is_some()))
    );
}

/// `docs/reconciliation.md` is made from the pairs: `JIESU_BLESS=1 cargo test -p regulation matrix::` writes it anew.
#[test]
fn the_page_says_what_the_pairs_come_to() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reconciliation.md");
    let page = page().expect("text can be written");
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::write(path, &page).expect("docs can be written");
    }
    let held = std::fs::read_to_string(path).expect("docs/reconciliation.md");
    assert!(held == page, "docs/reconciliation.md is not what the pairs come to; write it anew with JIESU_BLESS=1");
}

fn said(fates: &BTreeSet<Fate>) -> String {
    let one = |fate: &Fate| match fate {
        Fate::Stands => "并存".to_owned(),
        Fate::Overruled(rule) => {
            let article = regulation::Rule::parse(rule).map_or_else(String::new, |rule| rule.article().chinese());
            format!("后者未采用：`{rule}`（{article}）")
        }
    };
    fates.iter().map(one).collect::<Vec<_>>().join("；")
}

fn page() -> Result<String, std::fmt::Error> {
    let (cells, tried) = cells();
    let commuting = cells
        .values()
        .filter(|cell| cell.settled.iter().all(|fates| fates.len() == 1 && fates.contains(&Fate::Stands)))
        .count();
    let mut out = format!(
        "# 并行办理对照 What comes of two acts made at once\n\n\
         由 `node/regulation/tests/regulation/matrix.rs` 逐对生成，请勿手改。Made pair by pair; do not edit.\n\n\
         两个机构在互不知情时各办一件事，合并后怎样。未经市热线确认时，按市热线、县热线、主办单位、其他单位的次序先后认定，同级的按事项次序（见下），同次序的按记录散列；\
         已经市热线确认的总在前。未采用的记录原样保留、注明所依规则和条款、被哪条记录取代，并在作出记录的单位、派单热线和市热线的“未采用”中列出，由派单热线决定是否收回后来的派单。\n\n\
         共试 {tried} 种次序、{} 对事项；其中 {commuting} 对无论先后都并存，不列。\n\n\
         | 甲 | 乙 | 均未确认 | 甲先经确认，乙后到 | 乙先经确认，甲后到 |\n|---|---|---|---|---|\n",
        cells.len(),
    );
    for ((a, b), cell) in &cells {
        if cell.settled.iter().all(|fates| fates.len() == 1 && fates.contains(&Fate::Stands)) {
            continue;
        }
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            a.chinese(),
            b.chinese(),
            said(&cell.unsettled),
            said(&cell.settled[0]),
            said(&cell.settled[1]),
        )?;
    }
    let names = |kinds: &[ActKind]| kinds.iter().map(|kind| kind.chinese()).collect::<Vec<_>>().join("、");
    let told: Vec<ActKind> = ActKind::ALL.iter().copied().filter(|kind| kind.has(Trait::Told)).collect();
    writeln!(
        out,
        "\n## 事项次序 In which order kinds go\n\n\
         如实记录的事实（{}）按作成时的情形认定一次，归入所属单位和派单，不因并行的转派、撤回、归档、补充办理而不采用（第二十六条）。\
         其余同级的按下列次序，先者留下；害及诉求人或承办单位的在后（`[D]`）。\n",
        names(&told)
    )?;
    for (place, (kinds, why)) in (1..).zip(ORDER) {
        writeln!(out, "{place}. {}：{why}。", names(kinds))?;
    }
    Ok(out)
}

#[test]
fn every_kind_has_one_place_in_the_order() {
    for kind in ActKind::ALL.iter().copied() {
        let places = ORDER.iter().filter(|(kinds, _)| kinds.contains(&kind)).count();
        assert_eq!(places, usize::from(!kind.has(Trait::Told)), "{kind:?}");
    }
}
