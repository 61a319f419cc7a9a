//! One ticket through each branch of the regulation, every act by the command line of four running nodes; what each ticket
//! lived through is `docs/timelines.md`: `JIESU_BLESS=1 cargo test -p jiesu --test branches` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use desk::call::{Call, questions as q};
use node_process::{NodeProcess, ask, done, free_port, jiesu};
use regulation::ActKind;
use serde_json::Value;

/// Each line: who, the act, its fields. `=` before a word stands for another ticket or act by its name. What stands behind `✗` is
/// said of a line that is refused, and nothing comes of that.
const BRANCHES: &[(&str, &str)] = &[
    (
        "主线：派发、签收、办理、报结、认定、回访、归档",
        "city register
         city claim
         city hand-over --to li
         city dispatch --lead 义安镇 --assisting 市住房和城乡建设局 --text 请尽快办理
         town sign-for
         dept sign-for
         town contact --text 已电话联系 --happened_at 2026-01-05 ✗happened_at（发生时间）不能早于
         town contact --text 已电话联系
         town note --text 已查看现场
         town tag --add 路灯
         town attach --class photo --file PHOTO --text 现场照片，存义安镇档案室
         dept assist-feedback --text 已提供图纸
         town complete --outcome solved --told_at 2026-01-05 --told_way telephone --told_whom requester --text 已换灯泡 ✗told_at（告知诉求人的时间）不能早于
         town complete --outcome solved --told_at now --told_way telephone --told_whom requester --text 已换灯泡，告知诉求人
         city confirm-closure --ground solved
         city follow-up --contacted yes --solved yes --satisfaction satisfied
         city archive
         town archive
         city unarchive --text 补充材料
         city archive",
    ),
    ("即时答复，引用知识", "city register\ncity answer --text 拨打供电服务电话 --article =知识\ncity archive"),
    (
        "不予受理，另一人复核后受理，再撤单",
        "city register
         city reject --ground other-procedure --text 属行政复议事项 --path 可向市司法局申请行政复议
         li confirm-intake
         city set-urgency --urgency urgent --text 有老人
         city set-urgency --urgency ordinary --text 已安置
         city withdraw --text 诉求人撤回",
    ),
    ("转紧急热线", "city register\ncity refer-emergency --line 119 --text 有人被困，三方通话后转119"),
    (
        "转紧急热线，另有余事的继续办理",
        "city register
         city refer-emergency --line 119 --text 燃气泄漏，已转119 --residue yes
         city dispatch --lead 义安镇
         town sign-for
         town progress --text 已更换阀门 --helpers 县燃气协会",
    ),
    (
        "转异地热线，异地答复",
        "city register
         city refer-region --text 三方通话 --receiver 石家庄12345
         city region-answer --text 石家庄已修复，已告知诉求人
         city archive",
    ),
    ("表扬：转达所表扬的单位", "city register --kind praise\ncity convey --unit 义安镇 --text 诉求人致谢\ncity archive"),
    (
        "更正登记类别和诉求人信息",
        "city register
         city reclassify --kind inquiry --text 误登为求助
         city reclassify --confidential yes --text 诉求人来电要求保密
         city correct-requester --text 更正 ✗至少填一项
         city correct-requester --phone 1390000 --text 更正 ✗phone
         city correct-requester --phone 13900005678 --party 法人 --enterprise yes --text 诉求人来电更正电话，系公司反映",
    ),
    (
        "乡镇代录，先行处置，市热线确认",
        "town register
         town arrive --text 已到村口
         town progress --way on-site --text 已到现场处置
         city confirm-intake",
    ),
    ("乡镇代录，转自办件", "town register\ncity own-matter --text 村内事务，由镇自办"),
    (
        "退单：驳回、复议、同意退回、再退则指定承办",
        "city register
         city dispatch --lead 义安镇
         town return-request --text 不属本镇职责 --duty 2 --suggested 市住房和城乡建设局
         city return-deny --text 属地管理 --duty 1
         town return-request --text 有新的权属证明 --duty 2
         city return-approve --lead 市住房和城乡建设局 --text 权属已核实
         dept return-request --text 属乡镇道路 --duty 1
         city designate --lead 义安镇 --text 按属地原则",
    ),
    (
        "撤回、回避、转派，电话送达和电话签收",
        "city register
         city dispatch --lead 义安镇
         city notify-by-phone --unit 义安镇 --text 值班员王某接听
         city recall --text 派错单位
         city recuse --unit 市住房和城乡建设局 --text 被反映单位
         city dispatch --lead 义安镇
         city redispatch --lead 涞水县热线
         city sign-for-by-phone --unit 涞水县热线 --text 值班员李某签收",
    ),
    (
        "县热线下派、延期、协调、挂账",
        "city register
         city dispatch --lead 涞水县热线
         county sign-for
         county sub-dispatch --lead 义安镇 --text 请办理
         town sign-for
         county extend-request --days 10 --told_at now --text 等待管材
         city extend-approve --days 10
         town extend-request --days 2 --told_at now --text 等待配件
         shen extend-approve --days 2
         town extend-request --days 9 --told_at now --text 仍缺配件 ✗要更多，请选
         town extend-request --days 9 --told_at 2026-01-05 --text 仍缺配件 --of_city yes ✗told_at（告知诉求人的时间）不能早于
         town extend-request --days 9 --told_at now --text 仍缺配件 --of_city yes
         city extend-deny --text 先用现有配件
         town extend-request --days 1 --told_at now --text 等待运输
         shen extend-deny --text 已无余期
         town escalate --to 涞水县热线 --text 需协调管线
         county opinion --text 同意迁改
         county refer-meeting --text 提请联席会议研究
         city meeting-decision --text 市联席会议纪要第3期 --decision 由义安镇牵头迁改 --due +20
         town extend-request --days 10 --told_at now --text 须待管材到货 --of_city yes
         city extend-approve --days 10
         town progress --text 依《城镇供水条例》办理 --legal_due +30
         shen decide-time --in_time yes --text 条例确有规定
         town defer --text 冬季不能开挖
         city defer-approve --review_at +40
         city more-room --unit 义安镇 --text 挂账期间每周反馈
         town defer-release
         town return-request --text 依《条例》第十八条，属市住建局职责 --duty 无
         town return-withdraw
         shen name-term --text 《城镇供水条例》规定二十四小时内抢修 --legal_due +10",
    ),
    (
        "督办、催办、补充、退回重办、更正、干预",
        "city register
         city dispatch --lead 义安镇
         town sign-for
         city remind --text 明日到期
         city urge --text 诉求人来电催办
         city supplement --text 另有两盏灯不亮
         city supervise --level supervise --ground bad-effect --text 限期办结
         town supervise-reply --text 已派人
         city supervise-release
         town complete --outcome solved --told_at now --told_way sms --told_whom requester --text 已修
         city send-back --text 缺照片 --form_only yes
         town complete --outcome solved --told_at now --told_way sms --told_whom requester --text 已修并附照片
         city correct --title 三盏路灯不亮 --text 按补充内容
         town admonish --text 已劝阻辱骂
         town report-interference --text 有人要求改结论
         city redact --act =登记 --content private --text 诉求人要求
         city decline --text 先核对身份
         city redact --act =登记 --content private --text 诉求人本人要求
         li confirm",
    ),
    (
        "不满意：核实、补充办理、解释说明、异议、不予采纳、申诉",
        "city register
         city dispatch --lead 义安镇
         town sign-for
         town contact --text 已电话告知
         town complete --outcome solved --told_at now --told_way sms --told_whom requester --text 已修
         city confirm-closure --ground solved
         city follow-up --contacted yes --solved no --satisfaction dissatisfied
         town verify-rating --finding not-done --text 确有一盏未修
         town remedy --text 补修
         town contact --text 已电话告知
         town complete --outcome solved --told_at now --told_way sms --told_whom requester --text 已补修
         city confirm-closure --ground solved
         city follow-up --contacted yes --solved yes --satisfaction dissatisfied
         town explain --text 属规划限制
         city object --text 诉求人不认可
         town appeal --text 评价系误按
         city decide-appeal --upheld no --text 录音与评价相符
         li confirm
         city tolerate --granted yes --text 首次试行新流程，依第四十一条
         li confirm
         city set-aside-rating --ground mistaken --text 回拨确认误按
         li confirm --text 已听回拨录音",
    ),
    (
        "合并、撤销合并、拆分",
        "city register
         city split --into =主线 --text 另有井盖问题
         city merge --into =退单 --text 同一路段
         city unmerge --text 并错
         city merge-other --into =退单 --text 两处同一根管线，一并处理
         li confirm"
    ),
    ("并入的一件：到并入时还没有派单", "city register"),
    (
        "撤回以后并入还没有派单的一件",
        "city register
         city dispatch --lead 义安镇
         city recall --text 派错单位
         city merge --into =并入的一件 --text 同一路段"
    ),
];

