//! Mappings: what the records of one platform mean, as an integrator wrote it down in TOML.
//!
//! [`Mapping::parse`] reads the file and names everything that is wrong with it at once; [`Bound`] fits it to a header or to JSON;
//! [`apply`] turns a record into a report. **Architecture Invariant:** all of it is pure: no IO, no clock; the time of receipt
//! comes in. **Nothing leaves the denominator:** a record with an id becomes a clue, whatever else is wrong with it.

mod apply;
mod bound;
mod callback;
mod check;
mod coverage;
pub mod draft;
mod envelope;
mod feedback;
pub mod format;
mod kept;
mod manifest;
mod misfit;
mod parse;
mod problem;
mod read;
mod registry;
mod rule;
mod summary;
mod tables;
mod time;
mod trace;

use bihuan_domain::code::SourceId;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

pub use apply::{Feedback, Name, Outcome, Receipt, UnknownCode, apply};
pub use bound::{Bound, Row, Shown};
pub use callback::{
    Algorithm, Callback, Destination, Encoded, Header, Method, Scheme, Secret, Sign, Signed, Step, Success,
    Told,
};
pub use check::{Note, Preview, Shared, check, check_codes, preview};
pub use coverage::{Coverage, Uncovered};
pub use envelope::Envelope;
pub use kept::Kept;
pub use manifest::{Entry, There};
pub use misfit::{HEAD, misfit};
pub use problem::{Bilingual, Problem};
pub use registry::{AreaBy, Registry};
pub use summary::{Finding, Summary};
pub use tables::with_tables;
pub use trace::{Raw, Traced};

use std::borrow::Cow;

use crate::format::csv::Dialect;
use crate::format::encoding::Encoding;
use crate::format::sheet::SheetName;
use crate::format::{Bad, Format, json};
use callback::Callbacks;
use problem::Place;
use rule::Rule;

/// What a record of the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new report.
    Event,
    /// A report, and what became of it.
    History,
    /// The whole record again at every change.
    Snapshot,
    /// One step of a record: the rows of one id are its life.
    Log,
}

/// A mapping that was found good.
#[derive(Clone, Debug)]
pub struct Mapping {
    text: String,
    digest: String,
    source: SourceId,
    mode: Mode,
    format: Format,
    encoding: Encoding,
    rows: Option<String>,
    /// Of tables.
    dialect: Dialect,
    /// Of workbooks; `None`: the first that is visible.
    sheet: Option<SheetName>,
    envelope: Option<Envelope>,
    /// Of the names, those that the envelope answers, and what each is called there.
    own: Vec<(usize, &'static str)>,
    /// Where the key of a message without a value holds the id.
    key: Option<Key>,
    complete: bool,
    /// Of times that carry no offset.
    zone: Option<TimeZone>,
    personal: Vec<Use>,
    /// Every column or pointer that a field asks for, once each.
    names: Vec<String>,
    uses: Vec<Use>,
    skip: Option<(usize, Vec<String>)>,
    kind: Kind,
    history: Option<History>,
    snapshot: Option<Snapshot>,
    log: Option<Log>,
    callbacks: Callbacks,
    notes: Vec<Note>,
}

/// Where the key of a message holds the id of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    /// The text of the key is the id.
    Whole,
    /// A JSON pointer into the key.
    Pointer(String),
}

/// What a record tells.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one for each mapping, and mappings are shared"
)]
enum Kind {
    /// Of a clue.
    Clue(Clue),
    /// What an agency did with a clue.
    Feedback(feedback::Rules),
}

/// Where the file names a column.
#[derive(Clone, Debug)]
struct Use {
    name: String,
    /// The key that names it, such as `clue.area`.
    key: String,
    place: Place,
}

#[derive(Clone, Debug)]
struct Clue {
    id: Rule,
    same_as: Option<SameAs>,
    reported_at: Option<Rule>,
    matter: Option<Rule>,
    area: Option<Area>,
    severity: Option<Rule>,
    class: Option<Rule>,
    title: Option<Rule>,
    description: Option<Rule>,
    place: Option<Rule>,
    location: Option<Location>,
    due_at: Option<Rule>,
    /// What each is called with the clue, and the index of its name.
    attributes: Vec<(String, usize)>,
    attachments: Option<Rule>,
}

