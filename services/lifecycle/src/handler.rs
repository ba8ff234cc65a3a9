//! The batch: load what is not cached, decide and fold in order, write state, texts and numbers with the position.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_contracts::command::{self, ActivateRulebook, ClueCommand, DiscardParked, WithdrawRulebook};
use bihuan_contracts::{DecodeError, partition_of, topics};
use bihuan_domain::clue::{Command, Decision, Env, Envelope, decide};
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::Quarantined;
use bihuan_store::{Store, Tx, text};
use bihuan_stream::{Batch, Due, Effects, Error, Handler, Inputs, LaneBatch, Record};

use crate::lane::{Lane, Rows, record};
use crate::loading::{self, Work};
use crate::{Aggregate, GROUP, activation, unreadable};
use crate::{numbers, parked, provisional, rows, wakeups};

/// The lifecycle service.
pub struct Lifecycle {
    pub(crate) store: Store,
    library: Library,
    partitions: u32,
    /// Names the log in the identity of what cannot be read.
    cluster: String,
    pub(crate) lanes: BTreeMap<u32, Lane>,
}

/// A record of the command topic, decoded as far as it can be.
pub(crate) enum Read<'a> {
    Clue(Envelope),
    /// May come too early.
    Feedback(Envelope),
    Activate(ActivateRulebook),
    Withdraw(WithdrawRulebook),
    Discard(DiscardParked),
    Unreadable(&'a Record, DecodeError),
}

/// What a command is decided by.
pub(crate) struct Rulebooks {
    pub(crate) of_clue: Arc<CompiledRulebook>,
    pub(crate) current: Arc<CompiledRulebook>,
}

impl Lifecycle {
    pub fn new(store: Store, library: Library, partitions: u32, cluster: &str) -> Self {
        Self {
            store,
            library,
            partitions,
            cluster: cluster.to_owned(),
            lanes: BTreeMap::new(),
        }
    }

    async fn lane(&mut self, partition: u32, now: Timestamp) -> Result<Lane, Error> {
        if let Some(lane) = self.lanes.remove(&partition) {
            return Ok(lane);
        }
        let schedule = self.library.schedule(partition).await.map_err(unavailable)?;
        Lane::take_over(&self.store, partition, schedule, now).await
    }

