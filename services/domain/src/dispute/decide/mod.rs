//! Whether a command may be carried out, and what then happens. One rule a file; this one holds what all of them share:
//! repeats, versions, effective time, and turning a refusal into an event.

mod application;
mod asked;
mod ending;
mod hearing;
mod negotiation;
mod opening;
mod party;
mod ruling;

use serde::{Deserialize, Serialize};

use self::asked::Asked;
use super::sequel::{Sequel, Stamp};
use super::words::Code;
use super::{Command, Dispute, Env, Envelope, Event, Occurrence, State};

/// Why a command that was understood is refused. An outcome, stored and answered; not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Stable code, for programs; [`super::rejection_words`] has the words for people.
    pub code: String,
    /// The field of the command that is at fault, if it is one.
    pub field: Option<String>,
    /// Where the dispute stands ([`Dispute::name`]), where that is in the way.
    pub step: Option<String>,
}

impl From<Code> for Rejection {
    fn from(code: Code) -> Self {
        Self {
            code: code.as_str().to_owned(),
            field: None,
            step: None,
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

    /// A refusal that names where the dispute stands.
    fn of_step(code: Code, dispute: &Dispute) -> Self {
        Self {
            step: Some(dispute.name().to_owned()),
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
    /// At least one event; a refused command gives one `CommandRejected`. What lapsed before it was asked comes first.
    Events(Vec<Occurrence>),
}

/// What a rule answers: what happens, or why it does not.
type Answer = Result<Vec<Event>, Rejection>;

/// Decides `envelope` for a dispute in `state`. No command overtakes what was due before it was asked.
pub fn decide(state: &State, envelope: &Envelope, env: &Env<'_>) -> Decision {
    if state.has_handled(envelope.id) {
        return Decision::Repeated;
    }
    let mut sequel = Sequel::new(envelope.dispute, state, env);
    let claimed = env
        .rulebook
        .policy
        .time
        .of(envelope.occurred_at, envelope.received_at);
    let at = claimed.max(state.last_at);
    // until when a deadline is kept goes by when it was asked, whatever whoever asks says of that
    sequel.wake(at.max(envelope.received_at), envelope.received_at);
    let asked = Asked { envelope, env };
    let answer = answer(&sequel, &asked).unwrap_or_else(|rejection| {
        let command = envelope.command.name().to_owned();
        vec![Event::CommandRejected { command, rejection }]
    });
    let text = envelope.text.as_ref().filter(|text| !text.is_empty());
    let mut by = Stamp {
        received_at: envelope.received_at,
        command: envelope.id,
        causation: envelope.causation.clone(),
        actor: envelope.actor.clone(),
        text: text.map(crate::clue::Text::digest),
    };
    for event in answer {
        sequel.push(Some(at), event, by.clone());
        // of the events of a command the first has it
        by.text = None;
    }
    Decision::Events(sequel.written)
}

fn answer(sequel: &Sequel<'_>, asked: &Asked<'_>) -> Answer {
    let expected = asked.envelope.expected_version;
    if expected.is_some_and(|expected| expected != sequel.version) {
        return Err(Code::VersionConflict.into());
    }
    match (&sequel.dispute, &asked.envelope.command) {
        (None, Command::OpenDispute(opening)) => opening::open(asked, opening),
        (Some(_), Command::OpenDispute(_)) => Err(Code::AlreadyOpened.into()),
        (None, _) => Err(Code::DisputeUnknown.into()),
        (Some(dispute), _) if !dispute.is_open() => Err(Rejection::of_step(Code::Ended, dispute)),
        (Some(dispute), _) => rule(dispute, asked),
    }
}

/// The rule for each command.
fn rule(dispute: &Dispute, asked: &Asked<'_>) -> Answer {
    match &asked.envelope.command {
        Command::OpenDispute(_) => Err(Code::AlreadyOpened.into()),
        Command::StatePosition {
            position,
            duty,
            papers,
        } => party::state(dispute, asked, *position, duty, papers),
        Command::RecordMinutes { agreed, minutes } => {
            negotiation::record(dispute, asked, agreed.as_ref(), minutes)
        }
        Command::Apply { application } => application::apply(dispute, asked, application),
        Command::AcceptApplication => application::accept(dispute, asked),
        Command::RefuseApplication { ground } => application::refuse(dispute, asked, *ground),
        Command::ForwardApplication => application::forward(dispute, asked),
        Command::Reply { reply } => hearing::reply(dispute, asked, reply),
        Command::RecordMeeting { minutes } => hearing::meet(dispute, asked, minutes),
        Command::GiveOpinion { agency, opinion } => hearing::opine(dispute, asked, agency, opinion),
        Command::AcceptOpinion => hearing::consent(dispute, asked, true),
        Command::DeclineOpinion => hearing::consent(dispute, asked, false),
        Command::DecideDispute(ruling) => ruling::decide(dispute, asked, ruling),
        Command::AppealRuling { application } => ruling::appeal(dispute, asked, application),
        Command::NoteTakenUp { agency } => ruling::taken_up(dispute, asked, agency),
        Command::WithdrawDispute => ending::withdraw(dispute, asked),
        Command::NoteClueEnded { how } => ending::clue_ended(dispute, asked, *how),
        Command::AddParty(claim) => party::add(dispute, asked, claim),
        Command::NameLead { agency } => party::lead(dispute, asked, agency),
    }
}
