//! Whether a command may be carried out, and what then happens. One rule a file; this one holds what all of them share:
//! repeats, versions, effective time, numbering, and turning a refusal into an event.

mod admission;
mod asked;
mod assignment;
mod closing;
mod coordination;
mod handling;
mod history;
mod report;
mod resolution;
mod returns;
mod suspension;
mod transfer;
mod triage;
mod verification;

use serde::{Deserialize, Serialize};

use self::asked::Asked;
use super::words::Code;
use super::{Clue, Command, Env, Envelope, Event, Occurrence, State};
use crate::time::Timestamp;

#[cfg(test)]
pub(super) use self::closing::missing;

/// Why a command that was understood is refused. An outcome, stored and answered; not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Stable code, for programs; [`super::rejection_words`] has the words for people.
    pub code: String,
    /// The field of the command that is at fault, if it is one.
    pub field: Option<String>,
    /// [`super::Stage::name`] of the clue, where the stage is what stands in the way.
    pub stage: Option<String>,
}

impl From<Code> for Rejection {
    fn from(code: Code) -> Self {
        Self {
            code: code.as_str().to_owned(),
            field: None,
            stage: None,
        }
    }
}

impl Rejection {
    fn of_field(code: Code, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::from(code)
        }
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Decision {
    /// It was handled before: nothing changes, its answer is in the journal.
    Repeated,
    /// At least one event; a refused command gives one `CommandRejected`.
    Events(Vec<Occurrence>),
}

/// An event that a rule asks for. `at` only where it differs from the command's effective time: recorded history.
#[derive(Debug)]
struct Step {
    at: Option<Timestamp>,
    event: Event,
}

impl Step {
    const fn recorded(at: Timestamp, event: Event) -> Self {
        Self { at: Some(at), event }
    }
}

impl From<Event> for Step {
    fn from(event: Event) -> Self {
        Self { at: None, event }
    }
}

/// What a rule answers: what happens, or why it does not.
type Answer = Result<Vec<Step>, Rejection>;

fn one(event: Event) -> Vec<Step> {
    vec![event.into()]
}

/// Decides `envelope` for a clue in `state`.
pub fn decide(state: &State, envelope: &Envelope, env: &Env<'_>) -> Decision {
    if state.has_handled(envelope.id) {
        return Decision::Repeated;
    }
    let mut asked = Asked {
        envelope,
        env,
        at: effective_at(state, envelope, env),
    };
    let steps = answer(state, &asked).unwrap_or_else(|rejection| {
        if history_waits(state) {
            asked.at = state.last_at;
        }
        let command = envelope.command.name().to_owned();
        vec![Event::CommandRejected { command, rejection }.into()]
    });
    Decision::Events(occurrences(state, &asked, steps))
}

/// When it happened, as far as anybody may claim (architecture: effective time). A report happened when it was reported. A
/// clue whose history waits still lives in that history, until it is taken out of it; a refusal must not move it either.
/// Otherwise the sender's time counts if it is near the time of receipt.
fn effective_at(state: &State, envelope: &Envelope, env: &Env<'_>) -> Timestamp {
    let claimed = match &envelope.command {
        Command::ReportClue(report) => report.reported_at,
        Command::RejectClue { .. } | Command::VoidClue { .. } => sent_at(envelope, env),
        _ if history_waits(state) => state.last_at,
        _ => sent_at(envelope, env),
    };
    if state.version == 0 {
        claimed
    } else {
        claimed.max(state.last_at)
    }
}

fn history_waits(state: &State) -> bool {
    state
        .clue
        .as_ref()
        .is_some_and(|clue| clue.pending_history.is_some())
}

fn sent_at(envelope: &Envelope, env: &Env<'_>) -> Timestamp {
    let tolerance = &env.rulebook.policy.time;
    let received = envelope.received_at;
    let earliest = received.plus_minutes(-i64::from(tolerance.past_tolerance_minutes));
    let latest = received.plus_minutes(i64::from(tolerance.future_tolerance_minutes));
    envelope
        .occurred_at
        .filter(|at| (earliest..=latest).contains(at))
        .unwrap_or(received)
}

fn answer(state: &State, asked: &Asked<'_>) -> Answer {
    let Some(clue) = &state.clue else {
        let Command::ReportClue(report) = &asked.envelope.command else {
            return Err(Code::ClueUnknown.into());
        };
        same_version(state, asked)?;
        return Ok(report::first(asked, report));
    };
    same_version(state, asked)?;
    rule(clue, asked)
}

fn same_version(state: &State, asked: &Asked<'_>) -> Result<(), Rejection> {
    match asked.envelope.expected_version {
        Some(expected) if expected != state.version => Err(Code::VersionConflict.into()),
        _ => Ok(()),
    }
}

/// The rule for each command.
fn rule(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match &asked.envelope.command {
        Command::ReportClue(report) => Ok(report::again(clue, asked, report)),
        Command::AdmitClue => admission::admit(clue, asked),
        Command::RejectClue { reason } => admission::reject(clue, asked, reason),
        Command::CorrectClue {
            matter,
            area,
            category: _,
        } => admission::correct(clue, asked, matter.as_ref(), area.as_ref()),
        Command::HoldForTriage { decision } => triage::hold(clue, asked, decision),
        Command::AssignClue {
            agency,
            penalty,
            assisting,
            decision,
        } => assignment::assign(clue, asked, agency, penalty.as_ref(), assisting, decision),
        Command::DelegateClue { to } => assignment::delegate(clue, asked, to),
        Command::AcknowledgeClue => assignment::acknowledge(clue, asked),
        Command::RequestReturn { duty, proposed } => returns::request(clue, asked, duty, proposed),
        Command::ApproveReturn { to } => returns::approve(clue, asked, to.as_ref()),
        Command::RefuseReturn => returns::refuse(clue, asked),
        Command::TransferClue { to, basis } => transfer::transfer(clue, asked, to, basis.as_deref()),
        Command::StartHandling => handling::start(clue, asked),
        Command::SuspendClue {
            reason,
            approver,
            until,
        } => suspension::suspend(clue, asked, reason, approver, *until),
        Command::ResumeClue => suspension::resume(clue, asked),
        Command::ResolveClue(resolution) => resolution::resolve(clue, asked, resolution),
        Command::PassCheck => verification::pass(clue, asked),
        Command::FailCheck => verification::fail(clue, asked),
        Command::RecordCallBack { result } => verification::call_back(clue, asked, *result),
        Command::CloseClue => closing::close(clue, asked),
        Command::ReopenClue => closing::reopen(clue, asked),
        Command::VoidClue { reason } => closing::void(clue, asked, reason),
    }
}

/// Numbers what happened and never lets time run backwards.
fn occurrences(state: &State, asked: &Asked<'_>, steps: Vec<Step>) -> Vec<Occurrence> {
    let envelope = asked.envelope;
    let mut text = envelope
        .text
        .as_ref()
        .filter(|text| !text.is_empty())
        .map(super::Text::digest);
    let mut at = asked.at;
    let mut version = state.version;
    let number = |step: Step| {
        version += 1;
        at = at.max(step.at.unwrap_or(at));
        Occurrence {
            clue: envelope.clue,
            version,
            at,
            received_at: envelope.received_at,
            command: envelope.id,
            causation: envelope.causation.clone(),
            actor: envelope.actor.clone(),
            text: text.take(),
            event: step.event,
        }
    };
    steps.into_iter().map(number).collect()
}
