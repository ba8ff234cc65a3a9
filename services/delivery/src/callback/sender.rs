//! Sends what is due: of each clue one callback at a time, of many clues at once, and only of lanes that are held here. What came
//! of it is published; that it is then written down belongs to the lane's batch.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::delivery::CallbackId;
use bihuan_domain::time::Timestamp;
use bihuan_stream::Context;
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::Instant;

use super::breaker::Breakers;
use super::call::Caller;
use super::receivers::{Receiver, receivers};
use super::rows::{self, Listed};
use super::settings::{Callbacks, Settings, Teller};
use super::under_way::{Call, Done};

/// How often it is looked for what is due: after a call came to its end, while something is on its way, and while nothing is.
const AT_ONCE: Duration = Duration::from_millis(5);
const BUSY: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_millis(500);
/// After that long an outcome that was published and is not in the row is taken for lost, and the callback sent again.
const LOST: Duration = Duration::from_mins(2);
/// Callbacks looked at beyond those that may be sent: outcomes of so many may not be in their rows yet.
const UNWRITTEN: usize = 32;

/// Sends callbacks until shutdown.
pub struct Sender {
    context: Context,
    callbacks: Arc<Callbacks>,
    receivers: Arc<[Receiver]>,
    settings: Settings,
    caller: Arc<Caller>,
    breakers: Breakers,
    /// On their way, and to whom.
    under_way: HashMap<CallbackId, UnderWay>,
    /// Published, and perhaps not in the row yet: with which attempt, since when.
    published: HashMap<CallbackId, (u32, Timestamp, Instant)>,
    calls: JoinSet<Done>,
    /// Each round begins with another receiver and another lane.
    rounds: usize,
    settled_at: Instant,
}

struct UnderWay {
    receiver: String,
    task: task::Id,
}

