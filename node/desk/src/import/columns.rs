//! Which column of a file is which field. Nothing is guessed: a column is read if it is called as the field is, or as the
//! map says; every other one is listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regulation::ActKind;
use unicode_normalization::UnicodeNormalization;

use crate::problem::Problem;
use crate::{form, text};

/// Columns of a file, at most.
pub const COLUMNS_MAX: usize = 1_000;
/// Characters of the name of a column that an error shows, at most.
const SHOWN_CHARS_MAX: usize = 40;
/// Fields that each row must have.
const NEEDED: [&str; 4] = ["id", "title", "content", "submitted_at"];
/// What is filled in by the import itself.
const OWN: [&str; 3] = ["raised_at", "external_system", "external_number"];
/// A column that this program wrote into a file of refused rows.
pub const REASON_COLUMN: &str = "jiesu_reason";

/// How another system calls things: `field = "column"`, and what it is called itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The other system, if the map says so.
    pub system: Option<String>,
    columns: BTreeMap<String, String>,
}

/// Every field that a column can be read as.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let of_form = form::fields(ActKind::Register).into_iter().map(|spec| spec.name);
    let more = of_form.filter(|name| !OWN.contains(name) && !NEEDED.contains(name));
    NEEDED.into_iter().chain(["reply", "replied_at"]).chain(more).collect()
}

impl Mapping {
    /// Reads a map.
    ///
    /// # Errors
    /// It is no TOML, or names a field that there is not: then the nearest one is named.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        Self::parse(&text::read(path)?.0, &path.display().to_string())
    }

    /// Reads a map from its text.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, name: &str) -> Result<Self, Problem> {
        let wrong = |chinese: String, english: String| {
            Problem::bad_input(format!("{name}：{chinese}"), format!("{name}: {english}"))
        };
        let mut columns: BTreeMap<String, String> =
            toml::from_str(text).map_err(|error| text::not_toml(name, text, &error))?;
        let system = columns.remove("system");
        let names = names();
        if let Some(unknown) = columns.keys().find(|key| !names.contains(&key.as_str())) {
            let nearest =
                names.iter().min_by_key(|name| strsim::levenshtein(name, unknown)).copied().unwrap_or_default();
            return Err(wrong(
                format!("没有字段 {unknown}；是否想写 {nearest}？可用：{}", names.join("、")),
                format!("there is no field {unknown}; did you mean {nearest}? There are: {}", names.join(", ")),
            ));
        }
        Ok(Self { system, columns })
    }

    /// What a field is called in the file.
    fn column(&self, name: &str) -> String {
        self.columns.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }
}

/// What a field is on screens.
fn label(name: &'static str) -> &'static str {
    match name {
        "id" => "编号",
        "submitted_at" => "反映时间",
        "reply" => "答复",
        "replied_at" => "答复时间",
        _ => {
            let spec = form::fields(ActKind::Register).into_iter().find(|spec| spec.name == name);
            spec.map_or(name, |spec| spec.chinese)
        }
    }
}

/// How a name is compared: width, case and blanks make no other column of it.
fn alike(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace() && *c != '\u{feff}').flat_map(char::to_lowercase).collect()
}

/// What was found of the columns of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Columns that are not read.
    pub unread: BTreeSet<String>,
    /// Those of them that hold objects or lists.
    pub nested: BTreeSet<String>,
    /// Columns whose names differ by width, case or blanks alone.
    pub alike: BTreeSet<String>,
}

/// The fields that columns are read as.
pub struct Columns {
    /// By how a column's name is compared.
    fields: BTreeMap<String, Vec<&'static str>>,
    mapping: Mapping,
    /// What was found.
    pub seen: Seen,
}

impl Columns {
    /// The columns that a map asks for.
    #[must_use]
    pub fn new(mapping: &Mapping) -> Self {
        let mut fields: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for name in names() {
            fields.entry(alike(&mapping.column(name))).or_default().push(name);
        }
        Self { fields, mapping: mapping.clone(), seen: Seen::default() }
    }

