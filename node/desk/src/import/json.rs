//! One JSON object a line. Numbers keep the digits of the file: as floating-point numbers, those of 20 digits would become
//! others.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::cell::{Cell, wrong};
use super::columns::{COLUMNS_MAX, Columns};
use super::row::Cells;
use crate::problem::Problem;

/// The members of an object in their order, also those that are there twice.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("a JSON object / JSON 对象")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = map.next_entry()? {
                    all.push(member);
                    if all.len() > COLUMNS_MAX {
                        return Err(serde::de::Error::custom("too many members / 成员过多"));
                    }
                }
                Ok(Members(all))
            }
        }
        from.deserialize_map(All)
    }
}

/// The named values of an object; what is `null` is not there.
///
/// # Errors
/// It is no object.
pub fn members(text: &str) -> Result<Vec<(String, Cell)>, Problem> {
    let Members(members) = serde_json::from_str(text).map_err(|error| {
        Problem::bad_input(format!("不是 JSON 对象：{error}"), format!("not a JSON object: {error}"))
    })?;
    let cells = members.into_iter().filter_map(|(name, raw)| Some((name, cell(raw.get())?)));
    Ok(cells.collect())
}

fn cell(raw: &str) -> Option<Cell> {
    match raw.as_bytes().first() {
        Some(b'"') => Some(serde_json::from_str(raw).map_or_else(|error| Cell::Broken(error.to_string()), Cell::Text)),
        Some(b'{' | b'[') => Some(Cell::Nested),
        Some(b'n') | None => None,
        Some(b't' | b'f') => Some(Cell::Text(raw.to_owned())),
        Some(_) => Some(Cell::Number(raw.to_owned())),
    }
}

/// The members of an object as the fields of a form: text, numbers, yes and no; a list of texts is several words.
///
/// # Errors
/// It is no object, a member is there twice, or holds something else.
pub fn fields(text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let Members(members) = serde_json::from_str(text).map_err(|error| {
        Problem::bad_input(format!("须为 JSON 对象：{error}"), format!("a JSON object is expected: {error}"))
    })?;
    let mut fields = BTreeMap::new();
    for (name, raw) in members {
        let value = match cell(raw.get()) {
            None => continue,
            Some(Cell::Text(text) | Cell::Number(text)) => text,
            Some(_) => serde_json::from_str::<Vec<String>>(raw.get())
                .map_err(|_| wrong(&name, "须为文字", "must be text"))?
                .join(","),
        };
        if fields.insert(name.clone(), value).is_some() {
            return Err(wrong(&name, "写了两次", "is there twice"));
        }
    }
    Ok(fields)
}

/// The fields of a line. Which field a name is follows `columns`; a name that is there twice is an error.
///
/// # Errors
/// It is no object, or two of its members are one field.
pub fn cells(text: &str, columns: &mut Columns) -> Result<Cells, Problem> {
    let mut cells = Cells::new();
    for (name, cell) in members(text)? {
        for field in columns.key(&name, cell == Cell::Nested) {
            if cells.insert(field, cell.clone()).is_some() {
                return Err(wrong(field, &format!("有两个值（{name}）"), &format!("has two values ({name})")));
            }
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::super::columns::Mapping;
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_nothing_is_there_twice() {
        let mut columns = Columns::new(&Mapping::default());
        let read = cells(r#"{"id":32012345678901234567,"title":"\u8def灯","x":{"a":1},"y":[],"z":null}"#, &mut columns)
            .unwrap();
        assert_eq!(read["id"].digits("id").unwrap(), "32012345678901234567");
        assert_eq!(read["title"], Cell::Text("路灯".to_owned()));
        assert_eq!(columns.seen.unread.iter().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(columns.seen.nested, columns.seen.unread);
        assert!(cells(r#"{"id":1.38E+10}"#, &mut columns).unwrap()["id"].digits("id").is_err());
        let form = fields(r#"{"phone":13800001234,"assisting":["甲","乙"],"anonymous":true,"note":null}"#).unwrap();
        assert_eq!(form.into_values().collect::<Vec<_>>(), ["true", "甲,乙", "13800001234"]);
        assert!(fields(r#"{"a":{}}"#).is_err() && fields(r#"{"a":1,"a":2}"#).is_err());
        for wrong in ["{", "[1]", "7", r#"{"id":1,"id":2}"#, r#"{"phone":1,"Phone ":2}"#] {
            assert!(cells(wrong, &mut columns).is_err(), "{wrong}");
        }
    }
}
