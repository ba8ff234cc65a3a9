//! A life of a clue: what people do with it is left to chance, and so is who looks when.

mod people;

use std::collections::BTreeSet;

use super::plain::{DAY, HOUR, MINUTE, length};
use super::rules::{Clock, Lies, MATTERS, Told};
use super::{END, PUBLISHED, START, next_year, words};
use crate::clue::testing::{Case, Outcome, area, matter, report, role, snapshot};
use crate::clue::{Actor, Clocks, Command, Event, Occurrence, Report, Role, Running, SourceStatus};
use crate::code::{Severity, SourceId};
use crate::time::Timestamp;

const AREAS: [&str; 3] = ["330602001", "330602", "330603"];

/// Chance that is the same every time.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % end as u64) as i64
    }

    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as i64) as usize]
    }
}

/// Who looks when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// Whenever the clue wakes, a moment later.
    Punctual,
    /// That, and every minute for ten hours after something happened.
    EveryMinute,
    /// That, and with a clock that is an hour back again and again.
    Jumping,
    /// At any time, often.
    Sometimes,
    /// After days, or weeks.
    Absent,
}

pub(super) struct Life {
    pub(super) seed: u64,
    pub(super) case: Case,
    pub(super) told: Told,
    random: Random,
    watch: Watch,
    now: i64,
    /// Versions of the record that its source sent.
    versions: i64,
    record: Option<Report>,
    stored: Option<Clocks>,
    /// A calendar was published, and nothing has happened since.
    stale: bool,
    pub(super) seen: BTreeSet<String>,
}

const fn time(at: i64) -> Timestamp {
    Timestamp::from_micros(at)
}

impl Life {
    pub(super) fn new(seed: u64, case: Case, told: Told, mut random: Random) -> Self {
        let watches = [
            Watch::Punctual,
            Watch::Punctual,
            Watch::EveryMinute,
            Watch::Jumping,
            Watch::Sometimes,
            Watch::Absent,
        ];
        Self {
            seed,
            case,
            told,
            watch: random.of(&watches),
            random,
            now: START,
            versions: 0,
            record: None,
            stored: None,
            stale: false,
            seen: BTreeSet::new(),
        }
    }

    /// From the report on.
    pub(super) fn live(&mut self) {
        self.report();
        for _ in 0..40 {
            let gap = match self.random.below(20) {
                0..6 => self.random.below(90 * 60) * 1_000_000,
                6..14 => self.random.below(30 * 60) * MINUTE,
                14..19 => self.random.below(8 * 24) * HOUR + self.random.below(60) * MINUTE,
                _ => self.random.below(30) * DAY,
            };
            let mut at = self.now + gap;
            if self.random.percent(20) {
                // openings and closings
                at = at / (30 * MINUTE) * (30 * MINUTE);
            }
            if self.random.percent(5) {
                // at the last moment
                at = self.told.deadline.filter(|due| *due > self.now).unwrap_or(at);
            }
            if at >= END || self.told.lies == Lies::Gone || self.random.percent(3) {
                break;
            }
            self.pass(at);
            self.act();
        }
        self.pass(END);
        self.wake(END);
    }

    fn report(&mut self) {
        let mut day = self.random.below(362);
        if self.random.percent(20) {
            // around the festivals, and before the new year
            day = self.random.of(&[
                40, 44, 50, 57, 93, 118, 120, 128, 169, 262, 266, 272, 280, 330, 338, 345, 352,
            ]);
        }
        let reported =
            START + day * DAY + self.random.below(24 * 60) * MINUTE + self.random.below(60) * 1_000_000;
        self.pass(reported);
        let delay = if self.random.percent(30) {
            self.random.below(600) * MINUTE
        } else {
            0
        };
        let (code, ..) = self.random.of(&MATTERS);
        let mut new = report();
        if self.random.percent(25) {
            let Command::ReportClue(first) = snapshot(1, SourceStatus::Open, |_| ()) else {
                unreachable!("a report");
            };
            new = first;
            self.versions = 1;
        }
        new.source = SourceId::new(self.random.of(&["grid", "grid", "hotline"])).expect("valid");
        new.matter = Some(matter(code));
        new.area = Some(area(self.random.of(&AREAS)));
        new.severity = Severity::new(self.random.of(&["", "", "high", "low", "odd"])).ok();
        new.reported_at = time(reported);
        new.source_due_at = self.source_due(reported);
        self.record = Some(new.clone());
        self.now = reported + delay;
        self.ask(
            role(Role::Source),
            Command::ReportClue(new),
            "",
            (self.now, None),
            reported,
        );
    }

