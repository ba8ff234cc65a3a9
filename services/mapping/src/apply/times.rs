//! The times of a record.

use bihuan_domain::clue::Flag;
use bihuan_domain::time::Timestamp;

use super::Draft;
use crate::rule::Rule;

/// A time as the record has it.
pub(super) enum Moment {
    Missing,
    Unreadable,
    At(Timestamp),
}

impl<'a> Draft<'a> {
    pub(super) fn moment(&mut self, rule: Option<&'a Rule>) -> Moment {
        let Some((rule, found)) = rule.and_then(|rule| Some((rule, rule.read(self.record)?))) else {
            self.canonical.add(None);
            return Moment::Missing;
        };
        let Some(at) = rule.moment(&found, self.mapping.zone.as_ref()) else {
            self.canonical.add(Some(&found.text));
            return Moment::Unreadable;
        };
        self.canonical.add_time(at);
        Moment::At(at)
    }

    pub(super) fn known_moment(&mut self, rule: Option<&'a Rule>, unreadable: Flag) -> Option<Timestamp> {
        match self.moment(rule) {
            Moment::At(at) => Some(at),
            Moment::Missing => None,
            Moment::Unreadable => {
                self.flag(unreadable);
                None
            }
        }
    }

    pub(super) fn is_future(&self, at: Timestamp, received_at: Timestamp) -> bool {
        let tolerance = self.registry.policy().intake.future_tolerance_minutes;
        at > received_at.plus_minutes(i64::from(tolerance))
    }

    /// When it was reported, and whether another time stands in for that: that of the row of a log, else that of receipt. The
    /// report is no later than what the log says of it.
    pub(super) fn reported_at(
        &mut self,
        received_at: Timestamp,
        row: Option<Timestamp>,
    ) -> (Timestamp, bool) {
        let flag = match (self.moment(self.clue.reported_at.as_ref()), row) {
            (Moment::At(at), row) if !self.is_future(at, received_at) => {
                return (row.map_or(at, |row| row.min(at)), false);
            }
            (Moment::Missing, Some(row)) => return (row, true),
            (said, _) => match said {
                Moment::At(_) => Flag::ReportedInFuture,
                Moment::Missing => Flag::ReportedAtMissing,
                Moment::Unreadable => Flag::ReportedAtUnreadable,
            },
        };
        self.flag(flag);
        (row.unwrap_or(received_at), true)
    }
}
