//! A pattern of times that is none, and what was most likely meant.

use crate::read::{Item, Reader};
use crate::time::Form;

/// A pattern in the letters of spreadsheets and Java is written anew for them.
pub(super) fn wrong(reader: &mut Reader<'_>, item: &Item<'_>, word: &str) {
    let what = ["这个格式读不出日期", "no date can be read by this pattern"];
    let meant = strftime(word).filter(|pattern| Form::parse(pattern).is_some());
    let (zh, en) = match meant {
        Some(pattern) => (format!("是否指 {pattern}？"), format!("did you mean {pattern}?")),
        None => (
            "用 strftime 写法，如 %Y-%m-%d %H:%M:%S，或 unix、unix_ms、excel".to_owned(),
            "use strftime, such as %Y-%m-%d %H:%M:%S, or unix, unix_ms, excel".to_owned(),
        ),
    };
    reader.report("time", item, what, [&zh, &en]);
}

/// `yyyy-MM-dd HH:mm:ss` in the letters of strftime.
fn strftime(word: &str) -> Option<String> {
    const LETTERS: [(&str, &str); 14] = [
        ("yyyy", "%Y"),
        ("YYYY", "%Y"),
        ("SSS", "%3f"),
        ("MM", "%m"),
        ("dd", "%d"),
        ("DD", "%d"),
        ("HH", "%H"),
        ("hh", "%I"),
        ("mm", "%M"),
        ("ss", "%S"),
        ("M", "%m"),
        ("d", "%d"),
        ("H", "%H"),
        ("a", "%p"),
    ];
    let mut pattern = String::new();
    let mut rest = word;
    while let Some(next) = rest.chars().next() {
        let known = LETTERS.iter().find(|(letters, _)| rest.starts_with(letters));
        let length = if let Some((letters, directive)) = known {
            pattern.push_str(directive);
            letters.len()
        } else {
            pattern.push(next);
            next.len_utf8()
        };
        rest = &rest[length..];
    }
    (!word.contains('%') && pattern.contains('%')).then_some(pattern)
}
