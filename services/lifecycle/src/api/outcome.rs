//! What became of a command, and the name under which one asks for it.

use std::fmt;
use std::str::FromStr;

use bihuan_domain::clue::{Event, Occurrence, Rejection};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_stream::KeyReused;

/// A command as people outside name it: `{clue}~{command}`. With the clue in it, its answer is found among the clue's events
/// and no index of commands is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub clue: ClueId,
    pub command: CommandId,
}

/// The text is not `{clue}~{command}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the id of a command")]
pub struct TicketError;

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.clue, self.command)
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let (clue, command) = text.split_once('~').ok_or(TicketError)?;
        let clue = clue.parse().map_err(|_| TicketError)?;
        Ok(Self {
            clue,
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
    /// Of `command`, if the clue's `history` knows it.
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

    /// The clue's version right after the command.
    pub fn version(&self) -> u32 {
        self.events().last().map_or(0, |it| it.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_round_trips_and_nothing_else_is_one() {
        let clue = ClueId::derive(&"grid".parse().expect("valid"), "1");
        let ticket = Ticket {
            clue,
            command: CommandId::derive(b"x", "http", 0),
        };
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
        for text in [
            "",
            "~",
            &clue.to_string(),
            &format!("{clue}~"),
            &format!("{clue}~1"),
            &format!("{ticket}~"),
        ] {
            assert_eq!(text.parse::<Ticket>(), Err(TicketError), "{text}");
        }
    }
}
