//! Text as people type it, taken apart into blocks: a line is one, and in a line each sentence. A block holds the ends of
//! lines *before* it, so that who adds a line behind another leaves that one as it is.

use crate::limits::BLOCK_CHARS_MAX;
use crate::part::COVER;

/// What a sentence ends with. The marks of Latin text are none of them: 3.5, a.gov.cn.
const ENDS: [char; 4] = ['。', '！', '？', '；'];
/// What may stand behind the end of a sentence and still belong to it.
const CLOSERS: [char; 12] = ['”', '’', '」', '』', '）', '》', '】', '"', '\'', ')', ' ', '\u{3000}'];

/// The blocks of a text. Put together again they are the text, with one line feed before it.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let text = text.trim_matches('\n');
    if text.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec!["\n".to_owned()];
    let (mut chars, mut ended, mut last) = (1, false, '\n');
    for c in text.chars() {
        let line = c == '\n' && last != '\n';
        let sentence = ended && c != '\n' && !CLOSERS.contains(&c) && !ENDS.contains(&c);
        // What is withheld is nobody's to take apart or to join with what stands beside it.
        let covered = last != '\n' && (c == COVER) != (last == COVER);
        if chars > 0 && (line || sentence || covered || chars == BLOCK_CHARS_MAX) {
            blocks.push(String::new());
            (chars, ended) = (0, false);
        }
        ended = ENDS.contains(&c) || (ended && CLOSERS.contains(&c));
        last = c;
        chars += 1;
        blocks.last_mut().into_iter().for_each(|block| block.push(c));
    }
    blocks
}

/// The text of blocks.
pub(crate) fn join<'b>(blocks: impl IntoIterator<Item = &'b str>) -> String {
    let text: String = blocks.into_iter().collect();
    text.trim_start_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_and_sentences_are_blocks() {
        for (text, blocks) in [
            ("", vec![]),
            ("\n\n", vec![]),
            ("拨打热线", vec!["\n拨打热线"]),
            ("先登记。后答复！", vec!["\n先登记。", "后答复！"]),
            ("他问：“几时？”答：“明日。”\n完", vec!["\n他问：“几时？”", "答：“明日。”", "\n完"]),
            ("温度18.5度；见 a.gov.cn。。。", vec!["\n温度18.5度；", "见 a.gov.cn。。。"]),
            ("一、登记\n\n二、答复。 三", vec!["\n一、登记", "\n\n二、答复。 ", "三"]),
            ("甲██乙。", vec!["\n甲", "██", "乙。"]),
            ("甲。\n██\n乙", vec!["\n甲。", "\n██", "\n乙"]),
        ] {
            assert_eq!(split(text), blocks, "{text}");
        }
        let long = "长".repeat(BLOCK_CHARS_MAX + 5);
        let lengths: Vec<usize> = split(&long).iter().map(|block| block.chars().count()).collect();
        assert_eq!(lengths, [BLOCK_CHARS_MAX, 6]);
    }

    proptest! {
        #[test]
        fn blocks_put_together_are_the_text(text in "[甲。！”█ \n]{0,40}") {
            let blocks = split(&text);
            prop_assert!(blocks.iter().all(|block| !block.is_empty() && block.chars().count() <= BLOCK_CHARS_MAX));
            prop_assert_eq!(join(blocks.iter().map(String::as_str)), text.trim_matches('\n'));
            prop_assert_eq!(split(&blocks.concat()), blocks, "what is taken apart again is the same");
        }
    }
}
