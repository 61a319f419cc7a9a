//! From named cells to what is registered. Whatever is filled in or changed on the way is counted and told.

use std::collections::BTreeMap;

use regulation::act::RequestKind;
use regulation::{ActKind, Millis};
use replica::limits::CODE_BYTES_MAX;

use super::Row;
use super::cell::{Cell, wrong};
use crate::form::{self, Filled};
use crate::narrow::narrow;
use crate::problem::Problem;
use crate::{clock, unseen};

/// Something that was filled in or changed, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// In Chinese.
    pub chinese: &'static str,
    /// In English.
    pub english: &'static str,
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub first: u64,
}

/// What was filled in or changed, by its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks(pub BTreeMap<&'static str, Remark>);

impl Remarks {
    /// Counts one more.
    pub fn add(&mut self, code: &'static str, line: u64, chinese: &'static str, english: &'static str) {
        self.0.entry(code).or_insert(Remark { chinese, english, rows: 0, first: line }).rows += 1;
    }
}

/// The cells of a row, by field.
pub type Cells = BTreeMap<&'static str, Cell>;

/// Reads a row.
///
/// # Errors
/// Which field is missing or cannot be trusted, and why.
pub fn read(line: u64, cells: &Cells, system: &str, now: Millis, remarks: &mut Remarks) -> Result<Row, Problem> {
    let cell = |name: &str| cells.get(name).filter(|cell| !cell.is_blank());
    let needed = |name: &str| cell(name).ok_or_else(|| wrong(name, "缺少", "is missing"));
    let id = narrow(&needed("id")?.digits("id")?);
    if id.len() > CODE_BYTES_MAX || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong(
            "id",
            &format!("须为 {CODE_BYTES_MAX} 个以内的半角字母、数字或符号，不含空格（{id:.70}）"),
            &format!("has at most {CODE_BYTES_MAX} letters, digits or signs of ASCII without blanks ({id:.70})"),
        ));
    }
    let (title, content) = (needed("title")?.text("title")?, needed("content")?.text("content")?);
    let submitted = needed("submitted_at")?.time("submitted_at", now)?;
    let replied = cell("replied_at").map(|cell| cell.time("replied_at", now)).transpose()?;
    for (name, at) in [("submitted_at", Some(submitted)), ("replied_at", replied)] {
        // A clock that is ahead a little is no other day.
        if at.is_some_and(|when| when.at > now + DAY_MS) {
            return Err(wrong(name, "在将来", "lies ahead of now"));
        }
    }
    if submitted.day_alone || replied.is_some_and(|when| when.day_alone) {
        remarks.add(
            "day-alone",
            line,
            "时间只有日期，按当日零时",
            "of a time only the day is given: taken as its beginning",
        );
    }
    let mut register = Filled::new();
    for spec in form::fields(ActKind::Register) {
        let Some(cell) = cell(spec.name) else { continue };
        let value = match spec.name {
            "phone" => {
                let typed = cell.digits(spec.name)?;
                form::telephone(&typed).unwrap_or_else(|| {
                    // What another hotline has taken in is not lost for its telephone.
                    remarks.add(
                        "phone",
                        line,
                        "联系电话不是可拨打的号码，照原样记下",
                        "the telephone is no number that can be dialled: taken as it is",
                    );
                    typed
                })
            }
            name => cell.text(name)?,
        };
        register.insert(spec.name.to_owned(), value);
    }
    if cells.values().any(|cell| matches!(cell, Cell::Text(text) if unseen::any(&form::plain_ends(text)))) {
        remarks.add("invisible", line, "去掉了看不见的控制字符", "invisible control characters were left out");
    }
    if !register.contains_key("kind") {
        remarks.add("kind", line, "没有诉求类型，按标题和内容的用词归类", "no kind is given: sorted by the words used");
        register.insert("kind".to_owned(), kind_of(&title, &content).code().to_owned());
    }
    if !register.contains_key("channel") {
        remarks.add("channel", line, "没有受理渠道，记为网站", "no channel is given: taken as website");
        register.insert("channel".to_owned(), "website".to_owned());
    }
    let reply = match cell("reply") {
        None if replied.is_some() => {
            return Err(wrong("reply", "有答复时间而没有答复", "is missing, though replied_at is there"));
        }
        None => None,
        Some(reply) => {
            if replied.is_none() {
                remarks.add(
                    "replied-at",
                    line,
                    "没有答复时间，按反映时间",
                    "no time of the reply is given: taken as that of the request",
                );
            }
            let at = replied.unwrap_or(submitted).at;
            if at < submitted.at {
                remarks.add(
                    "reply-first",
                    line,
                    "答复早于反映，照原样记下",
                    "the reply is earlier than the request: taken as it is",
                );
            }
            Some((reply.text("reply")?, clock::text(at)))
        }
    };
    register.insert("raised_at".to_owned(), clock::text(submitted.at));
    register.insert("external_system".to_owned(), system.to_owned());
    register.insert("external_number".to_owned(), id);
    Ok(Row { line, register, reply })
}

