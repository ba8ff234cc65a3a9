//! The clocks that run, computed: since when, by which limit, due when.

use serde::{Deserialize, Serialize};

use super::next_rung;
use crate::calendar::{CalendarVersion, Limit, LimitRow, Step};
use crate::clue::{Binding, Clue, Env, Event, Occurrence, Role};
use crate::code::RulebookVersion;
use crate::time::Timestamp;

/// The clocks of a clue as they stand, with what they were computed by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Whose limits and ladder: the rulebook that decides about the clue.
    pub limits_by: RulebookVersion,
    /// Whose calendar held when they were last looked at: those that begin or are moved are counted by it, and the ladder.
    pub calendar_by: RulebookVersion,
    pub calendar: CalendarVersion,
    /// At most one a step; a step without a limit has none.
    pub running: Vec<Running>,
    /// When the next step of the ladder is reached.
    pub next_rung: Option<Timestamp>,
}

/// A clock that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub step: Step,
    pub since: Timestamp,
    /// The time that binds.
    pub due_at: Timestamp,
    /// By our own limit, where the source's due time binds instead.
    pub own_due_at: Option<Timestamp>,
    /// `None`: there is none, the due time is the source's.
    pub limit: Option<Limit>,
    /// Line of the limit in `limits.csv`.
    pub row: Option<u32>,
    /// It counts working days of a year whose holidays are not published.
    pub provisional: bool,
    /// When this due time became known. Of what had come before it by then nobody is reminded.
    pub known_at: Timestamp,
    /// It was over when an imported history told of it: nobody is reminded of it at all.
    pub silent: bool,
    /// Whose calendar it was counted by: the rulebook that held when it began or was last moved.
    pub calendar_by: RulebookVersion,
    pub calendar: CalendarVersion,
    /// Since when it stands still: the clue is in dispute, and the policy stops its clocks. `due_at` moves by as much when it goes on.
    pub stands_since: Option<Timestamp>,
}

impl Clocks {
    /// Whether a due time is to be computed again once a calendar is published.
    pub fn is_provisional(&self) -> bool {
        self.running.iter().any(|running| running.provisional)
    }

    /// Whether that may have happened.
    pub(in crate::clue) fn can_be_revised(&self, env: &Env<'_>) -> bool {
        self.running.iter().any(|running| running.can_be_revised(env))
    }
}

/// Whether a step of the ladder that was reached for `reached` was reached for the clock that runs since then, is due now at `due_at`
/// and is known to be since `known_at`: for the same due time, or for one that had passed as well when this one was counted.
pub(crate) fn is_had(reached: Timestamp, since: Timestamp, due_at: Timestamp, known_at: Timestamp) -> bool {
    let had_passed = |at: Timestamp| at >= since && at <= known_at;
    reached == due_at || (had_passed(reached) && had_passed(due_at))
}

/// Up to when the time of a clock counts at `now` that stands still since then.
pub fn counted(stands_since: Option<Timestamp>, now: Timestamp) -> Timestamp {
    stands_since.map_or(now, |since| since.min(now))
}

impl Running {
    /// Whether its time was over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.due_at < self.counted(now)
    }

    /// Up to when time counts at `now`.
    pub fn counted(&self, now: Timestamp) -> Timestamp {
        counted(self.stands_since, now)
    }

    /// Whether a step of the ladder that was reached for a due time was reached for this clock.
    pub(super) fn had(&self, reached: Timestamp) -> bool {
        is_had(reached, self.since, self.due_at, self.known_at)
    }

    /// The source set the due time that binds, and it alone moves it.
    pub(in crate::clue) const fn is_by_source(&self) -> bool {
        self.limit.is_none() || self.own_due_at.is_some()
    }

    /// Since when it stands still.
    fn stands(&self, clue: &Clue, env: &Env<'_>) -> Option<Timestamp> {
        let stands = clue.stands_since(env).filter(|_| !self.is_by_source());
        stands.map(|stands| stands.max(self.since))
    }

    /// Days were counted that nobody knew, and another calendar holds.
    fn can_be_revised(&self, env: &Env<'_>) -> bool {
        self.provisional && self.calendar != *env.current.calendar.version()
    }
}

/// The clocks of `clue` after `it` happened, which is folded already; `None`: they stand as they stood.
pub(in crate::clue) fn after(clue: &Clue, it: &Occurrence, env: &Env<'_>) -> Option<Clocks> {
    let last = clue.timing.clocks.as_ref();
    let wanted = clue.running_since(env);
    let moved = clue.timing.moved || turned(clue, it, env);
    let mut running = Vec::with_capacity(wanted.len());
    for (step, since) in wanted {
        let known = last.and_then(|last| {
            last.running
                .iter()
                .find(|it| it.step == step && it.since == since)
        });
        match known {
            Some(known)
                if !moved && !known.can_be_revised(env) && known.stands_since == known.stands(clue, env) =>
            {
                running.push(known.clone());
            }
            known => {
                let computed = computed(clue, step, since, known, it, env);
                running.extend(computed.map(|computed| Running {
                    stands_since: computed.stands(clue, env),
                    ..computed
                }));
            }
        }
    }
    let next_rung = next_rung(clue, &running, env);
    // an open clue has clocks, even if none of them runs: otherwise nobody has looked
    let unchanged = last.map_or(!clue.is_open(), |last| {
        last.running == running && last.next_rung == next_rung
    });
    // that it was looked at is said, too
    let revised = matches!(it.event, Event::DeadlineRevised);
    (revised || !unchanged).then(|| Clocks {
        limits_by: env.rulebook.version.clone(),
        calendar_by: env.current.version.clone(),
        calendar: env.current.calendar.version().clone(),
        running,
        next_rung,
    })
}

