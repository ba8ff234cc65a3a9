//! Feedback that comes before its clue, or before that is dispatched, waits until an agency has it. So it does not matter which of
//! two platforms is faster, nor whether routing was.
//!
//! What waits is in the lane's memory and in a row; row and event commit with the batch that parked it, and the row goes with the
//! batch that decides it. Whoever takes the lane over reads the rows.

use std::collections::HashMap;

use bihuan_contracts::command::{self, ClueCommand, DiscardParked};
use bihuan_contracts::event::ClueEvent;
use bihuan_contracts::topics;
use bihuan_domain::clue::{Envelope, State};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::Connection;
use bihuan_stream::{Effects, Error};

use crate::parked::{self, ParkedRow};
use crate::unreadable;

/// What one lane holds back at most: beyond that, feedback that comes too early is refused as every other command is.
const MAX_PARKED: usize = 20_000;
/// And of memory: texts may be long.
const MAX_BYTES: usize = 64 << 20;

/// What waits in one lane.
#[derive(Debug, Default)]
pub(crate) struct Parking {
    waiting: HashMap<ClueId, Vec<Waiting>>,
    count: usize,
    /// Of the commands, encoded.
    bytes: usize,
    /// Parked by this batch.
    parked: Vec<ParkedRow>,
    /// Decided or given up by this batch.
    released: Vec<i64>,
}

#[derive(Debug)]
struct Waiting {
    /// Of the event that says so.
    sequence: i64,
    bytes: usize,
    envelope: Envelope,
}

impl Parking {
    /// With what waits in the rows.
    pub(crate) async fn take_over(connection: Connection<'_>, partition: u32) -> Result<Self, Error> {
        let mut parking = Self::default();
        for row in parked::of_partition(connection, partition).await? {
            let Some(envelope) = row.envelope() else {
                // whoever wrote it may be newer than this program
                return Err(Error::Unknown {
                    topic: topics::CLUE_EVENTS.to_owned(),
                    partition,
                    offset: row.sequence,
                    detail: "the command that was parked cannot be read".to_owned(),
                });
            };
            parking.add(row.sequence, row.command.len(), envelope);
        }
        Ok(parking)
    }

    fn add(&mut self, sequence: i64, bytes: usize, envelope: Envelope) {
        self.count += 1;
        self.bytes += bytes;
        let of_clue = self.waiting.entry(envelope.clue).or_default();
        of_clue.push(Waiting {
            sequence,
            bytes,
            envelope,
        });
    }

    /// Whether the feedback has to wait.
    pub(crate) fn holds_back(&self, state: &State, envelope: &Envelope) -> bool {
        let has_room = self.count < MAX_PARKED && self.bytes < MAX_BYTES || self.holds(envelope);
        has_room && state.awaits_dispatch() && !state.has_handled(envelope.id)
    }

    fn holds(&self, envelope: &Envelope) -> bool {
        let of_clue = self.waiting.get(&envelope.clue).into_iter().flatten();
        let mut ids = of_clue.map(|it| it.envelope.id.short());
        ids.any(|id| id == envelope.id.short())
    }

    /// Lets the feedback wait; a repeat of what waits already is nothing new.
    pub(crate) fn park(&mut self, partition: u32, envelope: Envelope, now: Timestamp, effects: &mut Effects) {
        if self.holds(&envelope) {
            return;
        }
        let clue = envelope.clue;
        let feedback = ClueCommand::Feedback(envelope);
        let mut row = ParkedRow {
            partition,
            sequence: 0,
            clue,
            parked_at: now,
            command: command::encode(&feedback),
        };
        let ClueCommand::Feedback(envelope) = feedback else {
            return;
        };
        let event = ClueEvent::CommandParked {
            command: envelope.id,
            clue,
            digest: row.digest(),
            causation: envelope.causation.clone(),
            at: now,
        };
        row.sequence = effects.event(partition, unreadable::of_partition(&event));
        self.add(row.sequence, row.command.len(), envelope);
        self.parked.push(row);
    }

    /// Whether anything waits for the clue.
    pub(crate) fn waits_for(&self, clue: ClueId) -> bool {
        self.count > 0 && self.waiting.contains_key(&clue)
    }

    /// What waited for this, in the order in which it came.
    pub(crate) fn release(&mut self, clue: ClueId, state: &State) -> Vec<Envelope> {
        if state.awaits_dispatch() {
            return Vec::new();
        }
        let released = self.waiting.remove(&clue).unwrap_or_default();
        for it in &released {
            self.gone(it.sequence, it.bytes);
        }
        released.into_iter().map(|it| it.envelope).collect()
    }