/// What returns and their refusals quote.
const DUTIES: &str = "编号,单位,事项分类,职责,依据\n\
1,township,,村内道路和公共照明的日常管护,《村庄和集镇规划建设管理条例》第三十二条\n\
2,市住房和城乡建设局,,城市道路照明设施的建设和维护,市住房和城乡建设局职能配置规定第四条\n";

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Somebody at a node: its folder, the running node, the login.
struct Desk {
    dir: PathBuf,
    login: &'static str,
    node: usize,
}

struct World {
    desks: Vec<(&'static str, Desk)>,
    nodes: Vec<NodeProcess>,
    article: String,
    /// What tickets are called by number and title, and their names here.
    called: Vec<(String, String)>,
    /// A photograph to be attached.
    photo: PathBuf,
}

/// Looks at a node until it has what was done elsewhere; both run, so that is soon.
const LOOKS_MAX: usize = 4_000;

impl World {
    fn new(root: &Path) -> Self {
        let dir = |name: &str| root.join(name);
        done(&dir("city"), &["init", "city", "--name", "保定市"]);
        done(&dir("city"), &["person", "add", "--unit", "市热线", "--name", "李审核", "--as", "li"]);
        let reviewer =
            ["person", "add", "--unit", "涞水县热线", "--name", "县审核", "--as", "shen", "--role", "review"];
        done(&dir("city"), &reviewer);
        let list = root.join("duties.csv");
        std::fs::write(&list, DUTIES).unwrap();
        done(&dir("city"), &["person", "roles", "li", "--add", "administer", "--login", "admin"]);
        let proposed = done(&dir("city"), &["duty", "set", "--file", list.to_str().unwrap(), "--login", "admin"]);
        done(&dir("city"), &["confirm", text(&proposed["proposed"], "proposal"), "--login", "li"]);
        let ports: Vec<u16> = (0..4).map(|_| free_port()).collect();
        let mut nodes = vec![NodeProcess::serve(&dir("city"), ports[0], &[])];
        let units =
            [("county", "涞水县热线", "hub"), ("town", "义安镇", "office"), ("dept", "市住房和城乡建设局", "office")];
        for ((name, unit, class), port) in units.into_iter().zip(&ports[1..]) {
            let token = done(&dir("city"), &["invite", "--unit", unit, "--class", class]);
            done(&dir(name), &["join", text(&token, "token"), "--person", "经办人", "--person-login", name]);
            nodes.push(NodeProcess::serve(&dir(name), *port, &[ports[0]]));
        }
        let desk = |name, login, node| (login, Desk { dir: dir(name), login, node });
        let mut desks =
            vec![desk("city", "li", 0), desk("county", "county", 1), desk("town", "town", 2), desk("dept", "dept", 3)];
        desks.push(("shen", Desk { dir: dir("county"), login: "shen", node: 1 }));
        desks.push(("city", Desk { dir: dir("city"), login: "admin", node: 0 }));
        let photo = root.join("路灯.jpg");
        std::fs::write(&photo, [&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], &[0; 52_004]].concat()).unwrap();
        Self { desks, nodes, article: String::new(), called: Vec::new(), photo }
    }

