//! The forms of the acts, made from the fields of each kind, with what was typed and what is wrong beside it.

use regulation::ActKind;
use replica::{Registry, UnitKind};

use super::frame::Frame;
use desk::clock;
use desk::form::{AS_IS, FieldSpec, Filled, HAPPENED_AT, Input, fields};
use desk::once::RequestId;
use desk::problem::Problem;
use desk::view::{DutyView, OptionView};

/// A form.
pub(super) struct FormView {
    /// The kind, which is also what its button says.
    pub name: String,
    /// The article that it rests on.
    pub article: String,
    /// Where it is sent.
    pub action: String,
    /// What is filled in.
    pub fields: Vec<FieldView>,
    /// Its number.
    pub once: String,
    /// Heads that an edit is based on.
    pub base: String,
    /// A file comes with it.
    pub uploads: bool,
    /// What is recorded of a file that came with the form before.
    pub kept: Vec<(&'static str, String)>,
    /// It is shown without being asked for.
    pub open: bool,
    /// What is wrong with the whole of it.
    pub problem: Option<String>,
    /// What is known of what it answers.
    pub about: String,
    /// A step of handling; the rest is folded away.
    pub usual: bool,
    /// The name of its draft.
    pub draft: &'static str,
    /// The window in which the draft was typed that is shown.
    pub window: String,
    /// When it was typed.
    pub restored: Option<String>,
    /// Nothing of it may wait in the browser while the node does not answer.
    pub private: bool,
    /// Whether it is asked if a number is to stay in the text, and whether it was said so.
    pub as_is: Option<bool>,
}

/// A field of a form.
pub(super) struct FieldView {
    /// Its id on the page.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// What stands before it.
    pub label: &'static str,
    /// It must be filled in.
    pub required: bool,
    /// How it is filled in.
    pub input: &'static str,
    /// What stands in it.
    pub value: String,
    /// What may be chosen, in groups; one without a name where there are none.
    pub groups: Vec<(String, Vec<Choice>)>,
    /// A list of suggestions on the page.
    pub list: &'static str,
    /// How to fill it in.
    pub hint: &'static str,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Nothing of it may wait in the browser.
    pub private: bool,
    /// It is seldom filled in: folded away, unless something stands in it or is wrong with it.
    pub rare: bool,
}

/// Something that may be chosen.
pub(super) struct Choice {
    /// What is sent.
    pub code: String,
    /// What is shown.
    pub name: String,
    /// It is chosen.
    pub chosen: bool,
}

/// Entries of the duty list that a page suggests, at most; others are typed by their number.
const DUTIES_LISTED_MAX: usize = 1_000;
/// Fields of a registration that are seldom filled in.
const RARE: [&str; 6] = ["party", "enterprise", "external_system", "external_number", "again", "times"];
/// A file to be attached.
const FILE: FieldSpec =
    FieldSpec { name: "file", chinese: "文件", english: "file", required: true, input: Input::Line, default: "" };
/// What is recorded of it.
const OF_FILE: [&str; 4] = ["digest", "bytes", "hash", "media"];
/// Fields that name somebody.
const PRIVATE: [&str; 3] = ["name", "phone", "address"];
/// Kinds of which people note down when the work was done, where they enter it later.
const DATED: [ActKind; 6] =
    [ActKind::SignFor, ActKind::Contact, ActKind::Arrive, ActKind::Progress, ActKind::Complete, ActKind::FollowUp];

impl FormView {
    /// Whether none of its fields is marked as the one that is wrong.
    pub(super) fn marks_none(&self) -> bool {
        self.fields.iter().all(|field| field.error.is_none())
    }

    /// Whether some field of it is folded away.
    pub(super) fn folds(&self) -> bool {
        self.fields.iter().any(|field| field.rare)
    }

