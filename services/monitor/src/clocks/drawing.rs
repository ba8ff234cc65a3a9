//! Where the clocks of a clue stand on a drawing: pure numbers, in the units of its `viewBox`.

use bihuan_domain::calendar::Step;
use bihuan_domain::clue::RungKind;
use bihuan_domain::code::{AgencyId, Rung};
use bihuan_domain::time::Timestamp;
use jiff::tz::TimeZone;

use super::course::{Course, Run};

/// What the template draws with.
pub(crate) const WIDTH: f64 = 1000.0;
/// Left of it stand the names of the steps.
const LEFT: f64 = 110.0;
const RIGHT: f64 = 14.0;
/// Above the bars stand the names of the agencies, two lines of them in turn.
pub(super) const TOP: f64 = 48.0;
pub(super) const ROW: f64 = 30.0;
pub(crate) const BAR: f64 = 16.0;
/// Below the bars stand the times.
pub(super) const BOTTOM: f64 = 30.0;
/// What is shorter could not be seen.
pub(super) const THINNEST: f64 = 2.0;
const HOUR: i64 = 3_600_000_000;
/// Between two times below, in hours.
const STEPS: [i64; 13] = [1, 2, 6, 12, 24, 48, 168, 336, 720, 2_160, 4_320, 8_760, 17_520];
const MOST_TICKS: i64 = 7;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawing {
    pub(crate) height: f64,
    /// Where the rows begin and end.
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) rows: Vec<Row>,
    pub(crate) handovers: Vec<Handover>,
    pub(crate) ladder: Vec<Mark>,
    pub(crate) ticks: Vec<Tick>,
    /// `None`: the clue is over.
    pub(crate) now: Option<f64>,
}

/// A step and its clocks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) step: Step,
    pub(crate) y: f64,
    pub(crate) bars: Vec<Bar>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Span {
    pub(crate) x: f64,
    pub(crate) width: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    /// Its place in [`Course::runs`].
    pub(crate) run: usize,
    /// Time that has passed, up to the due time.
    pub(crate) passed: Span,
    /// Time that is left.
    pub(crate) left: Option<Span>,
    /// Past the due time.
    pub(crate) overdue: Option<Span>,
    pub(crate) pauses: Vec<Span>,
    pub(crate) due: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handover {
    pub(crate) at: Timestamp,
    pub(crate) agency: AgencyId,
    pub(crate) flag: Flag,
}

/// A line with a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flag {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Its name stands left of the line, where it would not fit right of it.
    pub(crate) is_left: bool,
}

/// A step of the ladder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) at: Timestamp,
    pub(crate) rung: Rung,
    pub(crate) dot: Dot,
}

/// A point below a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Class of its colour.
    pub(crate) colour: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: Timestamp,
    pub(crate) x: f64,
    /// Days apart: the time of day says nothing.
    pub(crate) is_day: bool,
}

/// From the first moment to the last.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    from: Timestamp,
    to: Timestamp,
}

impl Scale {
    /// At least an hour.
    pub(super) fn from_to(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to: to.max(from.plus_micros(HOUR)),
        }
    }

    fn of(course: &Course, now: Timestamp) -> Self {
        let from = course.runs.iter().map(|run| run.clock.since).min();
        let from = from.map_or(course.reported_at, |from| from.min(course.reported_at));
        let ends = course
            .runs
            .iter()
            .flat_map(|run| [Some(run.clock.due_at), run.until]);
        let now = course.is_open.then_some(now);
        let to = ends.flatten().chain(now).max();
        Self::from_to(from, to.unwrap_or(from))
    }

    pub(super) fn x(self, at: Timestamp) -> f64 {
        let at = at.clamp(self.from, self.to);
        let share = at.since(self.from) as f64 / self.to.since(self.from) as f64;
        rounded(LEFT + share * (WIDTH - LEFT - RIGHT))
    }

    /// `None`: it is none.
    pub(super) fn span(self, from: Timestamp, to: Timestamp) -> Option<Span> {
        (from < to).then(|| {
            let x = self.x(from);
            Span {
                x,
                width: rounded((self.x(to) - x).max(THINNEST)),
            }
        })
    }
}