    fn desk(&self, who: &str) -> &Desk {
        &self.desks.iter().find(|(name, _)| *name == who).unwrap_or_else(|| panic!("nobody is {who}")).1
    }

    /// Does something at a desk by the command line.
    fn run(&self, who: &str, words: &[&str]) -> (i32, Value) {
        let desk = self.desk(who);
        jiesu(&desk.dir, &[&["--login", desk.login], words].concat())
    }

    fn knowledge(&mut self, kinds: &mut BTreeSet<String>) {
        let done = |who: &str, words: &[&str]| {
            let (code, value) = self.run(who, words);
            assert_eq!(code, 0, "{words:?}: {value}");
            text(&value, "id").to_owned()
        };
        let id = done("city", &["kb", "add", "--title", "停电报修", "--category", "0104", "--body", "拨打供电电话。"]);
        done("city", &["kb", "edit", &id, "--body", "拨打供电服务电话，说明位置。"]);
        done("li", &["kb", "review", &id]);
        done("city", &["kb", "publish", &id]);
        done("li", &["kb", "confirm", &id]);
        done("city", &["kb", "correct", &id, "--text", "电话有变"]);
        let (_, listed) = self.run("li", &["kb", "corrections"]);
        assert_eq!(
            (&listed[0]["id"], &listed[0]["correction_overdue"]),
            (&Value::from(id.as_str()), &Value::from(false)),
            "{listed}"
        );
        let old = done("city", &["kb", "add", "--title", "旧知识", "--category", "0104", "--body", "旧。"]);
        done("city", &["kb", "retire", &old, "--text", "已过时"]);
        kinds.extend(ActKind::ALL.iter().filter(|kind| kind.of_knowledge()).map(|kind| kind.code().to_owned()));
        self.article = id;
    }

