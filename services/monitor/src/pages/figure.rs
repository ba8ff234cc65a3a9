//! Numbers as pages show them: each leads to the clues behind it.

use bihuan_domain::figures::{By, Counts, Figure, FigureKind, Row, Split};
use bihuan_domain::lang::Lang;

use super::drill::{Scope, Sum};
use super::labels;

/// A number with where it leads; nought leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) label: String,
    pub(super) text: String,
    pub(super) value: u64,
    pub(super) href: Option<String>,
}

/// A ratio with both its sides, and how it is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) id: &'static str,
    pub(super) version: u32,
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) numerator: Number,
    pub(super) denominator: Number,
    /// In words.
    pub(super) formula: String,
    /// In names.
    pub(super) code: &'static str,
}

impl Number {
    pub(super) fn new(label: impl Into<String>, value: u64, href: impl FnOnce() -> String) -> Self {
        Self {
            label: label.into(),
            text: labels::number(value as i64),
            value,
            href: (value > 0).then(href),
        }
    }
}

/// In whose language, of which report, of which of its rows.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) lang: Lang,
    pub(super) scope: &'a Scope,
    pub(super) row: Option<(By, &'a str)>,
}

impl Place<'_> {
    pub(super) fn number(&self, name: &str, value: u64) -> Number {
        Number::new(labels::term(self.lang, name), value, || self.link(name))
    }

    fn link(&self, of: &str) -> String {
        match (of, self.row) {
            ("part.unreadable" | "quarantined", _) => "/quarantine?service=intake&fate=waiting".to_owned(),
            _ => self.scope.link(self.row, of),
        }
    }

    /// Of the counts, those with these names.
    pub(super) fn counts(&self, counts: &Counts, names: &[&str]) -> Vec<Number> {
        let value = |name: &str| counts.entries().find(|(known, _)| *known == name);
        names
            .iter()
            .filter_map(|name| value(name))
            .map(|(name, value)| self.number(name, value))
            .collect()
    }

    pub(super) fn parts(&self, split: &Split) -> Vec<Number> {
        let part = |(name, value)| self.number(&format!("part.{name}"), value);
        split.entries().map(part).collect()
    }

    pub(super) fn rate(&self, figure: &Figure) -> Rate {
        let (zh, en) = figure.id.words();
        let sums = Sum::of_figure(figure);
        let side = |value, sum: Option<&Sum>| {
            let words = sum.map_or_else(String::new, |sum| spoken(self.lang, sum));
            Number::new(words, value, || {
                self.link(&sum.map_or_else(String::new, Sum::text))
            })
        };
        let (top, bottom) = (sums.as_ref().map(|it| &it.0), sums.as_ref().map(|it| &it.1));
        let numerator = side(figure.numerator, top);
        let denominator = side(figure.denominator, bottom);
        let text = if figure.id.is_multiple() {
            labels::times(figure.numerator, figure.denominator)
        } else {
            labels::percent(figure.numerator, figure.denominator)
        };
        let several = bottom.is_some_and(|sum| sum.terms().len() > 1);
        let (open, close) = match (several, self.lang) {
            (false, _) => ("", ""),
            (true, Lang::Zh) => ("（", "）"),
            (true, Lang::En) => ("(", ")"),
        };
        Rate {
            id: figure.id.as_str(),
            version: figure.version,
            label: self.lang.choose(zh, en),
            text,
            formula: format!("{} ÷ {open}{}{close}", numerator.label, denominator.label),
            code: figure.formula,
            numerator,
            denominator,
        }
    }

    pub(super) fn rate_of(&self, figures: &[Figure], id: FigureKind) -> Option<Rate> {
        let figure = figures.iter().find(|figure| figure.id == id)?;
        Some(self.rate(figure))
    }
}

/// A sum in words.
pub(super) fn spoken(lang: Lang, sum: &Sum) -> String {
    let mut text = String::new();
    for (sign, name) in sum.terms() {
        match (sign, text.is_empty()) {
            (1, true) => {}
            (1, false) => text.push_str(" + "),
            _ => text.push_str(" − "),
        }
        text.push_str(&labels::term(lang, name));
    }
    text
}

/// A row of a table by agency, area …
pub(super) struct Line {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) numbers: Vec<Number>,
    pub(super) rates: Vec<Rate>,
}

impl Line {
    pub(super) fn of(place: Place<'_>, row: &Row, names: &[&str], rates: &[FigureKind]) -> Self {
        Self {
            name: row.name.clone(),
            key: row.key.clone(),
            numbers: place.counts(&row.counts, names),
            rates: rates
                .iter()
                .filter_map(|id| place.rate_of(&row.figures, *id))
                .collect(),
        }
    }
}
