//! The words of the templates, in Chinese and English.

use super::frame::Frame;
use desk::clock;
use desk::drafts::Draft;
use desk::view::{self, ActView, DueView, OptionView};

/// The words of templates for small forms, which are named by what they are for.
impl Frame {
    /// The name of the draft of a small form.
    pub(super) fn draft_of(&self, what: &str, of: &str) -> String {
        format!("{what}-{}", of.get(..10).unwrap_or(of))
    }

    /// The document of the page, for its drafts.
    pub(super) fn draft_doc(&self) -> String {
        self.drafts.doc.map(|doc| doc.hex()).unwrap_or_default()
    }

    /// What was typed into a field of a small form.
    pub(super) fn draft_field(&self, form: &str, field: &str) -> &str {
        self.drafts.get(form).and_then(|draft| draft.fields.get(field)).map(String::as_str).unwrap_or_default()
    }

    /// The window in which it was typed.
    pub(super) fn draft_window(&self, form: &str) -> &str {
        self.drafts.get(form).map(|draft| draft.window.as_str()).unwrap_or_default()
    }

    /// When it was typed: the time alone, if that was today.
    pub(super) fn draft_at(&self, form: &str) -> Option<String> {
        self.drafts.get(form).map(|draft| self.typed_at(draft))
    }

    /// When a draft was typed.
    pub(super) fn typed_at(&self, draft: &Draft) -> String {
        let (at, now) = (clock::text(draft.at), clock::text(clock::now()));
        match (at.get(..10) == now.get(..10), at.get(11..16)) {
            (true, Some(time)) => time.to_owned(),
            _ => self.time(&at),
        }
    }
}

impl Frame {
    /// One of two texts.
    pub(super) fn t<'t>(&self, chinese: &'t str, english: &'t str) -> &'t str {
        if self.prefs.english { english } else { chinese }
    }

    /// Something that has a code and a Chinese name.
    pub(super) fn name(&self, code: &str, chinese: &str) -> String {
        if self.prefs.english { desk::english::words(code) } else { chinese.to_owned() }
    }

    /// One of two texts that may be absent.
    pub(super) fn either<'t>(&self, chinese: &'t Option<String>, english: &'t Option<String>) -> Option<&'t str> {
        if self.prefs.english { english.as_deref() } else { chinese.as_deref() }
    }

    /// As [`Self::name`], of what may be absent.
    pub(super) fn known(&self, code: &Option<String>, chinese: &Option<String>) -> String {
        self.name(code.as_deref().unwrap_or_default(), chinese.as_deref().unwrap_or_default())
    }

    /// An article, from its code and Chinese name.
    pub(super) fn article(&self, code: &str, chinese: &str) -> String {
        if self.prefs.english { format!("Art. {code}") } else { chinese.to_owned() }
    }

    /// The article of the rule that forbids something.
    pub(super) fn rule_article(&self, option: &OptionView) -> String {
        let rule = option.rule.as_deref().and_then(regulation::Rule::parse);
        rule.map(|rule| self.article(&rule.article().code(), &rule.article().chinese())).unwrap_or_default()
    }

    /// A time without seconds, and without the year if it is this one.
    pub(super) fn time(&self, text: &str) -> String {
        let short = text.get(..16).unwrap_or(text).replace('T', " ");
        match short.strip_prefix(&self.year) {
            Some(rest) => rest.trim_start_matches('-').to_owned(),
            None => short,
        }
    }

    /// The moment that something is due, as people say it: the end of a day is 24:00 of that day.
    pub(super) fn due_time(&self, due: &DueView) -> String {
        desk::clock::due(due.due_ms, desk::clock::now())
    }

    /// How much is left, in working days.
    pub(super) fn left(&self, due: &DueView) -> String {
        if due.verdict == "unused" {
            return String::new();
        }
        let late = due.verdict == "overdue";
        match (late, due.days_left) {
            (true, 0) => self.t("今天", "today").to_owned(),
            (true, days) if self.prefs.english => format!("by {} work days", days.abs()),
            (true, days) => format!("{} 个工作日", days.abs()),
            (false, ..=0) => self.t("今天到期", "today").to_owned(),
            (false, days) if self.prefs.english => format!("{days} work days left"),
            (false, days) => format!("剩 {days} 个工作日"),
        }
    }

    /// Name of a flag.
    pub(super) fn flag(&self, flag: &str) -> String {
        let known = view::FLAGS.iter().find(|(code, _)| *code == flag);
        let chinese = known.map_or(flag, |(_, chinese)| *chinese);
        self.name(flag, chinese)
    }

    /// What an act changed, in words.
    pub(super) fn effects<'a>(&self, act: &'a ActView) -> &'a [String] {
        if self.prefs.english { &act.effects_en } else { &act.effects }
    }

    /// Where an act is proven to have arrived.
    pub(super) fn delivery(&self, act: &ActView) -> &'static str {
        let (chinese, english) = match act.delivery.as_str() {
            "city" => ("市热线已收", "received by the city"),
            "county" => ("县热线已收", "received by the county"),
            _ => ("已存本机", "saved here"),
        };
        if self.prefs.english { english } else { chinese }
    }

    /// Class of a device.
    pub(super) fn class(&self, code: &str) -> String {
        let chinese = replica::Class::parse(code).map(|class| class.names().1);
        self.name(code, chinese.unwrap_or(code))
    }

    /// A number of bytes.
    pub(super) fn bytes(&self, bytes: &u64) -> String {
        match *bytes {
            small @ 0..1_000 => format!("{small} B"),
            kilo @ 1_000..1_000_000 => format!("{}.{} kB", kilo / 1_000, kilo % 1_000 / 100),
            mega => format!("{}.{} MB", mega / 1_000_000, mega % 1_000_000 / 100_000),
        }
    }

    /// The sentence for the top bar.
    pub(super) fn sync_sentence(&self) -> &str {
        self.sync.as_ref().map_or("", |sync| self.t(&sync.sentence, &sync.sentence_en))
    }

    /// How the top bar looks: `offline`, `waiting` or `calm`. The words say the same.
    pub(super) fn sync_tone(&self) -> &'static str {
        match &self.sync {
            Some(sync) if sync.full || sync.retired => "offline",
            Some(sync) if sync.offline_since.is_some() && !sync.hub => "offline",
            Some(sync) if sync.pending > 0 || (sync.hub && sync.peers.iter().any(|peer| peer.pending > 0)) => "waiting",
            _ => "calm",
        }
    }

    /// Tickets that somebody must look at.
    pub(super) fn attention(&self) -> u64 {
        self.sync.as_ref().map_or(0, |sync| sync.overruled_tickets + sync.conflict_tickets)
    }

    /// Documents that lists show as they were before something changed.
    pub(super) fn recalculating(&self) -> u64 {
        self.sync.as_ref().map_or(0, |sync| sync.recalculating)
    }

    /// Where those are listed.
    pub(super) fn attention_link(&self) -> &'static str {
        match &self.sync {
            Some(sync) if sync.overruled_tickets == 0 => "/?tab=conflicts",
            _ => "/?tab=overruled",
        }
    }
}
