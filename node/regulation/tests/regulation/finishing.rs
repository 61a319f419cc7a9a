//! The finishing term: where it begins, what bends it, and how a county's goes on beside it.

use regulation::UnitId;
use regulation::terms::{DueKind, Terms};

use crate::support::script::*;

/// The finishing term after a script: its due, and whether it is provisional.
fn finish(script: &str) -> (String, bool) {
    let items = run(script, &Terms::default());
    let item = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
    (shown(item.due), item.provisional)
}

#[test]
fn the_finishing_term_depends_on_the_kind_and_starts_at_sign_for() {
    for (kind, due, article) in [
        ("inquiry", "11-27 00:00", "21(2)"),
        ("help", "12-01 00:00", "21(3)"),
        ("suggestion", "12-01 00:00", "21(4)"),
        ("complaint", "12-03 00:00", "21(5)"),
        ("tip-off", "12-03 00:00", "21(5)"),
    ] {
        let script = format!("11-23 09:00 {kind}\n11-23 09:05 dispatch\n11-23 15:00 sign");
        let items = run(&script, &Terms::default());
        let finish = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
        assert_eq!((shown(finish.due).as_str(), finish.article.code().as_str()), (due, article), "{kind}");
        assert_eq!(finish.start, time("11-23 15:00"));
    }
}

#[test]
fn signing_late_gains_no_time() {
    let finish = |script: &str| {
        let items = run(script, &Terms::default());
        items.iter().find(|item| item.what == DueKind::Finish).map(|item| shown(item.due))
    };
    let start = "11-23 09:00 help\n11-23 09:05 dispatch\n";
    let on_last_day = finish(&format!("{start}11-24 23:59 sign"));
    assert_eq!(on_last_day.as_deref(), Some("12-02 00:00"));
    assert_eq!(finish(&format!("{start}11-30 10:00 sign")), on_last_day);
    assert_eq!(finish(start), on_last_day);
}