impl Sender {
    /// `context` is that of delivery's loop, whose status says which lanes are held.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(context: Context, callbacks: Arc<Callbacks>, settings: Settings) -> Result<Self, String> {
        let caller = Caller::new(settings.clone(), context.log.clone()).map_err(|error| error.to_string())?;
        describe();
        Ok(Self {
            context,
            receivers: receivers(&callbacks).into(),
            callbacks,
            breakers: Breakers::new(settings.breaker),
            settings,
            caller: Arc::new(caller),
            under_way: HashMap::new(),
            published: HashMap::new(),
            calls: JoinSet::new(),
            rounds: 0,
            settled_at: Instant::now(),
        })
    }

    pub async fn run(mut self) {
        let shutdown = self.context.shutdown.clone();
        let mut next = Instant::now();
        while !shutdown.is_cancelled() {
            tokio::select! {
                // what is on its way is sent again by whoever comes next
                () = shutdown.cancelled() => return,
                Some(done) = self.calls.join_next() => {
                    self.ended(done);
                    while let Some(done) = self.calls.try_join_next() {
                        self.ended(done);
                    }
                    next = next.min(Instant::now() + AT_ONCE);
                }
                () = tokio::time::sleep_until(next) => {
                    let pause = match self.round().await {
                        Ok(0) if self.is_idle() => IDLE,
                        Ok(_) => BUSY,
                        Err(error) => {
                            tracing::debug!(%error, "callbacks wait for the database");
                            IDLE
                        }
                    };
                    next = Instant::now() + pause;
                }
            }
        }
    }

    fn ended(&mut self, done: Result<Done, JoinError>) {
        self.settled_at = Instant::now();
        match done {
            Ok(done) => self.settle(done),
            Err(error) => self.give_way(&error),
        }
    }

    /// What follows a call is due as soon as that is written down.
    fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.settled_at.elapsed() > IDLE
    }

    /// Begins what may begin now; how many calls.
    async fn round(&mut self) -> Result<usize, bihuan_store::Error> {
        self.published.retain(|_, (_, _, at)| at.elapsed() < LOST);
        let mut lanes: Vec<u32> = self.context.status.positions().into_keys().collect();
        let (before, receivers) = (self.calls.len(), self.receivers.clone());
        if lanes.is_empty() || receivers.is_empty() {
            return Ok(0);
        }
        self.rounds = self.rounds.wrapping_add(1);
        let (lane, first) = (self.rounds % lanes.len(), self.rounds % receivers.len());
        lanes.rotate_left(lane);
        let whole = lanes.len() - lane;
        for receiver in receivers[first..].iter().chain(&receivers[..first]) {
            // one statement reads lanes in their order: those before the first of this round come last
            for lanes in [&lanes[..whole], &lanes[whole..]] {
                self.serve(receiver, lanes).await?;
            }
        }
        Ok(self.calls.len() - before)
    }

    /// Begins what this receiver may get now. Of one that is left alone nothing is even looked up.
    async fn serve(&mut self, receiver: &Receiver, lanes: &[u32]) -> Result<(), bihuan_store::Error> {
        // each source is the first in its turn
        let first = self.rounds % receiver.of.len().max(1);
        for (source, steps) in receiver.of[first..].iter().chain(&receiver.of[..first]) {
            let (under_way, room) = self.room(&receiver.name);
            if room == 0 {
                return Ok(());
            }
            let limit = room.saturating_add(under_way + UNWRITTEN);
            let now = (self.context.clock)();
            let mut reader = self.context.store.read().await?;
            let heads = rows::heads(reader.conn(), lanes, source, steps, now, limit).await?;
            drop(reader);
            for head in heads {
                let teller = self.callbacks.of(source.as_str()).cloned();
                if let (Some(teller), (_, 1..)) = (teller, self.room(&receiver.name)) {
                    self.begin(head, teller, &receiver.name);
                }
            }
        }
        Ok(())
    }

    /// How many calls the receiver has, and how many more it may have: one that is slow leaves the others their share.
    fn room(&self, receiver: &str) -> (usize, usize) {
        let named = self.receivers.iter().filter(|it| !it.name.is_empty()).count();
        let share = (self.settings.concurrency / named.max(1)).max(1);
        let under_way = self
            .under_way
            .values()
            .filter(|it| it.receiver == receiver)
            .count();
        let room = share
            .saturating_sub(under_way)
            .min(self.settings.concurrency.saturating_sub(self.under_way.len()))
            .min(self.breakers.room(receiver, Instant::now()));
        (under_way, room)
    }

    fn begin(&mut self, head: Listed, teller: Teller, receiver: &str) {
        let id = head.id();
        let told = self.published.get(&id);
        let is_told =
            told.is_some_and(|(attempt, since, _)| *attempt > head.attempts && *since == head.since);
        if is_told || self.under_way.contains_key(&id) {
            return;
        }
        self.breakers.called(receiver);
        let call = Call::of(head, teller, receiver);
        let (caller, context) = (self.caller.clone(), self.context.clone());
        let task = self.calls.spawn(call.run(caller, context)).id();
        let under_way = UnderWay {
            receiver: receiver.to_owned(),
            task,
        };
        self.under_way.insert(id, under_way);
    }

    /// A call that crashed must not stand in the way of its clue for ever.
    fn give_way(&mut self, error: &JoinError) {
        tracing::error!(%error, "a callback crashed; it is sent again");
        let crashed = self.under_way.extract_if(|_, it| it.task == error.id());
        for (_, it) in crashed.collect::<Vec<_>>() {
            self.breakers.failed(&it.receiver, Instant::now());
        }
    }

    fn settle(&mut self, done: Done) {
        self.under_way.remove(&done.id);
        if done.published {
            let known = (done.attempt, done.since, Instant::now());
            self.published.insert(done.id.clone(), known);
        }
        match &done.outcome {
            Err(failure) if failure.away => self.breakers.failed(&done.receiver, Instant::now()),
            // that says nothing of it
            Err(failure) if failure.status.is_none() => self.breakers.not_asked(&done.receiver),
            Ok(_) | Err(_) => self.breakers.answered(&done.receiver, Instant::now()),
        }
        if let Some(wait) = done.outcome.as_ref().err().and_then(|failure| failure.wait) {
            self.breakers.asked(&done.receiver, wait, Instant::now());
        }
        let reason = done.outcome.as_ref().err().map(|failure| failure.reason.as_str());
        if let Some(reason) = reason {
            tracing::debug!(callback = %done.id, source = done.source, step = done.step,
                receiver = done.receiver, attempt = done.attempt, reason, "callback not taken");
        }
        let outcome = reason.unwrap_or("acknowledged").to_owned();
        metrics::counter!("bihuan_callback_attempts_total", "source" => done.source.clone(), "outcome" => outcome)
            .increment(1);
        metrics::histogram!("bihuan_callback_seconds", "source" => done.source).record(done.seconds);
    }
}

fn describe() {
    metrics::describe_counter!(
        "bihuan_callback_attempts_total",
        "Callbacks sent, by what came of it"
    );
    metrics::describe_histogram!("bihuan_callback_seconds", "How long receivers take");
    metrics::describe_gauge!(
        "bihuan_callback_breaker_open",
        "1: the receiver is left alone for a while"
    );
}

#[cfg(test)]
mod tests {
    use bihuan_contracts::delivery::Callback;
    use bihuan_mapping::Mapping;
    use bihuan_store::Store;
    use bihuan_stream::local::{self, LocalLog};
    use bihuan_stream::{Limits, Log, Status};
    use tokio_util::sync::CancellationToken;

