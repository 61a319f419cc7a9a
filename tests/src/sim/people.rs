//! What people at the simulated nodes do.

use kernel::{Command, Done, Edit, Input, Refusal, Request, read};
use regulation::act::{Body, Channel, Dispatch, Party, Register, RequestKind, Urgency};
use regulation::{ActId, ActKind, Author, Edition, PersonId, options};
use replica::{Behind, Draft, Effect, Field, History, Value};

use super::{Sim, text};
use crate::{bodies, city};

impl Sim {
    /// Somebody at some node does something that the node lets them do, or tries what it does not.
    pub(super) fn somebody_acts(&mut self) -> Result<(), String> {
        let node = self.dice.below(self.nodes.len());
        self.acts_at(node)
    }

    /// Somebody does at this node.
    pub(super) fn acts_at(&mut self, node: usize) -> Result<(), String> {
        let Some(kernel) = &self.nodes[node].kernel else { return Ok(()) };
        let device = self.nodes[node].device;
        let at = kernel.registry().now();
        let Some(unit) = at.device(device).map(|device| device.unit) else { return Ok(()) };
        let (person, edition) = (*self.dice.pick(&city::people(unit)), at.edition());
        let docs = read::docs(kernel.store()).map_err(text)?;
        let fresh = docs.is_empty() || self.dice.percent(15);
        let command = if fresh {
            Command::Begin(if unit == city::CITY && self.dice.percent(75) { self.any_request() } else { article() })
        } else {
            let doc = *self.dice.pick(&docs);
            let history = read::history(kernel.store(), kernel.registry(), doc).map_err(text)?;
            let author = Author {
                unit,
                level: at.level(unit),
                hub: device == city::HUB,
                person: Some(person),
                roles: at.roles(person, unit),
            };
            match self.command(doc, &history, &author, edition) {
                Some(command) => command,
                None => return Ok(()),
            }
        };
        self.request(node, person, command)
    }

    /// A ticket of which something is withheld: one unit leads, another assists, and whoever leads reports interference, which
    /// the other must never read. Every run begins with it.
    pub(super) fn begin_withheld(&mut self) -> Result<(), String> {
        let [lead, assisting, _] = city::TOWNSHIPS;
        let person = city::people(city::CITY)[0];
        let draft = self.register(RequestKind::Help);
        self.request(0, person, Command::Begin(draft))?;
        self.handle(0)?;
        let Some(doc) = self.newest(0)? else { return Err("the first ticket was not made".to_owned()) };
        let draft = Draft::new(Body::Dispatch(Dispatch { lead, assisting: vec![assisting] }));
        self.request(0, person, Command::Act { doc, draft })?;
        self.handle(0)?;
        self.connect((0, 3))?;
        self.connect((0, 4))?;
        for _ in 0..100 {
            self.deliver_next()?;
            self.handle(3)?;
            if self.newest(3)? == Some(doc) {
                break;
            }
        }
        let mut draft = Draft::new(Body::ReportInterference);
        draft.private = vec!["有人要求压下此件".to_owned()];
        self.request(3, city::people(lead)[0], Command::Act { doc, draft })
    }

    pub(super) fn newest(&self, node: usize) -> Result<Option<ActId>, String> {
        let Some(kernel) = &self.nodes[node].kernel else { return Ok(None) };
        let tickets = kernel.store().tickets(&store::TicketFilter::default(), None, 1).map_err(text)?.rows;
        Ok(tickets.first().map(|ticket| ticket.id))
    }

    pub(super) fn request(&mut self, node: usize, person: PersonId, command: Command) -> Result<(), String> {
        self.input(node, Input::Request(Box::new(Request { ticket: 0, person: Some(person), command })))
    }