    /// A form with what was filled in; `problem` is why it came back. What was begun before and not sent is brought back.
    pub(super) fn new(
        kind: ActKind,
        action: String,
        filled: &Filled,
        problem: Option<&Problem>,
        registry: &Registry,
        frame: &Frame,
    ) -> Result<Self, Problem> {
        let mut specs = fields(kind);
        // What is recorded of a file is taken from it.
        let kept = if kind == ActKind::Attach {
            specs.retain(|spec| !OF_FILE.contains(&spec.name));
            // Its own name will do.
            specs.iter_mut().filter(|spec| spec.name == "text").for_each(|spec| spec.required = false);
            specs.insert(0, FieldSpec { required: !filled.contains_key("digest"), ..FILE });
            OF_FILE.iter().filter_map(|name| Some((*name, filled.get(*name)?.clone()))).collect()
        } else {
            Vec::new()
        };
        if DATED.contains(&kind) {
            specs.push(HAPPENED_AT);
        }
        let draft = frame.drafts.get(kind.code());
        let restored = draft.filter(|_| problem.is_none());
        let filled = restored.map_or(filled, |draft| &draft.fields);
        let wrong = problem.and_then(|problem| beside(problem, &specs, filled, frame));
        let fields = specs.iter().map(|spec| {
            let error = wrong.as_ref().filter(|(name, _)| *name == spec.name).map(|(_, sentence)| sentence.clone());
            field(kind, spec, filled.get(spec.name).map(String::as_str), error, registry, frame)
        });
        Ok(Self {
            name: frame.name(kind.code(), kind.chinese()),
            article: frame.article(&kind.article().code(), &kind.article().chinese()),
            action,
            fields: fields.collect(),
            // What was sent, and may have been done, is known again by its number.
            once: match restored.and_then(|draft| RequestId::parse(draft.fields.get("once")?).ok()) {
                Some(known) => known.into(),
                None => RequestId::draw()?.into(),
            },
            base: filled.get("base").cloned().unwrap_or_default(),
            uploads: kind == ActKind::Attach,
            kept,
            open: problem.is_some() || restored.is_some(),
            draft: kind.code(),
            window: draft.map(|draft| draft.window.clone()).unwrap_or_default(),
            restored: restored.map(|draft| frame.typed_at(draft)),
            // Whoever raises a request is in all of it, as is whoever a confidential one is about.
            private: kind.begins() && kind.fits(false),
            about: String::new(),
            usual: usual(kind),
            as_is: problem
                .filter(|problem| problem.code == "personal-data" || filled.contains_key(AS_IS))
                .map(|_| filled.contains_key(AS_IS)),
            problem: match wrong {
                None => problem.map(|problem| problem.sentence(frame.prefs.english).to_owned()),
                Some(_) => {
                    Some(frame.t("没有办理：请改正标出的一项。", "Not done: mend the field that is marked.").to_owned())
                }
            },
        })
    }
}

impl FormView {
    /// With the reason why its act may not be made now, beside what was begun.
    pub(super) fn not_now(mut self, option: Option<&OptionView>, frame: &Frame) -> Self {
        if let (None, Some(option)) = (&self.problem, option) {
            let reason = frame.either(&option.reason, &option.reason_en).unwrap_or_default();
            self.problem = Some(format!("{}{reason}", frame.t("现在不能办：", "Not possible now: ")));
        }
        self
    }
}

fn field(
    kind: ActKind,
    spec: &FieldSpec,
    typed: Option<&str>,
    error: Option<String>,
    registry: &Registry,
    frame: &Frame,
) -> FieldView {
    let value = typed.unwrap_or(spec.default).to_owned();
    let of_registration = matches!(kind, ActKind::Register | ActKind::RegisterByProxy);
    let rare = of_registration && RARE.contains(&spec.name) && error.is_none() && value == spec.default;
    let choice = |code: &str, name: String| Choice { chosen: code == value, code: code.to_owned(), name };
    // Whoever must decide decides: nothing is chosen beforehand.
    let none = || choice("", frame.t("（请选择）", "(choose)").to_owned());
    let (input, groups) = match spec.input {
        Input::Line if spec.name == FILE.name => ("file", Vec::new()),
        Input::Line | Input::Unit | Input::Units | Input::Duty => ("line", Vec::new()),
        Input::Area if spec.name == "body" => ("text", Vec::new()),
        Input::Area => ("area", Vec::new()),
        Input::Time => ("time", Vec::new()),
        Input::Flag => ("flag", Vec::new()),
        Input::Choice(all) => {
            let named = all().into_iter().map(|(code, chinese)| choice(code, frame.name(code, chinese)));
            let first = spec.default.is_empty().then(none);
            ("choice", vec![(String::new(), first.into_iter().chain(named).collect())])
        }
        Input::Category => {
            let mut groups = vec![(String::new(), vec![none()])];
            for (code, name) in registry.now().categories() {
                let (group, name) = name.split_once('/').unwrap_or(("", name));
                if groups.last().is_none_or(|(last, _)| last != group) {
                    groups.push((group.to_owned(), Vec::new()));
                }
                if let Some((_, choices)) = groups.last_mut() {
                    choices.push(choice(code, name.to_owned()));
                }
            }
            ("choice", groups)
        }
    };
    FieldView {
        id: format!("f-{}-{}", kind.code(), spec.name),
        name: spec.name,
        label: frame.t(spec.chinese, spec.english),
        required: spec.required,
        input,
        groups,
        list: match (spec.input, spec.name) {
            (Input::Unit | Input::Units, _) => "units",
            (Input::Duty, _) => "duties",
            (_, "place") => "places",
            _ => "",
        },
        hint: match spec.input {
            Input::Unit => frame.t("输入简称、全称或代码，可从列表选", "code, name or short name; pick from the list"),
            Input::Units => frame.t("多个单位用顿号隔开", "separate several units by commas"),
            Input::Duty => frame.t(
                "写条目编号，可从列表选；没有相应条目的写“无”",
                "its number, pick from the list; write none if no entry covers it",
            ),
            Input::Time if !spec.required => frame.t("留空即为现在", "now, if left blank"),
            Input::Line if matches!(spec.name, "add" | "remove") => {
                frame.t("多个标签用空格隔开", "separate several tags by blanks")
            }
            Input::Line if spec.name == FILE.name && !spec.required => frame.t(
                "文件已收下，不用再选；选了另一份就用另一份",
                "the file is here, there is no need to choose it again; another one takes its place",
            ),
            Input::Line if spec.name == FILE.name => frame.t(
                "照片、录音、文书，一次一份，最多 256 MiB；只存在本机",
                "a photograph, recording or document, one at a time, 256 MiB at most; kept at this node alone",
            ),
            _ => "",
        },
        private: PRIVATE.contains(&spec.name),
        error,
        value,
        rare,
    }
}

/// The field that a problem is about, and the sentence without names that only programs use.
fn beside(problem: &Problem, specs: &[FieldSpec], filled: &Filled, frame: &Frame) -> Option<(&'static str, String)> {
    let english = frame.prefs.english;
    for spec in specs {
        let named = format!("{}（{}）", spec.name, spec.chinese);
        if problem.title.contains(&named) {
            let sentence = if english {
                problem.detail.replace(&format!(" ({})", spec.english), "").replacen(spec.name, spec.english, 1)
            } else {
                problem.title.replacen(&named, spec.chinese, 1)
            };
            return Some((spec.name, sentence));
        }
    }
    // A unit that nobody knows is named by what was typed.
    let typed = |spec: &&FieldSpec| {
        let words = filled.get(spec.name).map(String::as_str).unwrap_or_default();
        let mut words = words.split([',', '，', '、', ';', '；']).map(str::trim);
        matches!(spec.input, Input::Unit | Input::Units)
            && words.any(|word| !word.is_empty() && problem.title.contains(&format!("：{word}；")))
    };
    // Whoever reads a page has its list, and no command.
    let sentence = problem.sentence(english).replace("（jiesu units 可查）", "，可从列表选");
    specs.iter().find(typed).map(|spec| (spec.name, sentence))
}

/// Short names of all units, for suggestions.
pub(super) fn unit_names(registry: &Registry) -> Vec<String> {
    registry.now().units().map(|(_, unit)| unit.short.clone()).collect()
}

/// Numbers and texts of the entries of the duty list that hold now, for suggestions.
pub(super) fn duties(registry: &Registry) -> Vec<(u32, String)> {
    let now = registry.now().on(clock::now());
    let all = now.duties().map(|(id, _, duty)| DutyView::of(&now, id, None, duty));
    all.take(DUTIES_LISTED_MAX).map(|duty| (duty.number, format!("{}：{}", duty.whose, duty.text))).collect()
}

/// Codes and names of places, for suggestions.
pub(super) fn places(registry: &Registry) -> Vec<(String, String)> {
    let place = |kind| matches!(kind, UnitKind::Township | UnitKind::CountyGovernment);
    let units = registry.now().units().filter(|(_, unit)| place(unit.kind));
    units
        .map(|(_, unit)| (unit.code.split('-').next().unwrap_or_default().to_owned(), unit.short.clone()))
        .filter(|(code, _)| code.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

/// Whether an act is a step of handling, rather than something that is done now and then: it leads on, or is what people
/// do every day.
fn usual(kind: ActKind) -> bool {
    let daily = matches!(kind, ActKind::Contact | ActKind::Progress | ActKind::Note | ActKind::Tag | ActKind::Correct);
    daily || regulation::table::row(kind).is_none_or(|row| !row.to.starts_with("不变"))
}
