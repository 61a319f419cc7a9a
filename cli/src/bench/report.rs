//! What was measured, as JSON or in sentences.

use serde_json::{Map, Value, json};

use super::city::Made;
use super::figures::rounded;
use crate::out::{self, bytes, say};

/// Everything that was measured.
pub struct Report(Map<String, Value>);

/// What a reader would look for and not find.
const NOT_MEASURED: [(&str, &str); 6] = [
    ("断电时磁盘是否真写入了所报已写入的内容", "whether the disk keeps through a power cut what it says is written"),
    (
        "冷缓存下的启动和页面：副本刚写入，仍在系统缓存里",
        "starts and pages with a cold cache: the copy was just written and is still in the system's",
    ),
    ("多个点击者同时看页面：每次只有一人点击", "pages for several people at once: one person clicks at a time"),
    ("浏览器的绘制时间", "what a browser takes to paint"),
    ("网络：各节点和浏览器都在本机", "the network: nodes and browser are on this machine"),
    (
        "机器上其他程序的影响：以 floor 和 asset 两行为准相比",
        "what else ran on the machine: compare with floor and asset",
    ),
];

impl Report {
    pub fn begin(made: &Made, seed: u64, database_bytes: u64) -> Self {
        let tickets = made.tickets.max(1) as u64;
        let mut report = Self(Map::new());
        report.set("tickets", made.tickets.into());
        report.set("seed", seed.into());
        report.set("cores", std::thread::available_parallelism().map_or(0, usize::from).into());
        report.set(
            "city",
            json!({
                "articles": made.articles, "units_with_a_node": made.units, "acts_of_people": made.acts,
                "acts": made.all_acts, "refused": made.refused.len(),
                "refused_acts": made.refused.iter().take(10).collect::<Vec<_>>(),
                "acts_of_people_a_ticket": rounded(made.acts as f64 / tickets as f64),
                "acts_a_ticket": rounded(made.all_acts as f64 / tickets as f64),
                "seconds": rounded(made.seconds), "hub_seconds": rounded(made.hub_seconds),
                "hub_ms_an_act": rounded(made.hub_seconds * 1e3 / made.all_acts.max(1) as f64),
            }),
        );
        report.set(
            "database",
            json!({
                "bytes": database_bytes, "text_bytes": made.text_bytes, "bytes_a_ticket": database_bytes / tickets,
                "bytes_a_ticket_beyond_its_text": database_bytes.saturating_sub(made.text_bytes) / tickets,
            }),
        );
        let told = NOT_MEASURED.iter().map(|(chinese, english)| if out::english() { *english } else { *chinese });
        report.set("not_measured", told.collect::<Vec<_>>().into());
        report
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub fn print(&self, asked_json: bool) {
        if asked_json {
            out::json(&Value::Object(self.0.clone()));
        } else {
            self.sentences();
        }
    }

    fn sentences(&self) {
        let number = |path: &str| self.at(path).map(Value::to_string).unwrap_or_default();
        let size = |path: &str| bytes(self.at(path).and_then(Value::as_u64).unwrap_or_default());
        let line = |chinese: &str, english: &str, text: String| out::line(format!("{}  {text}", say(chinese, english)));
        line("工单", "tickets", format!("{} · {} {}", number("tickets"), number("city/acts"), say("条记录", "acts")));
        line(
            "每件记录数（其中人员所为）",
            "acts a ticket (by people)",
            format!("{} ({})", number("city/acts_a_ticket"), number("city/acts_of_people_a_ticket")),
        );
        line("生成时中心节点每条毫秒", "ms an act at the hub while it was made", number("city/hub_ms_an_act"));
        line("数据库", "database", size("database/bytes"));
        line("每件正文之外的字节", "bytes a ticket beyond its text", size("database/bytes_a_ticket_beyond_its_text"));
        line("启动毫秒（中位）", "start, ms (median)", number("start/p50_ms"));
        line("落盘 4 kB 毫秒（中位）", "4 kB committed, ms (median)", number("floor/commit_with_mark/p50_ms"));
        line("内存峰值", "peak memory", size("memory_at_the_end/peak_bytes"));
        for of in self.rows("writers") {
            let text = format!("{} / s · {} ms CPU", of["acts_a_second"], of["cpu_ms_an_act"]);
            line("持久写入，人数", "durable acts, writers", format!("{}: {text}", of["writers"]));
        }
        line("杀进程后缺少", "lost after a kill", number("killed/lost"));
        line("首次同步每秒记录", "first sync, acts a second", number("first_sync/acts_a_second"));
        let longest = self.at("calendar/beside_it/note/max_ms").map(Value::to_string).unwrap_or_default();
        line(
            "日历导入到列表全部更新的秒数，期间点击最长毫秒",
            "calendar import until all lists go by it, s; longest click beside it, ms",
            format!("{} · {longest}", number("calendar/lists_right_after_s")),
        );
        let head =
            [say("页面或请求", "page or call"), "n", "p50 ms", "p99 ms", "max ms", say("同步旁 p99", "p99 beside")];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for of in self.rows("pages") {
            let cell = |value: &Value| if value.is_null() { "—".to_owned() } else { value.to_string() };
            rows.push(vec![
                of["name"].as_str().unwrap_or_default().to_owned(),
                cell(&of["n"]),
                cell(&of["p50_ms"]),
                cell(&of["p99_ms"]),
                cell(&of["max_ms"]),
                cell(&of["beside_first_sync"]["p99_ms"]),
            ]);
        }
        out::table(&rows);
        out::line(say("没有测量：", "not measured:"));
        for what in self.rows("not_measured") {
            out::line(format!("  {}", what.as_str().unwrap_or_default()));
        }
    }

    fn at(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('/');
        let first = self.0.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    fn rows(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten()
    }
}
