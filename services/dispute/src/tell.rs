//! What a clue is told of its dispute. It follows from the dispute's journal alone: an event is read when it is committed, so that no
//! clue is ever told what did not happen; and the command's id derives from the event's place, so that a repeat is the same command.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::dispute::DisputeEvent;
use bihuan_contracts::dispute::event;
use bihuan_contracts::{Message, partition_of};
use bihuan_domain::clue::{Actor, Command, Designation, Envelope, Role};
use bihuan_domain::code::{AgencyId, Level};
use bihuan_domain::dispute::{
    Agreement, Dispute, DocumentKind, Event, Holder, Interim, Occurrence, Outcome, Standing, State, evolve,
};
use bihuan_domain::id::{ClueId, CommandId, DisputeId};
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use bihuan_store::journal::{self, Journal};
use bihuan_stream::{Effects, Error, Record};

use crate::GROUP;
use crate::aggregate::occurrence;
use crate::handler::{Disputes, unknown};

/// The events by which somebody else may come to hold the clue.
pub(crate) const TOLD: [&str; 11] = [
    "bihuan.dispute.v1.DisputeSettled",
    "bihuan.dispute.v1.ApplicationRefused",
    "bihuan.dispute.v1.DisputeDecided",
    "bihuan.dispute.v1.DisputeWithdrawn",
    "bihuan.dispute.v1.AppealWithdrawn",
    "bihuan.dispute.v1.RulingAppealed",
    "bihuan.dispute.v1.PartyAdded",
    "bihuan.dispute.v1.LeadNamed",
    "bihuan.dispute.v1.RulingTakenUp",
    "bihuan.dispute.v1.StepLapsed",
    "bihuan.dispute.v1.CommandRejected",
];

impl Disputes {
    /// What happened to a dispute is told its clue.
    pub(crate) async fn tell(
        &self,
        partition: u32,
        record: &Record,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let happened = event::decode(&record.payload).map_err(|error| unknown(record, &error))?;
        if let DisputeEvent::Dispute { clue, occurrence } = happened {
            let is_refused = matches!(occurrence.event, Event::CommandRejected { .. });
            if is_refused && !is_opening_refused(&occurrence) {
                return Ok(());
            }
            let place = (partition, record.journal_sequence());
            let command = command_of(&self.store, place, clue, (self.partitions, now)).await?;
            if let Some(message) = command {
                effects.command(message);
            }
        }
        Ok(())
    }
}

/// In whose hands the clue is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holding {
    Agency(AgencyId),
    Coordinator(Level),
    Designated {
        agency: AgencyId,
        assisting: Vec<AgencyId>,
        basis: String,
        by: Designation,
    },
    /// The dispute is over and named nobody.
    Released,
    /// The clue is over, and needs nobody.
    Ended,
}

impl Holding {
    fn of(dispute: &Dispute) -> Self {
        match &dispute.standing {
            Standing::Open { .. } => Self::meanwhile(dispute),
            Standing::Ended { outcome, .. } => match outcome {
                Outcome::Settled { agency, by } => Self::Designated {
                    agency: agency.clone(),
                    assisting: Vec::new(),
                    basis: agreed(dispute, *by),
                    by: Designation::Agreement,
                },
                Outcome::Refused { .. } | Outcome::Withdrawn => Self::Released,
                Outcome::CarriedOut { .. } | Outcome::ClueEnded { .. } => Self::Ended,
            },
        }
    }

    /// A ruling binds once it cannot be appealed any more, or the agency took the clue up; until then the interim holder has it.
    fn meanwhile(dispute: &Dispute) -> Self {
        let ruled = dispute.ruling().filter(|_| dispute.is_bound());
        match (ruled, dispute.holder()) {
            (Some(ruling), _) => Self::Designated {
                agency: ruling.responsible.clone(),
                assisting: ruling.assisting.clone(),
                basis: format!("{} ({})", ruling.basis, ruling.decision.reference),
                by: Designation::Ruling,
            },
            (None, Some(Holder::Agency(agency))) => Self::Agency(agency.clone()),
            (None, Some(Holder::Coordinator(forum))) => Self::Coordinator(forum.administration()),
            (None, None) => Self::Released,
        }
    }

