//! What the journal must say of the ladder, computed from the rest of it by sums of seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bihuan_domain::clue::{Event, Occurrence, Role};

/// In microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Of every step, of more time, and after which the last notice comes.
    pub(crate) limit: i64,
    /// So much may lie between a moment and when everybody knows of it.
    pub(crate) slack: i64,
}

/// A step of the ladder for a due time.
type Key = (&'static str, &'static str, i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    since: i64,
    due: i64,
    known: i64,
}

/// A clue, as far as it happened.
#[derive(Default)]
struct Told {
    open: bool,
    waits: Option<i64>,
    dispatched: Option<i64>,
    /// Since when somebody has to sign.
    unsigned: Option<i64>,
    grants: i64,
    pauses: Vec<(i64, i64)>,
    suspended: Option<(i64, i64)>,
    clocks: BTreeMap<&'static str, Clock>,
}

/// What was counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) steps: usize,
    /// Clues that ended without any.
    pub(crate) in_time: usize,
    /// Suspensions that ended by themselves.
    pub(crate) resumed: usize,
    /// Due times that were moved.
    pub(crate) granted: usize,
}

/// Compares the life of a clue with what it must have been by `until`, or panics with the life in words.
#[track_caller]
pub(crate) fn compare(life: &[Occurrence], rules: Rules, until: i64, counted: &mut Counted) {
    let reached = reached(life);
    let (mut must, mut may) = (BTreeMap::new(), BTreeMap::new());
    let mut told = Told::default();
    let moving = |it: &&Occurrence| {
        !matches!(
            it.event,
            Event::RungReached { .. } | Event::CommandRejected { .. }
        )
    };
    let events: Vec<&Occurrence> = life.iter().filter(moving).collect();
    for (number, it) in events.iter().enumerate() {
        told.happens(it, rules);
        let next = events.get(number + 1);
        // what lies so near to the next command may come before or after it
        let (sure, last) = next.map_or((until, i64::MAX), |next| {
            let by_itself = next.actor.role == Role::Clock;
            let known = if by_itself { next.at } else { next.received_at };
            (known.as_micros() - rules.slack, next.at.as_micros())
        });
        for (key, at) in told.steps(rules) {
            let at = at.max(it.at.as_micros());
            if at <= sure {
                must.entry(key).or_insert(at);
            }
            if at <= last {
                may.entry(key).or_insert(at);
            }
        }
        if let Some((_, end)) = told.suspended {
            let by_itself =
                next.is_some_and(|it| it.event == Event::ClueResumed && it.actor.role == Role::Clock);
            counted.resumed += usize::from(by_itself);
            assert!(
                by_itself || sure < end,
                "it goes on by itself when its time has come\n{}",
                words(life)
            );
        }
        counted.granted += usize::from(matches!(it.event, Event::ExtensionGranted { .. }));
    }
    for (key, at) in &must {
        assert!(
            reached.contains_key(key),
            "{key:?} is missing at {}\n{}",
            clock(*at),
            words(life)
        );
    }
    for (key, at) in &reached {
        let expected = may.get(key);
        assert!(expected.is_some(), "{key:?} must not be\n{}", words(life));
        assert!(
            *at >= expected.copied().unwrap_or_default(),
            "{key:?} comes early\n{}",
            words(life)
        );
    }
    counted.steps += reached.len();
    let ended = events
        .iter()
        .any(|it| matches!(it.event, Event::ClueClosed { .. }));
    counted.in_time += usize::from(ended && reached.is_empty());
}

/// The steps that were reached, each once.
#[track_caller]
fn reached(life: &[Occurrence]) -> BTreeMap<Key, i64> {
    let mut reached = BTreeMap::new();
    let mut versions = BTreeSet::new();
    for it in life {
        assert!(
            versions.insert(it.version),
            "two events of one version\n{}",
            words(life)
        );
        let Event::RungReached {
            step, rung, due_at, ..
        } = &it.event
        else {
            continue;
        };
        let known = [
            ("overall", "half"),
            ("overall", "red"),
            ("overall", "later"),
            ("acknowledge", "unsigned"),
            ("triage", "waits"),
        ];
        let of = known.into_iter().find(|of| *of == (step.as_str(), rung.as_str()));
        let (step, rung) = of.expect("a step of the rulebook");
        let twice = reached.insert((step, rung, due_at.as_micros()), it.at.as_micros());
        assert!(twice.is_none(), "{rung} twice\n{}", words(life));
    }
    reached
}

