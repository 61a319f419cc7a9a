//! The form of a file, by its first bytes: an ending is a word that anybody types.

use regulation::act::{AttachClass, MediaType};

use crate::problem::Problem;

/// Bytes of a file that its form is read from.
pub(super) const FIRST_BYTES: usize = 4 * 1024;

/// The form that the first bytes of a file say. Plain text is what is whole UTF-8 without control characters; of archives the
/// names of the first entries are looked at.
#[must_use]
pub fn media_of(first: &[u8]) -> MediaType {
    let at = |from: usize, mark: &[u8]| first.get(from..from + mark.len()) == Some(mark);
    let holds = |mark: &[u8]| first.windows(mark.len()).any(|window| window == mark);
    let brand = |marks: &[&[u8]]| at(4, b"ftyp") && marks.iter().any(|mark| at(8, mark));
    if at(0, &[0xff, 0xd8, 0xff]) {
        MediaType::Jpeg
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        MediaType::Png
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        MediaType::Webp
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        MediaType::Wav
    } else if at(0, b"%PDF-") {
        MediaType::Pdf
    } else if at(0, b"#!AMR") {
        MediaType::Amr
    } else if brand(&[b"M4A ", b"M4B "]) {
        MediaType::M4a
    } else if brand(&[
        b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"MSNV", b"3gp4", b"3gp5",
    ]) {
        MediaType::Mp4
    } else if at(0, b"ID3") || matches!(first, [0xff, second, ..] if second & 0xe6 == 0xe2) {
        MediaType::Mp3
    } else if at(0, b"PK\x03\x04") {
        archive(&holds)
    } else if text(first) {
        MediaType::Text
    } else {
        MediaType::Other
    }
}

/// That a file is what it is attached as: what rests on a recording (a withdrawal, a rating) rests on nothing that cannot be heard,
/// and what was seen on the scene can be seen.
///
/// # Errors
/// It is in another form.
pub(crate) fn fits(class: AttachClass, media: MediaType) -> Result<(), Problem> {
    use MediaType::{Amr, Jpeg, M4a, Mp3, Mp4, Ofd, Pdf, Png, Wav, Webp};
    let (of, forms, forms_en): (&[MediaType], _, _) = match class {
        AttachClass::Photo => (&[Jpeg, Png, Webp, Mp4], "图片或视频", "a picture or a film"),
        AttachClass::Form => (&[Jpeg, Png, Webp, Pdf, Ofd], "图片、PDF 或 OFD", "a picture, PDF or OFD"),
        AttachClass::Recording => (&[Wav, Mp3, M4a, Amr, Mp4], "录音或视频", "a recording or a film"),
        AttachClass::Document | AttachClass::Other => return Ok(()),
    };
    if of.contains(&media) {
        return Ok(());
    }
    let (name, found) = (class.chinese(), media.chinese());
    Err(Problem::bad_input(
        format!("class（附件种类）：{name}须是{forms}，这份文件是{found}；来信、文书请选“文书或依据”"),
        format!(
            "class: a {} is {forms_en}, this file is {}; letters and papers are a document",
            class.code(),
            media.code()
        ),
    ))
}

fn archive(holds: &impl Fn(&[u8]) -> bool) -> MediaType {
    if holds(b"word/") {
        MediaType::Docx
    } else if holds(b"xl/") {
        MediaType::Xlsx
    } else if holds(b"OFD.xml") {
        MediaType::Ofd
    } else {
        MediaType::Other
    }
}

fn text(first: &[u8]) -> bool {
    let (whole, rest) = match std::str::from_utf8(first) {
        Ok(text) => (text, 0),
        // The last character may be cut.
        Err(error) => match error.error_len() {
            None => (std::str::from_utf8(first.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(), 1),
            Some(_) => return false,
        },
    };
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    !whole.is_empty() && (rest == 0 || first.len() == FIRST_BYTES) && whole.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_attached_as_a_recording_can_be_heard_and_as_a_photograph_seen() {
        let of = |class| MediaType::ALL.iter().copied().filter(|media| fits(class, *media).is_ok()).count();
        let all = MediaType::ALL.len();
        let found = AttachClass::ALL.iter().map(|class| of(*class)).collect::<Vec<_>>();
        assert_eq!(found, [4, 5, 5, all, all]);
        assert!(fits(AttachClass::Recording, MediaType::Text).unwrap_err().title.contains("录音或视频"));
    }

    #[test]
    fn form_is_what_the_first_bytes_say() {
        let cases: [(&[u8], MediaType); 14] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF", MediaType::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0", MediaType::Png),
            (b"RIFF\0\0\0\0WEBPVP8 ", MediaType::Webp),
            (b"RIFF\0\0\0\0WAVEfmt ", MediaType::Wav),
            (b"%PDF-1.7\n", MediaType::Pdf),
            (b"#!AMR\n\x3c", MediaType::Amr),
            (b"\0\0\0\x20ftypM4A \0", MediaType::M4a),
            (b"\0\0\0\x20ftypisom\0", MediaType::Mp4),
            (b"ID3\x04\0", MediaType::Mp3),
            (b"\xff\xfb\x90\0", MediaType::Mp3),
            (b"PK\x03\x04\x14\0\0\0word/document.xml", MediaType::Docx),
            (b"PK\x03\x04\x14\0\0\0OFD.xml", MediaType::Ofd),
            ("现场情况：路灯已亮。\n".as_bytes(), MediaType::Text),
            (b"MZ\x90\0\x03\0", MediaType::Other),
        ];
        for (first, media) in cases {
            assert_eq!(media_of(first), media, "{}", String::from_utf8_lossy(first));
        }
        assert_eq!(media_of(b"<script>\0"), MediaType::Other);
        assert_eq!(media_of("路".as_bytes().get(..2).unwrap_or_default()), MediaType::Other, "no character is whole");
    }
}