/// Milliseconds of a day.
const DAY_MS: Millis = 86_400_000;

/// Class of a request by the words that people use (11). The title says more than the content; what nothing points to
/// is a request for help.
#[must_use]
pub fn kind_of(title: &str, content: &str) -> RequestKind {
    const WORDS: [(RequestKind, &[&str]); 4] = [
        (RequestKind::TipOff, &["举报", "检举", "揭发"]),
        (RequestKind::Complaint, &["投诉", "控告", "乱收费", "违规", "违法", "扰民", "欺诈"]),
        (RequestKind::Suggestion, &["建议", "提议", "意见"]),
        (RequestKind::Inquiry, &["咨询", "请问", "询问", "何时", "什么时候", "怎么办理", "如何", "吗？", "是否"]),
    ];
    let find = |text: &str| {
        WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(kind, _)| *kind)
    };
    find(title).or_else(|| find(content)).unwrap_or(RequestKind::Help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_follows_the_words_people_use() {
        for (title, content, kind) in [
            ("举报非法采砂", "", RequestKind::TipOff),
            ("物业乱收费", "请问怎么投诉", RequestKind::Complaint),
            ("咨询医保缴费", "有人投诉过", RequestKind::Inquiry),
            ("路灯不亮", "建议尽快维修", RequestKind::Suggestion),
            ("路灯不亮", "晚上看不见", RequestKind::Help),
        ] {
            assert_eq!(kind_of(title, content), kind, "{title}");
        }
    }

    #[test]
    fn bad_rows_say_what_is_wrong_and_good_ones_what_was_filled_in() {
        let now = clock::parse("2026-11-28 18:00").unwrap();
        let cells = |changes: &[(&'static str, &str)]| {
            let good = [("id", "7"), ("title", "路灯"), ("content", "不亮"), ("submitted_at", "2026/11/20 9:00")];
            let all = good.iter().chain(changes).map(|(name, text)| (*name, Cell::Text((*text).to_owned())));
            all.collect::<Cells>()
        };
        for (changes, said) in [
            (&[("title", " \u{202e}")][..], "title"),
            (&[("submitted_at", "soon")], "submitted_at"),
            (&[("submitted_at", "2026-11-30")], "submitted_at"),
            (&[("id", "保热线〔2026〕1号")], "id"),
            (&[("id", "3.20E+17")], "id"),
            (&[("phone", "1.38E+10")], "phone"),
            (&[("replied_at", "2026-11-21")], "reply"),
        ] {
            let problem = read(1, &cells(changes), "old", now, &mut Remarks::default()).unwrap_err();
            assert!(problem.title.contains(said) && problem.detail.contains(said), "{changes:?}: {problem:?}");
        }
        let mut remarks = Remarks::default();
        let changed = [("reply", "已修"), ("submitted_at", "2026年11月20日"), ("content", "不\u{202e}亮")];
        let row = read(3, &cells(&changed), "old", now, &mut remarks).unwrap();
        assert_eq!(row.register["external_number"], "7");
        assert_eq!(row.reply, Some(("已修".to_owned(), "2026-11-20T00:00:00+08:00".to_owned())));
        assert!(!row.register.contains_key("party"), "what nobody says is the usual");
        for (typed, kept, odd) in
            [("１３８００００１２３４", "13800001234", false), ("138****1234", "138****1234", true)]
        {
            let mut remarks = Remarks::default();
            let row = read(5, &cells(&[("phone", typed)]), "old", now, &mut remarks).unwrap();
            assert_eq!((row.register["phone"].as_str(), remarks.0.contains_key("phone")), (kept, odd));
        }
        let firm = [("party", "法人"), ("enterprise", "是")];
        let row = read(4, &cells(&firm), "old", now, &mut Remarks::default()).unwrap();
        assert_eq!([&row.register["party"], &row.register["enterprise"]], ["法人", "是"]);
        let codes: Vec<_> = remarks.0.keys().copied().collect();
        assert_eq!(codes, ["channel", "day-alone", "invisible", "kind", "replied-at"]);
    }
}
