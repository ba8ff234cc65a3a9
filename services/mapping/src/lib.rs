//! Mappings: what the records of one platform mean, as an integrator wrote it down in TOML.
//!
//! [`Mapping::parse`] reads the file and names everything that is wrong with it at once; [`Bound`] fits it to a header or to JSON;
//! [`apply`] turns a record into a report. **Architecture Invariant:** all of it is pure: no IO, no clock; the time of receipt
//! comes in. **Nothing leaves the denominator:** a record with an id becomes a clue, whatever else is wrong with it.

mod apply;
mod bound;
mod callback;
mod check;
pub mod format;
mod kept;
mod parse;
mod problem;
mod read;
mod registry;
mod rule;
mod tables;
mod time;

use bihuan_domain::code::SourceId;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

pub use apply::{Outcome, Receipt, apply};
pub use bound::{Bound, Row, Shown};
pub use callback::{Algorithm, Callback, Destination, Header, Method, Secret, Sign, Step, Success, Told};
pub use check::{Preview, check, preview};
pub use kept::Kept;
pub use problem::{Bilingual, Problem};
pub use registry::Registry;
pub use tables::with_tables;

use crate::format::Format;
use crate::format::encoding::Encoding;
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
    /// Of times that carry no offset.
    zone: Option<TimeZone>,
    personal: Vec<Use>,
    /// Every column or pointer that a field asks for, once each.
    names: Vec<String>,
    uses: Vec<Use>,
    skip: Option<(usize, Vec<String>)>,
    clue: Clue,
    history: Option<History>,
    snapshot: Option<Snapshot>,
    callbacks: Callbacks,
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
    reported_at: Option<Rule>,
    matter: Option<Rule>,
    area: Option<Rule>,
    severity: Option<Rule>,
    class: Option<Rule>,
    title: Option<Rule>,
    description: Option<Rule>,
    place: Option<Rule>,
    location: Option<Location>,
    due_at: Option<Rule>,
    /// What each is called with the clue, and the index of its name.
    attributes: Vec<(String, usize)>,
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
    conclusion: Option<Rule>,
}

impl Mapping {
    /// # Errors
    /// Everything that is wrong with the file, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        parse::mapping(text)
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

    pub const fn format(&self) -> Format {
        self.format
    }

    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// JSON pointer to the records within a message.
    pub fn rows(&self) -> Option<&str> {
        self.rows.as_deref()
    }

    /// The columns or JSON pointers that it asks for; a [`crate::format::Slot`] numbers them.
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
mod samples;
