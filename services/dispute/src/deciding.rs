//! Deciding: what is asked of a dispute, and what it does by itself.

use std::sync::Arc;

use bihuan_contracts::dispute::DisputeCommand;
use bihuan_domain::dispute::{Decision, Env, Envelope, decide, wake};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_stream::{Effects, Error, Record};

use crate::aggregate::Aggregate;
use crate::asked;
use crate::handler::Disputes;
use crate::lane::{Lane, unavailable};

impl Disputes {
    pub(crate) async fn answer(
        &self,
        partition: u32,
        lane: &mut Lane,
        (record, asked): (&Record, DisputeCommand),
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let known = lane.disputes.get(&asked.envelope.dispute);
        if known.is_some_and(|it| it.clue != asked.clue) {
            let error = asked::of_other_clue();
            self.put_away(partition, record, &error, now, effects);
            return Ok(());
        }
        let DisputeCommand { clue, envelope } = asked;
        self.hear(partition, lane, &envelope, now, effects).await?;
        let known = lane.disputes.get(&envelope.dispute);
        let known_at = known.map_or(envelope.received_at, |it| {
            envelope.received_at.max(it.state.last_at)
        });
        let of_dispute = self
            .rulebook_of(lane, partition, envelope.dispute, known_at)
            .await?;
        self.decide(partition, lane, (clue, &envelope), of_dispute, now, effects)
            .await
    }

    /// A dispute goes by the rulebook that it was opened by for all its life; one that is not open, by that of the day.
    pub(crate) async fn rulebook_of(
        &self,
        lane: &mut Lane,
        partition: u32,
        dispute: DisputeId,
        at: Timestamp,
    ) -> Result<Arc<CompiledRulebook>, Error> {
        let open = lane.disputes.get(&dispute).and_then(Aggregate::open);
        match open.and_then(|it| it.deadline()) {
            Some(deadline) => {
                let version = deadline.limits_by.as_str();
                self.library.get(version).await.map_err(unavailable)
            }
            None => lane.rulebook(&self.library, partition, i64::MAX, at).await,
        }
    }

    pub(crate) async fn decide(
        &self,
        partition: u32,
        lane: &mut Lane,
        (clue, envelope): (ClueId, &Envelope),
        of_dispute: Arc<CompiledRulebook>,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let id = envelope.dispute;
        let mut aggregate = lane.disputes.remove(&id).unwrap_or_else(|| Aggregate::new(clue));
        // what happened goes by no older calendar than what happened before it
        let at = envelope.received_at.max(aggregate.state.last_at);
        let current = lane.rulebook(&self.library, partition, i64::MAX, at).await?;
        let env = Env {
            rulebook: of_dispute.rulebook(),
            current: current.rulebook(),
            now,
        };
        if let Decision::Events(occurrences) = decide(&aggregate.state, envelope, &env) {
            for it in &occurrences {
                // what lapsed before it was asked carries no text
                lane.record(partition, &mut aggregate, envelope.text.as_ref(), it, effects);
            }
        }
        lane.keep(id, aggregate);
        Ok(())
    }

    /// The time of a step has passed. A tick that comes twice finds nothing to do.
    pub(crate) async fn wake(
        &self,
        partition: u32,
        lane: &mut Lane,
        clue: ClueId,
        (watermark, now): (Timestamp, Timestamp),
        effects: &mut Effects,
    ) -> Result<(), Error> {
        lane.handed.remove(&clue);
        let (Some(until), Some(id)) = (lane.heard.until(watermark), lane.of_clue(clue)) else {
            return Ok(());
        };
        let of_dispute = self.rulebook_of(lane, partition, id, until).await?;
        let Some(mut aggregate) = lane.disputes.remove(&id) else {
            return Ok(());
        };
        let at = until.max(aggregate.state.last_at);
        let current = lane.rulebook(&self.library, partition, i64::MAX, at).await?;
        let env = Env {
            rulebook: of_dispute.rulebook(),
            current: current.rulebook(),
            now,
        };
        for it in &wake(id, &aggregate.state, until, now, &env) {
            lane.record(partition, &mut aggregate, None, it, effects);
        }
        lane.keep(id, aggregate);
        Ok(())
    }
}
