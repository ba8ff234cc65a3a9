//! Whether a command may be carried out, and what then happens. One rule a file; this one holds what all of them share:
//! repeats, versions, effective time, numbering, and turning a refusal into an event.

mod absence;
mod admission;
mod asked;
mod assignment;
mod campaign;
mod closing;
mod designation;
mod discrepancy;
mod dispute;
mod effective;
mod extension;
mod handling;
mod history;
mod link;
mod log;
mod notice;
mod report;
mod resolution;
mod returns;
mod source;
mod suspension;
mod task;
mod transfer;
mod triage;
mod verification;

use serde::{Deserialize, Serialize};

use self::asked::Asked;
use self::effective::{effective_at, lives_in_past};
use super::sequel::Sequel;
use super::words::Code;
use super::{Clue, Command, Env, Envelope, Event, Occurrence, Role, State};
use crate::time::Timestamp;

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
        if lives_in_past(state) {
            asked.at = state.last_at;
        }
        let command = envelope.command.name().to_owned();
        vec![Event::CommandRejected { command, rejection }.into()]
    });
    Decision::Events(occurrences(state, &asked, steps))
}

fn answer(state: &State, asked: &Asked<'_>) -> Answer {
    let Some(clue) = &state.clue else {
        return unknown(state, asked);
    };
    same_version(state, asked)?;
    rule(clue, asked)
}

/// Of a clue that was never reported.
fn unknown(state: &State, asked: &Asked<'_>) -> Answer {
    match &asked.envelope.command {
        Command::ReportClue(report) => {
            same_version(state, asked)?;
            Ok(report::first(asked, report, state.removed.as_deref()))
        }
        Command::NoteDeleted(deletion) => {
            asked.entitled(&[Role::Source])?;
            Ok(one(Event::UnknownDeleted(deletion.clone())))
        }
        _ => Err(Code::ClueUnknown.into()),
    }
}

fn same_version(state: &State, asked: &Asked<'_>) -> Result<(), Rejection> {
    let Some(expected) = asked.envelope.expected_version else {
        return Ok(());
    };
    let as_expected = match &state.clue {
        // it goes by matter, area and severity alone
        Some(clue) if asked.actor().role == Role::Routing => clue.routed_since <= expected,
        _ => expected == state.version,
    };
    if as_expected {
        Ok(())
    } else {
        Err(Code::VersionConflict.into())
    }
}

/// The rule for each command.
fn rule(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match &asked.envelope.command {
        Command::ReportClue(report) if !clue.is_spoken_for_by(&report.source, &report.source_id) => {
            Ok(link::again(clue, report))
        }
        Command::ReportClue(report) => report::again(clue, asked, report),
        Command::NoteDeleted(deletion) => {
            asked.entitled(&[Role::Source])?;
            if !clue.is_spoken_for_by(&deletion.source, &deletion.source_id) {
                return Ok(link::deleted(clue, deletion));
            }
            Ok(absence::deleted(clue, asked, deletion))
        }
        Command::NoteMissing { file } => {
            asked.entitled(&[Role::Source])?;
            absence::missing(clue, *file)
        }
        Command::AdmitClue => admission::admit(clue, asked),
        Command::RejectClue { reason } => admission::reject(clue, asked, reason),
        Command::CorrectClue {
            matter,
            area,
            category: _,
        } => admission::correct(clue, asked, matter.as_ref(), area.as_ref()),
        Command::HoldForTriage { decision } => triage::hold(clue, asked, decision),
        Command::OfferClue { rulebook } => triage::offer(clue, asked, rulebook),
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
        Command::RequestExtension { limit } => extension::request(clue, asked, *limit),
        Command::GrantExtension => extension::grant(clue, asked),
        Command::RefuseExtension => extension::refuse(clue, asked),
        Command::IssueNotice { rung, ended } => notice::issue(clue, asked, rung, *ended),
        Command::DiscardNotice { rung } => notice::discard(clue, asked, rung),
        Command::ResolveClue(resolution) => resolution::resolve(clue, asked, resolution),
        Command::PassCheck => verification::pass(clue, asked),
        Command::FailCheck => verification::fail(clue, asked),
        Command::RecordCallBack { result } => verification::call_back(clue, asked, *result),
        Command::CloseClue => closing::close(clue, asked),
        Command::ReopenClue => closing::reopen(clue, asked),
        Command::VoidClue { reason } => closing::void(clue, asked, reason),
        Command::SettleDiscrepancy { discrepancy, accept } => {
            discrepancy::settle(clue, asked, *discrepancy, *accept)
        }
        Command::RaiseDispute { cause, parties } => dispute::raise(clue, asked, *cause, parties),
        Command::HoldForDispute {
            dispute,
            interim,
            level,
        } => designation::hold(clue, asked, *dispute, interim, *level),
        Command::DesignateAgency {
            dispute,
            agency,
            assisting,
            basis,
            by,
        } => designation::designate(clue, asked, *dispute, agency, assisting, basis, *by),
        Command::ReleaseFromDispute { dispute } => designation::release(clue, asked, *dispute),
        Command::Task(command) => task::rule(clue, asked, command),
        Command::TagCampaign { campaign } => campaign::tag(clue, asked, campaign),
        Command::UntagCampaign => campaign::untag(clue, asked),
    }
}

