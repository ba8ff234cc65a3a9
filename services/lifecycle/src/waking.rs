//! A tick: a clue whose time has come does what is to be done by then. Its state says what that is, so that a tick that comes twice
//! does nothing, and one that was lost is read again.

use bihuan_domain::clue::{Env, Envelope, wake};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_stream::{Effects, Error, Limits};

use crate::handler::Lifecycle;
use crate::lane::{Lane, record};
use crate::wakeups::rows::WakeupRow;

impl Lifecycle {
    /// Before a command is decided its clue does what was due before the command came: what happens must not depend on when somebody
    /// looks. What was logged before it is decided, so the same grace is enough as for ticks.
    pub(crate) async fn wake_before(
        &self,
        (partition, lane): (u32, &mut Lane),
        (envelope, logged_at): (&Envelope, Option<Timestamp>),
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let grace = i64::try_from(Limits::default().tick_grace.as_micros()).unwrap_or(i64::MAX);
        let came = logged_at.map_or(envelope.received_at, |at| at.min(envelope.received_at));
        let until = came.min(now).plus_micros(-grace);
        let clue = envelope.clue;
        let wakes = lane.aggregates.get(&clue).and_then(|it| it.state.wakes_at());
        if wakes.is_some_and(|wakes| wakes <= until) {
            self.wake((partition, lane), clue, until, now, effects).await?;
        }
        Ok(())
    }

    /// Wakes the clue, which was loaded. Nothing happens that is due after the watermark: a command that is still on the log may
    /// come before it.
    pub(crate) async fn wake(
        &self,
        (partition, lane): (u32, &mut Lane),
        clue: ClueId,
        watermark: Timestamp,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let mut aggregate = lane.aggregates.take(&clue).unwrap_or_default();
        let before = aggregate.state.wakes_at();
        let due = before.filter(|due| *due <= watermark);
        let may_change = due.is_some() || aggregate.state.is_provisional();
        if let (true, Some(known)) = (may_change, &aggregate.state.clue) {
            let reported_at = known.reported_at;
            let of_clue = self.rulebook(lane, reported_at).await?;
            let current = self.rulebook(lane, watermark).await?;
            let env = Env {
                rulebook: of_clue.rulebook(),
                current: current.rulebook(),
                number: "",
            };
            for occurrence in wake(clue, &aggregate.state, watermark, now, &env) {
                record((partition, lane), &mut aggregate, None, occurrence, now, effects);
            }
            let after = aggregate.state.wakes_at();
            lane.wakeups.set(clue, before, after);
            if let Some(due) = due {
                metrics::histogram!("bihuan_tick_lateness_seconds").record(now.since(due) as f64 / 1e6);
            }
        } else if !lane.behind.has(clue) {
            // it was read again after all, or the row is wrong: then it must not stay so
            let due_at = before;
            aggregate.wakeup = due_at;
            lane.unsaved.wakeups.push(WakeupRow {
                partition,
                clue,
                due_at,
            });
        }
        lane.aggregates.insert(clue, aggregate);
        Ok(())
    }
}
