//! Text files that others wrote, read in one way: what a file is encoded in is found out by all of it, and told. A file
//! that is damaged, or no text, is refused with the line; nothing of it is replaced or guessed.
//!
//! A damaged file in UTF-8 would often pass as GB18030, as other words. So the whole of it is weighed: one in which more
//! characters are whole UTF-8 than are not is a damaged file in UTF-8.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_16BE, UTF_16LE};

use crate::files::open_regular;
use crate::problem::{NO_FILE, Problem, in_chinese};

/// Bytes of one line of a text file, at most.
pub const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Bytes of a file that is read as a whole (settings, calendars, maps, articles), at most.
pub const WHOLE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What a text file is encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a mark at its beginning.
    Utf8,
    /// 国标编码: what older programs and spreadsheets on Chinese systems write.
    Gb18030,
    /// Low byte first: “Unicode text” of spreadsheets.
    Utf16Le,
    /// High byte first.
    Utf16Be,
}

impl Encoding {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        }
    }

    /// What reads it; UTF-8 needs nothing.
    fn decoder(self) -> Option<Decoder> {
        match self {
            Self::Utf8 => None,
            Self::Gb18030 => Some(GB18030.new_decoder_without_bom_handling()),
            Self::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Self::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
        }
    }
}

/// A text file that was looked through and is whole: its lines come as UTF-8.
pub struct TextFile {
    /// What it is encoded in.
    pub encoding: Encoding,
    /// How many lines it has.
    pub lines: u64,
    reader: Box<dyn BufRead + Send>,
}

impl TextFile {
    /// The next line without its end; `None` after the last.
    ///
    /// # Errors
    /// The disk.
    pub fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.ends_with('\n') {
            line.pop();
            if line.ends_with('\r') {
                line.pop();
            }
        }
        Ok(Some(line))
    }
}

/// Opens a text file of any length: it is looked through once, and read again line by line.
///
/// # Errors
/// It is not there, cannot be read, is damaged or is no text: then the line is named.
pub fn open(path: &Path) -> Result<TextFile, Problem> {
    let name = path.display().to_string();
    let mut file = open_file(path)?;
    let found = look_through(&file, &name)?;
    file.seek(SeekFrom::Start(found.mark as u64)).map_err(|error| Problem::storage(path, &error))?;
    let reader: Box<dyn BufRead + Send> = match found.encoding.decoder() {
        None => Box::new(BufReader::new(file)),
        Some(decoder) => Box::new(BufReader::new(Decoded::new(file, decoder))),
    };
    Ok(TextFile { encoding: found.encoding, lines: found.lines, reader })
}

/// Reads a text file as a whole, and what it is encoded in.
///
/// # Errors
/// As [`open`]; or it is longer than [`WHOLE_BYTES_MAX`].
pub fn read(path: &Path) -> Result<(String, Encoding), Problem> {
    whole(open_file(path)?, &path.display().to_string())
}

fn whole(input: impl Read, name: &str) -> Result<(String, Encoding), Problem> {
    let failed = |error: std::io::Error| Problem::storage(Path::new(name), &error);
    let mut bytes = Vec::new();
    input.take(WHOLE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > WHOLE_BYTES_MAX {
        return Err(of_file(name, "内容过长（不超过 16 MiB）", "too long (16 MiB at most)"));
    }
    let found = look_through(bytes.as_slice(), name)?;
    let bytes = bytes.get(found.mark..).unwrap_or_default();
    let mut text = String::new();
    match found.encoding.decoder() {
        None => text.push_str(std::str::from_utf8(bytes).map_err(|error| Problem::fault(&error))?),
        Some(decoder) => {
            Decoded::new(bytes, decoder).read_to_string(&mut text).map_err(failed)?;
        }
    }
    Ok((text, found.encoding))
}

/// A file of that path; one that is not there is told apart from a disk that fails.
///
/// # Errors
/// It is not there, is a folder, a pipe or a device, or cannot be read.
pub fn open_file(path: &Path) -> Result<File, Problem> {
    let shown = path.display();
    open_regular(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Problem::not_found(format!("没有文件 {shown}"), format!("no file {shown}")),
        ErrorKind::IsADirectory => {
            Problem::bad_input(format!("{shown} 是目录，不是文件"), format!("{shown} is a folder, not a file"))
        }
        ErrorKind::InvalidInput => {
            Problem::bad_input(format!("{shown} {}", in_chinese(NO_FILE)), format!("{shown} cannot be read: {NO_FILE}"))
        }
        _ => Problem::storage(path, &error),
    })
}