#[test]
fn the_finishing_term_bends_where_the_regulation_says_so() {
    const SENT: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n";
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    const DONE: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-25 10:00 complete\n";
    const LATE: &str = "12-14 09:00 complaint\n12-14 09:05 dispatch\n12-14 10:00 sign\n";
    const AGAIN: &str = "11-26 09:00 close\n11-27 09:00 discontent\n11-30 09:00 remedy\n";
    for (script, due, provisional) in [
        (SIGNED.to_owned(), "12-01 00:00", false),
        // Asked for in time, an extension that nobody decides on is refused with the last day on which it is decided in time: two
        // days from there, and no more, whenever the hotline speaks.
        (format!("{SIGNED}11-25 09:00 extend"), "12-01 00:00", false),
        (format!("{SIGNED}11-27 09:00 extend"), "12-03 00:00", false),
        (format!("{SIGNED}11-27 09:00 extend\n11-27 15:00 grant"), "12-08 00:00", false),
        // Asked for too late it holds nothing.
        (format!("{SIGNED}11-30 23:59 extend"), "12-04 00:00", false),
        (format!("{SIGNED}12-01 00:00 extend"), "12-01 00:00", false),
        // Extensions come to fifteen days in all, and each counts only if it was asked for before the due of its time.
        (
            format!("{SIGNED}11-27 09:00 extend\n11-27 15:00 grant\n12-07 09:00 extend\n12-07 10:00 grant"),
            "12-15 00:00",
            false,
        ),
        (format!("{SIGNED}12-02 09:00 extend\n12-02 10:00 grant"), "12-01 00:00", false),
        (format!("{SIGNED}11-27 09:00 extend\n11-27 15:00 refuse"), "12-01 00:00", false),
        // A return that is refused stops the clock while it is decided; asking once more does not, nor does asking too late.
        (format!("{SIGNED}11-24 09:00 ask\n11-25 09:00 deny"), "12-02 00:00", false),
        // For no longer than the hotline has to decide.
        (format!("{SIGNED}11-24 09:00 ask\n11-26 09:00 deny"), "12-02 00:00", false),
        (format!("{SIGNED}11-24 09:00 ask"), "12-02 00:00", false),
        (format!("{SIGNED}11-24 09:00 ask\n11-24 10:00 deny\n11-24 11:00 ask\n11-26 09:00 deny"), "12-01 00:00", false),
        (format!("{SIGNED}11-27 09:00 ask\n11-30 09:00 deny"), "12-01 00:00", false),
        // What was asked before it began took nothing from it.
        (format!("{SENT}11-23 10:00 ask\n11-24 10:00 sign\n11-26 09:00 deny"), "12-02 00:00", false),
        // A statutory term takes the place of the usual one once the hotline has found that it governs.
        (format!("{SIGNED}11-24 09:00 statute"), "12-01 00:00", false),
        (format!("{SIGNED}11-30 09:00 statute"), "12-04 00:00", false),
        (format!("{SIGNED}11-30 09:00 statute\n12-14 09:00 governs-not"), "12-04 00:00", false),
        (format!("{SIGNED}11-30 09:00 statute\n12-03 09:00 governs"), "12-25 00:00", false),
        (format!("{SIGNED}11-30 09:00 statute\n12-14 09:00 governs"), "12-04 00:00", false),
        (format!("{SIGNED}11-24 09:00 statute\n11-24 10:00 governs"), "12-25 00:00", false),
        (format!("{SIGNED}11-24 09:00 statute\n11-24 10:00 governs-not"), "12-01 00:00", false),
        // What was reported in time as not to be solved for now waits until the day that the city agreed to, or it is released;
        // without that it was only asked for.
        (format!("{SIGNED}11-25 09:00 defer"), "12-01 00:00", false),
        (format!("{SIGNED}11-30 09:00 defer"), "12-04 00:00", false),
        (format!("{SIGNED}11-30 09:00 defer\n12-14 09:00 go-on"), "12-04 00:00", false),
        (format!("{SIGNED}11-25 09:00 defer\n11-26 09:00 agree"), "12-24 00:00", false),
        (format!("{SIGNED}11-25 09:00 defer\n11-26 09:00 agree\n12-28 09:00 go-on"), "12-24 00:00", false),
        (format!("{SIGNED}11-25 09:00 defer\n11-26 09:00 agree\n12-09 09:00 go-on"), "12-15 00:00", false),
        // Reported too late it is no reason.
        (format!("{SIGNED}12-02 09:00 defer"), "12-01 00:00", false),
        (format!("{SIGNED}12-02 09:00 defer\n12-04 09:00 go-on"), "12-01 00:00", false),
        // The hotline's two days do not count.
        (format!("{DONE}11-27 10:00 send-back"), "12-03 00:00", false),
        // What is sent back at the very end has two days at least.
        (format!("{SIGNED}11-30 23:00 complete\n12-01 09:00 send-back"), "12-04 00:00", false),
        // But not what was reported when it was too late anyway.
        (format!("{SIGNED}12-14 09:00 complete\n12-15 09:00 send-back"), "12-01 00:00", false),
        // An extension after that runs on from there.
        (
            format!("{SIGNED}11-30 23:00 complete\n12-01 09:00 send-back\n12-02 09:00 extend\n12-02 10:00 grant"),
            "12-11 00:00",
            false,
        ),
        // Another round has a term of its own, which nothing of the round before bends.
        (format!("{DONE}{AGAIN}"), "12-08 00:00", false),
        (format!("{SIGNED}11-24 09:00 extend\n11-24 10:00 grant\n11-25 10:00 complete\n{AGAIN}"), "12-08 00:00", false),
        (
            format!("{SIGNED}11-24 09:00 statute\n11-24 10:00 governs\n11-25 10:00 complete\n{AGAIN}"),
            "12-08 00:00",
            false,
        ),
        // What is sent back in it gets no other term, only the hotline's day.
        (format!("{DONE}{AGAIN}12-01 09:00 complete\n12-02 09:00 send-back"), "12-09 00:00", false),
        // Whoever is given it in that round begins when he has it.
        (format!("{DONE}{AGAIN}12-08 09:00 redispatch"), "12-17 00:00", false),
        // What was asked for in time and decided late does not turn into a delay while it is waited for.
        (format!("{SIGNED}11-27 09:00 extend\n12-08 09:00 refuse"), "12-03 00:00", false),
        // Granted when that had counted as refused and the term was over, it moves nothing that is late.
        (format!("{SIGNED}11-27 09:00 extend\n12-08 09:00 grant"), "12-03 00:00", false),
        (format!("{SIGNED}11-27 09:00 extend\n12-08 09:00 grant-15"), "12-03 00:00", false),
        // Once: to ask again and again is no way to have ever more days.
        (format!("{SIGNED}11-30 23:00 extend\n12-01 09:00 refuse"), "12-04 00:00", false),
        (
            format!("{SIGNED}11-30 23:00 extend\n12-01 09:00 refuse\n12-03 23:00 extend\n12-04 09:00 refuse"),
            "12-04 00:00",
            false,
        ),
        // What stands still does so wherever the end has come to.
        (
            format!(
                "{SIGNED}11-30 09:00 extend\n12-01 09:00 refuse\n12-03 09:00 extend\n12-03 10:00 grant\n\
                 12-10 15:00 complete\n12-16 09:00 send-back"
            ),
            "12-19 00:00",
            false,
        ),
        // One with new facts, or that is asked for too late, holds nothing.
        (format!("{SIGNED}11-24 09:00 ask\n11-24 10:00 deny\n11-24 11:00 ask"), "12-01 00:00", false),
        (format!("{SIGNED}11-27 09:00 ask"), "12-01 00:00", false),
        // The days in which it was decided on are not those in which a deferral was to be reported.
        (format!("{SIGNED}11-24 09:00 ask\n11-26 09:00 deny\n12-01 09:00 defer"), "12-05 00:00", false),
        // Days of a year without a notice may still change, wherever they come from.
        (format!("{LATE}12-22 09:00 extend\n12-22 10:00 grant"), "12-31 00:00", true),
        (format!("{LATE}12-22 09:00 extend\n12-22 10:00 refuse"), "12-24 00:00", false),
        (format!("{LATE}12-23 09:00 complete\n12-28 09:00 send-back"), "12-31 00:00", true),
        // Days that two reasons share count once.
        (
            format!(
                "{SIGNED}11-24 09:00 ask\n11-24 10:00 defer\n11-24 11:00 agree\n11-26 09:00 deny\n11-30 09:00 go-on"
            ),
            "12-05 00:00",
            false,
        ),
    ] {
        assert_eq!(finish(&script), (due.to_owned(), provisional), "\n{script}");
    }
}