impl Flag {
    /// Of names that follow each other every second one stands lower.
    pub(super) fn at(x: f64, number: usize) -> Self {
        Self {
            x,
            y: if number.is_multiple_of(2) { 14.0 } else { 30.0 },
            is_left: x > WIDTH * 0.75,
        }
    }
}

impl Dot {
    /// `y`: of the row.
    pub(super) const fn below(x: f64, y: f64, colour: &'static str) -> Self {
        Self {
            x,
            y: y + BAR + 5.0,
            colour,
        }
    }
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl Drawing {
    /// `None`: there was never a clock.
    pub(crate) fn of(course: &Course, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        if course.runs.is_empty() {
            return None;
        }
        let scale = Scale::of(course, now);
        let steps = Step::ALL.into_iter();
        let used = steps.filter(|step| course.runs.iter().any(|run| run.clock.step == *step));
        let mut rows = Vec::new();
        for (number, step) in used.enumerate() {
            let y = TOP + ROW * number as f64;
            rows.push(Row {
                step,
                y,
                bars: bars(course, step, now, scale),
            });
        }
        let bottom = TOP + ROW * rows.len() as f64;
        Some(Self {
            height: bottom + BOTTOM,
            top: TOP,
            bottom,
            handovers: handovers(course, scale),
            ladder: ladder(course, &rows, scale),
            ticks: ticks(scale, zone),
            now: course.is_open.then(|| scale.x(now)),
            rows,
        })
    }
}

fn bars(course: &Course, step: Step, now: Timestamp, scale: Scale) -> Vec<Bar> {
    let runs = course.runs.iter().enumerate();
    runs.filter(|(_, run)| run.clock.step == step)
        .map(|(number, run)| bar(course, number, run, now, scale))
        .collect()
}

fn bar(course: &Course, number: usize, run: &Run, now: Timestamp, scale: Scale) -> Bar {
    let (since, due) = (run.clock.since, run.clock.due_at);
    // what stands still is as far as it was then
    let end = run.until.unwrap_or(now).max(since);
    let counted = run.clock.counted(end).max(since);
    let pauses = course.pauses.iter().filter_map(|pause| {
        let to = pause.to.or(pause.planned_to).unwrap_or(end);
        let last = run.until.unwrap_or_else(|| end.max(due));
        scale.span(pause.from.max(since), to.min(last))
    });
    Bar {
        run: number,
        passed: scale.span(since, counted.min(due)).unwrap_or(Span {
            x: scale.x(since),
            width: THINNEST,
        }),
        left: scale.span(counted, due).filter(|_| run.until.is_none()),
        overdue: scale.span(due.max(since), counted),
        pauses: pauses.collect(),
        due: scale.x(due),
    }
}

fn handovers(course: &Course, scale: Scale) -> Vec<Handover> {
    let marks = course
        .holders
        .iter()
        .enumerate()
        .map(|(number, (at, agency))| Handover {
            at: *at,
            agency: agency.clone(),
            flag: Flag::at(scale.x(*at), number),
        });
    marks.collect()
}

fn ladder(course: &Course, rows: &[Row], scale: Scale) -> Vec<Mark> {
    let marks = course.rungs.iter().filter_map(|it| {
        let row = rows.iter().find(|row| row.step == it.step)?;
        Some(Mark {
            at: it.at,
            rung: it.rung.clone(),
            dot: Dot::below(scale.x(it.at), row.y, colour(&it.rung, it.kind)),
        })
    });
    marks.collect()
}

/// Of the colours, themselves; of all else, by what it does.
pub(crate) fn colour(rung: &Rung, kind: RungKind) -> &'static str {
    match (rung.as_str(), kind) {
        ("blue", RungKind::Colour) => "blue",
        ("yellow", RungKind::Colour) => "yellow",
        ("red", RungKind::Colour) => "red",
        (_, RungKind::Colour) => "orange",
        (_, RungKind::Reminder) => "reminder",
        (_, RungKind::Notice | RungKind::Bulletin) => "notice",
        (_, RungKind::Escalation) => "escalation",
    }
}