/// What was found out by looking through a file.
struct Found {
    encoding: Encoding,
    /// Bytes of the mark at its beginning.
    mark: usize,
    lines: u64,
}

fn look_through(input: impl Read, name: &str) -> Result<Found, Problem> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let failed = |error: std::io::Error| Problem::storage(Path::new(name), &error);
    let head = input.fill_buf().map_err(failed)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(of_file(
            name,
            "是电子表格或压缩文件，不是文字文件；表格请用 .xlsx 作文件名",
            "is a workbook or an archive, no text; a workbook must be called .xlsx",
        ));
    }
    let marked = [
        (&b"\xef\xbb\xbf"[..], Encoding::Utf8),
        (&b"\xff\xfe"[..], Encoding::Utf16Le),
        (&b"\xfe\xff"[..], Encoding::Utf16Be),
    ];
    if let Some((mark, encoding)) = marked.into_iter().find(|(mark, _)| head.starts_with(mark)) {
        input.consume(mark.len());
        let lines = match encoding {
            Encoding::Utf8 => weigh(&mut input, name)?.only_utf8(name)?,
            _ => decodes(&mut input, encoding, name)?,
        };
        return Ok(Found { encoding, mark: mark.len(), lines });
    }
    if let Some(encoding) = unmarked_utf16(head) {
        return Ok(Found { encoding, mark: 0, lines: decodes(&mut input, encoding, name)? });
    }
    let weighed = weigh(&mut input, name)?;
    let encoding = weighed.encoding(name)?;
    Ok(Found { encoding, mark: 0, lines: weighed.lines })
}

/// Commas, digits and line ends of UTF-16 have a zero byte on one side; few characters have one on the other. Text in
/// UTF-8 with a zero byte by mistake is none: its characters are whole, and nearly all of them without one.
fn unmarked_utf16(head: &[u8]) -> Option<Encoding> {
    let whole = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    if whole && head.iter().filter(|byte| **byte == 0).count() * 8 < head.len() {
        return None;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd > 4 * even {
        Some(Encoding::Utf16Le)
    } else if even > 4 * odd {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// How many characters of a file are whole UTF-8 and how many are not, and where it is first wrong.
#[derive(Default)]
struct Weighed {
    lines: u64,
    whole: u64,
    broken: u64,
    not_utf8: Option<u64>,
    not_gb18030: Option<u64>,
}

impl Weighed {
    fn only_utf8(&self, name: &str) -> Result<u64, Problem> {
        match self.not_utf8 {
            None => Ok(self.lines),
            Some(line) => Err(damaged(name, line, "UTF-8")),
        }
    }

    fn encoding(&self, name: &str) -> Result<Encoding, Problem> {
        match (self.not_utf8, self.not_gb18030) {
            (None, _) => Ok(Encoding::Utf8),
            (Some(line), _) if self.whole >= self.broken => Err(damaged(name, line, "UTF-8")),
            (Some(_), None) => Ok(Encoding::Gb18030),
            (Some(_), Some(line)) => Err(damaged(name, line, "UTF-8、GB18030、UTF-16")),
        }
    }
}

fn weigh(input: &mut impl BufRead, name: &str) -> Result<Weighed, Problem> {
    let mut weighed = Weighed::default();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes);
        if read.map_err(|error| Problem::storage(Path::new(name), &error))? == 0 {
            return Ok(weighed);
        }
        weighed.lines += 1;
        let line = weighed.lines;
        if bytes.len() as u64 == LINE_BYTES_MAX && !bytes.ends_with(b"\n") {
            return Err(of_line(name, line, "一行过长（不超过 4 MiB）", "the line is too long (4 MiB at most)"));
        }
        if bytes.contains(&0) {
            return Err(of_line(name, line, "含有空字节，不是文字文件", "holds zero bytes: this is no text"));
        }
        if bytes.is_ascii() {
            continue;
        }
        for chunk in bytes.utf8_chunks() {
            weighed.whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            weighed.broken += u64::from(!chunk.invalid().is_empty());
        }
        if std::str::from_utf8(&bytes).is_err() {
            weighed.not_utf8.get_or_insert(line);
        }
        if GB18030.decode_without_bom_handling_and_without_replacement(&bytes).is_none() {
            weighed.not_gb18030.get_or_insert(line);
        }
    }
}

/// Lines of a file in an encoding that is certain.
fn decodes(input: &mut impl BufRead, encoding: Encoding, name: &str) -> Result<u64, Problem> {
    let Some(decoder) = encoding.decoder() else { return Ok(0) };
    let mut reader = BufReader::new(Decoded::new(input, decoder));
    let (mut lines, mut bytes) = (0, Vec::new());
    loop {
        bytes.clear();
        match (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes) {
            Ok(0) => return Ok(lines),
            Ok(_) if bytes.len() as u64 == LINE_BYTES_MAX && !bytes.ends_with(b"\n") => {
                return Err(of_line(
                    name,
                    lines + 1,
                    "一行过长（不超过 4 MiB）",
                    "the line is too long (4 MiB at most)",
                ));
            }
            Ok(_) if bytes.contains(&0) => {
                return Err(of_line(name, lines + 1, "含有空字节，不是文字文件", "holds zero bytes: this is no text"));
            }
            Ok(_) => lines += 1,
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(damaged(name, lines + 1, encoding.name()));
            }
            Err(error) => return Err(Problem::storage(Path::new(name), &error)),
        }
    }
}