    /// The ticket as a node shows it, once it holds that act.
    fn seen(&self, node: usize, id: &str, act: &str) -> Value {
        for _ in 0..LOOKS_MAX {
            let call = Call::Ticket(q::Ticket { id: id.to_owned(), reveal: None });
            if let Some(Ok(ticket)) = ask(&self.nodes[node].control, None, call)
                && ticket["acts"].as_array().unwrap().iter().any(|known| text(known, "hash") == act)
            {
                return ticket;
            }
            std::thread::yield_now();
        }
        panic!("node {node} never heard of {act}");
    }

    /// Lives a ticket through; its id.
    fn live(&self, script: &str, names: &[(String, String)], kinds: &mut BTreeSet<String>) -> String {
        let (mut id, mut last, mut first) = (String::new(), String::new(), String::new());
        for line in script.lines().map(str::trim) {
            let (line, refused) = line.split_once(" ✗").map_or((line, None), |(line, said)| (line, Some(said)));
            let mut words = line.split(' ');
            let (who, kind) = (words.next().unwrap(), words.next().unwrap());
            let word = |word: &str| match word.strip_prefix('=') {
                Some("知识") => self.article.clone(),
                Some("登记") => first.clone(),
                Some(name) => names.iter().find(|(other, _)| other.starts_with(name)).unwrap().1.clone(),
                // So many days from now.
                None if word.starts_with('+') => {
                    let days: i64 = word[1..].parse().unwrap();
                    desk::clock::text(desk::clock::now() + days * 86_400_000)[..10].to_owned()
                }
                None if word == "PHOTO" => self.photo.to_str().unwrap().to_owned(),
                None => word.to_owned(),
            };
            let fields: Vec<String> = words.map(word).collect();
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let made = if kind == "register" {
                let title =
                    ["ticket", "register", "--title", "路灯不亮", "--content", "夜里看不见路。", "--category", "0104"];
                self.run(who, &[&title[..], &["--name", "张三", "--phone", "13800001234"], &fields[..]].concat())
            } else {
                self.seen(self.desk(who).node, &id, &last);
                self.run(who, &[&["ticket", "act", kind, &id], &fields[..]].concat())
            };
            if let Some(said) = refused {
                let title = text(&made.1, "title");
                assert!(made.0 != 0 && title.contains(said), "{line}: {}", made.1);
                continue;
            }
            assert_eq!(made.0, 0, "{line}: {}", made.1);
            (id, last) = (text(&made.1, "id").to_owned(), text(&made.1, "act").to_owned());
            if first.is_empty() {
                first.clone_from(&last);
            }
            // What is done next is done by somebody who has heard of this.
            let ticket = self.seen(0, &id, &last);
            let acts = ticket["acts"].as_array().unwrap();
            let act = acts.iter().find(|act| text(act, "hash") == last).unwrap();
            assert_eq!(text(act, "standing"), "effective", "{line}: {act}");
            kinds.insert(text(act, "kind").to_owned());
        }
        id
    }

