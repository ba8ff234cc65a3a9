//! Deadlines per second on one core by the calendar's tables, a day and ten years ahead, against counting day by day with the zone
//! database asked for every one of them. Each compared deadline must be the same.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bihuan_domain::calendar::{Calendar, Limit, Unit};
use bihuan_domain::time::Timestamp;
use clap::Args;
use jiff::civil::{Date, Time};

use super::random::Random;
use super::{Figure, Goal, Result as Measured};
use crate::command::calendar;
use crate::failure::Failure;

/// Deadlines before the next way has its turn.
const TURN: usize = 10_000;
/// Microseconds of a year, in which the limits begin.
const YEAR: usize = 365 * 24 * 3_600 * 1_000_000;
/// Hours of the usual sessions.
const SESSIONS: [(i8, i8); 2] = [(8, 12), (14, 18)];

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Deadlines of each kind
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    deadlines: u64,
    /// Of these, how many are compared with counting day by day
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    compared: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Options {
    pub(super) fn run(self) -> Result<Measured, Failure> {
        let started = Instant::now();
        let china = calendar::statutory()?;
        let read = started.elapsed();
        let started = Instant::now();
        let limit = |text: &str| text.parse::<Limit>().map_err(|error| no(&error.to_string()));
        for text in ["1wd", "1wh"] {
            black_box(due(&china, Timestamp::from_micros(START), limit(text)?)?);
        }
        let built = started.elapsed();
        let mut figures = Vec::new();
        for (unit, goal, near, far) in [
            ("working days", 2_000_000.0, "1wd", "2500wd"),
            ("working hours", 1_000_000.0, "8wh", "20000wh"),
        ] {
            let near = self.measure(&china, limit(near)?)?;
            let far = self.measure(&china, limit(far)?)?;
            let of = |what: &str| format!("{unit}, {what}");
            figures.extend([
                Figure::new(of("a day ahead"), near.quick, "deadlines/s").with(Goal::AtLeast(goal)),
                Figure::new(of("ten years ahead"), far.quick, "deadlines/s").with(Goal::AtLeast(goal)),
                Figure::new(of("a day ahead, day by day"), near.plain, "deadlines/s"),
                Figure::new(of("ten years ahead, day by day"), far.plain, "deadlines/s"),
                Figure::new(of("a day ahead, tables ÷ day by day"), near.ratio(), "times"),
                Figure::new(of("ten years ahead, tables ÷ day by day"), far.ratio(), "times"),
                Figure::new(of("ten years ÷ a day ahead"), far.quick / near.quick, "times")
                    .with(Goal::AtLeast(0.5)),
            ]);
        }
        figures.push(Figure::new(
            "reading the holidays",
            read.as_secs_f64() * 1e3,
            "ms",
        ));
        let goal = Goal::AtMost(50.0);
        figures.push(Figure::new("building the tables", built.as_secs_f64() * 1e3, "ms").with(goal));
        Ok(Measured {
            bench: "calendar",
            figures,
        })
    }

    fn measure(&self, calendar: &Calendar, limit: Limit) -> Result<Speed, Failure> {
        let mut random = Random::new(self.seed);
        let all = self.deadlines as usize;
        let (mut quick, mut plain) = (Duration::ZERO, Duration::ZERO);
        let (mut asked, mut compared) = (0, 0);
        while asked < all {
            let turn = TURN.min(all - asked);
            let starts: Vec<_> = (0..turn)
                .map(|_| Timestamp::from_micros(START + random.below(YEAR) as i64))
                .collect();
            let started = Instant::now();
            let found: Result<Vec<_>, _> = starts.iter().map(|it| due(calendar, *it, limit)).collect();
            quick += started.elapsed();
            let found = found?;
            let left = (self.compared as usize - compared).min(turn);
            let started = Instant::now();
            let counted: Option<Vec<_>> = starts[..left]
                .iter()
                .map(|it| black_box(day_by_day(calendar, *it, limit)))
                .collect();
            plain += started.elapsed();
            if counted.is_none_or(|counted| counted != found[..left]) {
                return Err(no("a deadline differs from counting day by day"));
            }
            compared += left;
            asked += turn;
        }
        Ok(Speed {
            quick: asked as f64 / quick.as_secs_f64(),
            plain: compared as f64 / plain.as_secs_f64(),
        })
    }
}

/// 1 January 2016 in China: ten years later holidays are still known.
const START: i64 = 1_451_577_600_000_000;

/// Deadlines per second.
struct Speed {
    quick: f64,
    plain: f64,
}

impl Speed {
    fn ratio(&self) -> f64 {
        self.quick / self.plain
    }
}

fn due(calendar: &Calendar, start: Timestamp, limit: Limit) -> Result<Timestamp, Failure> {
    let due = calendar.due(None, start, limit);
    due.map(|due| due.at).map_err(|error| no(&error.to_string()))
}

fn no(what: &str) -> Failure {
    Failure::usage(what, what)
}

/// The definition: the days one after the other.
fn day_by_day(calendar: &Calendar, start: Timestamp, limit: Limit) -> Option<Timestamp> {
    let mut day = start.civil_date(calendar.zone());
    if limit.unit() == Unit::WorkingDays {
        for _ in 0..limit.amount() {
            day = day.tomorrow().ok()?;
            while !calendar.is_working_day(day) {
                day = day.tomorrow().ok()?;
            }
        }
        let end = moment(calendar, day.tomorrow().ok()?, 0)?;
        return Some(end.plus_micros(-1));
    }
    let mut left = i64::from(limit.amount()) * 3_600_000_000;
    loop {
        for (opens, closes) in SESSIONS.iter().filter(|_| calendar.is_working_day(day)) {
            let from = moment(calendar, day, *opens)?.max(start);
            let length = moment(calendar, day, *closes)?.since(from).max(0);
            if length >= left {
                return Some(from.plus_micros(left));
            }
            left -= length;
        }
        day = day.tomorrow().ok()?;
    }
}

fn moment(calendar: &Calendar, day: Date, hour: i8) -> Option<Timestamp> {
    let local = day.to_datetime(Time::constant(hour, 0, 0, 0));
    Some(calendar.zone().to_timestamp(local).ok()?.into())
}
