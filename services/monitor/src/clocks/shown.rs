//! The clocks of a clue as the API and `explain` give them.

use bihuan_domain::calendar::Step;
use bihuan_domain::clue::RungKind;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use serde::Serialize;
use utoipa::ToSchema;

use super::course::{Cause, Course, Extension, ReachedRung, Run, Stretch};
use super::working::{self, Book};
use crate::Result;
use crate::words::Words;

const SECOND: i64 = 1_000_000;

/// The clocks of a clue. Times are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ShownClocks {
    /// Version of the rulebook whose limits and ladder count; null before any clock was set.
    #[schema(required)]
    pub limits_by: Option<String>,
    /// Version of the rulebook whose calendar held when they were last looked at: those that begin or are moved go by it.
    #[schema(required)]
    pub calendar_by: Option<String>,
    /// Content address of that calendar.
    #[schema(required)]
    pub calendar: Option<String>,
    /// The overall deadline before the first extension, suspension or dispute moved it.
    #[schema(required)]
    pub first_deadline: Option<String>,
    pub running: Vec<ShownClock>,
    /// Those that run no more, in the order in which they began.
    pub ended: Vec<EndedClock>,
    pub extensions: Vec<ShownExtension>,
    pub suspensions: Vec<ShownSuspension>,
    /// Disputes for which the clocks stood still, by the policy.
    pub dispute_pauses: Vec<ShownSuspension>,
    pub ladder: Vec<ShownRung>,
    /// When the next step of the ladder is reached by itself.
    #[schema(required)]
    pub next_rung_at: Option<String>,
}

/// A clock that runs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShownClock {
    /// dispatch, triage, acknowledge, handle, check or overall.
    pub step: &'static str,
    pub step_words: &'static str,
    pub since: String,
    /// What happened then: an event of the clue's history, such as assigned.
    pub began: &'static str,
    pub began_words: &'static str,
    /// As `limits.csv` has it (`5wd`); null where only the source sets a due time.
    #[schema(required)]
    pub limit: Option<String>,
    #[schema(required)]
    pub limit_words: Option<String>,
    /// Line in `limits.csv` of the rulebook `limits_by`.
    #[schema(required)]
    pub row: Option<u32>,
    /// The time that binds.
    pub due_at: String,
    /// By our own limit, where another time binds.
    #[schema(required)]
    pub own_due_at: Option<String>,
    /// By the source, where that is not the time that binds.
    #[schema(required)]
    pub source_due_at: Option<String>,
    /// It counts working days of a year whose holidays are not published.
    pub provisional: bool,
    /// Version of the rulebook whose calendar the due time was counted by.
    pub calendar_by: String,
    /// Content address of that calendar.
    pub calendar: String,
    pub overdue: bool,
    /// Until it is due, by the clock on the wall; negative once it is overdue.
    pub seconds_left: i64,
    /// Since when it stands still, because the clue is in dispute and the policy stops its clocks; null: it runs.
    #[schema(required)]
    pub stands_since: Option<String>,
    /// How the due time came about, one sentence each, in the language that was asked for.
    pub working: Vec<String>,
}

/// A clock that runs no more.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EndedClock {
    pub step: &'static str,
    pub step_words: &'static str,
    pub since: String,
    /// What happened then, as of a clock that runs.
    pub began: &'static str,
    pub until: String,
    #[schema(required)]
    pub limit: Option<String>,
    #[schema(required)]
    pub row: Option<u32>,
    pub due_at: String,
    pub in_time: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShownExtension {
    /// As it was asked for.
    pub limit: String,
    pub asked_at: String,
    /// Staff reference.
    #[schema(required)]
    pub asked_by: Option<String>,
    /// `granted` or `refused`; null: nobody has answered, or the clue went elsewhere before.
    #[schema(required)]
    pub answer: Option<&'static str>,
    #[schema(required)]
    pub answered_at: Option<String>,
    #[schema(required)]
    pub granted: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShownSuspension {
    pub from: String,
    /// null: it lasts.
    #[schema(required)]
    pub to: Option<String>,
    #[schema(required)]
    pub planned_to: Option<String>,
}

/// A step of the ladder that was reached.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShownRung {
    pub at: String,
    /// Of which clock.
    pub step: &'static str,
    pub rung: String,
    pub rung_words: String,
    /// reminder, colour, notice, bulletin or escalation.
    pub kind: &'static str,
    pub due_at: String,
    /// It was found later than the policy allows.
    pub late: bool,
    /// About whom; null: a desk.
    #[schema(required)]
    pub agency: Option<String>,
    /// A person must issue or discard it and has not.
    pub draft: bool,
    #[schema(required)]
    pub issued_at: Option<String>,
    /// Staff reference.
    #[schema(required)]
    pub issued_by: Option<String>,
    /// A person decided that it is not issued.
    #[schema(required)]
    pub discarded_at: Option<String>,
    /// Staff reference.
    #[schema(required)]
    pub discarded_by: Option<String>,
}