    /// Ids and times are others each time: names stand for the ones, and nothing for the others.
    fn same_each_time(&self, said: &str, names: &[(String, String)]) -> String {
        let mut said = said.replace(&self.article[..10], "《停电报修》");
        for (name, id) in names {
            said = said.replace(&id[..10], &format!("“{name}”"));
        }
        for (called, name) in &self.called {
            said = said.replace(called, &format!("“{name}”"));
        }
        // `2030-01-01 00:00` of another year, `11-25 23:16`
        let chars: Vec<char> = said.chars().collect();
        let time = |at: usize| {
            let fits = |(p, c): (char, &char)| if p == '0' { c.is_ascii_digit() } else { *c == p };
            let is = |pattern: &str| chars.len() >= at + pattern.len() && pattern.chars().zip(&chars[at..]).all(fits);
            ["0000-00-00 00:00", "00-00 00:00"].into_iter().find(|pattern| is(pattern)).map(str::len)
        };
        let (mut out, mut at) = (String::new(), 0);
        while at < chars.len() {
            if let Some(len) = time(at) {
                at += len;
            } else {
                out.push(chars[at]);
                at += 1;
            }
        }
        out
    }

    /// What a ticket is called where another one names it.
    fn called(&self, id: &str) -> String {
        let call = Call::Ticket(q::Ticket { id: id.to_owned(), reveal: None });
        let ticket = ask(&self.nodes[0].control, None, call).unwrap().unwrap();
        format!("{} {}", text(&ticket, "number"), text(&ticket, "title"))
    }

