//! What the values of a column have in common.

use std::collections::BTreeMap;

use super::header::{Header, Role};
use super::personal::{self, Personal};
use super::sample::{Sample, Unusable};
use super::times::{self, Numbers, Order, Reading};

/// The values of a column with more of them than that are not kept.
const MAX_VALUES: usize = 2_000;
/// Codes are few …
const MAX_CODES: usize = 60;
/// … and short, in characters.
const MAX_CODE: usize = 48;
/// A category has a name, not a sentence.
const MAX_CATEGORY: usize = 80;

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) header: Header,
    pub(super) at: usize,
    pub(super) filled: usize,
    /// Its words that stand for empty.
    pub(super) nulls: Vec<String>,
    /// How often each value occurs; empty if there are too many.
    pub(super) values: BTreeMap<String, usize>,
    pub(super) distinct: usize,
    /// In characters.
    pub(super) longest: usize,
    pub(super) time: Option<Reading>,
    /// Most values name or reach a person.
    pub(super) personal: Option<Personal>,
    /// Some texts hold a telephone or identity number.
    pub(super) holds_numbers: bool,
    pub(super) is_decimal: bool,
}

impl Column {
    /// `None`: it cannot be named, because the header leaves it out, repeats it, or it looks like a value itself.
    pub(super) fn of(sample: &Sample, at: usize) -> Option<Self> {
        let name = &sample.columns[at];
        let is_clear = !name.is_empty() && sample.columns.iter().filter(|other| *other == name).count() == 1;
        let is_value = crate::format::json::tokens(name).iter().any(|token| {
            Personal::of(token).is_some_and(|kind| kind != Personal::Name) || personal::is_within(token)
        });
        if !is_clear || is_value {
            return None;
        }
        let header = Header::of(name);
        let cells: Vec<&str> = sample
            .records
            .iter()
            .filter_map(|row| row[at].as_deref())
            .collect();
        let mut values: BTreeMap<String, usize> = BTreeMap::new();
        for cell in &cells {
            *values.entry((*cell).to_owned()).or_default() += 1;
        }
        let distinct = values.len();
        if distinct > MAX_VALUES {
            values.clear();
        }
        Some(Self {
            time: times::reading(&cells, header.numbers()),
            personal: mostly_personal(&cells, distinct),
            holds_numbers: cells.iter().any(|cell| personal::is_within(cell)),
            is_decimal: cells.iter().all(|cell| is_plain_number(cell))
                && cells.iter().any(|cell| cell.contains('.')),
            longest: cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0),
            name: name.clone(),
            header,
            at,
            filled: cells.len(),
            nulls: sample.nulls[at].iter().cloned().collect(),
            values,
            distinct,
        })
    }

    /// Values that come again and again, as those of categories, agencies and places do.
    pub(super) fn is_category(&self) -> bool {
        let comes_again = self.filled >= 2 * self.distinct || self.distinct <= 20;
        self.filled > 0
            && comes_again
            && self.longest <= MAX_CATEGORY
            && self.time.is_none()
            && !self.is_personal()
            && !self.is_decimal
            && !self.holds_numbers
    }

    /// A category of few short values: the only ones that a draft may name.
    pub(super) fn is_code(&self) -> bool {
        self.is_category() && self.distinct <= MAX_CODES && self.longest <= MAX_CODE
    }

    /// Codes, perhaps: words without room for a sentence.
    pub(super) fn is_short(&self) -> bool {
        self.longest <= MAX_CODE && !self.is_decimal && !self.holds_numbers
    }

    pub(super) fn is_personal(&self) -> bool {
        self.personal.is_some() || self.header.is_personal()
    }

    /// Sentences rather than names.
    pub(super) fn is_prose(&self) -> bool {
        self.longest > MAX_CATEGORY
    }

    /// Whether every value lies between the bounds.
    pub(super) fn is_within(&self, sample: &Sample, most: f64) -> bool {
        let within = |text: &str| text.parse::<f64>().is_ok_and(|number| number.abs() <= most);
        self.filled > 0 && sample.cells(self.at).all(within)
    }
}

/// An exponent is what a spreadsheet makes of a long id.
fn is_plain_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && !text.contains(['e', 'E'])
}

/// Half of the values decide; of names, which are known by their form only, nearly all of several.
fn mostly_personal(cells: &[&str], distinct: usize) -> Option<Personal> {
    let kinds: Vec<Personal> = cells.iter().filter_map(|cell| Personal::of(cell)).collect();
    let names = kinds.iter().filter(|kind| **kind == Personal::Name).count();
    if distinct >= 3 && names * 10 >= cells.len() * 9 {
        return Some(Personal::Name);
    }
    let first = kinds.iter().find(|kind| **kind != Personal::Name)?;
    ((kinds.len() - names) * 2 >= cells.len()).then_some(*first)
}

impl Sample {
    /// The values of a column.
    pub(super) fn cells(&self, at: usize) -> impl Iterator<Item = &str> {
        self.records.iter().filter_map(move |row| row[at].as_deref())
    }
}

/// Whether the first row is a header: names of persons that stand there must not end up in a draft.
///
/// # Errors
/// It looks like a record.
pub(super) fn is_a_header(sample: &Sample, columns: &[Column]) -> Result<(), Unusable> {
    if !sample.shape.is_table() {
        return Ok(());
    }
    let is_value = |name: &String| {
        let is_long_number = name.len() > 4 && name.parse::<f64>().is_ok();
        is_long_number
            || Personal::of(name).is_some_and(|kind| kind != Personal::Name)
            || times::reading(&[name], Numbers::AreNumbers).is_some()
    };
    let comes_again = |column: &Column| column.values.contains_key(&column.name);
    let is_known = |column: &Column| Role::ALL.iter().any(|role| column.header.score(*role) > 0);
    let is_strange = !columns.iter().any(is_known) && columns.iter().any(|column| !column.name.is_ascii());
    if sample.columns.iter().any(is_value) || columns.iter().any(comes_again) || is_strange {
        return Err(Unusable::because(
            "第一行像是记录或标题而不是表头；请加上列名，或用 --header-row 指明表头在第几行",
            "the first row looks like a record or a title, not a header; put the names of the columns above it, or say --header-row where they stand below",
        ));
    }
    Ok(())
}

/// A platform writes all its dates the same way: a column that leaves open which comes first follows one that tells.
pub(super) fn settle_order(columns: &mut [Column]) {
    let told = columns
        .iter()
        .filter_map(|column| Some(column.time.as_ref()?.order))
        .filter(|order| matches!(order, Order::Day | Order::Month))
        .collect::<Vec<_>>();
    let Some(order) = told
        .first()
        .copied()
        .filter(|first| told.iter().all(|it| it == first))
    else {
        return;
    };
    for reading in columns.iter_mut().filter_map(|column| column.time.as_mut()) {
        if reading.is_ambiguous() {
            *reading = Reading {
                order,
                ..reading.clone().in_order(order)
            };
        }
    }
}