/// A settings file that is no TOML, or says what it may not, by its line.
#[must_use]
pub fn not_toml(name: &str, text: &str, error: &toml::de::Error) -> Problem {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() as u64 + 1;
    let said = error.message().lines().next().unwrap_or_default();
    let chinese = if said.contains("duplicate key") {
        "同一项写了两次"
    } else if said.contains("missing field") {
        "缺少必须的一项"
    } else {
        "写法有误：每行应为 名称 = 值，文字写在英文双引号里，引号和方括号须成对"
    };
    of_line(
        name,
        line,
        &format!("{chinese}；请用编辑器改正，不需要的行可在行首加 # 停用"),
        &format!("is not as it must be ({said}); mend it in an editor, or put # before a line that is not needed"),
    )
}

fn damaged(name: &str, line: u64, encoding: &str) -> Problem {
    of_line(
        name,
        line,
        &format!("不是完好的 {encoding} 文字；请用编辑器改正，或由原来的程序重新导出，存为 UTF-8"),
        &format!("is no whole {encoding} text; mend it in an editor or export it again, and save it as UTF-8"),
    )
}

fn of_file(name: &str, chinese: &str, english: &str) -> Problem {
    Problem::bad_input(format!("{name}：{chinese}"), format!("{name}: {english}"))
}

fn of_line(name: &str, line: u64, chinese: &str, english: &str) -> Problem {
    Problem::bad_input(format!("{name} 第 {line} 行：{chinese}"), format!("{name}, line {line}: {english}"))
}

/// What another encoding holds, as UTF-8, in bounded memory. A character that is none ends it with an error.
struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Where what was not decoded yet stands in `raw`.
    rest: std::ops::Range<usize>,
    out: Vec<u8>,
    taken: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The input has ended, the decoder may hold some.
    Ended,
    Finished,
    /// What came before the malformed character is still to be told.
    Malformed,
}

impl<R: Read> Decoded<R> {
    fn new(input: R, decoder: Decoder) -> Self {
        let raw = vec![0; 64 * 1024];
        Self { input, decoder, raw, rest: 0..0, out: Vec::new(), taken: 0, state: State::Reading }
    }

