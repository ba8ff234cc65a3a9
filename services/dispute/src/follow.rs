//! What happens to clues, as far as it matters to their disputes: one begins, the agency that a ruling names takes the clue up, the clue
//! ends.

use std::collections::BTreeSet;

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::{Actor, Event, Occurrence, Progress, Role, Stage, State, evolve};
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Cause, ClueEnd, Command, Dispute, Envelope, Opening, Step};
use bihuan_domain::id::{CommandId, DisputeId};
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use bihuan_store::journal::{self, Journal};
use bihuan_stream::{Effects, Error};

use crate::GROUP;
use crate::aggregate::Aggregate;
use crate::handler::Disputes;
use crate::heard;
use crate::lane::Lane;

/// Events that are read at once.
const PAGE: i64 = 1_000;

/// The events that matter; the others are not even decoded.
pub(crate) const FOLLOWED: [&str; 10] = [
    "bihuan.clue.v1.ClueDisputed",
    "bihuan.clue.v1.ClueDesignated",
    "bihuan.clue.v1.ClueAcknowledged",
    "bihuan.clue.v1.HandlingStarted",
    "bihuan.clue.v1.ClueResolved",
    "bihuan.clue.v1.ClueClosed",
    "bihuan.clue.v1.ClueVoided",
    "bihuan.clue.v1.ClueRejected",
    "bihuan.clue.v1.RulebookActivated",
    "bihuan.clue.v1.RulebookWithdrawn",
];

impl Disputes {
    /// What happened to a clue.
    pub(crate) async fn follow(
        &self,
        lane: &mut Lane,
        place: (u32, i64),
        happened: ClueEvent,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let it = match happened {
            ClueEvent::RulebookActivated { .. } | ClueEvent::RulebookWithdrawn { .. } => {
                // what lifecycle wrote with the event is read again
                lane.schedule = None;
                return Ok(());
            }
            ClueEvent::Clue(it) => it,
            _ => return Ok(()),
        };
        if let Event::ClueDisputed { dispute, opening, .. } = &it.event {
            return self
                .open(lane, place, &it, (*dispute, opening), now, effects)
                .await;
        }
        self.note(lane, place, &it, now, effects).await
    }

    /// Something happened to a clue that may have an open dispute.
    async fn note(
        &self,
        lane: &mut Lane,
        place: (u32, i64),
        it: &Occurrence,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let partition = place.0;
        let Some(id) = lane.of_clue(it.clue) else {
            return Ok(());
        };
        let Some(command) = self.noted(lane, place, id, it).await? else {
            return Ok(());
        };
        let asked = (Actor::service(Role::Dispute), command);
        let envelope = envelope(place, it, id, asked);
        let of_dispute = self
            .rulebook_of(lane, partition, id, envelope.received_at)
            .await?;
        self.decide(partition, lane, (it.clue, &envelope), of_dispute, now, effects)
            .await
    }

