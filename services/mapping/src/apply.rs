//! From a record to a report. Only a record without a usable id, with a text beyond all bounds, or with a doubtful name of another
//! one that it is the same as, is none; everything else that is wrong becomes a flag.

mod codes;
mod deletion;
mod digest;
mod feedback;
mod log;
mod place;
mod precision;
mod same_as;
mod snapshot;
mod times;

use bihuan_domain::clue::{
    ClosedBeforeReported, Deletion, Field, Flag, History, Origin, Print, Report, Text,
};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;

use super::rule::{self, Record, Rule};
use super::{Clue, Kind, Mapping, Registry};
use crate::format::{Fields, Written};
use digest::Canonical;
pub use feedback::Feedback;
pub use same_as::Name;
use times::Moment;

/// The longest id, in characters.
const MAX_ID: usize = 256;
/// The longest text, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// What is known of a record besides its fields.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub received_at: Timestamp,
    pub origin: Origin,
    /// Route the clue ourselves instead of taking the recorded agency as the assignment.
    pub route: bool,
}

/// What a record is.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Clue {
        /// As far as the record itself can tell: what other records said before counts more.
        clue_id: ClueId,
        report: Report,
        text: Option<Text>,
        /// Another record that stands for the same clue, by what this one says.
        same_as: Option<Name>,
        /// What neither the mapping nor the rulebook knows.
        unknown: Vec<UnknownCode>,
    },
    /// An agency says what it did with a clue.
    Feedback(Feedback),
    /// The source removed a record, of which it says nothing but the id.
    Deleted { clue_id: ClueId, deletion: Deletion },
    /// It is kept with its bytes, and counts against the closure rate.
    Quarantine {
        reason: &'static str,
        field: Option<String>,
    },
    /// The mapping says that such a record reports nothing.
    Skipped,
}

/// What a record says in a field that is a code, where it could not be led anywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownCode {
    /// The key of the mapping, such as `clue.matter`.
    pub key: &'static str,
    /// `None`: the field holds an address, which is nobody's code and may name a person.
    pub code: Option<String>,
}

/// Why a record tells nothing that can be used: a reason, and the field that is at fault.
#[derive(Debug)]
struct Unfit(&'static str, &'static str);

impl From<Unfit> for Outcome {
    fn from(Unfit(reason, field): Unfit) -> Self {
        Self::Quarantine {
            reason,
            field: Some(field.to_owned()),
        }
    }
}

/// Maps one record.
pub fn apply(mapping: &Mapping, fields: &dyn Fields, registry: &dyn Registry, receipt: Receipt) -> Outcome {
    let record = Record {
        names: &mapping.names,
        fields,
    };
    if is_skipped(mapping, record) {
        return Outcome::Skipped;
    }
    let clue = match &mapping.kind {
        Kind::Clue(clue) => clue,
        Kind::Feedback(rules) => return feedback::apply(mapping, rules, registry, record),
    };
    let mut draft = Draft {
        mapping,
        clue,
        registry,
        record,
        flags: Vec::new(),
        unknown: Vec::new(),
        canonical: Canonical::default(),
        prints: Vec::new(),
    };
    if draft.is_bare_deletion() {
        return draft.deletion(receipt).unwrap_or_else(Into::into);
    }
    let same_as = draft.same_as();
    match same_as.and_then(|same_as| Ok((same_as, draft.report(receipt)?))) {
        Ok((same_as, (report, text))) => Outcome::Clue {
            clue_id: match &same_as {
                Some(name) => name.clue(),
                None => ClueId::derive(&report.source, &report.source_id),
            },
            report,
            text: (!text.is_empty()).then_some(text),
            same_as,
            unknown: draft.unknown,
        },
        Err(unfit) => unfit.into(),
    }
}

/// Whether the mapping says that such a record reports nothing.
pub(crate) fn is_skipped(mapping: &Mapping, record: Record<'_>) -> bool {
    mapping.skip.as_ref().is_some_and(|(index, words)| {
        record
            .get(*index)
            .is_some_and(|text| words.iter().any(|word| *word == text))
    })
}