    fn command(&mut self, doc: ActId, history: &History, author: &Author, edition: Edition) -> Option<Command> {
        let options = options::options(history.record(), author, edition);
        let evil = self.dice.percent(5);
        let open: Vec<ActKind> = options.iter().filter(|(_, may)| evil || may.is_ok()).map(|(kind, _)| *kind).collect();
        if open.is_empty() {
            return None;
        }
        // What is withheld is withheld from somebody: a unit that is kept out, or is asked and has no part. Both happen
        // more often here than in life.
        let withholding = [ActKind::Recuse, ActKind::Escalate, ActKind::ReportInterference]
            .into_iter()
            .filter(|kind| open.contains(kind));
        let withholding: Vec<ActKind> = withholding.filter(|_| self.dice.percent(30)).collect();
        let kind = withholding.first().copied().unwrap_or(*self.dice.pick(&open));
        let draft = Draft::new(bodies::any(&mut self.dice, kind, history.record(), author));
        Some(match kind {
            ActKind::Note => Command::Act { doc, draft: draft.text([format!("记录{}", self.dice.below(1000))]) },
            ActKind::ArticleEdit => {
                let edit = self.edit(history);
                Command::Write { doc, draft, edit }
            }
            ActKind::Tag => {
                let tag = self.dice.pick(&["供暖", "老人", "重复"]).to_string();
                let effect = if self.dice.percent(60) { Effect::AddTag(tag) } else { Effect::RemoveTag(tag) };
                Command::Act { doc, draft: draft.effects(vec![effect]) }
            }
            ActKind::Correct => {
                let effects = vec![Effect::Register(Field::Title, Value::Segment(0))];
                let title = format!("更正后的标题{}", self.dice.below(100));
                Command::Act { doc, draft: draft.text([title]).effects(effects) }
            }
            _ => {
                let mut draft = draft.text(["已按规定办理"]);
                if kind.segments() > 1 {
                    draft.text.push("石家庄热线".to_owned());
                }
                // Whatever act it belongs to, a private part goes to nobody from whom it is withheld.
                if self.dice.percent(60) {
                    draft.private = vec!["邻居张某".to_owned(), "13900000000".to_owned()];
                }
                Command::Act { doc, draft }
            }
        })
    }

    /// Sentences of an article are added, changed and removed; where wordings stand side by side, one is often chosen.
    fn edit(&mut self, history: &History) -> Edit {
        let mut history = history.clone();
        let (base, blocks) = (history.writers(), history.blocks_at(&[]).unwrap_or_default());
        if let Some(open) = blocks.iter().find(|block| block.open())
            && self.dice.percent(60)
        {
            let act = self.dice.pick(&open.values).act;
            return Edit::Choose { base, block: open.id, act };
        }
        let mut sentences: Vec<String> = blocks.iter().filter_map(|block| block.text().map(str::to_owned)).collect();
        let at = self.dice.below(sentences.len() + 1);
        let new = format!("第{}版：先登记，后答复。", self.dice.below(1000));
        match self.dice.below(3) {
            0 => sentences.insert(at, new),
            1 if at < sentences.len() && sentences.len() > 1 => drop(sentences.remove(at)),
            _ => match sentences.get_mut(at) {
                Some(sentence) => *sentence = new,
                None => sentences.push(new),
            },
        }
        Edit::Replace { base, text: sentences.concat() }
    }

    pub(super) fn any_request(&mut self) -> Draft {
        let kind = *self.dice.pick(RequestKind::ALL);
        self.register(kind)
    }

    pub(super) fn register(&mut self, kind: RequestKind) -> Draft {
        let body = Body::Register(Register {
            kind,
            urgency: Urgency::Ordinary,
            channel: Channel::Telephone,
            raised_at: self.now,
            day: 0,
            serial: 0,
            confidential: self.dice.percent(50),
            anonymous: false,
            external: None,
            again: None,
            times: 1,
            history: false,
            party: *self.dice.pick(Party::ALL),
            enterprise: self.dice.percent(20),
        });
        let mut draft = Draft::new(body).text(["供暖不热", "三单元室温不到十六度"]).effects(vec![
            Effect::Register(Field::Title, Value::Segment(0)),
            Effect::Register(Field::Category, Value::Code("0101".to_owned())),
        ]);
        draft.private = vec!["李某".to_owned(), "13800000000".to_owned()];
        draft
    }

    pub(super) fn told(&mut self, node: usize, result: Result<Done, Refusal>) {
        match result {
            Ok(Done::Made { act, .. }) => {
                self.run.acts += 1;
                self.nodes[node].told.insert(act);
            }
            Ok(_) => {}
            Err(_) => self.run.refused += 1,
        }
    }
}

fn article() -> Draft {
    Draft::new(Body::ArticleCreate).text(["供暖报修", "拨打热线，说明小区与楼栋。"]).effects(vec![
        Effect::Register(Field::Title, Value::Segment(0)),
        Effect::Insert { behind: Behind::Start, segment: 1 },
    ])
}