    /// Before a command makes a step lapse, what the clue's journal has until then counts, though the log brings it later: what was
    /// done in time is in time. Read again from the log, it is the same command.
    pub(crate) async fn hear(
        &self,
        partition: u32,
        lane: &mut Lane,
        asked: &Envelope,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let until = asked.received_at;
        let lapses = |it: &&Aggregate| it.state.wakes_at().is_some_and(|at| at <= until);
        let Some(clue) = lane.disputes.get(&asked.dispute).filter(lapses).map(|it| it.clue) else {
            return Ok(());
        };
        let mut after = heard::read_by(&self.store, partition).await?;
        loop {
            let mut reader = self.store.read().await?;
            let page = journal::after(reader.conn(), Journal::Clue, partition, after, PAGE).await?;
            drop(reader);
            for entry in page.iter().filter(|it| it.clue == Some(clue.0)) {
                if let ClueEvent::Clue(it) = event_of(entry)?
                    && it.received_at <= until
                {
                    self.note(lane, (partition, entry.sequence), &it, now, effects)
                        .await?;
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = last.sequence,
                _ => return Ok(()),
            }
        }
    }

    /// What the clue's open dispute is to note of the event.
    async fn noted(
        &self,
        lane: &Lane,
        place: (u32, i64),
        id: DisputeId,
        it: &Occurrence,
    ) -> Result<Option<Command>, Error> {
        if let Some(how) = end(&it.event) {
            return Ok(Some(Command::NoteClueEnded { how }));
        }
        let dispute = lane.disputes.get(&id).and_then(Aggregate::open);
        let Some(agency) = dispute.and_then(awaited) else {
            return Ok(None);
        };
        let clue = clue(&self.store, place).await?;
        let is_taken_up = has_taken_up(&clue, agency);
        Ok(is_taken_up.then(|| Command::NoteTakenUp {
            agency: agency.clone(),
        }))
    }

    /// A clue came into dispute. It goes by the rulebook of its report, and so does the dispute.
    async fn open(
        &self,
        lane: &mut Lane,
        place: (u32, i64),
        it: &Occurrence,
        (id, opening): (DisputeId, &Opening),
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let (partition, sequence) = place;
        lane.load(&self.store, partition, BTreeSet::from([id])).await?;
        if lane.disputes.get(&id).is_some_and(|it| it.state.version > 0) {
            // it is read again
            return Ok(());
        }
        if let Some(other) = lane.of_clue(it.clue) {
            let detail = format!("the clue's dispute {other} is still open when {id} begins");
            return Err(Error::Handler(detail));
        }
        let clue = clue(&self.store, place).await?;
        let reported_at = clue.clue.map_or(it.received_at, |it| it.reported_at);
        let of_dispute = lane
            .rulebook(&self.library, partition, sequence, reported_at)
            .await?;
        let command = Command::OpenDispute(opening.clone());
        let asked = (opener(opening.cause, &it.actor), command);
        let envelope = envelope(place, it, id, asked);
        self.decide(partition, lane, (it.clue, &envelope), of_dispute, now, effects)
            .await
    }
}

/// The command for `dispute` that an event of its clue at this place leads to. It was asked when the event was: a step that was in
/// time by the clue is in time here.
fn envelope(
    (partition, sequence): (u32, i64),
    it: &Occurrence,
    dispute: DisputeId,
    (actor, command): (Actor, Command),
) -> Envelope {
    let causation = format!("clue.events.v1/{partition}/{sequence}");
    Envelope {
        id: CommandId::derive(causation.as_bytes(), GROUP, 0),
        dispute,
        causation: Some(causation),
        actor,
        expected_version: None,
        occurred_at: Some(it.at),
        received_at: it.received_at,
        command,
        text: None,
    }
}

/// The service, for whoever raised it: that one may withdraw it. What came up by itself, nobody raised.
pub fn opener(cause: Cause, raised_by: &Actor) -> Actor {
    match cause {
        Cause::ReturnLimit { .. } => Actor::service(Role::Dispute),
        _ => Actor {
            role: Role::Dispute,
            ..raised_by.clone()
        },
    }
}

/// How the clue ends by the event, if it does.
pub const fn end(event: &Event) -> Option<ClueEnd> {
    match event {
        Event::ClueClosed { .. } => Some(ClueEnd::Closed),
        Event::ClueVoided { .. } => Some(ClueEnd::Voided),
        Event::ClueRejected { .. } => Some(ClueEnd::Rejected),
        _ => None,
    }
}

/// Whom the dispute waits for to take the clue up.
pub fn awaited(dispute: &Dispute) -> Option<&AgencyId> {
    let waits = matches!(
        dispute.step(),
        Some(Step::AppealWindow | Step::TakingUp | Step::Breach)
    );
    let responsible = dispute.responsible()?;
    (waits && dispute.taken_up_at.is_none()).then_some(responsible)
}

/// Whether the agency has the clue and does something about it.
pub fn has_taken_up(clue: &State, agency: &AgencyId) -> bool {
    let Some(clue) = &clue.clue else { return false };
    match &clue.stage {
        Stage::Held { by, progress }
        | Stage::ReturnRequested { by, progress, .. }
        | Stage::Suspended { by, progress, .. } => by.agency == *agency && *progress != Progress::Dispatched,
        Stage::Resolved { by, .. } => by.agency == *agency,
        _ => false,
    }
}

/// The clue as it stood after its event at this place.
async fn clue(store: &Store, (partition, sequence): (u32, i64)) -> bihuan_store::Result<State> {
    let mut reader = store.read().await?;
    let chain = journal::chain(reader.conn(), Journal::Clue, partition, sequence).await?;
    fold(&chain)
}

/// The clue that the entries are of.
pub(crate) fn fold(entries: &[journal::Entry]) -> bihuan_store::Result<State> {
    let mut state = State::default();
    for entry in entries {
        if let ClueEvent::Clue(occurrence) = event_of(entry)? {
            evolve(&mut state, &occurrence);
        }
    }
    Ok(state)
}

fn event_of(entry: &journal::Entry) -> bihuan_store::Result<ClueEvent> {
    event::decode(&entry.payload).map_err(|error| bihuan_store::Error::Corrupt {
        what: "clue event",
        detail: format!("{}/{}: {error}", entry.partition, entry.sequence),
    })
}
