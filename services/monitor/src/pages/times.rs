//! How times were kept, as the overview and the report show it: step by step, by how long overdue, and what moved deadlines.

use bihuan_domain::figures::{FigureKind, Report, Task};

use super::figure::{Number, Place, Rate};

const AGES: [&str; 5] = [
    "overdue_within_1_day",
    "overdue_within_3_days",
    "overdue_within_10_days",
    "overdue_within_30_days",
    "overdue_beyond_30_days",
];
const MOVED: [&str; 6] = [
    "backlog",
    "provisional",
    "extended",
    "extensions",
    "ever_suspended",
    "suspensions",
];

pub(super) struct Times {
    pub(super) steps: Vec<StepLine>,
    pub(super) ages: Vec<Number>,
    pub(super) moved: Vec<Number>,
}

/// The clocks of a task.
pub(super) struct StepLine {
    pub(super) rate: Rate,
    pub(super) in_time: Number,
    pub(super) late: Number,
    pub(super) overdue: Number,
}

impl Times {
    pub(super) fn of(place: Place<'_>, report: &Report) -> Self {
        let steps = Task::ALL.iter().filter_map(|task| {
            let rate = place.rate_of(&report.figures, FigureKind::of_task(*task))?;
            let (counts, name) = (report.counts.task(*task), task.as_str());
            let late = format!("{name}_ended,-{name}_in_time");
            Some(StepLine {
                rate,
                in_time: place.number(&format!("{name}_in_time"), counts.in_time),
                late: Number::new("", counts.ended - counts.in_time, || {
                    place.scope.link(place.row, &late)
                }),
                overdue: place.number(&format!("{name}_overdue"), counts.overdue),
            })
        });
        Self {
            steps: steps.collect(),
            ages: place.counts(&report.counts, &AGES),
            moved: place.counts(&report.counts, &MOVED),
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::figures::Counts;

    use super::*;

    #[test]
    fn the_bands_are_those_that_are_counted() {
        let keys = Counts::default().overdue_by_age().map(|(key, _)| key);
        assert_eq!(AGES, keys);
        let known = Counts::default();
        let known: Vec<_> = known.entries().map(|(key, _)| key).collect();
        assert!(MOVED.iter().all(|key| known.contains(key)));
    }
}
