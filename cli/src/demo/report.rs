//! What a demonstration found out.

use desk::clock;
use kernel::equal::Compared;
use serde_json::json;

use crate::out::{self, bytes, english, say};

/// How long and how much it took to become equal.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Milliseconds.
    pub ms: i64,
    /// UDP bytes that all four sent.
    pub bytes: u64,
    /// Round trips between township and county.
    pub round_trips: u64,
    /// They became equal.
    pub converged: bool,
    /// What still moved or differed when they were last looked at.
    pub waiting: Option<String>,
}

/// An act that a rule decided against.
#[derive(Clone, Debug)]
pub struct Decided {
    pub ticket: String,
    pub title: String,
    pub act: String,
    pub act_name: String,
    pub unit: String,
    pub person: String,
    pub rule: String,
    pub article: String,
    pub reason: String,
    pub reason_en: String,
    pub by: String,
}

/// Everything that is told at the end.
#[derive(Debug, Default)]
pub struct Report {
    began: i64,
    pub tickets: u64,
    pub refused_rows: usize,
    pub refused: Vec<String>,
    /// Acts that people made.
    pub acts: u64,
    /// Acts that the city holds, confirmations included.
    pub all_acts: u64,
    pub articles: Vec<String>,
    /// Tickets dispatched to the township.
    pub township: Vec<String>,
    pub first_sync: Measured,
    pub reconcile: Measured,
    pub compared: Compared,
    pub difference: Option<String>,
    pub converged: bool,
    pub past_kept: bool,
    /// Merged by itself: in Chinese and English.
    pub merged: Vec<(String, String)>,
    /// Registers that show two values.
    pub both: Vec<(String, String)>,
    pub decided: Vec<Decided>,
    pub overruled: u64,
    pub conflicts: u64,
    pub county_tickets: u64,
    pub wire_bytes: u64,
    /// Database bytes of all four.
    pub db_bytes: u64,
    /// Database bytes of the city.
    pub city_db_bytes: u64,
}

impl Report {
    /// An empty one; the time runs from here.
    pub fn begin() -> Self {
        Self { began: clock::now(), ..Self::default() }
    }

    /// Prints it: one line of JSON on stdout, or sentences.
    pub fn print(&self, json_asked: bool) {
        let seconds = (clock::now() - self.began) as f64 / 1e3;
        if json_asked {
            self.sentences(out::note);
            out::line(self.json(seconds).to_string());
        } else {
            self.sentences(out::line);
        }
    }

    fn json(&self, seconds: f64) -> serde_json::Value {
        let measured =
            |m: &Measured| json!({ "seconds": m.ms as f64 / 1e3, "bytes": m.bytes, "round_trips": m.round_trips });
        let per_ticket = |bytes: u64, tickets: u64| bytes.checked_div(tickets).unwrap_or_default();
        let decided = self.decided.iter().map(|d| {
            json!({ "ticket": d.ticket, "act": d.act, "unit": d.unit, "rule": d.rule, "article": d.article, "by": d.by })
        });
        json!({
            "converged": self.converged,
            "nodes": 4,
            "tickets": self.tickets,
            "refused_rows": self.refused_rows,
            "acts": self.all_acts,
            "overruled": self.decided.len(),
            "conflicts": self.conflicts,
            "seconds": seconds,
            "wire_bytes": self.wire_bytes,
            "db_bytes": self.db_bytes,
            "first_sync": measured(&self.first_sync),
            "reconcile": measured(&self.reconcile),
            "wire_bytes_per_ticket": per_ticket(self.first_sync.bytes, self.county_tickets),
            "county_tickets": self.county_tickets,
            "city_db_bytes_per_ticket": per_ticket(self.city_db_bytes, self.tickets),
            "compared": {
                "scopes": self.compared.scopes, "acts": self.compared.acts, "documents": self.compared.docs,
                "partial": self.compared.partial,
            },
            "past_kept": self.past_kept,
            "decided": decided.collect::<Vec<_>>(),
            "difference": self.difference,
        })
    }

    fn sentences(&self, tell: impl Fn(String)) {
        let pick = |pair: &(String, String)| say(&pair.0, &pair.1).to_owned();
        tell(String::new());
        tell(format!(
            "{} {} · {} {}",
            say("工单", "tickets"),
            self.tickets,
            say("未导入", "refused rows"),
            self.refused_rows
        ));
        for refused in self.refused.iter().take(10) {
            tell(format!("  {refused}"));
        }
        let measured = |m: &Measured| {
            let trips = if m.round_trips > 0 {
                format!(" · {} {}", m.round_trips, say("次往返", "round trips"))
            } else {
                String::new()
            };
            format!("{:.2} s · {}{trips}", m.ms as f64 / 1e3, bytes(m.bytes))
        };
        tell(format!("{} {}", say("首次同步", "first sync"), measured(&self.first_sync)));
        tell(format!("{} {}", say("断网后恢复一致", "equal again after the cut"), measured(&self.reconcile)));
        tell(format!("\n{}", say("自动合并", "merged by itself")));
        self.merged.iter().for_each(|pair| tell(format!("  {}", pick(pair))));
        if !self.both.is_empty() {
            tell(format!("\n{}", say("两值并存", "both values shown")));
            self.both.iter().for_each(|pair| tell(format!("  {}", pick(pair))));
        }
        tell(format!("\n{}", say("由规则裁定", "decided by a rule")));
        for d in &self.decided {
            tell(format!(
                "  {}{}{} {} {} {}",
                d.ticket,
                if english() { format!(" “{}”: ", d.title) } else { format!("《{}》：", d.title) },
                d.unit,
                d.person,
                say(&d.act_name, &d.act),
                say("未采用", "is overruled")
            ));
            tell(format!("      {}", say(&d.reason, &d.reason_en)));
            if !d.by.is_empty() {
                tell(format!("      {} {}", say("以此为准：", "what stands:"), d.by));
            }
        }
        tell(String::new());
        let past = if self.past_kept {
            say(
                "转出工单的乡镇恰好保留其转出前的记录和自己的记录",
                "the township that lost a ticket holds exactly its past and its own acts",
            )
        } else {
            say("转出工单的乡镇所存记录不对", "the township that lost a ticket does NOT hold exactly its past")
        };
        tell(past.to_owned());
        match (&self.difference, self.converged) {
            (None, true) => tell(format!(
                "{}{}{} {} · {} {} · {} {}{}",
                say(
                    "四个节点在所有共有范围内完全一致",
                    "the four nodes are equal on every scope that two of them share"
                ),
                say("（", " ("),
                self.compared.scopes,
                say("个范围", "scopes"),
                self.compared.docs,
                say("份文件", "documents"),
                self.compared.acts,
                say("条记录", "acts"),
                say("）", ")")
            )),
            (difference, _) => tell(format!(
                "{} {}",
                say("没有达到一致：", "NOT equal:"),
                difference.as_deref().or(self.reconcile.waiting.as_deref()).unwrap_or_default()
            )),
        }
    }
}