    /// The fields of each column of a header.
    ///
    /// # Errors
    /// A column that is needed or that the map names is missing, or there are two of it.
    pub fn header(&mut self, header: &[String]) -> Result<Vec<Vec<&'static str>>, Problem> {
        let shown = || {
            header
                .iter()
                .map(|name| format!("“{}”", name.trim().chars().take(SHOWN_CHARS_MAX).collect::<String>()))
                .collect::<Vec<_>>()
                .join("、")
        };
        if header.iter().all(|name| name.trim().is_empty()) {
            return Err(Problem::bad_input(
                "文件是空的，或第一行没有列名；第一行须写列名，如 id,title,content",
                "the file is empty, or its first line names no columns; the first line must name them, such as id,title,content",
            ));
        }
        if header.len() > COLUMNS_MAX {
            return Err(Problem::bad_input(
                format!("列数超过 {COLUMNS_MAX}"),
                format!("there are more than {COLUMNS_MAX} columns"),
            ));
        }
        let mut read = Vec::with_capacity(header.len());
        let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in header {
            places.entry(alike(name)).or_default().push(name);
            read.push(self.fields.get(&alike(name)).cloned().unwrap_or_default());
        }
        for (key, columns) in &places {
            if columns.len() > 1 && !key.is_empty() {
                if let Some(fields) = self.fields.get(key) {
                    return Err(Problem::bad_input(
                        format!(
                            "有 {} 列都叫“{}”，分不清哪一列是 {}；请改名或删去多余的列",
                            columns.len(),
                            columns[0].trim(),
                            fields[0]
                        ),
                        format!(
                            "{} columns are called {}; which one is {}? Rename or remove the others",
                            columns.len(),
                            columns[0].trim(),
                            fields[0]
                        ),
                    ));
                }
                self.seen.alike.extend(columns.iter().map(|column| (*column).to_owned()));
            }
        }
        for name in NEEDED.into_iter().chain(self.mapping.columns.keys().map(String::as_str)) {
            let column = self.mapping.column(name);
            if !places.contains_key(&alike(&column)) {
                return Err(Problem::bad_input(
                    format!("没有“{column}”这一列（{name}）；文件里的列：{}。列名不同时用 --map 对照", shown()),
                    format!(
                        "there is no column {column} ({name}); the file has: {}. Say with --map what is called otherwise",
                        shown()
                    ),
                ));
            }
        }
        let unread = header.iter().zip(&read).filter(|(name, fields)| fields.is_empty() && *name != REASON_COLUMN);
        self.seen.unread.extend(unread.map(|(name, _)| name.trim().to_owned()));
        Ok(read)
    }

    /// What is wrong with a row, told by the column as the file calls it: whoever mends it looks for that one.
    #[must_use]
    pub fn told(&self, problem: Problem) -> Problem {
        let of = |name: &&'static str| problem.title.starts_with(&format!("{name}："));
        let Some(name) = names().into_iter().find(|name| of(name)) else { return problem };
        let (column, label) = (self.mapping.column(name), label(name));
        let beside = if column == label { String::new() } else { format!("（{label}）") };
        let rest = |text: &str, prefix: &str| text.strip_prefix(prefix).unwrap_or(text).trim_start().to_owned();
        Problem {
            title: format!("“{column}”列{beside}：{}", rest(&problem.title, &format!("{name}："))),
            detail: format!("column {column} ({name}): {}", rest(&problem.detail, name).trim_start_matches([':', ' '])),
            ..problem
        }
    }

    /// The fields of one key of an object, where each row has keys of its own.
    pub fn key(&mut self, key: &str, nested: bool) -> Vec<&'static str> {
        let fields = self.fields.get(&alike(key)).cloned().unwrap_or_default();
        if fields.is_empty() && key != REASON_COLUMN && self.seen.unread.len() < COLUMNS_MAX {
            self.seen.unread.insert(key.to_owned());
            if nested {
                self.seen.nested.insert(key.to_owned());
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_row_is_told_by_the_column_of_the_file() {
        let columns = Columns::new(&Mapping::parse("phone = '来电人电话'", "map").unwrap());
        let told = |name: &str| columns.told(Problem::bad_input(format!("{name}：缺少"), format!("{name} is missing")));
        let mapped = told("phone");
        assert_eq!(
            (&*mapped.title, &*mapped.detail),
            ("“来电人电话”列（联系电话）：缺少", "column 来电人电话 (phone): is missing")
        );
        assert_eq!(told("id").title, "“id”列（编号）：缺少");
        assert_eq!(told("别的").title, "别的：缺少");
    }

    fn header(names: &[&str], map: &str) -> Result<(Vec<Vec<&'static str>>, Seen), Problem> {
        let mut columns = Columns::new(&Mapping::parse(map, "map").unwrap());
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        columns.header(&names).map(|read| (read, columns.seen.clone()))
    }

    const MAP: &str = "id='编号'\ntitle='标题'\ncontent='内容'\nsubmitted_at='时间'";

    #[test]
    fn columns_are_found_whatever_their_width_case_and_blanks() {
        let (read, seen) = header(&["编 号", " 标题", "内容", "时间", "Phone", "备注", "备注 "], MAP).unwrap();
        assert_eq!(
            read.iter().flatten().copied().collect::<Vec<_>>(),
            ["id", "title", "content", "submitted_at", "phone"]
        );
        assert_eq!(seen.unread.into_iter().collect::<Vec<_>>(), ["备注"]);
        assert_eq!(seen.alike.into_iter().collect::<Vec<_>>(), ["备注", "备注 "], "listed, though nobody reads them");
    }

    #[test]
    fn columns_that_are_missing_or_double_are_an_error() {
        for (names, said) in [
            (&["编号", "标题", "内容"][..], "时间"),
            (&["编号", "标题", "内容", "时间", "标题"], "标题"),
            (&["编号", "标题", "内容", "时间", "ｐｈｏｎｅ", "phone"], "phone"),
        ] {
            assert!(header(names, MAP).unwrap_err().title.contains(said), "{names:?}");
        }
        let mapped = format!("{MAP}\nphone='电话'");
        assert!(header(&["编号", "标题", "内容", "时间"], &mapped).unwrap_err().title.contains("电话"));
    }

    #[test]
    fn map_that_names_no_field_is_an_error() {
        let problem = Mapping::parse("titel = '主题'", "map.toml").unwrap_err();
        assert!(problem.detail.contains("title"), "{problem:?}");
        assert_eq!(Mapping::parse("system = 'old'", "m").unwrap().system.as_deref(), Some("old"));
    }
}