    /// What a ticket lived through, without what the nodes did by themselves.
    fn timeline(&self, id: &str, names: &[(String, String)]) -> String {
        let call = Call::Ticket(q::Ticket { id: id.to_owned(), reveal: None });
        let ticket = ask(&self.nodes[0].control, None, call).unwrap().unwrap();
        let mut out = String::new();
        for act in ticket["acts"].as_array().unwrap() {
            if matches!(text(act, "kind"), "settle" | "witness") {
                continue;
            }
            let texts: Vec<&str> = act["text"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let said: Vec<&str> = [text(act, "summary")].into_iter().chain(texts).filter(|t| !t.is_empty()).collect();
            let said = self.same_each_time(&said.join("；"), names);
            let unit = text(&act["unit"], "name");
            let (name, article) = (text(act, "kind_name"), text(act, "article_name"));
            let said = if said.is_empty() { said } else { format!("：{said}") };
            writeln!(out, "1. **{name}**（{article}）{unit}{said}").unwrap();
        }
        writeln!(out, "\n最后：**{}**", text(&ticket, "state_name")).unwrap();
        out
    }
}

#[test]
fn every_act_can_be_made_by_the_command_line_and_each_branch_comes_to_its_end() {
    let root = tempfile::tempdir().unwrap();
    let mut world = World::new(root.path());
    let mut kinds = BTreeSet::new();
    world.knowledge(&mut kinds);
    let mut names: Vec<(String, String)> = Vec::new();
    for (name, script) in BRANCHES {
        let id = world.live(script, &names, &mut kinds);
        names.push(((*name).to_owned(), id));
    }
    // The town gets the one ticket, and never heard that the other, which was taken from it, was merged into that.
    let into = names.iter().find(|(name, _)| name.starts_with("并入的一件")).unwrap().1.clone();
    let (code, made) = world.run("city", &["ticket", "act", "dispatch", &into, "--lead", "义安镇"]);
    assert_eq!(code, 0, "{made}");
    world.seen(2, &into, text(&made, "act"));
    for who in ["city", "county", "town", "dept"] {
        let (code, found) = world.run(who, &["verify", "--all"]);
        assert_eq!((code, &found["ok"]), (0, &Value::from(true)), "{who}: {found}");
    }
    // Nobody cloned a device here: there is nothing to ratify, and the command says so.
    let (city, id) = ("city", names[0].1.as_str());
    let ratify = ["ticket", "act", "ratify", id, "--act", &id[..12], "--text", "无"];
    let (code, refused) = world.run(city, &ratify);
    assert_eq!((code, text(&refused, "code")), (1, "nothing-to-ratify"), "{refused}");
    // Nor did anything fall: nobody acts here out of reach of the others.
    let cards = ["accept-work", "acknowledge", "show-done", "uphold"];
    for kind in cards {
        let (code, refused) = world.run(city, &["ticket", "act", kind, id, "--act", &id[..12], "--text", "无"]);
        assert_eq!((code, text(&refused, "code")), (1, "nothing-fell"), "{kind}: {refused}");
    }
    // A photograph that is shown of two tickets is told of at both.
    let other = &names[1].1;
    let photo = world.photo.to_str().unwrap().to_owned();
    let (code, made) = world.run(city, &["ticket", "act", "attach", other, "--class", "photo", "--file", &photo]);
    assert_eq!(code, 0, "{made}");
    for (shown, also) in [(id, other.as_str()), (other.as_str(), id)] {
        let (_, ticket) = world.run(city, &["ticket", "show", shown]);
        let number = text(&world.run(city, &["ticket", "show", also]).1, "number").to_owned();
        let files: Vec<&Value> = ticket["acts"].as_array().unwrap().iter().map(|act| &act["file"]).collect();
        assert!(files.iter().any(|file| file["also"][0]["number"] == number), "{files:?}");
    }
    // What units wrote down themselves stands apart, and is in the total of all; a day says what was raised most.
    let today = text(&world.run(city, &["ticket", "show", id]).1, "taken_in_at")[..10].to_owned();
    let (_, rates) = world.run(city, &["report", "rates", "--period", &today[..4]]);
    let own = |row: &Value| row["own_matters"].as_i64().unwrap();
    assert_eq!((own(&rates["total"]), own(&rates["all"]), rates["apart"].as_array().unwrap().len()), (0, 1, 1));
    let (_, daily) = world.run(city, &["report", "daily", "--period", &today]);
    assert_eq!((text(&daily["top"][0], "category"), &daily["top"][0]["rank"]), ("0104", &Value::from(1)), "{daily}");
    // What a unit did is found by it where the ticket went elsewhere.
    let returned = names.iter().find(|(name, _)| name.starts_with("退单：驳回")).unwrap();
    let (_, handled) = world.run("dept", &["ticket", "list", "--handled"]);
    let ids: Vec<&str> = handled["tickets"].as_array().unwrap().iter().map(|line| text(line, "id")).collect();
    assert!(ids.contains(&returned.1.as_str()), "{handled}");
    let all: BTreeSet<String> = ActKind::ALL.iter().map(|kind| kind.code().to_owned()).collect();
    let missing: Vec<&String> = all.difference(&kinds).collect();
    // Two are made by nodes; the others were refused above.
    assert_eq!(missing, ["accept-work", "acknowledge", "ratify", "settle", "show-done", "uphold", "witness"]);
    let mut page = String::from(
        "# 各类工单的经过 One ticket through each branch\n\n由 `cli/tests/branches.rs` 用四个运行中的节点逐条办理后写出，请勿手改。\
         Written by a test that made every act by the command line of four running nodes; do not edit.\n",
    );
    world.called = names.iter().map(|(name, id)| (world.called(id), name.clone())).collect();
    for (name, id) in &names {
        write!(page, "\n## {name}\n\n{}", world.timeline(id, &names)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/timelines.md");
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == page,
        "docs/timelines.md is not what the tickets lived through:\n{page}"
    );
}
