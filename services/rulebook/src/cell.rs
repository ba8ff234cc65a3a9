//! One cell of a table: its text, where it stands, and how it is read.

use std::collections::BTreeMap;
use std::str::FromStr;

use bihuan_domain::code::ParseError;
use jiff::civil::Date;

use crate::Finding;
use crate::finding::Severity;

#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: &'static str,
    /// `None`: the header does not have the column.
    pub(crate) number: Option<u32>,
    pub(crate) text: &'a str,
}

/// What is wrong with a cell is in the findings; its row is none.
pub(crate) struct Unreadable;

impl Cell<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A finding that points here.
    pub(crate) fn finding(&self, severity: Severity, code: &'static str) -> Finding {
        Finding::new(severity, code, self.file)
            .line(self.line)
            .column(self.column, self.number)
            .value(self.text)
    }

    pub(crate) fn error(&self, code: &'static str) -> Finding {
        self.finding(Severity::Error, code)
    }

    /// A code that must be there.
    pub(crate) fn code<T: FromStr<Err = ParseError>>(&self, findings: &mut Vec<Finding>) -> Option<T> {
        match self.text.parse() {
            Ok(code) => Some(code),
            Err(error) => {
                findings.push(
                    self.error("code_invalid")
                        .says(
                            format!("{} 不是有效的代码", quoted(self.text)),
                            format!("{} {}", quoted(self.text), error.problem),
                        )
                        .advises(
                            "不能为空，不能过长，只用允许的字符",
                            "it may not be empty or too long and holds only the characters of such a code",
                        ),
                );
                None
            }
        }
    }

    /// A code, or nothing.
    pub(crate) fn optional_code<T: FromStr<Err = ParseError>>(
        &self,
        findings: &mut Vec<Finding>,
    ) -> Option<T> {
        if self.is_empty() {
            None
        } else {
            self.code(findings)
        }
    }

    /// What `read` makes of a cell that may be empty.
    pub(crate) fn unless_empty<T>(
        &self,
        read: impl FnOnce(&Self) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        if self.is_empty() {
            return Ok(None);
        }
        read(self).map(Some).ok_or(Unreadable)
    }

    /// A code that another file must know. Without that file nothing can be said, and nothing is.
    pub(crate) fn reference<K: Ord + FromStr<Err = ParseError>, V>(
        &self,
        known: Option<&BTreeMap<K, V>>,
        file: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<K> {
        let code: K = self.code(findings)?;
        if known.is_none_or(|known| known.contains_key(&code)) {
            return Some(code);
        }
        findings.push(self.unknown_reference(file));
        None
    }

    pub(crate) fn unknown_reference(&self, file: &str) -> Finding {
        let text = quoted(self.text);
        self.error("reference_unknown")
            .says(
                format!("{file} 中没有 {text}"),
                format!("{file} does not know {text}"),
            )
            .advises(
                format!("改正，或在 {file} 中补上"),
                format!("correct it, or add it to {file}"),
            )
    }

    /// One of a few words; `default` if the cell is empty.
    pub(crate) fn word<T>(
        &self,
        code: &'static str,
        parse: fn(&str) -> Option<T>,
        default: T,
        words: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<T> {
        if self.is_empty() {
            return Some(default);
        }
        let found = parse(self.text);
        if found.is_none() {
            let text = quoted(self.text);
            findings.push(
                self.error(code)
                    .says(
                        format!("{text} 不是允许的取值"),
                        format!("{text} is not one of the words allowed"),
                    )
                    .advises(format!("用其中之一：{words}"), format!("use one of: {words}")),
            );
        }
        found
    }

    /// A civil date as ISO 8601 writes it; empty = open.
    pub(crate) fn date(&self, findings: &mut Vec<Finding>) -> Option<Date> {
        if self.is_empty() {
            return None;
        }
        let found = date(self.text);
        if found.is_none() {
            let text = quoted(self.text);
            findings.push(
                self.error("date_invalid")
                    .says(format!("{text} 不是日期"), format!("{text} is not a date"))
                    .advises("写成 2026-01-31", "write it as 2026-01-31"),
            );
        }
        found
    }
}

/// Year, month and day in ten characters: spreadsheets write others, and then day and month are anybody's guess.
pub(crate) fn date(text: &str) -> Option<Date> {
    if text.len() == 10 {
        Date::strptime("%Y-%m-%d", text).ok()
    } else {
        None
    }
}

pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(80).collect::<String>())
}
