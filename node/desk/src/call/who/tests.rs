use regulation::UnitId;
use serde_json::{Value, json};

use super::*;

/// One of each call, and of each that differs by what is in it.
fn samples() -> Vec<(&'static str, Value)> {
    vec![
        ("登录", json!({ "do": "sign-in", "login": null, "password": "" })),
        ("退出登录", json!({ "do": "sign-out" })),
        ("办理工单或知识（能不能办由条例的规则定）", json!({ "do": "act", "kind": "", "id": null, "fields": {} })),
        ("查看工单（诉求人信息另有限制）", json!({ "do": "ticket", "id": "" })),
        (
            "取出附件原件（另有限制，留下查看记录）",
            json!({ "do": "file", "id": "", "digest": null, "reveal": { "reason": "" } }),
        ),
        ("监察查看一件（须写文号和用途）", json!({ "do": "inspect", "id": "", "paper": "", "purpose": "" })),
        ("谁看过诉求人信息", json!({ "do": "reveals", "id": null, "of": null, "limit": null })),
        ("疑似重复", json!({ "do": "duplicates", "id": "" })),
        ("待复核的提议", json!({ "do": "proposals" })),
        ("A/B 岗和请假代班：查看、设定", json!({ "do": "cover" })),
        ("工单列表", json!({ "do": "tickets" })),
        ("查看知识", json!({ "do": "article", "id": "" })),
        ("知识列表、搜索", json!({ "do": "articles", "text": null, "limit": null })),
        ("导入工单", json!({ "do": "import", "rows": [] })),
        ("导入历史数据", json!({ "do": "import", "rows": [], "history": "take" })),
        ("列出历史数据", json!({ "do": "import", "rows": [], "history": "list" })),
        ("确认历史数据", json!({ "do": "import", "rows": [], "history": "confirm" })),
        ("同步状态、告警", json!({ "do": "sync" })),
        ("立即连接", json!({ "do": "hurry" })),
        ("本机概况", json!({ "do": "status" })),
        ("邀请设备", json!({ "do": "invite", "unit": "", "class": "" })),
        ("登记人员", json!({ "do": "person", "unit": "", "name": "", "login": "", "roles": [] })),
        ("增减岗位", json!({ "do": "roles", "login": "", "add": [], "remove": [] })),
        ("名册记录、邀请", json!({ "do": "roster", "limit": null })),
        ("设密码", json!({ "do": "password", "login": "", "password": "" })),
        ("计算到期", json!({ "do": "due", "start": "", "days": 1 })),
        ("查看日历", json!({ "do": "year", "year": 2026 })),
        ("导入放假安排", json!({ "do": "calendar", "text": "" })),
        ("核验", json!({ "do": "verify", "id": null })),
        ("报表", json!({ "do": "report", "kind": "", "period": "" })),
        ("提出封存考评表", json!({ "do": "lock", "period": "" })),
        ("复核名册设置", json!({ "do": "decide", "proposal": "", "confirm": true })),
        ("查看时限", json!({ "do": "terms" })),
        ("提出设定时限", json!({ "do": "terms", "set": [["help_wd", 4]] })),
        ("查看职责清单", json!({ "do": "duties" })),
        ("提出设定职责清单", json!({ "do": "duties", "retire": [1] })),
        ("查看权重", json!({ "do": "weights" })),
        ("提出设定权重", json!({ "do": "weights", "mostly": 90 })),
        ("列出市热线签过的时间", json!({ "do": "times" })),
        ("作废时间编号（提出）", json!({ "do": "void-times", "from": 1, "to": 2, "reason": "" })),
        ("查看时钟", json!({ "do": "clock" })),
        ("确认时钟", json!({ "do": "clock", "confirm": 1 })),
        ("告警：知道了", json!({ "do": "acknowledge", "kind": "", "source": "" })),
        ("中心节点不等各县恢复办理", json!({ "do": "waive-hub" })),
        ("停用中心节点（提出）", json!({ "do": "retire-hub", "hub": "" })),
        ("中心节点放回后可能改变的工单", json!({ "do": "hub-tickets" })),
        ("重建", json!({ "do": "rebuild" })),
        ("单位", json!({ "do": "units" })),
        ("事项分类", json!({ "do": "categories" })),
    ]
}

