//! How one field gets its text: from which columns, joined, split, translated.

use std::borrow::Cow;
use std::collections::HashMap;

use bihuan_domain::time::Timestamp;
use jiff::tz::TimeZone;

use super::time::Form;
use crate::format::{Fields, Slot, Written, json};

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) origin: Origin,
    pub(crate) split: Option<Split>,
    /// What stands between the values of a list.
    pub(crate) each: Option<String>,
    /// Words that mean empty.
    pub(crate) null: Vec<String>,
    pub(crate) values: Option<HashMap<String, String>>,
    /// For empty only.
    pub(crate) default: Option<String>,
    /// The first that reads it; ISO 8601 if there is none.
    pub(crate) time: Vec<Form>,
}

#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Constant(String),
    /// Indexes of names: the first that is not empty.
    First(Vec<usize>),
    /// All that are not empty.
    Joined(Vec<usize>, String),
}

/// The part of a text that stands between separators: from 1, or from −1 at the end.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    pub(crate) on: String,
    pub(crate) part: i64,
}

/// What a rule made of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    /// Trimmed, never empty.
    pub(crate) text: Cow<'a, str>,
    /// `false`: the rule has a table of values, and this is not in it.
    pub(crate) known: bool,
    pub(crate) written: Written,
}

/// A record under a mapping's names.
#[derive(Clone, Copy)]
pub(crate) struct Record<'r> {
    pub(crate) names: &'r [String],
    pub(crate) fields: &'r dyn Fields,
}

impl<'r> Record<'r> {
    /// The trimmed text of a field; `None` if it is empty.
    pub(crate) fn get(self, index: usize) -> Option<Cow<'r, str>> {
        trimmed(self.fields.get(Slot {
            index,
            name: &self.names[index],
        })?)
    }

    pub(crate) fn written(self, index: usize) -> Written {
        self.fields.written(Slot {
            index,
            name: &self.names[index],
        })
    }
}

fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!text.is_empty()).then_some(text)
}

impl Split {
    fn part<'a>(&self, text: &Cow<'a, str>) -> Option<Cow<'a, str>> {
        let nth = self.part.unsigned_abs().saturating_sub(1) as usize;
        let pick = |text: &str| -> Option<std::ops::Range<usize>> {
            let part = if self.part < 0 {
                text.rsplit(&self.on).nth(nth)
            } else {
                text.split(&self.on).nth(nth)
            }?;
            let start = part.as_ptr().addr() - text.as_ptr().addr();
            Some(start..start + part.len())
        };
        let range = pick(text)?;
        match text {
            Cow::Borrowed(text) => trimmed(Cow::Borrowed(&text[range])),
            Cow::Owned(text) => trimmed(Cow::Owned(text[range].to_owned())),
        }
    }
}

impl Rule {
    /// A rule that takes a column as it stands.
    pub(crate) fn column(index: usize) -> Self {
        Self::of(Origin::First(vec![index]))
    }

    pub(crate) fn of(origin: Origin) -> Self {
        Self {
            origin,
            split: None,
            each: None,
            null: Vec::new(),
            values: None,
            default: None,
            time: Vec::new(),
        }
    }

    /// Indexes of the names it reads.
    pub(crate) fn columns(&self) -> &[usize] {
        match &self.origin {
            Origin::Constant(_) => &[],
            Origin::First(indexes) | Origin::Joined(indexes, _) => indexes,
        }
    }

    /// The text before `values` and `default`.
    pub(crate) fn source<'r>(&'r self, record: Record<'r>) -> Option<Cow<'r, str>> {
        let one = |index: &usize| self.part(record, *index);
        let text = match &self.origin {
            Origin::Constant(text) => return Some(Cow::Borrowed(text)),
            Origin::First(indexes) => indexes.iter().find_map(one)?,
            Origin::Joined(indexes, separator) => {
                let parts: Vec<_> = indexes.iter().filter_map(one).collect();
                trimmed(Cow::Owned(parts.join(separator)))?
            }
        };
        match &self.split {
            None => Some(text),
            Some(split) => split
                .part(&text)
                .filter(|text| !self.null.iter().any(|null| null == text)),
        }
    }