/// Which other record stands for the same clue.
#[derive(Clone, Debug)]
struct SameAs {
    source: Rule,
    id: Rule,
    /// Several records of the source may name the same one.
    many: bool,
}

#[derive(Clone, Debug)]
struct Area {
    rule: Rule,
    by: AreaBy,
    /// Where names are looked for, and where the file says so.
    within: Option<(Rule, Place)>,
}

#[derive(Clone, Debug)]
struct Location {
    longitude: Rule,
    latitude: Rule,
    datum: Rule,
}

#[derive(Clone, Debug)]
struct History {
    agency: Option<Rule>,
    closed_at: Option<Rule>,
    conclusion: Option<Rule>,
}

#[derive(Clone, Debug)]
struct Snapshot {
    version: Option<Rule>,
    status: Option<Rule>,
    deleted: Option<Rule>,
    changed_at: Option<Rule>,
    closed_at: Option<Rule>,
    agency: Option<Rule>,
    conclusion: Option<Rule>,
}

/// What a row of a hand-over log says.
#[derive(Clone, Debug)]
struct Log {
    at: Rule,
    agency: Rule,
    step: Option<Rule>,
}

impl Mapping {
    /// # Errors
    /// Everything that is wrong with the file, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        parse::mapping(text)
    }

    /// `None`: it is of feedback.
    fn clue(&self) -> Option<&Clue> {
        match &self.kind {
            Kind::Clue(clue) => Some(clue),
            Kind::Feedback(_) => None,
        }
    }

    /// The file as it was written, with Unix line ends: what the digest is of.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The content address: the first 16 hexadecimal digits of the SHA-256 of the text.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub const fn source(&self) -> &SourceId {
        &self.source
    }

    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether its records become commands of agencies, not reports of clues.
    pub const fn is_feedback(&self) -> bool {
        matches!(self.kind, Kind::Feedback(_))
    }

    /// Whether its records may name others that stand for the same clue.
    pub fn names_others(&self) -> bool {
        self.clue().is_some_and(|clue| clue.same_as.is_some())
    }

    /// Whether several of its records may name the same one.
    pub fn shares_others(&self) -> bool {
        let same_as = self.clue().and_then(|clue| clue.same_as.as_ref());
        same_as.is_some_and(|same_as| same_as.many)
    }

    pub const fn format(&self) -> Format {
        self.format
    }

    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Which sheet of a workbook; `None`: the first that is visible.
    pub const fn sheet(&self) -> Option<&SheetName> {
        self.sheet.as_ref()
    }

    /// How tables of the source are written.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// JSON pointer to the records within a message, or path of the element that is one.
    pub fn rows(&self) -> Option<&str> {
        self.rows.as_deref()
    }

    /// How a database's rows are wrapped.
    pub const fn envelope(&self) -> Option<Envelope> {
        self.envelope
    }

    /// A file that it reads lists every record that the source has.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// A message may hold another number of records than one. Of XML only a file is taken apart, while it is read.
    pub fn divides_messages(&self) -> bool {
        self.envelope.is_some() || (self.rows.is_some() && self.format == Format::Json)
    }

    /// Takes a message apart into records that can each be read by itself. Depends on nothing but message and mapping. None:
    /// the message tells of no record.
    ///
    /// # Errors
    /// Why the message cannot be taken apart: `json`, `json_rows`, `envelope`, `op_unknown`.
    pub fn records<'m>(&self, message: &'m str) -> Result<Vec<Cow<'m, str>>, Bad> {
        let message = bound::unmarked(message);
        match (self.envelope, &self.rows) {
            (Some(envelope), _) => envelope.records(message),
            (None, Some(rows)) if self.divides_messages() => {
                let records = json::records(message, Some(rows))?;
                Ok(records.into_iter().map(Cow::Borrowed).collect())
            }
            (None, _) => Ok(vec![message.into()]),
        }
    }

    /// The columns, JSON pointers or XML paths that it asks for; a [`crate::format::Slot`] numbers them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Names of columns that must not be shown.
    pub fn personal(&self) -> impl Iterator<Item = &str> {
        self.personal.iter().map(|it| it.name.as_str())
    }
}

fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..8])
}

#[cfg(test)]
mod every_format;
#[cfg(test)]
mod newcomers;
#[cfg(test)]
mod samples;