fn call(value: &Value) -> Call {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn author(roles: &[Role], level: Level) -> Author {
    Author { unit: UnitId(1), level, hub: true, person: Some(PersonId(1)), roles: roles.to_vec() }
}

#[test]
fn table_of_the_decision_has_every_call_and_is_the_one_that_holds() {
    // Serde names every call that there is to whoever asks for one that is not.
    let all = serde_json::from_value::<Call>(json!({ "do": "?" })).unwrap_err().to_string();
    let codes: Vec<&str> = all.split('`').skip(3).step_by(2).collect();
    assert!(codes.contains(&"rebuild"), "{all}");
    for code in codes {
        assert!(samples().iter().any(|(_, sample)| sample["do"] == code), "{code} is in no line");
    }
    let mut table = "| call | what | who |\n|---|---|---|\n".to_owned();
    for (what, sample) in samples() {
        let code = sample["do"].as_str().unwrap();
        table += &format!("| `{code}` | {what} | {} |\n", call(&sample).who().names().0);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/adr/0024-who-may-call-what.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- table -->\n").unwrap();
    let (held, after) = rest.split_once("<!-- end -->\n").unwrap();
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::write(path, format!("{before}<!-- table -->\n{table}<!-- end -->\n{after}")).unwrap();
        return;
    }
    assert_eq!(held, table, "JIESU_BLESS=1 writes it anew");
}

#[test]
fn a_supervision_organ_asks_for_one_case_and_for_nothing_else() {
    for level in [Level::CityHotline, Level::CountyHotline, Level::Unit] {
        let inspector = author(&[Role::Inspect], level);
        for (what, sample) in samples() {
            let who = call(&sample).who();
            let own = matches!(who, Who::Anybody | Who::AnybodyAndMore | Who::Owner | Who::SignedIn | Who::Inspector);
            assert_eq!(who.is(&inspector), own, "{what}");
        }
        for name in ["act", "ticket", "tickets", "articles", "proposals", "duplicates", "reveals", "report", "roster"] {
            let (_, sample) = samples().into_iter().find(|(_, sample)| sample["do"] == name).unwrap();
            assert!(!call(&sample).who().is(&inspector), "{name}");
        }
    }
    let works = author(&regulation::split::all_of_one(), Level::CityHotline);
    assert!(!Who::Inspector.is(&works) && Who::Somebody.is(&works) && Who::SignedIn.is(&works));
}

#[test]
fn whoever_joins_anywhere_by_usual_roles_can_see_who_was_shown_what_there() {
    use replica::UnitKind;
    let (_, sample) = samples().into_iter().find(|(_, sample)| sample["do"] == "reveals").unwrap();
    let who = call(&sample).who();
    for (kind, level) in [
        (UnitKind::CityHotline, Level::CityHotline),
        (UnitKind::CountyHotline, Level::CountyHotline),
        (UnitKind::Township, Level::Unit),
        (UnitKind::Department, Level::Unit),
        (UnitKind::Enterprise, Level::Unit),
    ] {
        assert!(who.is(&author(&crate::founding::usual_roles(kind), level)), "{kind:?}");
    }
    assert!(!who.is(&author(&[Role::Knowledge, Role::Statistics], Level::Unit)), "whoever answers for nothing");
    assert!(!who.is(&author(&[Role::Handle], Level::CountyHotline)), "a county has somebody who supervises");
}

#[test]
fn only_an_administrator_changes_the_registry_or_the_node_whatever_other_roles_there_are() {
    let apart = |role: &Role| !matches!(role, Role::Administer | Role::Inspect);
    let others: Vec<Role> = Role::ALL.into_iter().filter(apart).collect();
    let nobody = Author { person: None, ..author(&Role::ALL, Level::CityHotline) };
    for name in ["invite", "person", "roles", "calendar", "void-times", "retire-hub"] {
        let (_, sample) = samples().into_iter().find(|(_, sample)| sample["do"] == name).unwrap();
        let who = call(&sample).who();
        assert!(!who.is(&author(&others, Level::CityHotline)), "{name}");
        assert!(!who.is(&nobody), "{name}");
        assert!(who.is(&author(&[Role::Administer], Level::CityHotline)), "{name}");
    }
    let duty = json!({ "number": 1, "unit": "", "text": "", "basis": "" });
    for value in [
        json!({ "do": "duties", "set": [duty] }),
        json!({ "do": "weights", "response": 20 }),
        json!({ "do": "clock", "confirm": 1 }),
    ] {
        assert!(!call(&value).who().is(&author(&others, Level::CityHotline)), "{value}");
    }
}
