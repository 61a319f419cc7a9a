//! Importing files of other systems as somebody does it who has such a file: nothing is lost, merged or renamed in silence.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::{Path, PathBuf};

use desk::clock;
use node_process::{done, jiesu};
use serde_json::{Value, json};

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// A city, and a folder for files.
struct Place {
    dir: tempfile::TempDir,
    city: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let city = dir.path().join("city");
        done(&city, &["init", "city", "--name", "保定市"]);
        Self { dir, city }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Exit code and report of an import.
    fn import(&self, file: &str, more: &[&str]) -> (i32, Value) {
        jiesu(&self.city, &[&["import", "tickets", file], more].concat())
    }

    /// Tries first; the run must come to what the trial said.
    fn tried_and_done(&self, file: &str, more: &[&str]) -> Value {
        let (tried, would) = self.import(file, &[more, &["--dry-run"]].concat());
        let (code, did) = self.import(file, more);
        assert_eq!(tried, code, "{would}\n{did}");
        for name in ["rows", "added", "known", "refused", "acts", "refused_rows", "remarks", "unread_columns"] {
            assert_eq!(would[name], did[name], "{name}");
        }
        assert_eq!(code, if did["refused"] == 0 { 0 } else { 5 });
        did
    }
}

/// So many days ago at nine.
fn day(days: i64) -> String {
    format!("{} 09:00", &clock::text(clock::now() - days * 86_400_000)[..10])
}

fn lines(report: &Value) -> Vec<u64> {
    report["refused_rows"].as_array().unwrap().iter().filter_map(|row| row["line"].as_u64()).collect()
}

#[test]
fn import_takes_what_is_good_says_what_is_not_and_adds_nothing_twice() {
    let place = Place::new();
    let (raised, replied) = (day(20), day(10));
    let row = |id: &str, title: &str, at: &str| {
        json!({ "id": id, "title": title, "content": "请修。", "submitted_at": at }).to_string()
    };
    let answered = json!({ "id": "1", "title": "咨询医保", "content": "怎么缴费？", "submitted_at": raised,
        "reply": "可在小程序缴费。", "replied_at": replied });
    let rows = [
        answered.to_string(),
        row("2", "路灯不亮", &raised),
        row("3", "", &raised),
        "not json".to_owned(),
        row("5", "时间不对", "soon"),
        row("6", "早已办结", "2019-04-26 10:00:00"),
        row("2", "路灯不亮", &raised),
        row("2", "井盖丢失", &raised),
    ];
    let file = place.file("messages.jsonl", rows.join("\n"));
    let (code, value) = place.import(&file, &[]);
    assert_eq!((code, text(&value, "code")), (5, "bad-input"), "a system is never made from a file's name");
    let first = place.tried_and_done(&file, &["--system", "old"]);
    assert_eq!([&first["added"], &first["known"], &first["refused"], &first["acts"]], [2, 1, 5, 3]);
    assert_eq!(lines(&first), [3, 4, 5, 6, 8]);
    assert!(text(&first["refused_rows"][3], "reason").contains("超过 30 天"), "{first}");
    assert!(text(&first["refused_rows"][4], "reason").contains("第 2 行"), "{first}");
    // The system is known by now.
    let second = place.tried_and_done(&file, &[]);
    assert_eq!([&second["added"], &second["known"], &second["acts"]], [0, 3, 0]);
    assert_eq!(done(&place.city, &["ticket", "list"])["total"], 2);
    let found = done(&place.city, &["ticket", "list", "--state", "answered"]);
    let line = &found["tickets"][0];
    assert_eq!((text(line, "title"), text(line, "kind")), ("咨询医保", "inquiry"));
    let ticket = done(&place.city, &["ticket", "show", text(line, "id")]);
    let at = |day: &str| format!("{}T09:00:00+08:00", &day[..10]);
    assert_eq!(text(&ticket["acts"][1], "happened_at"), at(&replied));
    assert_eq!(text(&ticket, "raised_at"), at(&raised));
}