    /// Decodes some more; `out` is empty when nothing is left.
    fn fill(&mut self) -> std::io::Result<()> {
        self.taken = 0;
        self.out.clear();
        while self.out.is_empty() && self.state != State::Finished {
            if self.state == State::Malformed {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            if self.rest.is_empty() && self.state == State::Reading {
                let read = self.input.read(&mut self.raw)?;
                self.rest = 0..read;
                if read == 0 {
                    self.state = State::Ended;
                }
            }
            self.out.resize(64 * 1024, 0);
            let last = self.state == State::Ended;
            let bytes = &self.raw[self.rest.clone()];
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.out, last);
            self.rest.start += read;
            self.out.truncate(written);
            match result {
                DecoderResult::Malformed(..) => self.state = State::Malformed,
                DecoderResult::InputEmpty if last => self.state = State::Finished,
                _ => {}
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.taken == self.out.len() {
            self.fill()?;
        }
        let left = &self.out[self.taken..];
        let count = left.len().min(to.len());
        to[..count].copy_from_slice(&left[..count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "编号,标题\n1,路灯不亮😀\n2,“漏水”\n";

    fn utf16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    fn both(bytes: &[u8]) -> Result<(String, Encoding), Problem> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let whole = read(file.path());
        let streamed = open(file.path()).map(|mut opened| {
            let mut text = String::new();
            while let Some(line) = opened.line().unwrap() {
                text += &line;
                text.push('\n');
            }
            (text, opened.encoding)
        });
        assert_eq!(whole, streamed);
        whole
    }

    #[test]
    fn every_encoding_in_use_is_found_out() {
        let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            (marked(b"\xef\xbb\xbf", TEXT.as_bytes().to_vec()), Encoding::Utf8),
            (GB18030.encode(TEXT).0.into_owned(), Encoding::Gb18030),
            (marked(b"\xff\xfe", utf16(TEXT, u16::to_le_bytes)), Encoding::Utf16Le),
            (marked(b"\xfe\xff", utf16(TEXT, u16::to_be_bytes)), Encoding::Utf16Be),
            (utf16(TEXT, u16::to_le_bytes), Encoding::Utf16Le),
            (utf16(TEXT, u16::to_be_bytes), Encoding::Utf16Be),
        ] {
            assert_eq!(both(&bytes).unwrap(), (TEXT.to_owned(), encoding));
        }
    }

    #[test]
    fn a_character_over_the_edge_of_a_buffer_stays_whole() {
        let long = "路灯不亮，请修。".repeat(20_000) + "\n";
        for at in 0..3 {
            let text = "x".repeat(at) + &long;
            assert_eq!(both(&GB18030.encode(&text).0).unwrap().0, text);
            assert_eq!(both(&[&b"\xff\xfe"[..], &utf16(&text, u16::to_le_bytes)].concat()).unwrap().0, text);
        }
    }

    #[test]
    fn what_is_no_whole_text_is_refused_with_its_line() {
        let mut torn = TEXT.as_bytes().to_vec();
        // A byte of 灯 is lost: as GB18030 the rest of the line would pass for other words.
        torn.remove(TEXT.find('灯').unwrap());
        let odd = [&b"\xff\xfe"[..], &utf16(TEXT, u16::to_le_bytes), b"x"].concat();
        let gb = [&GB18030.encode(TEXT).0[..], b"3,\xff\xff\n"].concat();
        for (bytes, line) in [
            (torn, 2),
            (odd, 4),
            (gb, 4),
            (b"a\nb\0\0c\n".to_vec(), 2),
            ([b"\xef\xbb\xbfa\n".to_vec(), b"\xb2\xe2".to_vec()].concat(), 2),
        ] {
            let problem = both(&bytes).unwrap_err();
            assert_eq!(problem.exit, 5);
            assert!(problem.title.contains(&format!("第 {line} 行")), "{problem:?}");
            assert!(problem.detail.contains(&format!("line {line}")), "{problem:?}");
        }
        assert_eq!(both(b"PK\x03\x04rest").unwrap_err().exit, 5, "a workbook under a false name");
        assert_eq!(read(Path::new("nowhere")).unwrap_err().exit, 3);
        assert_eq!(read(Path::new("/")).unwrap_err().exit, 5);
    }
}