    fn read<'a>(&self, partition: u32, record: &'a Record) -> Read<'a> {
        match command::decode(&record.payload) {
            Err(error) => Read::Unreadable(record, error),
            Ok(ClueCommand::ActivateRulebook(activate)) => Read::Activate(activate),
            Ok(ClueCommand::WithdrawRulebook(withdraw)) => Read::Withdraw(withdraw),
            Ok(ClueCommand::Clue(envelope)) if self.is_of(partition, envelope.clue) => Read::Clue(envelope),
            Ok(ClueCommand::Feedback(envelope)) if self.is_of(partition, envelope.clue) => {
                Read::Feedback(envelope)
            }
            Ok(ClueCommand::DiscardParked(discard)) if self.is_of(partition, discard.clue) => {
                Read::Discard(discard)
            }
            Ok(ClueCommand::Clue(Envelope { clue, .. }) | ClueCommand::Feedback(Envelope { clue, .. })) => {
                Read::Unreadable(record, self.elsewhere(clue))
            }
            Ok(ClueCommand::DiscardParked(discard)) => Read::Unreadable(record, self.elsewhere(discard.clue)),
        }
    }

    fn is_of(&self, partition: u32, clue: ClueId) -> bool {
        partition_of(clue, self.partitions) == partition
    }

    fn elsewhere(&self, clue: ClueId) -> DecodeError {
        DecodeError {
            code: "wrong_partition",
            field: Some("clue".to_owned()),
            detail: format!("belongs to partition {}", partition_of(clue, self.partitions)),
        }
    }

    async fn work(
        &self,
        partition: u32,
        lane: &mut Lane,
        reads: Vec<Read<'_>>,
        batch: &Batch,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let now = batch.now;
        for read in reads {
            match read {
                Read::Clue(envelope) => {
                    self.wake_before((partition, &mut *lane), &envelope, batch, effects)
                        .await?;
                    self.carry_out(partition, lane, &envelope, now, effects).await?;
                }
                Read::Feedback(envelope) => {
                    self.wake_before((partition, &mut *lane), &envelope, batch, effects)
                        .await?;
                    self.feed_back(partition, lane, envelope, now, effects).await?;
                }
                Read::Activate(asked) => {
                    let (store, library) = (&self.store, &self.library);
                    activation::activate(store, library, (partition, &mut *lane), asked, effects).await?;
                }
                Read::Withdraw(asked) => {
                    let lane = (partition, &mut *lane);
                    activation::withdraw(&self.store, lane, asked, now, effects).await?;
                }
                Read::Discard(discard) => lane.parking.discard(partition, discard, now, effects),
                Read::Unreadable(record, error) => {
                    unreadable::put_away(&self.cluster, partition, record, &error, now, effects);
                }
            }
        }
        Ok(())
    }

    /// Carries feedback out, or lets it wait for its clue.
    async fn feed_back(
        &self,
        partition: u32,
        lane: &mut Lane,
        envelope: Envelope,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let state = &lane.aggregates.entry(envelope.clue).state;
        if lane.parking.holds_back(state, &envelope) {
            lane.parking.park(partition, envelope, now, effects);
            return Ok(());
        }
        self.carry_out(partition, lane, &envelope, now, effects).await
    }

    /// Decides the command, and what waited for that.
    async fn carry_out(
        &self,
        partition: u32,
        lane: &mut Lane,
        envelope: &Envelope,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        self.decide(partition, lane, envelope, now, effects).await?;
        if !lane.parking.waits_for(envelope.clue) {
            return Ok(());
        }
        let state = &lane.aggregates.entry(envelope.clue).state;
        for waited in lane.parking.release(envelope.clue, state) {
            self.decide(partition, lane, &waited, now, effects).await?;
        }
        Ok(())
    }

    async fn decide(
        &self,
        partition: u32,
        lane: &mut Lane,
        envelope: &Envelope,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        if !activation::can_be_offered(lane, partition, envelope) {
            return Ok(());
        }
        // all of them were loaded, and the cache does not age within a batch
        let mut aggregate = lane.aggregates.take(&envelope.clue).unwrap_or_default();
        let rulebooks = self.rulebooks(lane, &aggregate, envelope).await?;
        let mut number = String::new();
        let mut prefix = None;
        if let (Command::ReportClue(report), None) = (&envelope.command, &aggregate.state.clue) {
            let wanted = numbers::prefix(report, rulebooks.of_clue.rulebook());
            lane.numbers
                .prepare(&self.store, partition, wanted.clone())
                .await?;
            number = lane.numbers.peek(&wanted, partition, self.partitions);
            prefix = Some(wanted);
        }
        let env = Env {
            rulebook: rulebooks.of_clue.rulebook(),
            current: rulebooks.current.rulebook(),
            number: &number,
        };
        let wakes = aggregate.state.wakes_at();
        if let Decision::Events(occurrences) = decide(&aggregate.state, envelope, &env) {
            for occurrence in occurrences {
                let (lane, told) = ((partition, &mut *lane), envelope.text.as_ref());
                record(lane, &mut aggregate, told, occurrence, now, effects);
            }
            if let (Some(prefix), Some(_)) = (prefix, &aggregate.state.clue) {
                lane.numbers.take(prefix);
            }
            lane.decided(envelope.clue, wakes, &aggregate.state);
        }
        lane.aggregates.insert(envelope.clue, aggregate);
        Ok(())
    }

    /// A clue goes by the rulebook of its report for all its life. What it does not know, the one of the day on which the command was
    /// received may, and its calendar counts; but an answer of routing is judged by the one that it was found with.
    pub(crate) async fn rulebooks(
        &self,
        lane: &Lane,
        aggregate: &Aggregate,
        envelope: &Envelope,
    ) -> Result<Rulebooks, Error> {
        let reported_at = match (&aggregate.state.clue, &envelope.command) {
            (Some(clue), _) => clue.reported_at,
            (None, Command::ReportClue(report)) => report.reported_at,
            (None, _) => envelope.received_at,
        };
        let of_clue = self.rulebook(lane, reported_at).await?;
        let current = match &envelope.command {
            Command::AssignClue { decision, .. } if lane.schedule.has(decision.rulebook.as_str()) => {
                let version = decision.rulebook.as_str();
                self.library.get(version).await.map_err(unavailable)?
            }
            // what waited since then goes by no older calendar than the clue does
            _ => {
                let known = envelope.received_at.max(aggregate.state.last_at);
                self.rulebook(lane, known).await?
            }
        };
        Ok(Rulebooks { of_clue, current })
    }

    /// For how many microseconds somebody who is due has waited, at most.
    pub(crate) fn backlog(&self) -> i64 {
        let waits = self.lanes.values().map(|lane| lane.wakeups.waits);
        waits.max().unwrap_or(0)
    }

    fn tell_backlog(&self) {
        metrics::gauge!("bihuan_tick_backlog_seconds").set(self.backlog() as f64 / 1e6);
    }

    /// The one that holds for what is reported at that time.
    pub(crate) async fn rulebook(&self, lane: &Lane, at: Timestamp) -> Result<Arc<CompiledRulebook>, Error> {
        let held = self.library.at(&lane.schedule, i64::MAX, at).await;
        held.map_err(unavailable)
    }
}