#[test]
fn another_text_under_a_number_that_is_held_is_told_and_never_counted_as_known() {
    let place = Place::new();
    let row =
        |title: &str| json!({ "id": "7", "title": title, "content": "请修。", "submitted_at": day(1) }).to_string();
    let (first, other) = (place.file("a.jsonl", row("路灯不亮")), place.file("b.jsonl", row("井盖丢失")));
    assert_eq!(place.tried_and_done(&first, &["--system", "old"])["added"], 1);
    let report = place.tried_and_done(&other, &[]);
    assert_eq!([&report["added"], &report["known"], &report["refused"]], [0, 0, 1], "{report}");
    assert_eq!(done(&place.city, &["ticket", "list"])["total"], 1);
}

#[test]
fn closed_cases_come_in_as_history_before_the_city_dispatches_and_another_person_files_them() {
    let place = Place::new();
    done(&place.city, &["person", "add", "--unit", "市热线", "--name", "李审核", "--as", "li"]);
    let row = |id: &str, at: &str| {
        json!({ "id": id, "title": "路灯不亮", "content": "请修。", "submitted_at": at, "reply": "已修好。" })
            .to_string()
    };
    let old = "2019-04-26 10:00:00";
    let file = place.file("old.jsonl", [row("1", old), row("2", old), row("3", &day(1))].join("\n"));
    let admin = ["--login", "admin"];
    let report = place.tried_and_done(&file, &[&["--history", "--system", "old"], &admin[..]].concat());
    assert_eq!((&report["added"], lines(&report)), (&json!(2), vec![3]), "what is new is no history: {report}");
    // A word on a ticket that lives makes no history of it, and is not taken for one.
    let words =
        ["ticket", "register", "--title", "停电", "--content", "快修。", "--category", "0104", "--login", "admin"];
    let live = done(&place.city, &words)["number"].as_str().unwrap().to_owned();
    done(&place.city, &["ticket", "act", "answer", &live, "--text", "已答复。", "--login", "admin"]);
    let (code, refused) = jiesu(&place.city, &["ticket", "act", "tag", &live, "--add", "历史", "--login", "admin"]);
    assert_eq!((code, text(&refused, "code")), (5, "bad-input"), "{refused}");
    let listed = done(&place.city, &["import", "history", "--login", "admin"]);
    assert_eq!([&listed["waiting"], &listed["filed"]], [2, 0], "{listed}");
    let (code, _) = jiesu(&place.city, &["import", "history", "--confirm", "--login", "admin"]);
    assert_eq!(code, 4, "nobody confirms his own");
    assert_eq!(done(&place.city, &["import", "history", "--confirm", "--login", "li"])["filed"], 2);
    let list = done(&place.city, &["ticket", "list", "--login", "admin"]);
    for line in list["tickets"].as_array().unwrap() {
        if text(line, "number") == live {
            assert_eq!(text(line, "state"), "answered", "it lives: {line}");
            continue;
        }
        assert_eq!(
            (text(line, "state"), &line["next_due"]),
            ("archived", &Value::Null),
            "nothing of it is due: {line}"
        );
        assert!(line["flags"].as_array().unwrap().contains(&json!("history")), "{line}");
    }
    // The first dispatch: the city is in force.
    let words =
        ["ticket", "register", "--title", "漏水", "--content", "快修。", "--category", "0104", "--login", "admin"];
    let number = done(&place.city, &words)["number"].as_str().unwrap().to_owned();
    done(&place.city, &["ticket", "act", "dispatch", &number, "--lead", "义安镇", "--login", "admin"]);
    let more = place.file("more.jsonl", row("4", old));
    let (code, problem) = place.import(&more, &[&["--history"], &admin[..]].concat());
    assert_eq!((code, text(&problem, "code")), (4, "not-permitted"));
}

