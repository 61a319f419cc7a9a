//! Articles of the knowledge base.

use desk::view::{ArticleLine, ArticleView, BlockView};

use super::{act, named, short};
use crate::out::{cut, line, say, table};

/// A list of articles.
pub fn articles(found: &[ArticleLine]) {
    let row = |article: &ArticleLine| {
        vec![
            article.id.get(..10).unwrap_or_default().to_owned(),
            named(&article.state, &article.state_name).to_owned(),
            if article.needs_upgrade { say("需升级", "upgrade").to_owned() } else { String::new() },
            cut(&article.title, 40),
            cut(&article.excerpt.replace('\n', " "), 60),
        ]
    };
    if found.is_empty() {
        line(say("没有找到", "nothing found"));
    }
    table(&found.iter().map(row).collect::<Vec<_>>());
}

/// Articles of which something is to be corrected, what is due first first.
pub fn corrections(found: &[ArticleLine]) {
    let row = |article: &ArticleLine| {
        vec![
            article.id.get(..10).unwrap_or_default().to_owned(),
            article.correction_due.as_deref().map(short).unwrap_or_default(),
            if article.correction_overdue { say("逾期", "overdue").to_owned() } else { String::new() },
            article.owner.name.clone(),
            cut(&article.title, 40),
        ]
    };
    if found.is_empty() {
        line(say("没有待答复的纠错", "nothing is to be corrected"));
    }
    table(&found.iter().map(row).collect::<Vec<_>>());
}

/// One article.
pub fn article(article: &ArticleView) {
    let of = &article.line;
    line(format!("{}  {}", of.title, named(&of.state, &of.state_name)));
    line(format!("{}\n", of.id));
    if of.needs_upgrade {
        line(say(
            "需升级：有更新版本程序的办理记录，本机看不到其内容，不能办理；请升级本机程序。下面是此前的情况",
            "upgrade needed: a newer version of this program has acted on this article, which cannot be shown or added to here; below is what was known before",
        ));
    }
    line(&article.body);
    article.blocks.iter().for_each(wordings);
    if let Some(published) = article.published.as_ref().filter(|published| **published != article.body) {
        line(format!("\n{}\n{published}", say("—— 已发布的版本 ——", "—— as published ——")));
    }
    line("");
    article.acts.iter().for_each(act);
}

/// Wordings that stand side by side in an article.
fn wordings(block: &BlockView) {
    if !block.wordings.is_empty() {
        line(format!("\n{}", say("待选定的写法（jiesu kb choose）：", "to be chosen (jiesu kb choose):")));
    }
    for wording in &block.wordings {
        let text = wording.text.as_deref().map_or_else(|| say("（删去）", "(removed)"), str::trim);
        let (who, act) = (wording.person.as_deref().unwrap_or_default(), wording.act.get(..10).unwrap_or_default());
        line(format!("  {act}  {text}  —— {} {who} {}", wording.unit.name, short(&wording.at)));
    }
}