/// The id of a record at its source.
///
/// # Errors
/// `id_missing`, `id_invalid`.
pub(crate) fn identity<'r>(clue: &'r Clue, record: Record<'r>) -> Result<rule::Found<'r>, &'static str> {
    let rule = &clue.id;
    if rule.is_partial(record) {
        return Err("id_missing");
    }
    let found = rule.read(record).filter(|id| id.written != Written::Error);
    found.ok_or("id_missing").and_then(|id| {
        (is_fit_id(&id.text) && is_plain(rule, record))
            .then_some(id)
            .ok_or("id_invalid")
    })
}

/// Whether a text is made of texts and numbers alone: what JSON writes in brackets, and a truth value, name nothing.
fn is_plain(rule: &Rule, record: Record<'_>) -> bool {
    rule.parts(record).all(|(_, written)| written != Written::Other)
}

/// A report in the making.
struct Draft<'a> {
    mapping: &'a Mapping,
    clue: &'a Clue,
    registry: &'a dyn Registry,
    record: Record<'a>,
    flags: Vec<Flag>,
    unknown: Vec<UnknownCode>,
    /// What the digest is of: the fields as mapped, before the rulebook or the time of receipt come in, so that a repeat is
    /// known as one under any rulebook.
    canonical: Canonical,
    /// Of each field by itself, where changes are to be named.
    prints: Vec<Print>,
}

fn is_fit_id(id: &str) -> bool {
    id.chars().count() <= MAX_ID && !id.contains(|c: char| c.is_control() || c == '\u{fffd}')
}

/// What a record says in a field.
enum Said<'a> {
    Nothing,
    /// That there is a value, and not which (`#N/A`): neither a code nor empty.
    Failed,
    Found(rule::Found<'a>),
}

impl<'a> Draft<'a> {
    fn report(&mut self, receipt: Receipt) -> Result<(Report, Text), Unfit> {
        let Receipt {
            received_at,
            origin,
            route,
        } = receipt;
        let clue = self.clue;
        let source_id = self.id()?;
        let log = self.log(received_at)?;
        let first = log.as_ref().map(|row| row.at);
        let (reported_at, stands_in) =
            self.printed(Field::ReportedAt, |it| it.reported_at(received_at, first));
        let (matter, source_matter) = self.printed(Field::Matter, Self::matter);
        let stated = self.printed(Field::Area, Self::area);
        let by_location = self.may_rest_on_location(&stated);
        let text = self.text()?;
        let mut report = Report {
            source: self.mapping.source.clone(),
            source_id,
            origin,
            class: self.printed(Field::Class, Self::class),
            reported_at,
            matter,
            area: None,
            severity: self.printed(Field::Severity, Self::severity),
            source_matter,
            source_area: None,
            location: self.printed(Field::Location, Self::location),
            attributes: self.printed(Field::Attributes, Self::attributes),
            attachments: self.attachments(),
            source_due_at: self.printed(Field::DueAt, |it| {
                it.known_moment(clue.due_at.as_ref(), Flag::DueAtUnreadable)
            }),
            flags: Vec::new(),
            digest: Digest::ZERO,
            history: self.history(received_at, route),
            snapshot: self.printed(Field::Status, |it| it.snapshot(received_at)),
            log,
        };
        let agency_there = self.agency_there();
        (report.area, report.source_area) = self.settled(stated, report.location.as_ref());
        if by_location {
            self.print_area_with_location();
        }
        if !stands_in {
            self.closed_before(&report)?;
        }
        self.flags.sort_unstable();
        self.flags.dedup();
        report.flags = std::mem::take(&mut self.flags);
        report.digest = self.canonical.digest();
        if let Some(snapshot) = &mut report.snapshot {
            snapshot.agency = agency_there;
            snapshot.prints = std::mem::take(&mut self.prints);
        }
        Ok((report, text))
    }

    fn flag(&mut self, flag: Flag) {
        self.flags.push(flag);
    }