pub(crate) fn unavailable(error: bihuan_rulebook::LibraryError) -> Error {
    match error {
        bihuan_rulebook::LibraryError::Store(error) => Error::Store(error),
        other => Error::Unavailable(other.to_string()),
    }
}

impl Handler for Lifecycle {
    type Rows = Rows;

    fn group(&self) -> &'static str {
        GROUP
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            lead: topics::CLUE_COMMANDS.to_owned(),
            followers: Vec::new(),
        }
    }

    fn journal(&self) -> Option<Journal> {
        Some(Journal::Clue)
    }

    /// A lane's cache holds what at least the last two batches changed.
    fn overlaps(&self) -> bool {
        true
    }

    fn wakes(&self) -> bool {
        true
    }

    async fn due(&mut self, lanes: &[(u32, Timestamp)], most: usize) -> Result<Due, Error> {
        for (partition, until) in lanes {
            let lane = self.lane(*partition, *until).await?;
            self.lanes.insert(*partition, lane);
        }
        let mut due = wakeups::due(&self.store, &mut self.lanes, lanes, most).await?;
        self.sweep(lanes, most, &mut due).await?;
        self.count(lanes, most, &mut due).await?;
        self.tell_backlog();
        Ok(due)
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Rows>, Error> {
        let mut lanes = Vec::with_capacity(batch.lanes.len());
        for LaneBatch {
            partition,
            records,
            ticks,
            watermark,
        } in &batch.lanes
        {
            let reads = records.iter().map(|record| self.read(*partition, record));
            let reads = reads.collect();
            lanes.push(Work {
                partition: *partition,
                lane: self.lane(*partition, batch.now).await?,
                reads,
                ticks,
                watermark: *watermark,
            });
        }
        loading::load(&self.store, &mut lanes).await?;
        let mut rows = Rows::default();
        for work in lanes {
            let (partition, mut lane) = (work.partition, work.lane);
            self.work(partition, &mut lane, work.reads, batch, effects)
                .await?;
            for clue in work.ticks {
                let lane = (partition, &mut lane);
                self.wake(lane, *clue, work.watermark, batch.now, effects).await?;
            }
            lane.give_out(partition, batch.now, &mut rows);
            self.lanes.insert(partition, lane);
        }
        Ok(Some(rows))
    }

    fn rest(&mut self, busy: bool) -> Option<Rows> {
        let mut rows = Rows::default();
        for (partition, lane) in &mut self.lanes {
            let was_busy = std::mem::take(&mut lane.busy);
            if !(busy && was_busy) {
                lane.give_out_states(*partition, &mut rows);
            }
        }
        let nothing = rows.states.is_empty() && rows.wakeups.is_empty() && rows.counted.is_empty();
        (!nothing).then_some(rows)
    }

    async fn persist(rows: Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        for (partition, activated) in &rows.activations {
            bihuan_store::activation::insert(tx.conn(), *partition, activated).await?;
        }
        for (partition, number, sequence) in &rows.withdrawals {
            bihuan_store::activation::withdraw(tx.conn(), *partition, *number, *sequence).await?;
        }
        for (partition, prefix, used) in &rows.numbers {
            rows::set_used_numbers(tx.conn(), *partition, prefix, *used).await?;
        }
        parked::insert(tx.conn(), &rows.parked).await?;
        parked::delete(tx.conn(), &rows.released).await?;
        rows::upsert(tx.conn(), &rows.states, &rows.wakeups).await?;
        provisional::write(tx.conn(), &rows.provisional).await?;
        rows::set_checkpoints(tx.conn(), &rows.checkpoints).await?;
        for partition in &rows.counted {
            wakeups::rows::set_rules(tx.conn(), *partition, wakeups::RULES).await?;
        }
        text::append(tx.conn(), &rows.texts).await
    }

    fn forget(&mut self, partition: u32) {
        self.lanes.remove(&partition);
        self.tell_backlog();
    }

    async fn poisoned(
        &mut self,
        _: &Record,
        row: Quarantined,
        effects: &mut Effects,
    ) -> Result<Quarantined, Error> {
        unreadable::journal(&row, effects);
        Ok(row)
    }
}