/// What happened, numbered and dated.
fn occurrences(state: &State, asked: &Asked<'_>, steps: Vec<Step>) -> Vec<Occurrence> {
    let envelope = asked.envelope;
    let mut told = envelope.text.as_ref();
    let mut sequel = Sequel::new(state, asked.at, asked.env);
    for Step { at, event } in steps {
        let text = told.and_then(|text| event.text(text)).map(|text| {
            // of the events of a command the first has it
            told = None;
            text.digest()
        });
        sequel.push(
            at,
            Occurrence {
                clue: envelope.clue,
                version: 0,
                at: asked.at,
                received_at: envelope.received_at,
                command: envelope.id,
                causation: envelope.causation.clone(),
                actor: envelope.actor.clone(),
                text,
                clocks: None,
                event,
            },
        );
    }
    sequel.written
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CITY, COUNTY, Case, area, assign, checker, coordinator, of, report, role};
    use super::super::{Command, Role, Text};
    use super::*;

    #[test]
    fn a_repeated_command_changes_nothing() {
        let mut case = Case::dispatched();
        let envelope = case.envelope(of(COUNTY), Command::AcknowledgeClue);
        assert_eq!(case.handle(&envelope).events(), ["ClueAcknowledged"]);
        let state = case.state.clone();
        assert_eq!(case.decide(&envelope), Decision::Repeated);
        assert_eq!(case.state, state);
    }

    #[test]
    fn a_refused_command_is_an_event_and_its_repeat_is_recognised() {
        let mut case = Case::dispatched();
        let envelope = case.envelope(of(CITY), Command::AcknowledgeClue);
        let outcome = case.handle(&envelope);
        assert_eq!(outcome.events(), ["CommandRejected"]);
        assert_eq!(outcome.refused(), ("not_holder", None));
        assert!(
            matches!(&outcome.0[0].event, Event::CommandRejected { command, .. } if command == "AcknowledgeClue")
        );
        assert_eq!(case.decide(&envelope), Decision::Repeated);
    }

    #[test]
    fn nothing_can_be_asked_of_a_clue_that_nobody_reported() {
        let mut case = Case::new();
        let outcome = case.when(of(COUNTY), Command::AcknowledgeClue);
        assert_eq!(outcome.refused(), ("clue_unknown", None));
        assert_eq!((case.state.version, case.state.handled.len()), (1, 1));
        assert_eq!(
            case.when(role(Role::Source), Command::ReportClue(report())).0[0].version,
            2
        );
    }

    #[test]
    fn the_expected_version_must_be_the_clues() {
        let mut case = Case::dispatched();
        case.expected_version = Some(case.state.version);
        assert_eq!(case.refusal(of(COUNTY), Command::AcknowledgeClue), "");
        assert_eq!(
            case.refusal(of(COUNTY), Command::StartHandling),
            "version_conflict"
        );
    }

    #[test]
    fn what_routing_decided_before_a_correction_counts_no_more() {
        let correct = || Command::CorrectClue {
            matter: None,
            area: Some(area("330602")),
            category: None,
        };
        let mut case = Case::admitted();
        let asked = case.state.version;
        case.expected_version = Some(asked);
        // a repeat of the report changes nothing that routing goes by
        let mut repeated = case.given(role(Role::Source), Command::ReportClue(report()));
        assert_eq!(repeated.refusal(role(Role::Routing), assign(COUNTY)), "");
        for (expected, code) in [(asked, "version_conflict"), (asked + 1, "")] {
            let mut case = Case::admitted().given(coordinator(), correct());
            case.expected_version = Some(expected);
            assert_eq!(case.refusal(role(Role::Routing), assign(COUNTY)), code);
        }
    }

    #[test]
    fn a_refusal_for_its_stage_names_the_stage() {
        let mut case = Case::admitted();
        let outcome = case.when(checker(), Command::PassCheck);
        assert_eq!(outcome.refused(), ("wrong_stage", None));
        assert_eq!(
            outcome.rejection().and_then(|it| it.stage.as_deref()),
            Some("admitted")
        );
    }

    #[test]
    fn the_text_belongs_to_the_first_event_and_empty_text_to_none() {
        let mut case = Case::new();
        let outcome = case.when(role(Role::Source), Command::ReportClue(report()));
        let texts: Vec<_> = outcome.0.iter().map(|it| it.text).collect();
        assert_eq!(texts, [Some(Text::remark("事由").digest()), None]);
        case.remark = Some("  ".to_owned());
        assert_eq!(case.when(role(Role::Routing), assign(COUNTY)).0[0].text, None);
    }
}
