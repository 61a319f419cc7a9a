//! What can be a password: long enough, and not the first that anybody would guess.

use crate::alike::folded;
use crate::problem::Problem;

/// Characters of a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of a password, at most.
pub const PASSWORD_BYTES_MAX: usize = 256;

/// What is tried first by whoever guesses, as far as it is long enough and no row of keys: with and without figures and signs
/// behind.
const COMMON: [&str; 44] = [
    "a1b2c3d4",
    "administrator",
    "baobei",
    "changeme",
    "china",
    "computer",
    "dearbook",
    "default",
    "dragon",
    "football",
    "guest",
    "hello",
    "iloveyou",
    "internet",
    "jiesu",
    "letmein",
    "login",
    "manager",
    "master",
    "mima",
    "monkey",
    "nihao",
    "newpassword",
    "operator",
    "p@ssw0rd",
    "p@ssword",
    "pass",
    "passw0rd",
    "password",
    "princess",
    "q1w2e3r4",
    "root",
    "secret",
    "service",
    "sunshine",
    "superman",
    "system",
    "test",
    "trustno1",
    "user",
    "welcome",
    "woaini",
    "woaiwojia",
    "xiaoming",
];

/// Keys that lie side by side, and what is counted or spelled in order.
const ROWS: [&str; 10] = [
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
];
/// Characters of a piece of a row, at least: fewer stand in every other word.
const PIECE_CHARS_MIN: usize = 3;
/// Characters that are said over and over, at most.
const REPEATED_CHARS_MAX: usize = 3;

/// Whether a password can be one for somebody of these `names`.
///
/// # Errors
/// It is too short or too long, or among what is guessed first: which of it.
pub fn check_password(password: &str, names: &[&str]) -> Result<(), Problem> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::bad_input(
            format!("密码太长：至多 {PASSWORD_BYTES_MAX} 字节，一个汉字算 3 字节"),
            format!("a password has {PASSWORD_BYTES_MAX} bytes at most"),
        ));
    }
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(Problem::bad_input(
            format!("密码至少 {PASSWORD_CHARS_MIN} 个字符"),
            format!("a password has at least {PASSWORD_CHARS_MIN} characters"),
        ));
    }
    let refused = |chinese: &str, english: &str| {
        Err(Problem::bad_input(
            format!("这个密码{chinese}，太容易猜到：请另选一个，例如几个不相干的词连在一起"),
            format!(
                "this password {english}, which is guessed soon: choose another, such as some words that have nothing to do with each other"
            ),
        ))
    };
    let said = folded(password);
    let word = said.trim_end_matches(|c: char| !c.is_alphabetic());
    let of_name = |name: &&str| !name.is_empty() && [said.as_str(), word].contains(&folded(name).as_str());
    if said.is_empty() {
        return refused("只有空格", "is only blanks");
    }
    if names.iter().any(of_name) {
        return refused("就是登录名或姓名", "is the login or the name");
    }
    let chars: Vec<char> = said.chars().collect();
    if (1..=REPEATED_CHARS_MAX).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b)) {
        return refused("只是几个字符的重复", "says a few characters over and over");
    }
    if of_rows(&chars) {
        return refused("是按顺序排的字符或键盘上相邻的键", "is characters in order, or keys side by side");
    }
    if COMMON.contains(&said.as_str()) || COMMON.contains(&word) {
        return refused("是最常见的密码之一", "is one of the most common");
    }
    Ok(())
}

/// Whether all of it is pieces of [`ROWS`], forwards or backwards.
fn of_rows(chars: &[char]) -> bool {
    let piece = |part: &[char]| {
        let (forwards, backwards): (String, String) = (part.iter().collect(), part.iter().rev().collect());
        ROWS.iter().any(|row| row.contains(&forwards) || row.contains(&backwards))
    };
    // Up to where it can be taken apart.
    let mut apart = vec![true];
    for end in 1..=chars.len() {
        let begins = |from: usize| apart.get(from) == Some(&true) && chars.get(from..end).is_some_and(piece);
        apart.push((0..(end + 1).saturating_sub(PIECE_CHARS_MIN)).any(begins));
    }
    apart.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused_and_why_is_said() {
        let names = ["zhen", "Administrator", "孙承办"];
        for (password, why) in [
            ("short", "至少 8 个"),
            ("        ", "只有空格"),
            ("　　　　　　　　", "只有空格"),
            ("aaaaaaaa", "重复"),
            ("abababab", "重复"),
            ("１２１２１２１２", "重复"),
            ("12345678", "按顺序"),
            ("87654321", "按顺序"),
            ("1234567890", "按顺序"),
            ("12341234", "按顺序"),
            ("ABCDefgh", "按顺序"),
            ("qwertyuiop", "按顺序"),
            ("1qaz2wsx", "按顺序"),
            ("abc12345", "按顺序"),
            ("zhen2026", "登录名"),
            (" Administrator ", "登录名"),
            ("孙承办123456", "登录名"),
            ("Password", "最常见"),
            ("password1!", "最常见"),
            ("P@ssw0rd", "最常见"),
            ("woaini520", "最常见"),
        ] {
            let refused = check_password(password, &names).unwrap_err();
            assert!(refused.title.contains(why), "{password}: {refused:?}");
        }
    }

    #[test]
    fn what_is_not_is_taken() {
        for password in
            ["jiesu-test-1", "jiesu-demo", "correct horse", "河北保定东柳村口", "zhen and li", "abc-2026-def"]
        {
            assert_eq!(check_password(password, &["zhen", ""]), Ok(()), "{password}");
        }
    }
}
