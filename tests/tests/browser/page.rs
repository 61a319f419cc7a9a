//! One page: what it shows, and what somebody does to it.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::TryRecvError};

use crate::driver::{DEADLINE, Event, Wire};

/// A page in a browser.
pub struct Page {
    wire: Arc<Wire>,
    session: String,
    base: String,
}

/// What must be so in the page at some time: looked at in every frame, within the page.
const UNTIL: &str = "new Promise(function (done) {
    var end = Date.now() + 10000;
    (function look() {
        var found = null;
        try { found = (CONDITION); } catch (wrong) { found = null; }
        if (found || Date.now() > end) { done(found || null); } else { requestAnimationFrame(look); }
    })();
})";

/// What the browser says of a page that was left meanwhile: its context is gone, as are the promises in it.
const LEFT: [&str; 3] = ["ontext", "navigated", "Promise was collected"];

impl Page {
    pub async fn new(wire: Arc<Wire>, session: &str, base: &str) -> Self {
        let page = Self { wire, session: session.to_owned(), base: base.to_owned() };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        // Pages behind another window are seen all the same: only a seen page keeps its stream.
        page.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
        page.size(1366, 768).await;
        page
    }

    pub async fn call(&self, method: &str, params: Value) -> Value {
        self.wire.call(&self.session, method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub async fn size(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Everything that happens in this page from now on.
    pub fn events(&self) -> Events {
        Events { session: self.session.clone(), heard: self.wire.events() }
    }

    /// Opens a path and waits until it is there.
    pub async fn open(&self, path: &str) {
        let mut events = self.events();
        let gone = self.call("Page.navigate", json!({ "url": format!("{}{path}", self.base) })).await;
        assert!(gone["errorText"].is_null(), "{path}: {gone}");
        events.wait("Page.loadEventFired").await;
    }

    /// Does what leads to another page and waits until that is there.
    pub async fn follow(&self, doing: impl Future<Output = ()>) {
        let mut events = self.events();
        doing.await;
        events.wait("Page.loadEventFired").await;
    }

    /// The value of an expression.
    pub async fn value(&self, expression: &str) -> Value {
        self.evaluate(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn evaluate(&self, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.wire.call(&self.session, "Runtime.evaluate", params).await?;
        match answer.get("exceptionDetails") {
            Some(thrown) => panic!("{expression}: {thrown}"),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits until an expression is true in the page, across reloads, and says what it is then.
    pub async fn until(&self, condition: &str) -> Value {
        let expression = UNTIL.replace("CONDITION", condition);
        let wait = async {
            loop {
                match self.evaluate(&expression).await {
                    Ok(Value::Null) => {}
                    Ok(value) => return value,
                    // The page was left while it was being looked at: the next one is looked at.
                    Err(error) if LEFT.iter().any(|said| error.contains(said)) => {}
                    Err(error) => panic!("{condition}: {error}"),
                }
            }
        };
        match tokio::time::timeout(DEADLINE, wait).await {
            Ok(value) => value,
            Err(_) => panic!("never: {condition}\n{}", self.text("body").await),
        }
    }

    /// As [`Self::until`] where scripts are off, so that nothing of the page tells when: it is drawn again and looked at.
    pub async fn until_drawn(&self, condition: &str) {
        let wait = async {
            while self.value(condition).await != json!(true) {
                self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
            }
        };
        if tokio::time::timeout(DEADLINE, wait).await.is_err() {
            panic!("never: {condition}\n{}", self.text("body").await);
        }
    }

    /// Waits until the page says something.
    pub async fn until_said(&self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.until(&format!(
            "Array.from(document.querySelectorAll({selector})).some(e => e.textContent.includes({text}))"
        ))
        .await;
    }

    /// The text of the first element, as it is seen.
    pub async fn text(&self, selector: &str) -> String {
        let value = self.value(&format!("(document.querySelector({}) || {{}}).innerText || ''", json!(selector))).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Whether there is such an element.
    pub async fn has(&self, selector: &str) -> bool {
        self.value(&format!("!!document.querySelector({})", json!(selector))).await == json!(true)
    }

    pub async fn path(&self) -> String {
        self.value("location.pathname").await.as_str().unwrap_or_default().to_owned()
    }

    /// Puts the focus on an element.
    pub async fn focus(&self, selector: &str) {
        let found = format!("(e => {{ e.focus(); return document.activeElement === e; }})({})", find(selector));
        assert_eq!(self.value(&found).await, json!(true), "{selector} takes no focus");
    }

    /// Types text where the focus is, as an input method does.
    pub async fn write(&self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses a key: a character, or a name such as `Enter`.
    pub async fn press(&self, key: &str) {
        let (code, number, text) = match key {
            "Enter" => ("Enter".to_owned(), 13, "\r"),
            "Tab" => ("Tab".to_owned(), 9, ""),
            "Escape" => ("Escape".to_owned(), 27, ""),
            " " => ("Space".to_owned(), 32, " "),
            "/" => ("Slash".to_owned(), 191, "/"),
            "?" => ("Slash".to_owned(), 191, "?"),
            letter => (format!("Key{}", letter.to_uppercase()), i32::from(letter.to_uppercase().as_bytes()[0]), letter),
        };
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [down, "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number });
            if kind == "keyDown" {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Clicks with the mouse in the middle of an element.
    pub async fn click(&self, selector: &str) {
        let place = format!(
            "(e => {{ e.scrollIntoView({{ block: 'center' }}); var r = e.getBoundingClientRect();
               return [r.left + r.width / 2, r.top + r.height / 2]; }})({})",
            find(selector)
        );
        let place = self.value(&place).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Signs in from the sign-in page.
    pub async fn sign_in(&self, login: &str, password: &str) {
        self.open("/sign-in").await;
        self.focus("#login").await;
        self.write(login).await;
        self.focus("#password").await;
        self.write(password).await;
        self.follow(self.press("Enter")).await;
    }

    /// Asks for the personal data of the ticket that is open, and waits until it is shown.
    pub async fn reveal(&self, note: &str) {
        self.click("details.reveal > summary").await;
        self.value("document.getElementById('reveal-reason').value = 'contact'").await;
        self.focus("#reveal-note").await;
        self.write(note).await;
        self.follow(self.click("details.reveal button")).await;
        assert!(self.has("[data-revealed]").await, "{}", self.text("body").await);
    }

    /// Leaves a picture in the folder that was asked for, if one was.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("JIESU_SCREENSHOTS") else { return };
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        let bytes = Base64::decode_vec(shot["data"].as_str().unwrap()).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }
}

/// An expression for an element that must be there.
fn find(selector: &str) -> String {
    let selector = json!(selector);
    format!("(document.querySelector({selector}) || (function () {{ throw new Error('no ' + {selector}); }})())")
}

/// What happens in a page.
pub struct Events {
    session: String,
    heard: broadcast::Receiver<Event>,
}

impl Events {
    /// Waits for an event of that name.
    pub async fn wait(&mut self, method: &str) -> Value {
        let wait = async {
            loop {
                let event = self.heard.recv().await.unwrap();
                if event.session == self.session && event.method == method {
                    return event.params;
                }
            }
        };
        tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("no {method}"))
    }

    /// Those that have happened until now.
    pub fn so_far(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            match self.heard.try_recv() {
                Ok(event) if event.session == self.session => events.push(event),
                Ok(_) => {}
                Err(TryRecvError::Empty) => return events,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