    fn command(self, dispute: DisputeId, level: Level) -> Option<Command> {
        Some(match self {
            Self::Agency(agency) => Command::HoldForDispute {
                dispute,
                interim: Interim::Agency(agency),
                level,
            },
            Self::Coordinator(level) => Command::HoldForDispute {
                dispute,
                interim: Interim::Coordinator,
                level,
            },
            Self::Designated {
                agency,
                assisting,
                basis,
                by,
            } => Command::DesignateAgency {
                dispute,
                agency,
                assisting,
                basis,
                by,
            },
            Self::Released => Command::ReleaseFromDispute { dispute },
            Self::Ended => return None,
        })
    }
}

/// The paper on which the parties agreed.
fn agreed(dispute: &Dispute, by: Agreement) -> String {
    let kind = match by {
        Agreement::Negotiation => DocumentKind::Minutes,
        Agreement::Opinion => DocumentKind::Opinion,
    };
    let paper = dispute.document(kind);
    paper.map(|it| it.reference.clone()).unwrap_or_default()
}

/// What the clue is told of `it`, which the dispute stood before as `before` says; `None`: nothing changes for it. When the dispute
/// opens the clue knows already who holds it.
pub fn told(before: &State, it: &Occurrence) -> Option<Command> {
    let mut after = before.clone();
    evolve(&mut after, it);
    match (&before.dispute, &after.dispute, &it.event) {
        (Some(before), Some(after), _) => {
            let (was, is) = (Holding::of(before), Holding::of(after));
            let level = after.forum.administration();
            if was == is {
                None
            } else {
                is.command(it.dispute, level)
            }
        }
        // what was raised at the clue could not be opened: it must not stay in dispute for ever
        (None, None, _) if is_opening_refused(it) => {
            Some(Command::ReleaseFromDispute { dispute: it.dispute })
        }
        _ => None,
    }
}

/// What was raised at the clue could not be opened.
pub(crate) fn is_opening_refused(it: &Occurrence) -> bool {
    matches!(&it.event, Event::CommandRejected { command, .. } if command == "OpenDispute")
        && it.actor.role == Role::Dispute
}

/// The command for the clue that the event at `sequence` leads to.
async fn command_of(
    store: &Store,
    (partition, sequence): (u32, i64),
    clue: ClueId,
    (partitions, now): (u32, Timestamp),
) -> bihuan_store::Result<Option<Message>> {
    let mut reader = store.read().await?;
    let chain = journal::chain(reader.conn(), Journal::Dispute, partition, sequence).await?;
    let Some((last, earlier)) = chain.split_last() else {
        return Ok(None);
    };
    let mut before = State::default();
    for entry in earlier {
        if let Some(it) = occurrence(entry)? {
            evolve(&mut before, &it);
        }
    }
    let told = occurrence(last)?.and_then(|it| told(&before, &it));
    Ok(told.map(|command| message(command, (partition, sequence), clue, (partitions, now))))
}

fn message(
    command: Command,
    place: (u32, i64),
    clue: ClueId,
    (partitions, now): (u32, Timestamp),
) -> Message {
    let (id, causation) = cause(place);
    let envelope = Envelope {
        id,
        clue,
        causation: Some(causation),
        actor: Actor::service(Role::Dispute),
        expected_version: None,
        occurred_at: None,
        received_at: now,
        command,
        text: None,
    };
    let to = partition_of(clue, partitions);
    command::message(&ClueCommand::Clue(envelope), to, GROUP)
}

/// The id of the command that the event at this place leads to, and how the event is called.
pub(crate) fn cause((partition, sequence): (u32, i64)) -> (CommandId, String) {
    let causation = format!("dispute.events.v1/{partition}/{sequence}");
    (CommandId::derive(causation.as_bytes(), GROUP, 0), causation)
}
