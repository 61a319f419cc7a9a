//! How a command reaches its node: over HTTP if it runs already, else in this process.
//!
//! Which of the two is decided by who has the database: a node that runs has it and proves itself ([`door`]); if nobody
//! has it nobody runs, whatever an old control file says. If somebody has it and cannot be spoken to, that is most often
//! another command, which is soon done: we wait a little. `serve` goes the same way, and runs the node that it opened.

mod door;
mod sessions;

use std::time::Duration;

use desk::call::answers::Session;
use desk::call::{Asked, Call, Question, Secret, Who, ask as answer, questions as q};
use desk::once::RequestId;
use desk::{Home, Problem};
use node::{Node, Start};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::args::Global;
use crate::{out, password};
use door::Door;
pub use sessions::Sessions;

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Looks after which it says that it waits.
const LOOKS_SILENT_MAX: u32 = 10;

/// How long a command that opened the node itself stays for lists to show what it changed. The rest goes on the next time.
const LINGER_MAX: Duration = Duration::from_secs(1);

/// A node that can be asked.
pub struct Client {
    way: Way,
    home: Home,
    global: Global,
    /// Found or begun when it is first needed.
    session: OnceCell<Secret>,
    /// The id that was given.
    request: Option<RequestId>,
}

/// How a node was reached.
pub enum Way {
    /// Opened by this process.
    Here(Node),
    /// Run by another one.
    There(Box<Door>),
}

impl Client {
    /// Finds the node of a folder.
    pub async fn open(global: &Global) -> Result<Self, Problem> {
        let home = Home::open(&global.dir)?;
        // Told before anything else: who may act here stands in it, and `serve` would not start with it either.
        home.config()?;
        let request = global.request_id.as_deref().map(RequestId::parse).transpose()?;
        let wait = Duration::from_secs(global.wait.into());
        let way = reach(&home, wait, &Start::default()).await?;
        Ok(Self { way, home, global: global.clone(), session: OnceCell::new(), request })
    }

    /// Asks, in the name of the person of `--login` where it must be known who asks.
    pub async fn call<Q: Question>(&self, question: Q) -> Result<Q::Answer, Problem> {
        self.call_any(question.into()).await.and_then(read)
    }

    async fn call_any(&self, call: Call) -> Result<Value, Problem> {
        out::asked(!call.only_looks());
        let session = match call.who() {
            _ if self.home.commands_open() => None,
            Who::Anybody => None,
            // Who is not signed in and gives no password is told less, and asked for nothing.
            Who::AnybodyAndMore if !matches!(self.kept(), Ok(Some(_))) && password::given(&self.global)?.is_none() => {
                None
            }
            // The password that was given is the new one; whoever shows the old one needs no session.
            Who::Owner if matches!(&call, Call::Password(asked) if asked.old.is_some()) => None,
            Who::Owner => self.kept()?,
            _ => Some(self.session.get_or_try_init(|| self.sign_in()).await?.clone()),
        };
        let request = match &self.request {
            _ if !call.done_once() => None,
            Some(given) => Some(given.clone()),
            None => Some(RequestId::draw()?),
        };
        let asked = Asked { login: self.global.login.clone(), session, request, call };
        match self.way.ask(&self.home, asked.clone()).await {
            Err(problem) if problem.is_unknown_result() => self.ask_again(asked, problem).await,
            answer => answer,
        }
    }

    /// The connection ended before the answer, most often since the node went away. Under its id it may be asked again, of
    /// whoever has the database now; where the disk failed, somebody should look first.
    async fn ask_again(&self, asked: Asked, problem: Problem) -> Result<Value, Problem> {
        let Some(id) = asked.request.clone() else { return Err(problem) };
        if !problem.is_lost_answer() {
            return Err(problem.of_request(&id));
        }
        let wait = Duration::from_secs(self.global.wait.into());
        let Ok(way) = reach(&self.home, wait, &Start::default()).await else {
            return Err(problem.of_request(&id));
        };
        let answer = way.ask(&self.home, asked).await;
        way.close(answer.map_err(|problem| problem.of_request(&id))).await
    }

    /// Asks in a session of somebody whom `--login` need not name.
    pub async fn call_in<Q: Question>(&self, session: Secret, question: Q) -> Result<Q::Answer, Problem> {
        let asked = Asked { login: None, session: Some(session), request: None, call: question.into() };
        self.way.ask(&self.home, asked).await.and_then(read)
    }

    /// The session that was kept for whoever is meant.
    fn kept(&self) -> Result<Option<Secret>, Problem> {
        self.sessions()?.of(self.global.login.as_deref())
    }

