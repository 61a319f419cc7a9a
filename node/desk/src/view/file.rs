//! A file that an act names, as people are told of it.

use regulation::act::{Body, MediaType};
use replica::characters::control;
use replica::file::FileId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of the name under which a file is written.
const NAME_CHARS_MAX: usize = 80;
/// Characters of the digest that name a file without a name.
const DIGEST_CHARS: usize = 12;

/// A file that an act of a ticket names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileView {
    /// Root of the tree over it, hexadecimal.
    pub digest: String,
    /// Its length, bytes.
    pub bytes: u64,
    /// Code of its form.
    pub media: String,
    /// What it was called.
    pub name: String,
    /// Other tickets here to which the same file is attached: one recording is no evidence of two things.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<AlsoView>,
}

/// Another ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlsoView {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
}

impl FileView {
    /// What an act that names a file says of it.
    #[must_use]
    pub fn of(body: &Body, name: &str) -> Option<Self> {
        let Body::Attach { media, .. } = body else { return None };
        let id = FileId::of_body(body)?;
        let digest = id.root.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self { digest, bytes: id.bytes, media: media.code().to_owned(), name: name.to_owned(), also: Vec::new() })
    }

    /// The name under which it is written to a disk: its own, of characters that any system takes, with the ending of its form.
    #[must_use]
    pub fn file_name(&self) -> String {
        let first = self.name.split(['\n', '，', '。', '；', ';']).next().unwrap_or_default();
        let plain = |c: &char| !control(*c) && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%');
        let stem: String = first.chars().filter(plain).take(NAME_CHARS_MAX).collect();
        let stem = stem.trim_matches(['.', ' ']);
        let ending = ending(&self.media);
        let ends_so =
            |end: &str| end.eq_ignore_ascii_case(ending) || (ending == "jpg" && end.eq_ignore_ascii_case("jpeg"));
        let has = stem.rsplit_once('.').is_some_and(|(_, end)| ends_so(end));
        match (stem.is_empty(), has) {
            (true, _) => format!("{}.{ending}", self.digest.get(..DIGEST_CHARS).unwrap_or("file")),
            (false, true) => stem.to_owned(),
            (false, false) => format!("{stem}.{ending}"),
        }
    }
}

/// The ending of files of a form. What is of no form that is known is given out as bytes, whatever it is called.
fn ending(media: &str) -> &'static str {
    match MediaType::parse(media) {
        None | Some(MediaType::Other) => "bin",
        Some(MediaType::Jpeg) => "jpg",
        Some(known) => known.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, media: &str) -> String {
        FileView { digest: "ab".repeat(32), bytes: 1, media: media.to_owned(), name: name.to_owned(), also: Vec::new() }
            .file_name()
    }

    #[test]
    fn name_on_a_disk_is_that_of_the_file_and_of_its_form() {
        assert_eq!(named("路灯.jpg", "jpeg"), "路灯.jpg");
        assert_eq!(named("路灯.JPEG，存乡镇档案柜", "jpeg"), "路灯.JPEG");
        assert_eq!(named("路灯", "png"), "路灯.png");
        assert_eq!(named("通话.exe", "other"), "通话.exe.bin");
        assert_eq!(named("../../etc/passwd", "txt"), "etcpasswd.txt");
        assert_eq!(named("", "pdf"), "abababababab.pdf");
        assert_eq!(named("\u{202e}gpj.bin", "zzz").chars().filter(|c| control(*c)).count(), 0);
    }
}