/// The clocks with their working, as they stand at `now`.
pub async fn shown(
    library: &Library,
    course: &Course,
    words: Words<'_>,
    now: Timestamp,
) -> Result<ShownClocks> {
    let mut running = Vec::new();
    for run in course.running() {
        let book = Book::of(library, run).await?;
        running.push(ShownClock {
            working: working::sentences(course, run, &book, words),
            ..ShownClock::of(course, run, words, now)
        });
    }
    let by = course.by.as_ref();
    let ended = course.runs.iter().filter_map(|run| EndedClock::of(run, words));
    Ok(ShownClocks {
        limits_by: by.map(|by| by.limits.to_string()),
        calendar_by: by.map(|by| by.calendar.to_string()),
        calendar: by.map(|by| by.calendar_version.to_string()),
        first_deadline: course.first_deadline.map(|at| at.to_string()),
        running,
        ended: ended.collect(),
        extensions: course.extensions.iter().map(ShownExtension::of).collect(),
        suspensions: ShownSuspension::all(course, Cause::Suspension),
        dispute_pauses: ShownSuspension::all(course, Cause::Dispute),
        ladder: course.rungs.iter().map(|it| ShownRung::of(it, words)).collect(),
        next_rung_at: course.next_rung.map(|at| at.to_string()),
    })
}

impl ShownClock {
    fn of(course: &Course, run: &Run, words: Words<'_>, now: Timestamp) -> Self {
        let clock = &run.clock;
        let is_overall = clock.step == Step::Overall;
        let source = course
            .source_due_at
            .filter(|at| is_overall && *at != clock.due_at);
        Self {
            step: clock.step.as_str(),
            step_words: words.step(clock.step),
            since: clock.since.to_string(),
            began: run.began.as_str(),
            began_words: words.began(run.began),
            limit: clock.limit.map(|limit| limit.to_string()),
            limit_words: clock.limit.map(|limit| limit.words(words.lang)),
            row: clock.row,
            due_at: clock.due_at.to_string(),
            own_due_at: clock.own_due_at.map(|at| at.to_string()),
            source_due_at: source.map(|at| at.to_string()),
            provisional: clock.provisional,
            calendar_by: clock.calendar_by.to_string(),
            calendar: clock.calendar.to_string(),
            overdue: clock.is_over(now),
            seconds_left: clock.due_at.since(clock.counted(now)).div_euclid(SECOND),
            stands_since: clock.stands_since.map(|since| since.to_string()),
            working: Vec::new(),
        }
    }
}

impl EndedClock {
    fn of(run: &Run, words: Words<'_>) -> Option<Self> {
        let (clock, until) = (&run.clock, run.until?);
        Some(Self {
            step: clock.step.as_str(),
            step_words: words.step(clock.step),
            since: clock.since.to_string(),
            began: run.began.as_str(),
            until: until.to_string(),
            limit: clock.limit.map(|limit| limit.to_string()),
            row: clock.row,
            due_at: clock.due_at.to_string(),
            in_time: !clock.is_over(until),
        })
    }
}

impl ShownExtension {
    fn of(it: &Extension) -> Self {
        let granted = it.answer.and_then(|(_, granted)| granted);
        let answer = |(_, granted): (Timestamp, Option<_>)| {
            if granted.is_some() { "granted" } else { "refused" }
        };
        Self {
            limit: it.limit.to_string(),
            asked_at: it.asked_at.to_string(),
            asked_by: it.asked_by.clone(),
            answer: it.answer.map(answer),
            answered_at: it.answer.map(|(at, _)| at.to_string()),
            granted: granted.map(|limit| limit.to_string()),
        }
    }
}

impl ShownSuspension {
    fn all(course: &Course, cause: Cause) -> Vec<Self> {
        let pauses = course.pauses.iter().filter(|pause| pause.cause == cause);
        pauses.map(Self::of).collect()
    }

    fn of(it: &Stretch) -> Self {
        Self {
            from: it.from.to_string(),
            to: it.to.map(|at| at.to_string()),
            planned_to: it.planned_to.map(|at| at.to_string()),
        }
    }
}

impl ShownRung {
    fn of(it: &ReachedRung, words: Words<'_>) -> Self {
        Self {
            at: it.at.to_string(),
            step: it.step.as_str(),
            rung: it.rung.to_string(),
            rung_words: words.rung(&it.rung).into_owned(),
            kind: RungKind::as_str(it.kind),
            due_at: it.due_at.to_string(),
            late: it.late,
            agency: it.agency.as_ref().map(ToString::to_string),
            draft: it.kind.is_drafted() && it.issued_at.is_none() && it.discarded_at.is_none(),
            issued_at: it.issued_at.map(|at| at.to_string()),
            issued_by: it.issued_by.clone(),
            discarded_at: it.discarded_at.map(|at| at.to_string()),
            discarded_by: it.discarded_by.clone(),
        }
    }
}
