//! What a platform writes where there is nothing, and lines that are no records.

use std::collections::{BTreeMap, BTreeSet};

use super::Sample;
use crate::draft::header::Header;
use crate::draft::personal::Personal;
use crate::draft::times;

/// Words that stand for empty wherever they stand alone, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "-",
    "--",
    "---",
    "—",
    "——",
    "———",
    "–",
    "－",
    "/",
    "\\",
    ".",
    "无",
    "暂无",
    "空",
    "未填",
    "未填写",
    "n/a",
    "na",
    "null",
    "(null)",
    "<null>",
    "nil",
    "none",
    "nan",
    "\\n",
];
/// Whatever has this has no word for empty but an answer.
const ANSWERS: &[&str] = &["有", "是", "yes", "y", "some"];
/// What stands in a line of totals, in lower case.
const TOTALS: &[&str] = &[
    "合计",
    "总计",
    "小计",
    "共计",
    "合计：",
    "total",
    "grand total",
    "subtotal",
    "sum",
];
/// More words than that among the times of a column are no word for empty.
const MAX_WORDS: usize = 3;
/// … and a longer one is none, in characters.
const MAX_WORD: usize = 8;

impl Sample {
    /// A line of totals is a record like any other to a reader of tables, and spoils what the columns have in common.
    pub(super) fn leave_out_totals(&mut self) {
        if !self.shape.is_table() {
            return;
        }
        let mut totals = Vec::new();
        self.records.retain(|row| {
            let total = row.iter().enumerate().find_map(|(at, cell)| {
                let word = cell.as_ref()?;
                TOTALS
                    .contains(&&*word.to_lowercase())
                    .then(|| (at, word.clone()))
            });
            // a kind of record may be called so; a line of totals has few cells
            let is_total = total.is_some() && row.iter().flatten().count() * 2 <= row.len() + 1;
            if is_total {
                totals.extend(total);
            }
            !is_total
        });
        totals.sort();
        totals.dedup();
        self.totals = totals;
    }

    /// Takes words that stand for empty out of the cells, and keeps them by column.
    pub(super) fn empty_placeholders(&mut self) {
        for at in 0..self.columns.len() {
            let words = self.words_for_empty(at);
            if words.is_empty() {
                continue;
            }
            for row in &mut self.records {
                if row[at].as_ref().is_some_and(|cell| words.contains(cell)) {
                    row[at] = None;
                }
            }
            self.nulls[at] = words;
        }
    }

    fn words_for_empty(&self, at: usize) -> BTreeSet<String> {
        let is_answer = |text: &str| ANSWERS.contains(&&*text.to_lowercase());
        if self.cells(at).any(is_answer) {
            return BTreeSet::new();
        }
        let is_placeholder = |text: &&str| PLACEHOLDERS.contains(&&*text.to_lowercase());
        let mut words: BTreeSet<String> = self.cells(at).filter(is_placeholder).map(str::to_owned).collect();
        let rest: Vec<&str> = self.cells(at).filter(|text| !is_placeholder(text)).collect();
        words.extend(among_times(&Header::of(&self.columns[at]), &rest));
        words
    }
}

/// The few words of a column of times that come again and again, such as 未办结: the time is not known yet.
fn among_times(header: &Header, cells: &[&str]) -> Vec<String> {
    let (times, words): (Vec<&str>, Vec<&str>) = cells
        .iter()
        .partition(|text| text.contains(|c: char| c.is_ascii_digit()));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let is_word = |(word, count): (&&str, &usize)| {
        *count > 1 && word.chars().count() <= MAX_WORD && Personal::of(word).is_none()
    };
    let are_words = !counts.is_empty() && counts.len() <= MAX_WORDS && counts.iter().all(is_word);
    if are_words && header.speaks_of_time() && times::reading(&times, header.numbers()).is_some() {
        return counts.into_keys().map(str::to_owned).collect();
    }
    Vec::new()
}