fn computed(
    clue: &Clue,
    step: Step,
    since: Timestamp,
    known: Option<&Running>,
    it: &Occurrence,
    env: &Env<'_>,
) -> Option<Running> {
    // it keeps the limit that it began with, whatever its codes are corrected to
    let limit = match known {
        Some(known) => known.limit.zip(known.row),
        None => limit(clue, step, env).map(|row| (row.limit, row.line)),
    };
    // one that would end outside of every calendar stays as it was
    let stays = || known.filter(|_| limit.is_some()).cloned();
    let mut running = due(clue, step, since, limit, env).or_else(stays)?;
    running.known_at = match known {
        Some(known) if known.due_at == running.due_at => known.known_at,
        _ => known_at(it),
    };
    running.silent = running.due_at <= running.known_at
        && clue.timing.imported
        && (clue.tally.reopened == 0 || clue.is_logged())
        && known.is_none_or(|known| known.silent);
    Some(running)
}

/// Whether clocks stop by the event because of a dispute, or go on: also the one that is only shown, because the source's binds, moves.
fn turned(clue: &Clue, it: &Occurrence, env: &Env<'_>) -> bool {
    let timing = &clue.timing;
    let begins = timing.disputed_at == Some(it.at.max(it.received_at));
    let ends = timing.disputes.last().is_some_and(|dispute| dispute.to == it.at);
    env.rulebook.policy.disputes.pauses_clock && (begins || ends)
}

/// The same from outside, to check what was stored: `clue` as the event left it, `before` how its clocks stood until then.
pub fn recomputed(clue: &Clue, before: Option<Clocks>, it: &Occurrence, env: &Env<'_>) -> Option<Clocks> {
    let mut clue = clue.clone();
    clue.timing.clocks = before;
    after(&clue, it, env)
}

/// What happens by itself was known when it was due, however late anybody looked; but for a calendar, which is published some day.
fn known_at(it: &Occurrence) -> Timestamp {
    if it.actor.role == Role::Clock && it.event != Event::DeadlineRevised {
        it.at
    } else {
        it.at.max(it.received_at)
    }
}

/// When a clock that runs since then is due, by this limit and row; `None`: there is none, or it lies outside of every calendar.
fn due(
    clue: &Clue,
    step: Step,
    since: Timestamp,
    limit: Option<(Limit, u32)>,
    env: &Env<'_>,
) -> Option<Running> {
    let own = limit.and_then(|(limit, _)| {
        let mut pieces = vec![limit];
        pieces.extend(granted(clue, step, since));
        let calendar = &env.current.calendar;
        calendar
            .due_with(clue.area.as_ref(), since, &pieces, &clue.pauses(env))
            .ok()
    });
    let own_at = own.map(|own| own.at);
    let source = clue.source_due_at.filter(|_| step == Step::Overall);
    let due_at = match (own_at, source) {
        (Some(own), Some(source)) => match env.rulebook.policy.clocks.binds {
            Binding::Earliest => own.min(source),
            Binding::Source => source,
            Binding::Own => own,
        },
        (own, source) => own.or(source)?,
    };
    let by_source = own_at != Some(due_at);
    Some(Running {
        step,
        since,
        due_at,
        own_due_at: own_at.filter(|_| by_source),
        limit: limit.map(|(limit, _)| limit),
        row: limit.map(|(_, row)| row),
        provisional: own.is_some_and(|own| own.provisional),
        known_at: since,
        silent: false,
        calendar_by: env.current.version.clone(),
        calendar: env.current.calendar.version().clone(),
        stands_since: None,
    })
}

/// The row of the clue's rulebook that says how long a step may take.
pub(in crate::clue) fn limit<'a>(clue: &Clue, step: Step, env: &Env<'a>) -> Option<&'a LimitRow> {
    let book = env.rulebook;
    let entry = clue.matter.as_ref().and_then(|matter| book.matters.get(matter));
    book.limits.find(
        step,
        clue.matter.as_ref(),
        entry.and_then(|entry| entry.category.as_ref()),
        clue.severity
            .as_ref()
            .or(entry.and_then(|entry| entry.severity.as_ref())),
        Some(&clue.source),
        clue.area.as_ref(),
    )
}

/// The time that was granted on top: to the clue as a whole, and to whoever handles it now.
fn granted(clue: &Clue, step: Step, since: Timestamp) -> impl Iterator<Item = Limit> + '_ {
    let counts = matches!(step, Step::Overall | Step::Handle);
    let grants = clue
        .timing
        .grants
        .iter()
        .filter(move |grant| counts && grant.at >= since);
    grants.map(|grant| grant.limit)
}
