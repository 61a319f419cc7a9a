//! The text of an article as a page shows it: what was changed since the last publication, and where wordings stand side by
//! side of which somebody has to choose.

use desk::view::{ArticleView, BlockView, Conflict, WordingView};

use crate::frame::Frame;

/// A stretch of the text.
pub(super) struct Piece {
    /// Nothing, `ins`, `del` or `undecided`.
    pub sort: &'static str,
    /// What stands there.
    pub text: String,
    /// The number of the choice, where there is one.
    pub place: usize,
}

/// What somebody has to choose of.
pub(super) struct Choice {
    /// Its number in the text; 0 for the title and the category.
    pub place: usize,
    /// What it is.
    pub name: String,
    /// The field that a choice is sent in.
    pub field: &'static str,
    /// What may be chosen; the first is shown in the text.
    pub sides: Vec<Side>,
}

/// One wording.
pub(super) struct Side {
    /// The text; absent if it was removed.
    pub text: Option<String>,
    /// Who made it, when.
    pub who: String,
    /// What is sent.
    pub sent: String,
}

/// The text with what was changed since it was published, if `compared`.
pub(super) fn pieces(article: &ArticleView, compared: bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut place = 0;
    for block in &article.blocks {
        let undecided = !block.wordings.is_empty();
        place += usize::from(undecided);
        match (&block.published, &block.text) {
            (Some(was), Some(text)) if compared && was != text && !undecided => {
                let feeds = text.chars().take_while(|c| *c == '\n').count();
                push(&mut pieces, "", &text[..feeds], 0);
                push(&mut pieces, "del", was.trim_start_matches('\n'), 0);
                push(&mut pieces, "ins", &text[feeds..], 0);
            }
            (Some(was), None) if compared => push(&mut pieces, "del", was, 0),
            (_, Some(text)) if undecided => push(&mut pieces, "undecided", text, place),
            (None, Some(text)) if compared => push(&mut pieces, "ins", text, 0),
            (_, Some(text)) => push(&mut pieces, "", text, 0),
            (_, None) => {}
        }
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, sort: &'static str, text: &str, place: usize) {
    let text = if pieces.is_empty() { text.trim_start_matches('\n') } else { text };
    if !text.is_empty() {
        pieces.push(Piece { sort, text: text.to_owned(), place });
    }
}

/// Everything that waits to be chosen, the text in its order.
pub(super) fn choices(article: &ArticleView, frame: &Frame) -> Vec<Choice> {
    let registers = article.conflict_list.iter().map(|conflict| register(conflict, frame));
    let undecided = article.blocks.iter().filter(|block| !block.wordings.is_empty());
    let blocks = undecided.enumerate().map(|(at, block)| Choice {
        place: at + 1,
        name: frame.t("正文", "text").to_owned(),
        field: "choose",
        sides: block.wordings.iter().map(|wording| side(block, wording, frame)).collect(),
    });
    registers.chain(blocks).collect()
}

fn register(conflict: &Conflict, frame: &Frame) -> Choice {
    let side = |value: &String| Side { text: Some(value.clone()), who: String::new(), sent: value.clone() };
    Choice {
        place: 0,
        name: frame.name(&conflict.field, &conflict.field_name),
        field: if conflict.field == "title" { "title" } else { "category" },
        sides: conflict.values.iter().map(side).collect(),
    }
}

fn side(block: &BlockView, wording: &WordingView, frame: &Frame) -> Side {
    let (unit, person) = (&wording.unit.name, wording.person.as_deref().unwrap_or_default());
    Side {
        text: wording.text.as_ref().map(|text| text.trim().to_owned()),
        who: format!("{unit} {person} · {}", frame.time(&wording.at)),
        sent: format!("{}:{}", block.id, wording.act),
    }
}
