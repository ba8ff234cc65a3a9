//! What is wrong with a mapping, for the person who writes it: where, what, and what to do.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// The same sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bilingual {
    pub zh: String,
    pub en: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable, for scripts.
    pub code: &'static str,
    /// Path of the key, such as `clue.reported_at.time`; empty for the file as a whole.
    pub key: String,
    /// From 1; 0 where the file has no such place.
    pub line: u32,
    /// From 1, in characters; 0 where the file has no such place.
    pub column: u32,
    pub what: Bilingual,
    pub advice: Bilingual,
}

/// A place in the file: line and column, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    pub(crate) fn of(text: &str, span: Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() as u32 + 1,
            column: before[line_start..].chars().count() as u32 + 1,
        }
    }
}

/// A sentence in Chinese and in English.
pub(crate) type Say<'a> = [&'a str; 2];

impl Problem {
    pub(crate) fn new(code: &'static str, key: &str, place: Place, what: Say<'_>, advice: Say<'_>) -> Self {
        let both = |[zh, en]: Say<'_>| Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        };
        Self {
            code,
            key: key.to_owned(),
            line: place.line,
            column: place.column,
            what: both(what),
            advice: both(advice),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            key,
            what,
            advice,
            ..
        } = self;
        write!(f, "{line}:{column} {key}: {}; {}", what.en, advice.en)
    }
}

/// The known word that somebody who wrote `word` most likely meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // a Chinese character says as much as half a word: 办结 and 未办结 are no misspellings of each other
    closest(word, known, |candidate| {
        if candidate.is_ascii() {
            2.min(candidate.len() / 2)
        } else {
            2.min(candidate.chars().count() / 4)
        }
    })
}

/// The known word that a source's value is most likely another spelling of. Values are a platform's own words, which may look alike
/// and mean different things: they must be closer than keys.
pub(crate) fn misspelt<'a>(value: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest(value, known, |candidate| {
        2.min(candidate.chars().count() / if candidate.is_ascii() { 4 } else { 6 })
    })
}

fn closest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: impl Fn(&str) -> usize,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= most(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's edit distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested() {
        let known = ["reported_at", "area", "id"];
        assert_eq!(nearest("reportd_at", known), Some("reported_at"));
        assert_eq!(nearest("AREA", known), Some("area"));
        assert_eq!(nearest("ip", known), Some("id"));
        assert_eq!(nearest("telephone", known), None);
        assert_eq!(nearest("结案时间", ["上报时间"]), None);
    }

    #[test]
    fn values_that_only_look_alike_are_no_misspellings() {
        for (value, known, meant) in [
            ("油烟扰民", "噪声扰民", false),
            ("未办结", "办结", false),
            ("Opened", "Open", false),
            ("Closd", "Closed", true),
            ("illegal parking", "Illegal Parking", true),
            ("擅自占用道路堆物料", "擅自占用道路堆物", true),
        ] {
            assert_eq!(misspelt(value, [known]), meant.then_some(known), "{value}");
        }
    }

    #[test]
    fn places_count_characters() {
        assert_eq!(Place::of("a\n标题 = x", 9..10), Place { line: 2, column: 4 });
    }
}
