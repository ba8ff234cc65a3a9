//! The other way round: how much of a limit is used, when it goes on, and when so much of it is left.

use super::deadline::{Calendar, OutOfRange};
use super::limit::{Limit, Unit};
use super::tables::DAY;
use crate::code::AreaCode;
use crate::time::Timestamp;

impl Calendar {
    /// How much of a limit of the unit that begins at `start` is used at `end`: microseconds of the time that passed or was worked,
    /// working days after the day of `start` up to and including that of `end`, or whole days. None if `end` is not later.
    pub fn used(
        &self,
        place: Option<&AreaCode>,
        start: Timestamp,
        end: Timestamp,
        unit: Unit,
    ) -> Result<i64, OutOfRange> {
        let tables = self.tables();
        let (start, end) = (start.as_micros(), end.as_micros());
        let (first, last) = (tables.day(start)?, tables.day(end)?);
        if end <= start {
            return Ok(0);
        }
        Ok(match unit {
            Unit::Minutes | Unit::Hours => end - start,
            Unit::Days => (tables.zone.settled(end) - tables.zone.shown(start)).max(0) / DAY,
            Unit::WorkingDays => (tables.worked(last + 1) - tables.worked(first + 1)) as i64,
            Unit::WorkingHours => {
                let profile = self.profile(place);
                profile.worked(tables, last, end) - profile.worked(tables, first, start)
            }
        })
    }

    /// When so much working time has passed since `start`.
    pub fn after_working_time(
        &self,
        place: Option<&AreaCode>,
        start: Timestamp,
        micros: i64,
    ) -> Result<Timestamp, OutOfRange> {
        let (tables, profile) = (self.tables(), self.profile(place));
        let day = tables.day(start.as_micros())?;
        let worked = profile.worked(tables, day, start.as_micros());
        let (_, at) = profile.used_up(tables, worked + micros).ok_or(OutOfRange)?;
        Ok(Timestamp::from_micros(at))
    }

    /// When the place begins to work on the day of `at`; if it does not work that day, on the next one.
    pub fn opening(&self, place: Option<&AreaCode>, at: Timestamp) -> Result<Timestamp, OutOfRange> {
        let tables = self.tables();
        let start = tables.start(tables.day(at.as_micros())?);
        self.next_working_moment(place, Timestamp::from_micros(start))
    }

    /// `at` if the place works then, else its next opening.
    pub fn next_working_moment(
        &self,
        place: Option<&AreaCode>,
        at: Timestamp,
    ) -> Result<Timestamp, OutOfRange> {
        let tables = self.tables();
        let day = tables.day(at.as_micros())?;
        let profile = self.profile(place);
        let worked = profile.worked(tables, day, at.as_micros());
        let moment = profile.goes_on(tables, worked).ok_or(OutOfRange)?;
        Ok(Timestamp::from_micros(moment))
    }

    /// The latest moment from which the limit would end no later than `due`: so much is left then. Of working hours that is a time
    /// at which the place works; of working days the end of a day.
    pub fn before(
        &self,
        place: Option<&AreaCode>,
        due: Timestamp,
        limit: Limit,
    ) -> Result<Timestamp, OutOfRange> {
        let tables = self.tables();
        let due = due.as_micros();
        let day = tables.day(due)?;
        let at = match limit.unit() {
            Unit::Minutes | Unit::Hours => due.saturating_sub(limit.micros()),
            Unit::Days => {
                let shown = tables.zone.settled(due) - i64::from(limit.amount()) * DAY;
                tables.zone.first(shown + 1) - 1
            }
            Unit::WorkingDays => {
                let over = if due >= tables.end(day) { day + 1 } else { day };
                let left = tables.worked(over).checked_sub(limit.amount() as usize);
                let first = tables.working(left.ok_or(OutOfRange)?)?;
                tables.start(first) - 1
            }
            Unit::WorkingHours => {
                let profile = self.profile(place);
                let worked = profile.worked(tables, day, due) - limit.micros();
                if worked < 0 {
                    return Err(OutOfRange);
                }
                profile.goes_on(tables, worked).ok_or(OutOfRange)?
            }
        };
        tables.inside(at)
    }
}
