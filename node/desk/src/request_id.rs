//! The id of a request, as whoever asks has drawn it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of an id, at most.
pub const REQUEST_ID_CHARS_MAX: usize = 128;

/// The id of a request, as whoever asks wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(String);

/// A text that is no id of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a request has 1 to {REQUEST_ID_CHARS_MAX} letters, digits or marks of ASCII, without blanks")]
pub struct NotAnId;

impl RequestId {
    /// It, of bytes that were drawn.
    pub(crate) fn of_bytes(bytes: &[u8; 16]) -> Self {
        use base64ct::{Base64UrlUnpadded, Encoding};
        Self(Base64UrlUnpadded::encode_string(bytes))
    }

    /// Reads one.
    ///
    /// # Errors
    /// It is empty or too long, or holds something else than letters and marks of ASCII.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let good = (1..=REQUEST_ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if good { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RequestId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0
    }
}