    fn unknown(&mut self, key: &'static str, code: &str) {
        let code = Some(codes::shortened(code));
        self.unknown.push(UnknownCode { key, code });
    }

    /// The text of a field, fit to be stored. A value that nobody can tell is none here; where empty means something,
    /// [`Self::said`] tells the two apart.
    fn read(&mut self, rule: Option<&'a Rule>) -> Option<rule::Found<'a>> {
        match self.said(rule) {
            Said::Found(found) => Some(found),
            Said::Failed | Said::Nothing => None,
        }
    }

    fn said(&mut self, rule: Option<&'a Rule>) -> Said<'a> {
        let mut found = rule.and_then(|rule| rule.read(self.record));
        if let Some(failed) = found.take_if(|found| found.written == Written::Error) {
            self.flag(Flag::ValueUnreadable);
            self.canonical.add(Some(&failed.text));
            return Said::Failed;
        }
        if let Some(found) = &mut found
            && found.text.contains(['\0', '\u{fffd}'])
        {
            // no database keeps NUL, and what a decoder replaced is lost already
            found.text = found.text.replace('\0', "\u{fffd}").into();
            self.flag(Flag::ValueUnreadable);
        }
        self.canonical.add(found.as_ref().map(|found| &*found.text));
        found.map_or(Said::Nothing, Said::Found)
    }

    fn id(&mut self) -> Result<String, Unfit> {
        let id = identity(self.clue, self.record).map_err(|reason| Unfit(reason, "id"))?;
        if precision::is_lost(&self.clue.id, self.record, &id, self.mapping.format) {
            self.flag(Flag::IdImprecise);
        }
        self.canonical.add(Some(&id.text));
        Ok(id.text.into_owned())
    }

    fn text(&mut self) -> Result<Text, Unfit> {
        let clue = self.clue;
        let is_whole = self.mapping.snapshot.is_some();
        let mut part = |field: Field, key, rule: Option<&'a Rule>| match self
            .printed(field, |it| it.said(rule))
        {
            Said::Found(found) if found.text.len() > MAX_TEXT => Err(Unfit("text_too_long", field.as_str())),
            Said::Found(found) => {
                if !found.known {
                    self.unknown(key, &found.text);
                }
                Ok(Some(found.text.into_owned()))
            }
            // it stays as it was
            Said::Failed => Ok(None),
            // the whole record: what it does not say is gone
            Said::Nothing => Ok(is_whole.then(String::new)),
        };
        Ok(Text {
            title: part(Field::Title, "clue.title", clue.title.as_ref())?,
            description: part(Field::Description, "clue.description", clue.description.as_ref())?,
            place: part(Field::Place, "clue.place", clue.place.as_ref())?,
            remark: None,
        })
    }

    fn history(&mut self, received_at: Timestamp, route: bool) -> Option<History> {
        let rules = self.mapping.history.as_ref()?;
        let agency = self.agency(rules.agency.as_ref());
        let mut closed_at = self.known_moment(rules.closed_at.as_ref(), Flag::ClosedAtUnreadable);
        if closed_at.is_some_and(|at| self.is_future(at, received_at)) {
            // what lies ahead has not happened: the clue is open
            self.flag(Flag::ClosedAtUnreadable);
            closed_at = None;
        }
        let conclusion = self.conclusion(rules.conclusion.as_ref(), closed_at.is_some());
        Some(History {
            agency,
            closed_at,
            conclusion,
            route,
        })
    }

    /// Only where the source said when it was reported.
    fn closed_before(&mut self, report: &Report) -> Result<(), Unfit> {
        let recorded = report.history.as_ref().and_then(|history| history.closed_at);
        let said = report.snapshot.as_ref().and_then(snapshot::closed_there);
        let closed_at = recorded.or(said);
        if closed_at.is_none_or(|closed_at| closed_at >= report.reported_at) {
            return Ok(());
        }
        if self.registry.policy().intake.closed_before_reported == ClosedBeforeReported::Quarantine {
            return Err(Unfit("closed_before_reported", "closed_at"));
        }
        self.flag(Flag::ClosedBeforeReported);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