    /// Gives up what an operator does not want to wait any longer; what does not wait is left as it is.
    pub(crate) fn discard(
        &mut self,
        partition: u32,
        asked: DiscardParked,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let Some(of_clue) = self.waiting.get_mut(&asked.clue) else {
            return;
        };
        let Some(at) = of_clue.iter().position(|it| it.envelope.id == asked.parked) else {
            return;
        };
        let waited = of_clue.remove(at);
        if of_clue.is_empty() {
            self.waiting.remove(&asked.clue);
        }
        self.gone(waited.sequence, waited.bytes);
        let event = ClueEvent::ParkedDiscarded {
            command: asked.id,
            clue: asked.clue,
            parked: asked.parked,
            causation: waited.envelope.causation,
            reason: asked.reason,
            actor: asked.actor,
            at: now,
        };
        effects.event(partition, unreadable::of_partition(&event));
    }

    fn gone(&mut self, sequence: i64, bytes: usize) {
        self.count -= 1;
        self.bytes -= bytes;
        self.released.push(sequence);
    }

    /// What this batch writes: the new rows, and the sequences of those that go.
    pub(crate) fn give_out(&mut self) -> (Vec<ParkedRow>, Vec<i64>) {
        (
            std::mem::take(&mut self.parked),
            std::mem::take(&mut self.released),
        )
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::{Actor, Command, Role, Text};
    use bihuan_domain::id::CommandId;

    use super::*;

    fn said(clue: usize, message: u32) -> Envelope {
        let clue = ClueId::derive(&"grid".parse().expect("valid"), &clue.to_string());
        Envelope {
            id: CommandId::derive(clue.0.as_bytes(), "feedback", message),
            clue,
            causation: None,
            actor: Actor::agency("north".parse().expect("valid")),
            expected_version: None,
            occurred_at: None,
            received_at: Timestamp::EPOCH,
            command: Command::AcknowledgeClue,
            text: None,
        }
    }

    #[test]
    fn a_lane_holds_back_so_much_and_no_more() {
        let (mut parking, mut effects) = (Parking::default(), Effects::default());
        let unknown = State::default();
        for clue in 0..MAX_PARKED {
            let said = said(clue, 1);
            assert!(parking.holds_back(&unknown, &said), "{clue}");
            parking.park(0, said, Timestamp::EPOCH, &mut effects);
        }
        assert!(!parking.holds_back(&unknown, &said(MAX_PARKED, 1)), "it is full");
        assert!(
            !parking.holds_back(&unknown, &said(0, 2)),
            "also for a clue that is waited for"
        );
        assert!(
            parking.holds_back(&unknown, &said(0, 1)),
            "a repeat takes no room"
        );
        parking.park(0, said(0, 1), Timestamp::EPOCH, &mut effects);
        assert_eq!(parking.give_out().0.len(), MAX_PARKED);
    }
    #[test]
    fn a_lane_keeps_so_many_bytes_and_what_is_given_up_makes_room() {
        let (mut parking, mut effects) = (Parking::default(), Effects::default());
        let long = |clue| Envelope {
            text: Some(Text::remark("长".repeat(10 << 20))),
            ..said(clue, 1)
        };
        let unknown = State::default();
        for clue in 0..3 {
            assert!(parking.holds_back(&unknown, &said(clue, 1)), "{clue}");
            parking.park(0, long(clue), Timestamp::EPOCH, &mut effects);
        }
        assert!(!parking.holds_back(&unknown, &said(3, 1)), "it is full");
        let discard = |parked: &Envelope| DiscardParked {
            id: CommandId::derive(b"x", "operator", 0),
            clue: parked.clue,
            parked: parked.id,
            reason: "the clue never comes".to_owned(),
            actor: Actor::service(Role::Operator),
            received_at: Timestamp::EPOCH,
        };
        for parked in [said(9, 1), said(0, 2), said(0, 1), said(0, 1)] {
            parking.discard(0, discard(&parked), Timestamp::EPOCH, &mut effects);
        }
        assert!(!parking.waits_for(said(0, 1).clue) && parking.waits_for(said(1, 1).clue));
        assert!(parking.holds_back(&unknown, &said(3, 1)), "there is room");
        let (parked, released) = parking.give_out();
        assert_eq!(released, [parked[0].sequence], "once");
    }
}
