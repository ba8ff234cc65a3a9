//! What became of a command, and the name under which one asks for it.

use std::fmt;
use std::str::FromStr;

use bihuan_domain::dispute::{Event, Occurrence, Rejection};
use bihuan_domain::id::{CommandId, DisputeId};
use bihuan_stream::KeyReused;

/// A command as people outside name it: `{dispute}~{command}`, as those of clues are named after the clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub dispute: DisputeId,
    pub command: CommandId,
}

/// The text is not `{dispute}~{command}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the id of a command")]
pub struct TicketError;

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.dispute, self.command)
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let (dispute, command) = text.split_once('~').ok_or(TicketError)?;
        Ok(Self {
            dispute: dispute.parse().map_err(|_| TicketError)?,
            command: command.parse().map_err(|_| TicketError)?,
        })
    }
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was carried out: these events.
    Done(Vec<Occurrence>),
    /// It was refused, which is an event too.
    Rejected {
        rejection: Rejection,
        events: Vec<Occurrence>,
    },
}

impl Outcome {
    /// Of `command`, if the dispute's `history` knows it.
    pub fn of(history: Vec<Occurrence>, command: CommandId) -> Result<Option<Self>, KeyReused> {
        if history.iter().any(|it| it.command.contradicts(command)) {
            return Err(KeyReused);
        }
        let is_its = |it: &Occurrence| it.command.short() == command.short();
        let events: Vec<_> = history.into_iter().filter(is_its).collect();
        let rejection = events.iter().find_map(|it| match &it.event {
            Event::CommandRejected { rejection, .. } => Some(rejection.clone()),
            _ => None,
        });
        Ok(match rejection {
            Some(rejection) => Some(Self::Rejected { rejection, events }),
            None => (!events.is_empty()).then_some(Self::Done(events)),
        })
    }

    pub fn events(&self) -> &[Occurrence] {
        match self {
            Self::Done(events) | Self::Rejected { events, .. } => events,
        }
    }

    /// The dispute's version right after the command.
    pub fn version(&self) -> u32 {
        self.events().last().map_or(0, |it| it.version)
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::{Actor, Role};
    use bihuan_domain::digest::Digest;
    use bihuan_domain::id::ClueId;
    use bihuan_domain::time::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn dispute() -> DisputeId {
        DisputeId::derive(ClueId(Uuid::nil()), CommandId(Uuid::nil()))
    }

    fn happened(command: CommandId, event: Event) -> Occurrence {
        Occurrence {
            dispute: dispute(),
            version: 2,
            at: Timestamp::EPOCH,
            received_at: Timestamp::EPOCH,
            command,
            causation: None,
            actor: Actor::service(Role::Operator),
            text: None,
            deadline: None,
            event,
        }
    }

    #[test]
    fn a_ticket_round_trips_and_nothing_else_is_one() {
        let ticket = Ticket {
            dispute: dispute(),
            command: CommandId::derive(b"x", "http", 0),
        };
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
        for text in ["", "~", &dispute().to_string(), &format!("{ticket}~")] {
            assert_eq!(text.parse::<Ticket>(), Err(TicketError), "{text}");
        }
    }

    #[test]
    fn the_outcome_is_that_of_the_command_and_a_used_key_tells() {
        let cause = CommandId::derive(b"x", "http", 0);
        let [one, other] = [b"one", b"two"].map(|content| cause.asking(Digest::of([&content[..]])));
        let elsewhere = CommandId::derive(b"y", "http", 0);
        let history = || {
            vec![
                happened(elsewhere, Event::ApplicationAccepted),
                happened(one, Event::ApplicationForwarded),
            ]
        };
        let done = Outcome::of(history(), one).map(|it| it.map(|it| it.events().len()));
        assert_eq!(done, Ok(Some(1)));
        assert_eq!(Outcome::of(history(), other), Err(KeyReused));
        assert_eq!(
            Outcome::of(history(), CommandId::derive(b"z", "http", 0)),
            Ok(None)
        );
    }
}