    fn source_due(&mut self, from: i64) -> Option<Timestamp> {
        let after = self.random.below(15 * 24 * 60) * MINUTE - 10 * HOUR;
        self.random.percent(45).then(|| time(from + after))
    }

    /// Until then, whoever looks.
    fn pass(&mut self, to: i64) {
        if self.now < PUBLISHED && PUBLISHED <= to {
            self.watched(PUBLISHED);
            self.now = PUBLISHED;
            self.case.current = Some(Box::new(next_year(&self.case.rulebook)));
            self.told.publish();
            self.stale = true;
            if self.told.is_provisional() && self.watch != Watch::Absent {
                self.wake(PUBLISHED);
            }
        }
        self.watched(to);
        self.now = self.now.max(to);
    }

    fn watched(&mut self, to: i64) {
        match self.watch {
            Watch::Punctual => self.punctual(to),
            Watch::EveryMinute => {
                let most = to.min(self.now + 10 * HOUR);
                for minute in 1..=(most - self.now).max(0) / MINUTE {
                    self.wake(self.now + minute * MINUTE);
                }
                self.punctual(to);
            }
            Watch::Jumping => {
                self.punctual(to);
                self.in_vain(to - HOUR);
            }
            Watch::Sometimes | Watch::Absent => {
                let longest = if self.watch == Watch::Absent {
                    20 * DAY
                } else {
                    DAY
                };
                let mut at = self.now + self.random.below(longest);
                while at <= to {
                    self.wake(at);
                    // an hour late, or a moment more
                    let wakes = self.case.state.wakes_at().map(|wakes| wakes.as_micros() + HOUR);
                    if let Some(late) = wakes.filter(|late| (at..to).contains(late)) {
                        at = late + self.random.below(2);
                        self.wake(at);
                    }
                    at += 1 + self.random.below(longest);
                }
            }
        }
    }

    /// The clue says itself when somebody has to look.
    fn punctual(&mut self, to: i64) {
        for _ in 0..1_000 {
            let Some(at) = self.case.state.wakes_at().filter(|at| at.as_micros() <= to) else {
                return;
            };
            let late = self.random.below(3_000_000);
            let now = at.as_micros().max(self.now) + late;
            self.wake(now.min(to));
            if self.watch == Watch::Jumping {
                self.in_vain(now - HOUR);
            }
        }
        self.differ("somebody looks for ever", &0, &1_000);
    }

    /// By a clock that was moved back there is nothing to do that was not done.
    fn in_vain(&mut self, now: i64) {
        let woken = self.case.wake(time(now.min(self.now)));
        self.same("by a clock that was moved back", &0, &woken.0.len());
    }

    fn wake(&mut self, now: i64) {
        let woken = self.case.wake(time(now));
        for it in &woken.0 {
            let was = self.told.last_at;
            match self.told.next(now) {
                None => self.differ("nothing is due", &"", &it.event),
                Some(Ok((at, name))) => {
                    self.same("what happens by itself", &name, &it.event.name());
                    self.same("when it does", &at.max(was), &it.at.as_micros());
                }
                Some(Err(due)) => {
                    let Event::RungReached {
                        step,
                        rung,
                        due_at,
                        late,
                        to,
                        ..
                    } = &it.event
                    else {
                        self.differ("a step of the ladder", &due, &it.event);
                    };
                    let to = (to.agency.as_ref().map(ToString::to_string), to.level);
                    let found = (rung.to_string(), step.as_str(), due_at.as_micros(), *late, to);
                    let to = (due.to.0, Some(due.to.1));
                    let expected = (due.rung, due.clock, due.due, due.late, to);
                    self.same("the step of the ladder", &expected, &found);
                    self.same("when it is reached", &due.at.max(was), &it.at.as_micros());
                }
            }
            self.same("when that is known", &now, &it.received_at.as_micros());
            self.follow(it);
        }
        self.same("what is still due", &None, &self.told.next(now));
        self.same_wake();
        let vain = self.case.state.wakes_at().filter(|at| at.as_micros() <= now);
        self.same("who was looked at, and still waits", &None, &vain);
    }