pub(super) fn ticks(scale: Scale, zone: &TimeZone) -> Vec<Tick> {
    let length = scale.to.since(scale.from) / HOUR;
    let fits = |step: &&i64| length / **step <= MOST_TICKS;
    let step = STEPS.iter().find(fits).copied().unwrap_or(STEPS[STEPS.len() - 1]);
    let is_day = step >= 24;
    let first = if is_day {
        let day = scale.from.civil_date(zone);
        let next = day
            .tomorrow()
            .ok()
            .and_then(|day| day.to_zoned_datetime(zone.clone()).ok());
        next.map_or(scale.from, |day| Timestamp::from(day.timestamp()))
    } else {
        let micros = step * HOUR;
        let before = scale.from.as_micros().div_euclid(micros) * micros;
        Timestamp::from_micros(before + micros)
    };
    let all = std::iter::successors(Some(first), |at| Some(at.plus_micros(step * HOUR)));
    let shown = all.take_while(|at| *at <= scale.to);
    shown
        .map(|at| Tick {
            at,
            x: scale.x(at),
            is_day,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::Running;

    use super::*;
    use crate::clocks::course::{Cause, ReachedRung, Stretch};

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_micros(hours * HOUR)
    }

    fn run(step: Step, since: i64, due: i64, until: Option<i64>) -> Run {
        let clock = Running {
            step,
            since: at(since),
            due_at: at(due),
            own_due_at: None,
            limit: None,
            row: None,
            provisional: false,
            known_at: at(since),
            silent: false,
            calendar_by: "abc".parse().expect("a version"),
            calendar: "def".parse().expect("a version"),
            stands_since: None,
        };
        Run {
            clock,
            began: crate::clocks::Began::Dispatched,
            until: until.map(at),
        }
    }

    fn course(runs: Vec<Run>) -> Course {
        Course {
            is_open: runs.iter().any(|run| run.until.is_none()),
            runs,
            ..Course::default()
        }
    }

    fn drawn(course: &Course, now: i64) -> Drawing {
        Drawing::of(course, at(now), &TimeZone::UTC).expect("there are clocks")
    }

    #[test]
    fn a_clue_without_clocks_is_not_drawn() {
        assert_eq!(Drawing::of(&Course::default(), at(1), &TimeZone::UTC), None);
    }

    #[test]
    fn time_that_has_passed_that_is_left_and_that_is_over_add_up() {
        let late = run(Step::Handle, 0, 40, None);
        let early = run(Step::Overall, 0, 100, None);
        let drawing = drawn(&course(vec![late, early]), 60);
        let [handle, overall] = &drawing.rows[..] else {
            panic!("two rows: {drawing:?}");
        };
        let unit = (WIDTH - LEFT - RIGHT) / 100.0;
        let (late, early) = (&handle.bars[0], &overall.bars[0]);
        assert_eq!((late.passed.x, late.passed.width), (LEFT, rounded(40.0 * unit)));
        let overdue = late.overdue.expect("overdue");
        assert!((overdue.width - 20.0 * unit).abs() < 0.2, "{overdue:?}");
        assert_eq!((late.left, early.overdue), (None, None));
        let left = early.left.expect("time is left");
        assert!((left.x + left.width - (WIDTH - RIGHT)).abs() < 0.2, "{left:?}");
        assert_eq!(drawing.now, Some(rounded(LEFT + 60.0 * unit)));
        assert!(handle.y < overall.y && overall.y < drawing.bottom && drawing.bottom < drawing.height);
    }

    #[test]
    fn a_clock_that_stands_still_is_as_far_as_it_was_then() {
        let mut standing = run(Step::Handle, 0, 100, None);
        standing.clock.stands_since = Some(at(40));
        let mut late = run(Step::Overall, 0, 30, None);
        late.clock.stands_since = Some(at(40));
        let drawing = drawn(&course(vec![standing, late]), 500);
        let unit = (WIDTH - LEFT - RIGHT) / 500.0;
        let (standing, late) = (&drawing.rows[0].bars[0], &drawing.rows[1].bars[0]);
        assert_eq!(
            (standing.passed.width, standing.overdue),
            (rounded(40.0 * unit), None)
        );
        let left = standing.left.expect("time is left");
        assert!((left.width - 60.0 * unit).abs() < 0.2, "{left:?}");
        let overdue = late.overdue.expect("it was over before");
        assert!((overdue.width - 10.0 * unit).abs() < 0.2, "{overdue:?}");
    }

    #[test]
    fn a_closed_clue_has_no_now_and_its_bars_end_with_it() {
        let drawing = drawn(&course(vec![run(Step::Overall, 0, 100, Some(30))]), 500);
        assert_eq!(drawing.now, None);
        let bar = &drawing.rows[0].bars[0];
        assert_eq!((bar.left, bar.overdue), (None, None));
        assert!(bar.passed.width < bar.due - bar.passed.x);
    }

    #[test]
    fn a_pause_is_drawn_where_the_clock_ran_and_as_long_as_it_is_planned() {
        let mut it = course(vec![
            run(Step::Acknowledge, 0, 10, Some(5)),
            run(Step::Overall, 0, 100, None),
        ]);
        it.pauses = vec![Stretch {
            cause: Cause::Suspension,
            from: at(20),
            to: None,
            planned_to: Some(at(60)),
        }];
        let drawing = drawn(&it, 30);
        assert_eq!(drawing.rows[0].bars[0].pauses, []);
        let pause = drawing.rows[1].bars[0].pauses[0];
        assert!(
            (pause.width - 0.4 * (WIDTH - LEFT - RIGHT)).abs() < 0.2,
            "{pause:?}"
        );
    }

    #[test]
    fn hand_overs_and_steps_of_the_ladder_stand_at_their_times() {
        let mut it = course(vec![run(Step::Overall, 0, 100, None)]);
        let agency = |name: &str| AgencyId::new(name).expect("valid");
        it.holders = vec![(at(0), agency("north")), (at(90), agency("south"))];
        let rung = |name: &str, kind, hours| ReachedRung {
            at: at(hours),
            step: Step::Overall,
            rung: Rung::new(name).expect("valid"),
            kind,
            due_at: at(100),
            late: false,
            agency: None,
            issued_at: None,
            issued_by: None,
            discarded_at: None,
            discarded_by: None,
        };
        it.rungs = vec![
            rung("blue", RungKind::Colour, 50),
            rung("overdue_notice", RungKind::Notice, 124),
        ];
        let drawing = drawn(&it, 130);
        let sides: Vec<_> = drawing.handovers.iter().map(|it| it.flag.is_left).collect();
        assert_eq!(sides, [false, false]);
        let early = drawn(&it, 100);
        assert!(early.handovers[1].flag.is_left && early.handovers[0].flag.x == LEFT);
        let colours: Vec<_> = drawing.ladder.iter().map(|it| it.dot.colour).collect();
        assert_eq!(colours, ["blue", "notice"]);
        assert!(drawing.ladder[0].dot.x < drawing.ladder[1].dot.x);
    }

    #[test]
    fn the_times_below_are_few_and_in_order() {
        for hours in [1, 3, 10, 30, 100, 1_000, 10_000, 80_000] {
            let drawing = drawn(&course(vec![run(Step::Overall, 5, 5 + hours, None)]), 6);
            let ticks = &drawing.ticks;
            assert!(ticks.len() <= MOST_TICKS as usize + 1, "{hours}: {ticks:?}");
            assert!(ticks.is_sorted_by(|a, b| a.x < b.x), "{hours}: {ticks:?}");
            assert!(ticks.iter().all(|tick| (LEFT..=WIDTH).contains(&tick.x)));
        }
    }
}
