//! How a command reaches its node: in this process, or over HTTP if it runs already.

use std::time::Duration;

use node::call::{Call, CallBy, answer};
use node::home::Control;
use node::{Home, Node, Problem, Start};
use serde_json::Value;

use crate::args::Global;

/// A node that can be asked.
pub enum Client {
    /// Opened by this process.
    Here(Node),
    /// Run by another one.
    There(Control),
}

impl Client {
    /// Finds the node of a folder.
    pub async fn open(global: &Global) -> Result<Self, Problem> {
        let home = Home::open(&global.dir)?;
        if let Some(control) = home.control()
            && reachable(&control).await
        {
            return Ok(Self::There(control));
        }
        Ok(Self::Here(Node::start(home, &Start::default())?))
    }

    /// Asks.
    pub async fn call(&self, login: Option<&str>, call: Call) -> Result<Value, Problem> {
        let by = CallBy { login: login.map(str::to_owned), call };
        match self {
            Self::Here(node) => answer(node, by).await,
            Self::There(control) => {
                let control = control.clone();
                let asked = tokio::task::spawn_blocking(move || post(&control, &by));
                asked.await.map_err(|error| Problem::fault(&error))?
            }
        }
    }

    /// Ends what this process opened.
    pub async fn close(self) {
        if let Self::Here(node) = self {
            node.stop().await;
        }
    }
}

/// Opens the node, asks once, closes it.
pub async fn ask(global: &Global, call: Call) -> Result<Value, Problem> {
    let client = Client::open(global).await?;
    let result = client.call(global.login.as_deref(), call).await;
    client.close().await;
    result
}

/// How long a running node may take to say that it is there.
const HEALTH_MAX: Duration = Duration::from_secs(3);

async fn reachable(control: &Control) -> bool {
    let url = format!("http://{}/healthz", control.web);
    let asked = tokio::task::spawn_blocking(move || {
        ureq::get(&url).config().timeout_global(Some(HEALTH_MAX)).build().call().is_ok()
    });
    asked.await.unwrap_or(false)
}

fn post(control: &Control, by: &CallBy) -> Result<Value, Problem> {
    let unreachable = |error: &dyn std::fmt::Display| {
        Problem::unreachable(
            format!("连不上正在运行的节点：{error}"),
            format!("the running node cannot be reached: {error}"),
        )
    };
    let request = ureq::post(format!("http://{}/api/v1/call", control.web))
        .header("Authorization", format!("Bearer {}", control.token))
        .config()
        .http_status_as_error(false)
        .build();
    let mut response = request.send_json(by).map_err(|error| unreachable(&error))?;
    let success = response.status().is_success();
    let body = response.body_mut().with_config().limit(BODY_BYTES_MAX);
    if success {
        body.read_json().map_err(|error| unreachable(&error))
    } else {
        let problem: Problem = body.read_json().map_err(|error| unreachable(&error))?;
        Err(problem)
    }
}

/// Bytes of an answer, at most.
const BODY_BYTES_MAX: u64 = 256 * 1024 * 1024;