    use super::super::call::Failure;
    use super::super::rows::State;
    use super::*;
    use crate::MIGRATIONS;

    fn teller() -> Teller {
        let text =
            "source = \"grid\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n[callback.admitted]\nfile = \"x\"\n";
        Teller {
            mapping: Arc::new(Mapping::parse(text).expect("a mapping")),
            folder: std::path::PathBuf::new(),
        }
    }

    fn due() -> Listed {
        let source = bihuan_domain::code::SourceId::new("grid").expect("valid");
        Listed {
            partition: 0,
            callback: Callback {
                clue: bihuan_domain::id::ClueId::derive(&source, "1"),
                version: 2,
                source,
                link: None,
            },
            source_id: "1".to_owned(),
            step: "admitted".to_owned(),
            state: State::Pending,
            attempts: 0,
            since: Timestamp::EPOCH,
            due_at: Timestamp::EPOCH,
            body: Some("{}".to_owned()),
            reason: None,
            status: None,
            turn: true,
            settled_at: None,
            confirmed_at: None,
        }
    }

    async fn sender(folder: &std::path::Path) -> Sender {
        let store = Store::sqlite(folder).await.expect("opened");
        store
            .migrate(&[local::MIGRATIONS, MIGRATIONS])
            .await
            .expect("migrated");
        let context = Context {
            log: Log::Local(LocalLog::new(store.clone(), 1)),
            store,
            clock: Arc::new(|| Timestamp::EPOCH),
            shutdown: CancellationToken::new(),
            limits: Limits::default(),
            status: Status::default(),
        };
        let callbacks = Arc::new(Callbacks::new([teller()]));
        Sender::new(context, callbacks, Settings::default()).expect("TLS")
    }

    #[tokio::test]
    async fn what_was_sent_is_not_sent_again_before_it_can_have_been_written_down() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sender = sender(folder.path()).await;
        sender.begin(due(), teller(), "x");
        sender.begin(due(), teller(), "x");
        assert_eq!(sender.calls.len(), 1, "it is on its way");
        let done = sender.calls.join_next().await.expect("a call").expect("no panic");
        sender.settle(done);
        sender.begin(due(), teller(), "x");
        assert_eq!(sender.calls.len(), 0, "its outcome is on the log");
        let (next, again) = (
            Listed { attempts: 1, ..due() },
            Listed {
                since: Timestamp::from_micros(1),
                ..due()
            },
        );
        sender.begin(next, teller(), "x");
        assert_eq!(sender.calls.len(), 1, "the next attempt");
        sender.under_way.clear();
        sender.begin(again, teller(), "x");
        assert_eq!(sender.calls.len(), 2, "somebody had it sent again");
    }

    #[tokio::test]
    async fn a_call_that_crashed_stands_in_nobodys_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sender = sender(folder.path()).await;
        sender.begin(due(), teller(), "x");
        sender.calls.abort_all();
        let crashed = sender.calls.join_next().await.expect("a call");
        sender.give_way(&crashed.err().expect("no outcome"));
        sender.begin(due(), teller(), "x");
        assert_eq!(sender.calls.len(), 1);
    }

    #[tokio::test]
    async fn nothing_is_sent_of_lanes_that_are_not_held() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sender = sender(folder.path()).await;
        let mut tx = sender.context.store.begin().await.expect("begun");
        rows::upsert(tx.conn(), &[due()]).await.expect("written");
        tx.commit().await.expect("committed");
        let mut reader = sender.context.store.read().await.expect("a reader");
        let source = due().callback.source;
        let heads = rows::heads(reader.conn(), &[0], &source, &["admitted"], Timestamp::EPOCH, 10).await;
        assert_eq!(heads.expect("read").len(), 1, "it is due");
        drop(reader);
        assert_eq!(sender.round().await.expect("read"), 0);
        assert!(sender.calls.is_empty());
    }
    /// What is wrong on our side says nothing of the receiver: its breaker must not wait for that call for ever.
    #[tokio::test]
    async fn a_probe_that_was_not_made_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sender = sender(folder.path()).await;
        sender.breakers = Breakers::new(1);
        let begun = Instant::now();
        sender.breakers.failed("x", begun);
        assert_eq!(sender.breakers.room("x", begun), 0);
        let rested = begun + Duration::from_mins(1);
        sender.breakers.called("x");
        // there is no folder for files
        sender.begin(due(), teller(), "x");
        let done = sender.calls.join_next().await.expect("a call").expect("no panic");
        assert_eq!(done.outcome, Err(Failure::new("files_not_configured")));
        sender.settle(done);
        assert_eq!(sender.breakers.room("x", rested), 1);
    }
}