impl Told {
    fn happens(&mut self, it: &Occurrence, rules: Rules) {
        let at = it.at.as_micros();
        let was = self.suspended;
        match &it.event {
            Event::ClueReported { .. } => self.open = true,
            Event::ClueHeldForTriage { .. } => self.waits = Some(at),
            Event::ClueAssigned { .. } | Event::ClueTransferred { .. } => {
                self.dispatched.get_or_insert(at);
                (self.waits, self.unsigned) = (None, Some(at));
            }
            Event::ClueAcknowledged | Event::HandlingStarted | Event::ClueResolved { .. } => {
                self.unsigned = None;
            }
            Event::ClueSuspended { suspension } => self.suspended = Some((at, suspension.until.as_micros())),
            Event::ClueResumed => self.suspended = None,
            Event::ExtensionGranted { .. } => self.grants += 1,
            Event::ClueClosed { .. } | Event::ClueVoided { .. } => {
                (self.open, self.suspended) = (false, None);
            }
            _ => {}
        }
        if let Some((from, until)) = was.filter(|_| self.suspended.is_none()) {
            self.pauses.push((from, until.min(at)));
        }
        let known = if it.actor.role == Role::Clock {
            at
        } else {
            at.max(it.received_at.as_micros())
        };
        self.wind(known, rules);
    }

    fn wind(&mut self, known: i64, rules: Rules) {
        let overall = self
            .dispatched
            .map(|since| ("overall", since, rules.limit * (1 + self.grants)));
        let unsigned = self.unsigned.map(|since| ("acknowledge", since, rules.limit));
        let waits = self.waits.map(|since| ("triage", since, rules.limit));
        let running = [overall, unsigned, waits]
            .into_iter()
            .flatten()
            .filter(|_| self.open);
        let clock = |(step, since, length)| {
            let due = self.passed(since, length);
            let last = self
                .clocks
                .get(step)
                .filter(|last| (last.since, last.due) == (since, due));
            let known = last.map_or(known, |last| last.known);
            (step, Clock { since, due, known })
        };
        self.clocks = running.map(clock).collect();
    }

    /// When so much time has passed outside of suspensions.
    fn passed(&self, since: i64, length: i64) -> i64 {
        let pauses = self.pauses.iter().chain(&self.suspended);
        pauses.fold(since + length, |end, (from, to)| {
            let from = (*from).max(since);
            if from < end && from < *to {
                end + to - from
            } else {
                end
            }
        })
    }

    /// The steps that are to come, with their times.
    fn steps(&self, rules: Rules) -> Vec<(Key, i64)> {
        if self.suspended.is_some() {
            return Vec::new();
        }
        let mut steps = Vec::new();
        for (step, clock) in &self.clocks {
            let due = (clock.due > clock.known).then_some(clock.due);
            let of = |rung, at: Option<i64>| at.map(|at| ((*step, rung, clock.due), at));
            if *step == "overall" {
                let half = self.passed(clock.since, rules.limit * (1 + self.grants) / 2);
                steps.extend(of("half", Some(half).filter(|half| *half > clock.known)));
                steps.extend(of("red", due));
                steps.extend(of("later", due.map(|due| due + rules.limit)));
            } else {
                steps.extend(of(if *step == "triage" { "waits" } else { "unsigned" }, due));
            }
        }
        steps
    }
}

fn clock(micros: i64) -> String {
    bihuan_domain::time::Timestamp::from_micros(micros).to_string()
}

/// What happened, for whoever reads why a test failed.
fn words(life: &[Occurrence]) -> String {
    let mut words = String::new();
    for it in life {
        let more = match &it.event {
            Event::RungReached { rung, due_at, .. } => format!(" {rung} of {due_at}"),
            Event::ClueSuspended { suspension } => format!(" until {}", suspension.until),
            Event::CommandRejected { command, rejection } => format!(" {command} {}", rejection.code),
            _ => String::new(),
        };
        let _ = writeln!(
            words,
            "{} (known {}) {}{more}",
            it.at,
            it.received_at,
            it.event.name()
        );
    }
    words
}
