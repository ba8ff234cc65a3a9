//! The steps of a dispute over its whole life, and where they stand on a drawing like that of a clue's clocks.

use bihuan_domain::dispute::{Dispute, Event, Forum, Occurrence, Standing, State, Step, evolve};
use bihuan_domain::time::Timestamp;
use jiff::tz::TimeZone;

use super::drawing::{BOTTOM, Dot, Flag, ROW, Scale, Span, THINNEST, TOP, Tick, ticks};

/// A step while it was open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sitting {
    pub(crate) step: Step,
    pub(crate) forum: Forum,
    pub(crate) since: Timestamp,
    /// `None`: it is open.
    pub(crate) until: Option<Timestamp>,
    pub(crate) due: Option<Timestamp>,
    pub(crate) provisional: bool,
    /// Its time passed, and what follows happened by itself.
    pub(crate) lapsed: bool,
}

/// The steps of the dispute in order.
pub(crate) fn sittings(history: &[Occurrence]) -> Vec<Sitting> {
    let mut state = State::default();
    let mut all: Vec<Sitting> = Vec::new();
    for it in history {
        evolve(&mut state, it);
        let Some(dispute) = &state.dispute else { continue };
        let now = Sitting::of(dispute);
        if let Some(last) = all.last_mut().filter(|it| it.until.is_none()) {
            match &now {
                Some(now) if (now.step, now.since, &now.forum) == (last.step, last.since, &last.forum) => {
                    *last = now.clone();
                    continue;
                }
                _ => {
                    last.until = Some(it.at);
                    last.lapsed = matches!(it.event, Event::StepLapsed { .. });
                }
            }
        }
        all.extend(now);
    }
    all
}

impl Sitting {
    fn of(dispute: &Dispute) -> Option<Self> {
        let Standing::Open {
            step,
            since,
            deadline,
            ..
        } = &dispute.standing
        else {
            return None;
        };
        Some(Self {
            step: *step,
            forum: dispute.forum.clone(),
            since: *since,
            until: None,
            due: deadline.as_ref().map(|it| it.at),
            provisional: deadline.as_ref().is_some_and(|it| it.provisional),
            lapsed: false,
        })
    }

    /// What it took, or takes until `now`, beyond its time.
    pub(crate) fn is_late(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due < self.until.unwrap_or(now))
    }
}

/// As [`Drawing`](super::drawing::Drawing) has it of clocks.
pub(crate) struct Drawing {
    pub(crate) height: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) rows: Vec<Row>,
    /// Where the dispute came before another forum: the number of the sitting.
    pub(crate) forums: Vec<(usize, Flag)>,
    /// Where a time passed: the number of the sitting.
    pub(crate) lapses: Vec<(usize, Dot)>,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) now: Option<f64>,
}

pub(crate) struct Row {
    pub(crate) step: Step,
    pub(crate) y: f64,
    /// The number of the sitting, and how it is drawn.
    pub(crate) bars: Vec<(usize, Bar)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) passed: Span,
    pub(crate) left: Option<Span>,
    pub(crate) overdue: Option<Span>,
    pub(crate) due: Option<f64>,
}

impl Drawing {
    /// `None`: it was never opened.
    pub(crate) fn of(sittings: &[Sitting], now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let (first, last) = (sittings.first()?, sittings.last()?);
        let is_open = last.until.is_none();
        let ends = sittings
            .iter()
            .flat_map(|it| [it.until, it.due.filter(|_| it.until.is_none())]);
        let to = ends.flatten().chain(is_open.then_some(now)).max();
        let scale = Scale::from_to(first.since, to.unwrap_or(first.since));
        let used = Step::ALL
            .iter()
            .filter(|step| sittings.iter().any(|it| it.step == **step));
        let numbered = || sittings.iter().enumerate();
        let mut rows = Vec::new();
        for (number, step) in used.enumerate() {
            let bars = numbered().filter(|(_, it)| it.step == *step);
            rows.push(Row {
                step: *step,
                y: TOP + ROW * number as f64,
                bars: bars.map(|(number, it)| (number, bar(it, now, scale))).collect(),
            });
        }
        let bottom = TOP + ROW * rows.len() as f64;
        let lapses = numbered().filter(|(_, it)| it.lapsed).filter_map(|(number, it)| {
            let row = rows.iter().find(|row| row.step == it.step)?;
            let dot = Dot::below(
                scale.x(it.until?),
                row.y,
                if it.step == Step::TakingUp {
                    "red"
                } else {
                    "yellow"
                },
            );
            Some((number, dot))
        });
        Some(Self {
            height: bottom + BOTTOM,
            top: TOP,
            bottom,
            forums: forums(sittings, scale),
            lapses: lapses.collect(),
            ticks: ticks(scale, zone),
            now: is_open.then(|| scale.x(now)),
            rows,
        })
    }
}

fn bar(it: &Sitting, now: Timestamp, scale: Scale) -> Bar {
    let end = it.until.unwrap_or(now).max(it.since);
    let due = it.due.unwrap_or(end);
    Bar {
        passed: scale.span(it.since, end.min(due)).unwrap_or(Span {
            x: scale.x(it.since),
            width: THINNEST,
        }),
        left: scale.span(end, due).filter(|_| it.until.is_none()),
        overdue: scale.span(due.max(it.since), end),
        // one that it never came to lies beyond the drawing
        due: it
            .due
            .filter(|due| it.until.is_none_or(|until| *due <= until))
            .map(|due| scale.x(due)),
    }
}

fn forums(sittings: &[Sitting], scale: Scale) -> Vec<(usize, Flag)> {
    let mut forums: Vec<(usize, Flag)> = Vec::new();
    let mut before = None;
    for (number, it) in sittings.iter().enumerate() {
        if before != Some(&it.forum) {
            let x = scale.x(it.since);
            forums.push((number, Flag::at(x, forums.len())));
            before = Some(&it.forum);
        }
    }
    forums
}

#[cfg(test)]
mod tests;