    /// A session for this command alone if a password is given; else the one that was kept, or one by a password that is
    /// typed.
    async fn sign_in(&self) -> Result<Secret, Problem> {
        let login = self.global.login.as_deref();
        let mut password = password::given(&self.global)?;
        if password.is_none() {
            if let Some(session) = self.sessions()?.of(login)? {
                return Ok(session);
            }
            password = password::asked(("密码：", "password: "))?;
        }
        let Some(password) = password else {
            return Err(Problem::sign_in_first(
                "请先登录：jiesu sign-in 登录名；或用 --password-file、JIESU_PASSWORD 给出密码。命令无须登录的，由管理这台电脑的人运行 jiesu config commands open",
                "sign in first: jiesu sign-in LOGIN; or give the password by --password-file or JIESU_PASSWORD. Whoever looks after the node can waive this: jiesu config commands open",
            ));
        };
        Ok(self.begin(login, password).await?.session)
    }

    /// Begins a session.
    pub async fn begin(&self, login: Option<&str>, password: Secret) -> Result<Session, Problem> {
        let call = q::SignIn { login: login.map(str::to_owned), password }.into();
        let asked = Asked { login: self.global.login.clone(), session: None, request: None, call };
        self.way.ask(&self.home, asked).await.and_then(read)
    }

    /// The sessions that are kept in this folder.
    pub fn sessions(&self) -> Result<Sessions, Problem> {
        Sessions::read(self.home.dir())
    }

    /// Whether the node was opened by this process.
    pub fn is_here(&self) -> bool {
        matches!(self.way, Way::Here(_))
    }

    /// Comes when every list shows what is so now, if the node was opened by this process: nobody else would see to it.
    pub async fn caught_up(&self) -> Result<(), Problem> {
        match &self.way {
            Way::Here(node) => node.caught_up().await,
            Way::There(_) => Ok(()),
        }
    }

    /// Ends what this process opened, and gives back what came of it. Of what is to be computed again it does as much as takes
    /// no long time.
    ///
    /// # Errors
    /// What came of it is one, or this process had the database and found it damaged: nothing that it told can be relied on.
    pub async fn close<T>(self, result: Result<T, Problem>) -> Result<T, Problem> {
        let _ = tokio::time::timeout(LINGER_MAX, self.caught_up()).await;
        self.way.close(result).await
    }
}

impl Way {
    async fn ask(&self, home: &Home, asked: Asked) -> Result<Value, Problem> {
        match self {
            Self::Here(node) => answer(node, asked).await,
            Self::There(door) => door.call(home, &asked).await,
        }
    }

    async fn close<T>(self, result: Result<T, Problem>) -> Result<T, Problem> {
        let Self::Here(node) = self else { return result };
        node.stop().await;
        result.and_then(|done| node.faulty().filter(Problem::is_damage).map_or(Ok(done), Err))
    }
}

/// Speaks to the node of a folder that runs, or opens it here. Looks once at least, then until `wait` is over.
pub async fn reach(home: &Home, wait: Duration, start: &Start) -> Result<Way, Problem> {
    let over = tokio::time::sleep(wait);
    tokio::pin!(over);
    for look in 0_u32.. {
        if let Some(door) = Door::knock(home).await {
            return Ok(Way::There(Box::new(door)));
        }
        match Node::start(home.clone(), start) {
            Ok(node) => return Ok(Way::Here(node)),
            Err(problem) if problem.code == "busy" => {}
            Err(problem) => return Err(problem),
        }
        if look == LOOKS_SILENT_MAX {
            out::note(match home.is_served() {
                true => {
                    out::say("节点在运行，但还没有应答，等待中……", "the node runs and does not answer yet; waiting …")
                }
                false => out::say("另一个命令正在使用本节点，等待中……", "another command has this node; waiting …"),
            });
        }
        tokio::select! {
            () = &mut over => break,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
    Err(unspoken(home))
}

/// Somebody has the database and cannot be spoken to.
fn unspoken(home: &Home) -> Problem {
    if !home.is_served() {
        return Problem::busy(
            "另一个命令正在使用本节点；没有办理，请稍后再试",
            "another command has this node; nothing was done, try again later",
        );
    }
    if home.control().is_none() {
        return Problem::busy(
            "节点在运行，但没能写下命令怎样找到它（control.json）；没有办理。它每两秒再写一次，请稍后再试；磁盘已满的先腾出空间",
            "the node runs, but could not write down where commands find it (control.json); nothing was done. It tries again every two seconds: try later, and make room if the disk is full",
        );
    }
    Problem::busy(
        "节点正在启动，或已在运行但没有应答；没有办理，请稍后再试",
        "the node is starting, or runs and does not answer; nothing was done, try again later",
    )
}

/// Opens the node, asks once, closes it.
pub async fn ask<Q: Question>(global: &Global, question: Q) -> Result<Q::Answer, Problem> {
    let client = Client::open(global).await?;
    let result = client.call(question).await;
    client.close(result).await
}

/// An answer as what it is.
fn read<A: DeserializeOwned>(value: Value) -> Result<A, Problem> {
    serde_json::from_value(value).map_err(|error| Problem::fault(&error))
}
