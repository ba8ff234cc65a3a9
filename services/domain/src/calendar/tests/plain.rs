//! The same answers by counting: minute by minute, day by day, with the zone database asked for every one of them. It knows none of
//! the tables.

use jiff::civil::{Date, DateTime};

use super::super::{Pause, Session, Unit};
use super::*;

const MINUTE: i64 = 60_000_000;

/// A place that works so, whatever the season.
pub(super) struct Plain {
    pub(super) zone: TimeZone,
    pub(super) days: Days,
    pub(super) weekend: Weekend,
    pub(super) sessions: Vec<Session>,
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (zone, week) = (self.zone.iana_name(), self.weekend);
        write!(f, "{zone:?} {week:?} {:?}", self.sessions)
    }
}

impl Plain {
    pub(super) fn calendar(&self) -> Calendar {
        let row = HoursRow {
            area: None,
            season: None,
            sessions: self.sessions.clone(),
        };
        Calendar::new(self.zone.clone(), self.days.clone(), vec![row], self.weekend)
    }

    fn clock(&self, at: i64) -> DateTime {
        self.zone.to_datetime(Timestamp::from_micros(at).to_jiff())
    }

    fn works(&self, day: Date) -> bool {
        let rest = self.weekend.holds(day.weekday()) || self.days.holidays.contains_key(&day);
        self.days.workdays.contains_key(&day) || !rest
    }

    /// The latest that the clock has shown until then: a change of the clock is at most a day back.
    fn shown(&self, at: i64) -> DateTime {
        let now = self.clock(at);
        let changes = self.zone.preceding(Timestamp::from_micros(at + 1).to_jiff());
        let before = changes.take(1).map(|change| {
            let change = Timestamp::from(change.timestamp()).as_micros();
            self.clock(change - 1)
        });
        before.fold(now, DateTime::max)
    }

    fn is_open(&self, shown: DateTime) -> bool {
        let minute = shown.hour() as u16 * 60 + shown.minute() as u16;
        let open = |it: &Session| it.from <= minute && minute < it.to;
        self.works(shown.date()) && self.sessions.iter().any(open)
    }

    fn is_paused(at: i64, pauses: &[Pause]) -> bool {
        let holds = |it: &Pause| it.from.as_micros() <= at && at < it.to.as_micros();
        pauses.iter().any(holds)
    }

    /// Start, pauses and changes of the clock are at whole minutes; pauses are apart.
    pub(super) fn due(&self, start: i64, limit: Limit, pauses: &[Pause]) -> i64 {
        let amount = i64::from(limit.amount());
        match limit.unit() {
            Unit::Minutes => Self::run(start, amount, pauses, |_| true),
            Unit::Hours => Self::run(start, amount * 60, pauses, |_| true),
            Unit::WorkingHours => Self::run(start, amount * 60, pauses, |at| self.is_open(self.shown(at))),
            Unit::WorkingDays | Unit::Days => self.days_later(start, limit, pauses),
        }
    }

    /// Minute by minute.
    fn run(start: i64, mut left: i64, pauses: &[Pause], counts: impl Fn(i64) -> bool) -> i64 {
        let mut at = start;
        while left > 0 {
            left -= i64::from(!Self::is_paused(at, pauses) && counts(at));
            at += MINUTE;
        }
        at
    }

    /// Day by day; a pause that begins before the due time adds the days after its first up to its last.
    fn days_later(&self, start: i64, limit: Limit, pauses: &[Pause]) -> i64 {
        let is_working = limit.unit() == Unit::WorkingDays;
        let counts = |day: Date| !is_working || self.works(day);
        let received = self.shown(start);
        let later = |mut left: u32| {
            let mut day = received.date();
            while left > 0 {
                day = day.tomorrow().expect("in range");
                left -= u32::from(counts(day));
            }
            if is_working {
                let end = day.tomorrow().expect("in range").at(0, 0, 0, 0);
                self.first(end) - 1
            } else {
                self.moment(day.to_datetime(received.time()))
            }
        };
        let mut days = limit.amount();
        for pause in pauses.iter().filter(|it| it.to.as_micros() > start) {
            let from = pause.from.as_micros().max(start);
            if from >= later(days) {
                break;
            }
            let last = self.shown(pause.to.as_micros()).date();
            let mut day = self.shown(from).date();
            while day < last {
                day = day.tomorrow().expect("in range");
                days += u32::from(counts(day));
            }
        }
        later(days)
    }

    /// The first minute at which the clock shows this, or more.
    fn first(&self, local: DateTime) -> i64 {
        let around = self.zone.to_timestamp(local).expect("in range");
        let mut at = Timestamp::from(around).as_micros() - 26 * 60 * MINUTE;
        while self.shown(at) < local {
            at += MINUTE;
        }
        at
    }

    /// The last time the clock shows this; where it does not, the first moment after.
    fn moment(&self, local: DateTime) -> i64 {
        let seconds = local.time().second();
        let local_minute = local
            .with()
            .second(0)
            .subsec_nanosecond(0)
            .build()
            .expect("a time");
        let rest = (i64::from(seconds) * 1_000_000) + i64::from(local.time().subsec_nanosecond()) / 1_000;
        let from = self.first(local_minute);
        let twice = (1..=180).rev().map(|later| from + later * MINUTE);
        let mut again = twice.filter(|at| self.clock(*at) == local_minute);
        let minute = again.next().unwrap_or(from);
        if self.clock(minute) == local_minute {
            minute + rest
        } else {
            minute
        }
    }
}
