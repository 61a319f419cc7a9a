//! Articles of the knowledge base.

use serde_json::Value;

use super::{act, list, named, short, text};
use crate::out::{cut, line, say, table};

/// A list of articles.
pub fn articles(value: &Value) {
    let rows: Vec<Vec<String>> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|article| {
            vec![
                text(article, "id").get(..10).unwrap_or_default().to_owned(),
                named(article, "state").to_owned(),
                cut(text(article, "title"), 40),
                cut(&text(article, "excerpt").replace('\n', " "), 60),
            ]
        })
        .collect();
    if rows.is_empty() {
        line(say("没有找到", "nothing found"));
    }
    table(&rows);
}

/// One article.
pub fn article(value: &Value) {
    line(format!("{}  {}", text(value, "title"), named(value, "state")));
    line(format!("{}\n", text(value, "id")));
    line(text(value, "body"));
    list(value, "blocks").iter().for_each(wordings);
    if let Some(published) = value["published"].as_str().filter(|published| *published != text(value, "body")) {
        line(format!("\n{}\n{published}", say("—— 已发布的版本 ——", "—— as published ——")));
    }
    line("");
    list(value, "acts").iter().for_each(act);
}

/// Wordings that stand side by side in an article.
fn wordings(block: &Value) {
    let wordings = list(block, "wordings");
    if !wordings.is_empty() {
        line(format!("\n{}", say("待选定的写法（jiesu kb choose）：", "to be chosen (jiesu kb choose):")));
    }
    for wording in wordings {
        let said = wording["text"].as_str().map_or_else(|| say("（删去）", "(removed)"), str::trim);
        let (who, act) = (text(wording, "person"), text(wording, "act").get(..10).unwrap_or_default());
        line(format!("  {act}  {said}  —— {} {who} {}", text(&wording["unit"], "name"), short(text(wording, "at"))));
    }
}