    /// Folds what happened and compares how the clocks stand.
    fn follow(&mut self, it: &Occurrence) {
        self.told.happens(it);
        self.seen.insert(it.event.name().to_owned());
        if let Event::RungReached { rung, .. } = &it.event {
            self.seen.insert(format!("rung {rung}"));
        }
        if it.clocks.is_some() {
            self.stored.clone_from(&it.clocks);
        }
        if matches!(it.event, Event::CommandRejected { .. }) {
            return;
        }
        self.stale = false;
        let stored = self.stored.iter().flat_map(|stored| &stored.running);
        let mut found: Vec<Clock> = stored.map(found).collect();
        let mut expected = self.told.clocks.clone();
        found.sort_by_key(|clock| clock.step);
        expected.sort_by_key(|clock| clock.step);
        for clock in &expected {
            let unit = clock
                .limit
                .as_ref()
                .map(|(_, limit)| length(limit).1)
                .unwrap_or_default();
            self.seen.insert(format!("{} by {unit}", clock.step));
            if clock.step == "overall" {
                let by = if clock.own.is_some() || clock.limit.is_none() {
                    "source"
                } else {
                    "own"
                };
                self.seen.insert(format!("{:?} gives {by}", self.told.book.binds));
            }
        }
        self.same(&format!("clocks after {}", it.event.name()), &expected, &found);
        let next = self.stored.as_ref().and_then(|stored| stored.next_rung);
        let expected = self
            .told
            .wakes()
            .filter(|_| !matches!(self.told.lies, Lies::Suspended { .. }));
        self.same("the next step", &expected, &next.map(Timestamp::as_micros));
    }

    fn same_wake(&self) {
        if !self.stale {
            let wakes = self.case.state.wakes_at().map(Timestamp::as_micros);
            self.same("when it wakes", &self.told.wakes(), &wakes);
        }
        if let Some(clue) = &self.case.state.clue {
            let deadline = clue.deadline.map(Timestamp::as_micros);
            self.same("the deadline", &self.told.deadline, &deadline);
            let pauses: Vec<_> = clue
                .timing
                .pauses
                .iter()
                .map(|it| (it.from.as_micros(), it.to.as_micros()))
                .collect();
            self.same("the pauses", &self.told.pauses, &pauses);
        }
    }

    fn same<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
        &self,
        what: &str,
        expected: &T,
        found: &U,
    ) {
        if expected != found {
            self.differ(what, expected, found);
        }
    }

    pub(super) fn differ(
        &self,
        what: &str,
        expected: &dyn std::fmt::Debug,
        found: &dyn std::fmt::Debug,
    ) -> ! {
        panic!(
            "clue {}, watched {:?}: {what}\nexpected {expected:?}\nfound    {found:?}\n{}",
            self.seed,
            self.watch,
            words(&self.case)
        );
    }

    /// Asks, and follows what comes of it: all of it at that time.
    fn ask(
        &mut self,
        actor: Actor,
        command: Command,
        refused: &str,
        (received, claimed): (i64, Option<i64>),
        at: i64,
    ) {
        self.case.now = time(received).plus_minutes(-60);
        self.case.occurred_at = claimed.map(time);
        let name = command.name();
        let Outcome(happened) = self.case.when(actor, command);
        let outcome = Outcome(happened);
        self.same(&format!("why {name} is refused"), &refused, &outcome.refused().0);
        if !refused.is_empty() {
            self.seen.insert(refused.to_owned());
        }
        for it in &outcome.0 {
            self.same(&format!("when {name} happened"), &at, &it.at.as_micros());
            self.follow(it);
        }
        self.same_wake();
    }
}

fn found(running: &Running) -> Clock {
    Clock {
        step: running.step.as_str(),
        since: running.since.as_micros(),
        due: running.due_at.as_micros(),
        own: running.own_due_at.map(Timestamp::as_micros),
        limit: running
            .row
            .zip(running.limit)
            .map(|(row, limit)| (row, limit.to_string())),
        provisional: running.provisional,
        known: running.known_at.as_micros(),
        by_later: running.calendar_by.as_str() == "def456",
        stands: running.stands_since.map(Timestamp::as_micros),
    }
}