    pub(crate) fn read<'r>(&'r self, record: Record<'r>) -> Option<Found<'r>> {
        let Some(text) = self.source(record) else {
            return self.default.as_deref().map(|text| Found {
                text: text.into(),
                known: true,
                written: Written::Text,
            });
        };
        Some(self.translated(text, self.written(record)))
    }

    fn translated<'r>(&'r self, text: Cow<'r, str>, written: Written) -> Found<'r> {
        let of = |text, known, written| Found { text, known, written };
        match self.values.as_ref().map(|values| values.get(&*text)) {
            None => of(text, true, written),
            Some(Some(value)) => of(value.into(), true, Written::Text),
            Some(None) => of(text, false, written),
        }
    }

    /// The values of a list: a JSON array, or what stands between separators.
    pub(crate) fn read_each<'r>(&'r self, record: Record<'r>) -> Vec<Found<'r>> {
        let Some(text) = self.source(record) else {
            return self.read(record).into_iter().collect();
        };
        let parts: Vec<String> = match (json::strings(&text), &self.each) {
            (Some(elements), _) => elements,
            (None, Some(separator)) => text.split(separator.as_str()).map(str::to_owned).collect(),
            (None, None) => vec![text.into_owned()],
        };
        let parts = parts.into_iter().filter_map(|part| trimmed(part.into()));
        let written = self.written(record);
        parts
            .filter(|part| !self.null.iter().any(|null| null == part))
            .map(|part| self.translated(part, written))
            .collect()
    }

    /// The words that it can be told to give, whatever the record says; of a column without a table nobody knows them.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        let constant = match &self.origin {
            Origin::Constant(word) => Some(word.as_str()),
            Origin::First(_) | Origin::Joined(..) => None,
        };
        let values = self.values.iter().flat_map(HashMap::values).map(String::as_str);
        values.chain(constant).chain(self.default.as_deref())
    }

    /// The time that was found, by the first form that reads it; ISO 8601 if the rule names none. The time in a sheet is one
    /// whatever way the sheet shows it.
    pub(crate) fn moment(&self, found: &Found<'_>, zone: Option<&TimeZone>) -> Option<Timestamp> {
        let own = (found.written == Written::Time || self.time.is_empty()).then_some(&Form::Iso);
        let mut forms = own.into_iter().chain(&self.time);
        forms.find_map(|form| form.read(&found.text, zone))
    }

    /// How the text was written. What is put together of several parts is text, unless one of them is an error: then it is one.
    fn written(&self, record: Record<'_>) -> Written {
        match &self.origin {
            Origin::Constant(_) => Written::Text,
            Origin::First(_) => self
                .parts(record)
                .next()
                .map_or(Written::Text, |(_, written)| written),
            Origin::Joined(..) => {
                let mut all = self.parts(record).map(|(_, written)| written);
                if all.any(|written| written == Written::Error) {
                    Written::Error
                } else {
                    Written::Text
                }
            }
        }
    }

    /// The columns that its text is made of, as the record has them: before they are joined, split or translated.
    pub(crate) fn parts<'r>(&'r self, record: Record<'r>) -> impl Iterator<Item = (Cow<'r, str>, Written)> {
        let most = match &self.origin {
            Origin::Constant(_) => 0,
            Origin::First(_) => 1,
            Origin::Joined(indexes, _) => indexes.len(),
        };
        let found = self.columns().iter().filter_map(move |index| {
            let text = self.part(record, *index)?;
            Some((text, record.written(*index)))
        });
        found.take(most)
    }

    /// The text of one of its columns, unless it is a word that means empty.
    fn part<'r>(&self, record: Record<'r>, index: usize) -> Option<Cow<'r, str>> {
        record
            .get(index)
            .filter(|text| !self.null.iter().any(|null| null == text))
    }

    /// Whether one of several parts is missing, so that two different records could end up with the same text.
    pub(crate) fn is_partial(&self, record: Record<'_>) -> bool {
        match &self.origin {
            Origin::Joined(indexes, _) => indexes.iter().any(|index| self.part(record, *index).is_none()),
            Origin::Constant(_) | Origin::First(_) => false,
        }
    }
}
