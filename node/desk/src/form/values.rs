//! One typed field: what it says, or in words what it may be.

use regulation::act::Citation;
use regulation::{DutyId, Millis, PersonId, UnitId};
use replica::BlockId;
use replica::characters::blank;
use replica::limits::{CODE_BYTES_MAX, FILE_BYTES_MAX, PART_CHARS_MAX, REGISTER_CHARS_MAX};

use super::Form;
use super::clean::clean;
use super::spec::Input;
use crate::narrow::{narrow, number};
use crate::problem::Problem;

/// What says that no entry of the duty list covers a matter.
const NO_DUTY: [&str; 3] = ["无", "none", "没有"];

/// Characters of a field, at most.
fn chars_max(name: &str) -> usize {
    if matches!(name, "title" | "place") { REGISTER_CHARS_MAX } else { PART_CHARS_MAX }
}

impl Form<'_> {
    pub(super) fn number(&self, name: &str) -> Result<u8, Problem> {
        let text = self.line(name)?.ok_or_else(|| self.missing(name))?;
        number(&text).ok_or_else(|| self.wrong(name, "0 至 255 的整数", "a whole number from 0 to 255"))
    }

    pub(super) fn count(&self, name: &str) -> Result<u64, Problem> {
        let text = self.line(name)?.ok_or_else(|| self.missing(name))?;
        number(&text).ok_or_else(|| self.wrong(name, "整数", "a whole number"))
    }

    pub(super) fn file_bytes(&self, name: &str) -> Result<u64, Problem> {
        let bytes = self.count(name)?;
        if (1..=FILE_BYTES_MAX).contains(&bytes) {
            return Ok(bytes);
        }
        Err(self.wrong(name, "1 至 1099511627776 的字节数", "a number of bytes from 1 to 1099511627776"))
    }

    pub(super) fn digest(&self, name: &str) -> Result<[u8; 32], Problem> {
        self.act_id(name).map(|id| id.0).map_err(|problem| match self.filled.contains_key(name) {
            true => self.wrong(name, "64 位十六进制 BLAKE3 摘要", "a BLAKE3 hash of 64 hexadecimal characters"),
            false => problem,
        })
    }

    /// `ID:VERSION`, as [`crate::make`] has found it.
    pub(super) fn citation(&self, name: &str) -> Result<Option<Citation>, Problem> {
        let Some(text) = self.coded(name)? else { return Ok(None) };
        let parsed = text.split_once(':').and_then(|(id, version)| {
            Some(Citation { article: regulation::ActId::parse(id)?, version: version.parse().ok()? })
        });
        parsed.map(Some).ok_or_else(|| self.wrong(name, "已发布知识的内部标识", "the id of a published article"))
    }

    pub(super) fn other_act(&self, name: &str) -> Result<Option<regulation::ActId>, Problem> {
        if self.line(name)?.is_some() { self.act_id(name).map(Some) } else { Ok(None) }
    }

    pub(super) fn act_id(&self, name: &str) -> Result<regulation::ActId, Problem> {
        let text = self.coded(name)?.ok_or_else(|| self.missing(name))?;
        regulation::ActId::parse(&text).ok_or_else(|| self.wrong(name, "64 位内部标识", "an id of 64 characters"))
    }

    pub(super) fn person(&self, name: &str) -> Result<PersonId, Problem> {
        let login = self.coded(name)?.ok_or_else(|| self.missing(name))?;
        let found = self.registry.now().people().find(|(_, person)| person.login == login);
        found.map(|(id, _)| id).ok_or_else(|| self.wrong(name, "名册中人员的登录名", "the login of a person"))
    }

    /// `BLOCK:ACT`, a block being `ACT.NUMBER`.
    pub(super) fn chosen(&self) -> Result<Option<(BlockId, regulation::ActId)>, Problem> {
        let Some(chosen) = self.coded("choose")? else { return Ok(None) };
        let parsed = chosen.split_once(':').and_then(|(block, act)| {
            let (of, effect) = block.split_once('.')?;
            let block = BlockId { act: regulation::ActId::parse(of)?, effect: effect.parse().ok()? };
            Some((block, regulation::ActId::parse(act)?))
        });
        parsed.map(Some).ok_or_else(|| self.wrong("choose", "所选的一处与记录", "a block and an act"))
    }

    pub(super) fn base(&self) -> Result<Vec<regulation::ActId>, Problem> {
        let Some(base) = self.filled.get("base") else { return Ok(Vec::new()) };
        base.split_whitespace()
            .map(|id| regulation::ActId::parse(id).ok_or_else(|| self.wrong("base", "内部标识", "ids of acts")))
            .collect()
    }

    /// Text as typed, in NFC; `None` where it is blank.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        let Some(raw) = self.filled.get(name) else { return Ok(None) };
        let text = clean(raw);
        let (chars, most) = (text.chars().count(), chars_max(name));
        if chars > most {
            return Err(self.too_long(name, &format!("{chars} 字"), most, &format!("{chars} characters")));
        }
        if matches!(name, "external_system" | "external_number") && text.len() > CODE_BYTES_MAX {
            return Err(self.too_long_code(name, &text));
        }
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    pub(super) fn line(&self, name: &str) -> Result<Option<String>, Problem> {
        Ok(self.text(name)?.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    /// A number, code or id: digits, letters and signs of full width are those of ASCII.
    pub(super) fn coded(&self, name: &str) -> Result<Option<String>, Problem> {
        Ok(self.line(name)?.map(|line| narrow(&line)))
    }

    pub(super) fn needed(&self, name: &str) -> Result<String, Problem> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn words(&self, name: &str) -> Result<Vec<String>, Problem> {
        let text = self.text(name)?.unwrap_or_default();
        let words = text.split(|c: char| blank(c) || matches!(c, ',' | '，' | '、' | ';' | '；'));
        let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        match words.iter().find(|word| matches!(name, "add" | "remove") && word.len() > CODE_BYTES_MAX) {
            Some(long) => Err(self.too_long_code(name, long)),
            None => Ok(words),
        }
    }

    pub(super) fn needs(&self, name: &str) -> bool {
        self.specs.iter().any(|spec| spec.name == name && spec.required)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.filled.get(name).map(|value| narrow(value)).as_deref() {
            None | Some("" | "false" | "0" | "no" | "否") => Ok(false),
            Some("true" | "1" | "yes" | "on" | "是") => Ok(true),
            Some(_) => Err(self.wrong(name, "是 或 否", "true or false")),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Millis>, Problem> {
        match self.line(name)? {
            None => Ok(None),
            Some(text) => crate::when::read(&text).map(|when| Some(when.at)).map_err(|why| {
                let (chinese, english) = why.words();
                self.wrong(name, &format!("时间；“{text:.40}”{chinese}"), &format!("a time; {text:.40} {english}"))
            }),
        }
    }

    /// Whether only a day was typed, and no time of it.
    pub(super) fn day_alone(&self, name: &str) -> bool {
        let typed = self.filled.get(name).and_then(|text| crate::when::read(text.trim()).ok());
        typed.is_some_and(|when| when.day_alone)
    }

    pub(super) fn choice<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Problem> {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        let default = spec.map(|spec| spec.default.to_owned()).filter(|default| !default.is_empty());
        let given = self.line(name)?.or(default).ok_or_else(|| self.missing(name))?;
        parse(&given).or_else(|| parse(&narrow(&given))).ok_or_else(|| {
            let all = match spec.map(|spec| spec.input) {
                Some(Input::Choice(all)) => all(),
                _ => Vec::new(),
            };
            let list: Vec<String> = all.iter().map(|(code, chinese)| format!("{code}（{chinese}）")).collect();
            let codes: Vec<&str> = all.iter().map(|(code, _)| *code).collect();
            self.wrong(name, &format!("其中之一：{}", list.join("、")), &format!("one of: {}", codes.join(", ")))
        })
    }

    pub(super) fn unit(&self, name: &str) -> Result<Option<UnitId>, Problem> {
        match self.line(name)? {
            None => Ok(None),
            Some(unit) => self.unit_called(&unit).map(Some),
        }
    }

    pub(super) fn unit_called(&self, name: &str) -> Result<UnitId, Problem> {
        crate::named::unit(self.registry, name).map(|(id, _)| id)
    }

    /// The entry of the duty list that holds now, by its number; nothing where it is said that none covers the matter.
    pub(super) fn duty(&self, name: &str, now: Millis) -> Result<Option<DutyId>, Problem> {
        let Some(text) = self.line(name)? else {
            return if self.needs(name) { Err(self.missing(name)) } else { Ok(None) };
        };
        if NO_DUTY.contains(&text.as_str()) {
            return Ok(None);
        }
        let at = self.registry.now().on(now);
        let id = text.trim_start_matches('第').trim_end_matches('条').trim().parse().ok().map(DutyId);
        match id {
            Some(id) if at.duty(id).is_some() => Ok(Some(id)),
            Some(id) if at.has_duty(id) => Err(self.wrong(
                name,
                &format!("现行条目的编号，或 无：第 {} 条今天不在执行（尚未起行或已停用；jiesu duty list 可查）", id.0),
                &format!(
                    "an entry that holds now, or none: {} begins later, or was retired (see jiesu duty list)",
                    id.0
                ),
            )),
            _ => Err(self.wrong(
                name,
                &format!("职责清单的条目编号，或 无：没有“{text:.40}”这一条（jiesu duty list 可查）"),
                &format!(
                    "the number of an entry of the duty list, or none: there is no {text:.40} (see jiesu duty list)"
                ),
            )),
        }
    }

    pub(super) fn category(&self, name: &str) -> Result<Option<String>, Problem> {
        self.line(name)?.map(|given| crate::named::category(self.registry, &given)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use regulation::{ActKind, Body};
    use replica::registry::{Duty, Holder};
    use replica::{Change, DeviceKey, Registry};

    use super::*;
    use crate::form::{Filled, read};
    use crate::founding::{self, Founder};

    /// Entry 1 holds; entry 2 was retired for a day before this one, entry 3 holds from a day after it.
    fn registry(now: Millis) -> Registry {
        let root = DeviceKey::from_secret(&[7; 32]);
        let founder = Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
        let mut registry = Registry::default();
        let mut write = |change: Change, by, time| {
            let entry = replica::registry::sign_entry(by, &registry, change, time, &root);
            registry.append(&entry).unwrap();
            registry.head()
        };
        for change in founding::changes("保定市", root.public(), [8; 32], &founder).unwrap() {
            write(change, None, 0);
        }
        let second = replica::Person {
            unit: founding::CITY_HOTLINE,
            name: "李审核".to_owned(),
            login: "li".to_owned(),
            roles: regulation::split::all_of_one(),
        };
        write(Change::Person(PersonId(2), second), None, 0);
        let duty =
            |holder| Duty { holder, category: None, text: "供暖".to_owned(), basis: "三定规定".to_owned() };
        let holder = Holder::Kind(replica::UnitKind::Township);
        let today = chrono::Datelike::num_days_from_ce(&regulation::calendar::local_date(now));
        let decided = [
            (None, vec![(DutyId(1), Some(duty(holder))), (DutyId(2), Some(duty(holder)))], 0),
            (Some(today), vec![(DutyId(2), None)], 0),
            (Some(today + 30), vec![(DutyId(3), Some(duty(holder)))], now),
        ];
        for (from, entries, time) in decided {
            let proposal = Change::Proposed(Box::new(Change::duties(from, entries)));
            let hash = write(proposal, Some(PersonId(1)), time);
            write(Change::Confirmed(hash), Some(PersonId(2)), time);
        }
        registry
    }

    #[test]
    fn what_is_quoted_holds_today_or_it_is_said_that_nothing_covers_the_matter() {
        let now = crate::clock::parse("2026-11-30T12:00:00+08:00").unwrap();
        let registry = registry(now);
        let typed = |kind: ActKind, fields: &[(&str, &str)]| {
            let fields = [&[("text", "理由")][..], fields].concat();
            let filled: Filled = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            read(kind, &filled, &registry, now).map(|typed| typed.draft.body)
        };
        let asks = |duty| Body::ReturnRequest { suggested: None, duty };
        for (said, quotes) in [("1", Some(DutyId(1))), ("第 1 条", Some(DutyId(1))), ("无", None), ("none", None)] {
            assert_eq!(typed(ActKind::ReturnRequest, &[("duty", said)]).unwrap(), asks(quotes), "{said}");
        }
        assert_eq!(typed(ActKind::ReturnDeny, &[("duty", "1")]).unwrap(), Body::ReturnDeny { duty: Some(DutyId(1)) });
        for (kind, fields, said) in [
            (ActKind::ReturnRequest, &[][..], "须填写 duty"),
            (ActKind::ReturnDeny, &[], "须填写 duty"),
            (ActKind::ReturnRequest, &[("duty", "2")], "第 2 条今天不在执行"),
            (ActKind::ReturnRequest, &[("duty", "3")], "第 3 条今天不在执行"),
            (ActKind::ReturnDeny, &[("duty", "9")], "没有“9”这一条"),
            (ActKind::ReturnDeny, &[("duty", "路灯")], "没有“路灯”这一条"),
            (ActKind::Reject, &[("ground", "out-of-scope")], "须填写 duty"),
            (ActKind::Reject, &[("ground", "secret"), ("duty", "1")], "不能同时填写"),
        ] {
            let problem = typed(kind, fields).unwrap_err();
            assert!(problem.title.contains(said), "{said}: {}", problem.title);
        }
        assert!(typed(ActKind::Reject, &[("ground", "out-of-scope"), ("duty", "无")]).is_ok());
        assert!(typed(ActKind::Reject, &[("ground", "secret")]).is_ok());
    }
}
