//! What a record says that is a row of its source's hand-over log.

use bihuan_domain::clue::{Flag, LogRow, LogStep};
use bihuan_domain::time::Timestamp;

use super::{Draft, Moment, Unfit};

impl Draft<'_> {
    /// `None`: the mapping is of another mode. A row of which nobody can tell when it was written has no place in the log.
    pub(super) fn log(&mut self, received_at: Timestamp) -> Result<Option<LogRow>, Unfit> {
        let Some(rules) = self.mapping.log.as_ref() else {
            return Ok(None);
        };
        let at = match self.moment(Some(&rules.at)) {
            Moment::At(at) if self.is_future(at, received_at) => return Err(Unfit("time_in_future", "at")),
            Moment::At(at) => at,
            Moment::Missing => return Err(Unfit("time_missing", "at")),
            Moment::Unreadable => return Err(Unfit("time_unreadable", "at")),
        };
        Ok(Some(LogRow {
            at,
            agency: self.agency(Some(&rules.agency)),
            step: self.log_step(),
        }))
    }

    /// A word that stands for no step says nothing but who has the record.
    fn log_step(&mut self) -> Option<LogStep> {
        let rule = self.mapping.log.as_ref()?.step.as_ref();
        let found = self.read(rule)?;
        let step = LogStep::parse(&found.text).filter(|_| found.known);
        if step.is_none() {
            self.flag(Flag::ValueUnknown);
            self.unknown("log.step", &found.text);
        }
        step
    }
}