#[test]
fn a_county_extends_within_its_own_term_and_passes_returns_on() {
    const ON: &str = "11-23 09:00 help\n11-23 09:05 to-county\n11-24 09:00 send-on\n11-24 10:00 sign\n";
    let of = |script: &str, unit: UnitId, what: DueKind, terms: &Terms| {
        let items = run(script, terms);
        items.iter().find(|item| item.unit == unit && item.what == what).map(|item| shown(item.due))
    };
    let usual = Terms::default();
    // The county has the ticket since it sent it on; the unit below signed on the same day.
    assert_eq!(of(ON, COUNTY, DueKind::Finish, &usual).as_deref(), Some("12-02 00:00"));
    assert_eq!(of(ON, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-02 00:00"));
    let later = ON.replace("11-24 10:00 sign", "11-25 10:00 sign");
    assert_eq!(of(&later, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-03 00:00"));
    // It grants ten days, and has none left to give.
    let granted = format!("{ON}11-26 09:00 extend\n11-26 10:00 county-grant");
    assert_eq!(of(&granted, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-02 00:00"));
    // Where the county is itself the handling unit its own term is that of the unit below.
    let handles = Terms { county_handles: 1, ..Terms::default() };
    assert_eq!(of(&later, LEAD, DueKind::Finish, &handles).as_deref(), Some("12-02 00:00"));
    // What the city gives it for its own term, to the day it may give.
    let more =
        format!("{ON}11-26 09:00 county-extend\n11-26 10:00 grant\n11-27 09:00 extend\n11-27 10:00 county-grant");
    assert_eq!(of(&more, COUNTY, DueKind::Finish, &usual).as_deref(), Some("12-09 00:00"));
    assert_eq!(of(&more, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-09 00:00"));
    // While the city decides on its term, so does the term of the unit below wait, where that is the same.
    let waits = |terms: &Terms| of(&format!("{ON}12-01 09:00 county-extend"), LEAD, DueKind::Finish, terms);
    assert_eq!((waits(&usual).as_deref(), waits(&handles).as_deref()), (Some("12-02 00:00"), Some("12-05 00:00")));
    // A return that it agrees to it may pass on for a day, though its own term is over.
    let back = format!("{ON}11-25 09:00 ask\n11-30 09:00 county-recall");
    assert_eq!(of(&back, COUNTY, DueKind::Return, &usual).as_deref(), Some("12-02 00:00"));
    // Where that comes to the same, the usual article is named.
    let same = format!("{ON}11-24 11:00 ask\n11-24 12:00 county-recall");
    let items = run(&same, &usual);
    let named = items.iter().find(|item| item.unit == COUNTY && item.what == DueKind::Return);
    let named = named.map(|item| (shown(item.due), item.article.code()));
    assert_eq!(named, Some(("11-26 00:00".to_owned(), "21(1)".to_owned())));
    let plain = format!("{ON}11-30 09:00 county-recall");
    assert_eq!(of(&plain, COUNTY, DueKind::Return, &usual).as_deref(), Some("11-26 00:00"));
}

#[test]
fn a_completion_sent_back_for_its_form_keeps_its_time() {
    const DONE: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-30 10:00 complete\n";
    let of = |script: &str, what| {
        let items = run(&format!("{DONE}{script}"), &Terms::default());
        items.into_iter().find(|item| item.what == what && item.unit == LEAD)
    };
    for (script, met) in [
        ("12-01 10:00 form\n12-03 23:59 complete", Some("11-30 10:00")),
        ("12-01 10:00 send-back\n12-03 10:00 complete", Some("12-03 10:00")),
        // Until it is mended nothing is reported, nor is it by what comes when the term for that is over.
        ("12-01 10:00 form", None),
        ("12-01 10:00 form\n12-04 00:00 complete", Some("12-04 00:00")),
        // The hotline's look does not count, but no other term begins.
        ("12-01 10:00 form\n12-02 10:00 complete\n12-04 10:00 form\n12-07 10:00 complete", Some("11-30 10:00")),
        ("12-01 10:00 form\n12-03 10:00 complete\n12-03 11:00 form\n12-04 10:00 complete", Some("12-04 10:00")),
        ("12-01 10:00 form\n12-08 10:00 complete\n12-09 10:00 form\n12-30 10:00 complete", Some("12-30 10:00")),
    ] {
        let finish = of(script, DueKind::Finish).expect("a finishing term");
        assert_eq!(finish.met_at.map(shown).as_deref(), met, "{script}");
        assert!(finish.due >= time("12-04 00:00"), "the unit has the term to mend it");
    }
    let mend = |script: &str| of(script, DueKind::Rework).map(|item| shown(item.due));
    assert_eq!(mend("12-01 10:00 form").as_deref(), Some("12-04 00:00"));
    assert_eq!(mend("12-01 10:00 form\n12-02 10:00 complete\n12-04 10:00 form").as_deref(), Some("12-08 00:00"));
}

#[test]
fn a_county_answers_for_its_own_hop() {
    const ON: &str = "11-23 09:00 urgent\n11-23 09:05 to-county\n11-23 15:00 send-on\n";
    let of = |script: &str, unit: UnitId, what: DueKind| {
        let items = run(&format!("{ON}{script}"), &Terms::default());
        items
            .iter()
            .find(|item| item.unit == unit && item.what == what)
            .map(|item| (shown(item.due), item.met_at.map(shown)))
    };
    let due = |text: &str, met: Option<&str>| Some((text.to_owned(), met.map(str::to_owned)));
    assert_eq!(of("", COUNTY, DueKind::Urgent), due("11-23 11:05", None));
    assert_eq!(of("", LEAD, DueKind::Urgent), due("11-23 17:00", None));
    let reported = "11-23 15:30 sign\n11-23 16:00 report";
    assert_eq!(of(reported, COUNTY, DueKind::Urgent), due("11-23 11:05", Some("11-23 16:00")));
    assert_eq!(of(reported, LEAD, DueKind::Urgent), due("11-23 17:00", Some("11-23 16:00")));
    // Also if that one has lost it since, and whatever the county made of its report.
    let handed_on = format!("{reported}\n11-23 17:00 county-recall");
    assert_eq!(of(&handed_on, COUNTY, DueKind::Urgent), due("11-23 11:05", Some("11-23 16:00")));
    let sent_back = "11-23 15:30 sign\n11-23 16:00 complete\n11-23 17:00 county-back";
    assert_eq!(of(sent_back, COUNTY, DueKind::Urgent), due("11-23 11:05", Some("11-23 16:00")));
    assert_eq!(of(sent_back, LEAD, DueKind::Urgent), due("11-23 17:00", Some("11-23 16:00")));
    // What the city decided on the county's term, the county tells.
    let granted = "11-24 09:00 county-extend\n11-24 10:00 grant";
    assert_eq!(of(granted, COUNTY, DueKind::Tell), due("11-26 00:00", None));
    assert_eq!(of(granted, LEAD, DueKind::Tell), None);
    // It has reported while a completion stands.
    let done = "11-23 15:30 sign\n11-24 09:00 complete";
    let finish = |script: &str| of(script, COUNTY, DueKind::Finish).and_then(|(_, met)| met);
    assert_eq!(finish(done).as_deref(), Some("11-24 09:00"));
    // What the city sends back for its form keeps its time, and what the county does is no report of its own hop before it was mended.
    for (form, counts) in [("form", "11-24 09:00"), ("county-form", "11-26 09:00")] {
        let back = format!("{done}\n11-25 09:00 {form}");
        assert_eq!(finish(&back), None, "{form}");
        assert_eq!(finish(&format!("{back}\n11-26 09:00 complete")).as_deref(), Some(counts), "{form}");
    }
    // The county's own look at a report excuses the unit, and not the county.
    let back = "11-23 15:30 sign\n11-24 09:00 complete\n11-26 09:00 county-back";
    assert_eq!(of(back, COUNTY, DueKind::Finish), due("12-01 00:00", None));
    assert_eq!(of(back, LEAD, DueKind::Finish), due("12-03 00:00", None));
    let back = "11-23 15:30 sign\n11-24 09:00 complete\n11-26 09:00 send-back";
    assert_eq!(of(back, COUNTY, DueKind::Finish), due("12-03 00:00", None));
}

#[test]
fn extensions_end_where_the_law_or_the_setting_ends() {
    let signed = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    // What a law provides for has no most.
    let by_law = format!("{signed}11-27 09:00 extend\n11-27 15:00 grant-by-law");
    assert_eq!(finish(&by_law), ("12-29 00:00".to_owned(), false));
    // A city may set a smaller most than the regulation: five and five come to eight.
    let twice = format!("{signed}11-27 09:00 extend\n11-27 15:00 grant\n12-07 09:00 extend\n12-07 10:00 grant");
    let items = run(&twice, &Terms { extension_max_wd: 8, ..Terms::default() });
    let due = items.iter().find(|item| item.what == DueKind::Finish).map(|item| shown(item.due));
    assert_eq!(due.as_deref(), Some("12-11 00:00"));
}

#[test]
fn a_pause_of_an_earlier_round_is_over() {
    let first = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-25 10:00 complete\n";
    let script = format!(
        "{first}11-27 10:00 send-back\n11-30 10:00 complete\n12-01 09:00 close\n12-02 09:00 discontent\n12-03 09:00 remedy"
    );
    assert_eq!(finish(&script), ("12-11 00:00".to_owned(), false));
}
