//! What a check has to say: where, what is wrong, and what to do about it, in both languages.

use bihuan_domain::lang::Lang;
use serde::Serialize;

/// How bad it is; an error means that there is no rulebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable: scripts may rely on it.
    pub code: &'static str,
    pub file: String,
    /// From 1, with the header.
    pub line: Option<u32>,
    /// The column's name in the header.
    pub column: Option<String>,
    /// From 1: the position of the column in a table, of the character in the line elsewhere.
    pub column_number: Option<u32>,
    pub value: Option<String>,
    pub message_zh: String,
    pub message_en: String,
    pub advice_zh: String,
    pub advice_en: String,
}

impl Finding {
    pub(crate) fn new(severity: Severity, code: &'static str, file: &str) -> Self {
        Self {
            severity,
            code,
            file: file.to_owned(),
            line: None,
            column: None,
            column_number: None,
            value: None,
            message_zh: String::new(),
            message_en: String::new(),
            advice_zh: String::new(),
            advice_en: String::new(),
        }
    }

    pub(crate) fn error(code: &'static str, file: &str) -> Self {
        Self::new(Severity::Error, code, file)
    }

    pub(crate) fn warning(code: &'static str, file: &str) -> Self {
        Self::new(Severity::Warning, code, file)
    }

    pub(crate) fn note(code: &'static str, file: &str) -> Self {
        Self::new(Severity::Note, code, file)
    }

    pub(crate) fn line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn column(mut self, name: &str, number: Option<u32>) -> Self {
        self.column = Some(name.to_owned());
        self.column_number = number;
        self
    }

    pub(crate) fn value(mut self, value: &str) -> Self {
        self.value = Some(value.chars().take(120).collect());
        self
    }

    pub(crate) fn says(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.message_zh = zh.into();
        self.message_en = en.into();
        self
    }

    pub(crate) fn advises(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.advice_zh = zh.into();
        self.advice_en = en.into();
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub fn message(&self, lang: Lang) -> &str {
        lang.choose(&self.message_zh, &self.message_en)
    }

    pub fn advice(&self, lang: Lang) -> &str {
        lang.choose(&self.advice_zh, &self.advice_en)
    }
}