#[test]
fn a_long_list_of_closed_cases_comes_page_by_page_and_is_filed_to_its_end() {
    let place = Place::new();
    done(&place.city, &["person", "add", "--unit", "市热线", "--name", "李审核", "--as", "li"]);
    let row = |n: u32| {
        let (title, content) = (format!("第{n}盏路灯不亮"), format!("请修第{n}盏。"));
        json!({ "id": n, "title": title, "content": content, "submitted_at": "2019-04-26 10:00:00" }).to_string()
    };
    // Of 200 tickets each page tells.
    let file = place.file("old.jsonl", (1..=203).map(row).collect::<Vec<_>>().join("\n"));
    let (code, report) = place.import(&file, &["--history", "--system", "old", "--login", "admin"]);
    assert_eq!((code, &report["added"]), (0, &json!(203)), "{report}");
    let listed = done(&place.city, &["import", "history", "--login", "admin"]);
    assert_eq!((&listed["waiting"], listed["cases"].as_array().unwrap().len()), (&json!(200), 200), "{listed}");
    let behind = text(&listed, "cursor").to_owned();
    let rest = done(&place.city, &["import", "history", "--after", &behind, "--login", "admin"]);
    assert_eq!((&rest["waiting"], &rest["cursor"]), (&json!(3), &Value::Null), "{rest}");
    assert_eq!(done(&place.city, &["import", "history", "--confirm", "--login", "li"])["filed"], 203);
    let listed = done(&place.city, &["import", "history", "--login", "li"]);
    assert_eq!([&listed["waiting"], &listed["filed"]], [0, 200], "{listed}");
    assert_eq!(listed["filed_at_least"], true, "{listed}");
}

const MAP: &str =
    "system = 'old'\nid = '编号'\ntitle = '主题'\ncontent = '内容'\nsubmitted_at = '时间'\nphone = '电话'\n";

#[test]
fn csv_is_imported_by_the_names_of_its_columns_and_refused_rows_can_be_mended() {
    let place = Place::new();
    let map = place.file("map.toml", MAP);
    let at = day(3).replace('-', "/");
    let rows = [
        "\u{feff}编号,主题,内容,时间,电话,坐席".to_owned(),
        format!("7,\"路灯, 不亮\",请修,{at},13800001234,3"),
        format!("8,,缺标题,{at},,3"),
        format!("9,漏水,快修,{at},1.38E+10,3"),
        format!("10,\"井盖,丢了,{at},,3"),
        format!("11,噪音,施工, 扰民,{at},,3"),
        format!("12,暖气,不热,{at},,3"),
        format!("3.20E+17,道路,有坑,{at},,3"),
        "13,绿化,修剪,26-11-20,,3".to_owned(),
    ];
    let file = place.file("export.csv", rows.join("\r\n"));
    let out = place.dir.path().join("refused.csv");
    let refused = ["--map", &map, "--refused", out.to_str().unwrap()];
    let (code, report) = place.import(&file, &refused);
    assert_eq!((code, &report["added"], lines(&report)), (5, &json!(2), vec![3, 4, 5, 6, 8, 9]), "{report}");
    assert_eq!(report["unread_columns"], json!(["坐席"]));
    assert_eq!(text(&report["refused_rows"][1], "id"), "9");
    let (_, again) = place.import(&file, &refused);
    assert_eq!(text(&again, "code"), "bad-input", "a file is not overwritten");
    let ticket = done(&place.city, &["ticket", "list", "--text", "路灯"]);
    let ticket =
        done(&place.city, &["ticket", "show", text(&ticket["tickets"][0], "id"), "--reveal", "--reason", "contact"]);
    assert_eq!((text(&ticket, "title"), text(&ticket["requester"], "phone")), ("路灯, 不亮", "13800001234"));
    assert_eq!(text(&ticket, "external"), "old 7");
    // Mended by hand, the rest comes in from the file of refused rows.
    let mended = std::fs::read_to_string(&out).unwrap();
    let mended = mended.replace("8,,缺标题", "8,标题,缺标题").replace("1.38E+10", "13800001111");
    let mended = mended.replace("\"井盖,丢了", "井盖,丢了").replace("施工, 扰民", "\"施工, 扰民\"");
    let mended = mended.replace("3.20E+17", "320000000000000001").replace("26-11-20", &day(2));
    let file = place.file("mended.csv", mended);
    let report = place.tried_and_done(&file, &["--map", &map]);
    assert_eq!([&report["added"], &report["refused"]], [6, 0], "{report}");
    assert_eq!(report["unread_columns"], json!(["坐席"]), "reasons are no column of the other system");
}

