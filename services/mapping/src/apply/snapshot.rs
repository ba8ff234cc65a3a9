//! What a record says about its version, where its source sends it whole at every change.

use bihuan_domain::clue::{Conclusion, Field, Flag, Print, Snapshot, SourceStatus, TimeBasis};
use bihuan_domain::code::AgencyId;
use bihuan_domain::time::Timestamp;

use super::{Draft, Moment, Said};
use crate::rule::Rule;

/// What orders the versions of a record.
enum Version {
    None,
    Number(i64),
    Time(Timestamp),
}

impl<'a> Draft<'a> {
    /// Status and conclusion are part of what the record says; version and time of the change are not: a record that is sent
    /// again with nothing else new is the same.
    pub(super) fn snapshot(&mut self, received_at: Timestamp) -> Option<Snapshot> {
        let rules = self.mapping.snapshot.as_ref()?;
        let closed_at = self.closing(received_at);
        let status = self.status(matches!(closed_at, Moment::At(_)));
        let is_closed = status == Some(SourceStatus::Closed);
        let conclusion = self.conclusion(rules.conclusion.as_ref(), is_closed);
        let changed_at = match self.aside(|draft| draft.moment(rules.changed_at.as_ref())) {
            Moment::At(at) => Some(at),
            Moment::Missing => None,
            Moment::Unreadable => {
                self.flag(Flag::ValueUnreadable);
                None
            }
        };
        let status_at = match closed_at {
            Moment::At(at) if is_closed => Some(at),
            _ => changed_at,
        };
        let version = match self.version() {
            // it would make every later version an old one
            Version::Time(at) if self.is_future(at, received_at) => {
                self.flag(Flag::VersionUnreadable);
                Version::None
            }
            version => version,
        };
        let (changed_at, basis) = match &version {
            Version::Time(at) => (*at, TimeBasis::Version),
            Version::None | Version::Number(_) => (received_at, TimeBasis::Receipt),
        };
        Some(Snapshot {
            version: match version {
                Version::None => None,
                Version::Number(number) => Some(number),
                Version::Time(at) => Some(at.as_micros()),
            },
            status,
            status_at,
            changed_at,
            basis,
            agency: None,
            conclusion,
            prints: Vec::new(),
        })
    }

    /// Who has it there. A mapping that does not say says nothing that could change.
    pub(super) fn agency_there(&mut self) -> Option<AgencyId> {
        let rule = self.mapping.snapshot.as_ref()?.agency.as_ref()?;
        self.printed(Field::Agency, |draft| draft.agency(Some(rule)))
    }

    /// When it was closed there. Where no column says the status, that there is such a time says it, so it counts as part of what
    /// the record says.
    fn closing(&mut self, received_at: Timestamp) -> Moment {
        let rules = self.mapping.snapshot.as_ref();
        let Some(rule) = rules.and_then(|rules| rules.closed_at.as_ref()) else {
            return Moment::Missing;
        };
        let said = self.moment(Some(rule));
        match said {
            Moment::Missing => Moment::Missing,
            // what lies ahead has not happened
            Moment::At(at) if !self.is_future(at, received_at) => Moment::At(at),
            Moment::At(_) | Moment::Unreadable => {
                self.flag(Flag::ClosedAtUnreadable);
                Moment::Unreadable
            }
        }
    }

    /// `None`: a word that stands for no status. No word at all is an open record, or a closed one where a time of closing says so.
    fn status(&mut self, closed: bool) -> Option<SourceStatus> {
        let rules = self.mapping.snapshot.as_ref();
        let (status, deleted) = (
            rules.and_then(|rules| rules.status.as_ref()),
            rules.and_then(|rules| rules.deleted.as_ref()),
        );
        let said = self.said(status);
        let deleted = self.said(deleted);
        if self.record.fields.is_deleted() {
            // its columns are as they were
            self.canonical.add(Some("deleted"));
            return Some(SourceStatus::Deleted);
        }
        match deleted {
            Said::Found(deleted) if deleted.text == "true" => return Some(SourceStatus::Deleted),
            // whether it was removed cannot be told: it stays as it was
            Said::Failed => return None,
            Said::Found(_) | Said::Nothing => {}
        }
        let said = match said {
            Said::Found(said) => said,
            Said::Failed => return None,
            Said::Nothing if closed => return Some(SourceStatus::Closed),
            Said::Nothing => return Some(SourceStatus::Open),
        };
        let status = SourceStatus::parse(&said.text).filter(|_| said.known);
        if status.is_none() {
            self.flag(Flag::SourceStatusUnknown);
            self.unknown("snapshot.status", &said.text);
        }
        status
    }

    fn version(&mut self) -> Version {
        let rule = self
            .mapping
            .snapshot
            .as_ref()
            .and_then(|rules| rules.version.as_ref());
        let Some((rule, found)) = rule.and_then(|rule| Some((rule, rule.read(self.record)?))) else {
            return Version::None;
        };
        let number = found.text.parse().ok().filter(|_| rule.time.is_empty());
        let time = || rule.moment(&found, self.mapping.zone.as_ref());
        let version = number.map(Version::Number).or_else(|| time().map(Version::Time));
        version.unwrap_or_else(|| {
            self.flag(Flag::VersionUnreadable);
            Version::None
        })
    }

    /// Reads what is not part of what makes two records the same.
    fn aside<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let canonical = std::mem::take(&mut self.canonical);
        let value = read(self);
        self.canonical = canonical;
        value
    }

    /// Reads a field, and keeps a short digest of it where changes are to be named.
    pub(super) fn printed<T>(&mut self, field: Field, read: impl FnOnce(&mut Self) -> T) -> T {
        let from = self.canonical.len();
        let value = read(self);
        if self.mapping.snapshot.is_some() {
            self.prints.push(Print::of(field, self.canonical.since(from)));
        }
        value
    }

    /// How it ended, in a word of ours.
    pub(super) fn conclusion(&mut self, rule: Option<&'a Rule>, matters: bool) -> Conclusion {
        let said = self.read(rule);
        let conclusion = said.as_ref().map_or(Some(Conclusion::Unstated), |said| {
            Conclusion::parse(&said.text).filter(|_| said.known)
        });
        if conclusion.is_none() && matters {
            self.flag(Flag::ConclusionUnknown);
            if let Some(said) = said {
                let is_snapshot = self.mapping.snapshot.is_some();
                let key = if is_snapshot {
                    "snapshot.conclusion"
                } else {
                    "history.conclusion"
                };
                self.unknown(key, &said.text);
            }
        }
        conclusion.unwrap_or(Conclusion::Unstated)
    }
}
