//! Where somebody goes on: pages of what was made, and back to where they came from.

use kernel::Done;
use kernel::once::told;
use regulation::{ActId, PersonId};

use super::App;
use desk::once::RequestId;
use desk::problem::Problem;

/// The page of a document with the act that was just made.
pub(super) fn place(folder: &str, (doc, act): (ActId, Option<ActId>)) -> String {
    match act {
        Some(act) => format!("/{folder}/{}?made={}", doc.hex(), act.short()),
        None => format!("/{folder}/{}", doc.hex()),
    }
}

/// The page of what somebody's form has made, if it has.
pub(super) async fn place_of(app: &App, person: PersonId, id: &RequestId) -> Result<Option<String>, Problem> {
    let key = id.key();
    let read = app.desk.read(move |reader, _| {
        let made = match told(reader, person, &key)? {
            Some(Done::Made { doc, act }) => (doc, Some(act)),
            Some(Done::Known { doc }) => (doc, None),
            _ => return Ok(None),
        };
        let ticket = reader.doc_no(&made.0)?.map_or(Ok(None), |doc| reader.ticket(doc))?;
        Ok(Some(place(if ticket.is_some() { "tickets" } else { "kb" }, made)))
    });
    read.await
}

/// The address at which it is told what became of a form, for a number that this node has drawn.
pub(super) fn address(id: &RequestId) -> Option<String> {
    let plain = id.text().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain.then(|| format!("/requests/{}", id.text()))
}

/// A path of this node to go back to; the first page for anything else.
pub(super) fn safe_back(path: &str) -> &str {
    let local =
        path.starts_with('/') && !path.starts_with("//") && path.bytes().all(|b| b > 32 && b != b'\\' && b < 127);
    if local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_only_within_this_node() {
        for path in ["/", "/tickets/1?open=1", "/kb"] {
            assert_eq!(safe_back(path), path);
        }
        for path in
            ["", "//evil.example", "/\\evil.example", "http://evil.example", "/a\r\nSet-Cookie: x", "javascript:1"]
        {
            assert_eq!(safe_back(path), "/", "{path}");
        }
    }
}