#[test]
fn text_in_another_encoding_is_read_and_told_and_damaged_text_is_refused_as_a_whole() {
    let place = Place::new();
    let map = place.file("map.toml", MAP);
    let of = |id: u32| format!("编号,主题,内容,时间,电话\n{id},路灯不亮,请修,{},\n", day(1));
    let le: Vec<u8> = [0xff, 0xfe].into_iter().chain(of(2).encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let tabs = of(3).replace(',', "\t");
    let report = place.tried_and_done(&place.file("b.csv", le), &["--map", &map]);
    assert_eq!((&report["added"], text(&report, "encoding")), (&json!(1), "UTF-16LE"));
    assert!(text(&report["notes"], "0").is_empty() && report["notes"][0].as_str().unwrap().contains("UTF-16LE"));
    assert_eq!(place.tried_and_done(&place.file("c.txt", tabs), &["--map", &map])["added"], 1);
    let gb = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gb18030.csv");
    let (_, report) = place.import(gb.to_str().unwrap(), &["--map", &map]);
    assert_eq!((text(&report, "encoding"), &report["rows"]), ("GB18030", &json!(1)));
    let mut torn = of(4).into_bytes();
    torn.remove(of(4).find('灯').unwrap());
    let (code, problem) = place.import(&place.file("d.csv", torn), &["--map", &map]);
    assert_eq!(code, 5);
    assert!(text(&problem, "detail").contains("line 2"), "{problem}");
}

#[test]
fn workbook_is_read_with_its_dates_and_what_a_spreadsheet_did_to_numbers_is_refused() {
    let place = Place::new();
    let map = place.file("map.toml", MAP);
    let sheet = |rows: &str, more: &str| workbook(rows, more);
    let serial = |days: i64| {
        // Days of a spreadsheet begin at the end of 1899; nine in the morning are three eighths of one.
        let midnight = clock::parse(&day(days)[..10]).unwrap() + 8 * 3_600_000;
        midnight as f64 / 86_400_000.0 + 25_569.0 + 0.375
    };
    let row = |number: u32, id: &str, phone: &str| {
        format!(
            "<row r=\"{number}\"><c r=\"A{number}\">{id}</c><c r=\"B{number}\" t=\"inlineStr\"><is><t>路灯</t></is></c>\
             <c r=\"C{number}\" t=\"inlineStr\"><is><t>不亮</t></is></c><c r=\"D{number}\" s=\"1\"><v>{}</v></c>\
             <c r=\"E{number}\">{phone}</c></row>",
            serial(2)
        )
    };
    let header = "<row r=\"1\">".to_owned()
        + &["编号", "主题", "内容", "时间", "电话"]
            .map(|name| format!("<c t=\"inlineStr\"><is><t>{name}</t></is></c>"))
            .concat()
        + "</row>";
    let rows = [
        header,
        row(2, "<v>1001</v>", "<v>13800001234</v>"),
        row(3, "<v>3.2E+17</v>", ""),
        row(4, "<f>A2+1</f><v>1002</v>", ""),
        row(5, "<f>A2+1</f>", ""),
        row(6, "<v>1003</v>", ""),
        row(7, "<v>1004</v>", ""),
    ];
    let merged = "<mergeCells count=\"1\"><mergeCell ref=\"B6:B7\"/></mergeCells>";
    let file = place.file("export.xlsx", sheet(&rows.concat(), merged));
    let report = place.tried_and_done(&file, &["--map", &map]);
    assert_eq!((&report["added"], lines(&report)), (&json!(2), vec![3, 5, 6, 7]), "{report}");
    let list = done(&place.city, &["ticket", "list"]);
    let ticket =
        done(&place.city, &["ticket", "show", text(&list["tickets"][0], "id"), "--reveal", "--reason", "contact"]);
    assert_eq!(text(&ticket, "raised_at"), format!("{}T09:00:00+08:00", &day(2)[..10]));
    assert!(["old 1001", "old 1002"].contains(&text(&ticket, "external")));
    assert_eq!(place.import(&file, &["--map", &map, "--sheet", "没有"]).0, 5);
}

/// The smallest workbook with these rows: style 1 is a date.
fn workbook(rows: &str, more: &str) -> Vec<u8> {
    use std::io::Write;
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"导出\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{relations}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData>{more}</worksheet>"),
        ),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
