//! Ticks: clues whose time has come. They go the way of records, in the same batches and transactions, but nobody sent them: the
//! handler hands them out, up to the watermark of their lane. Whatever becomes of a batch, who is due is read again from the
//! store, and the clue's state says what is still to do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use tokio_util::task::AbortOnDropHandle;

use super::Worker;
use super::deciding::{Failure, Mode, Part};
use super::holding::Slot;
use super::retry::Parts;
use super::watermark::{Mark, Watermark};
use crate::{Due, Error, Handler, Result};

/// A busy loop looks this often; an idle one once a second.
const LOOK: Duration = Duration::from_millis(500);
/// How often the log is asked where the lead topic ends.
const ASK: Duration = Duration::from_millis(900);

/// Where records came within this time others will, and would wait for ticks: these come in small portions then, each after the
/// commit of the one before it, so that a record waits for one at most.
const COMPANY: Duration = Duration::from_secs(1);
/// But where records come all the time, ticks do not wait for a pause for longer than this.
const TURN: Duration = Duration::from_millis(20);
/// A clock is corrected by less than this all the time.
const CORRECTION_MICROS: i64 = 1_000_000;
/// No portion is smaller: a transaction costs as much as so many ticks do, and on a slow machine that is more than a portion's time.
const PORTION: usize = 128;

/// The clues of one lane that are due.
pub(super) struct Ticks {
    pub(super) lane: u32,
    pub(super) watermark: Timestamp,
    pub(super) clues: Vec<ClueId>,
}

/// What the loop knows of the time of its lanes.
#[derive(Default)]
pub(super) struct Ticking {
    watermarks: BTreeMap<u32, Watermark>,
    asking: Option<Asking>,
    /// When that began last.
    asked: Option<Instant>,
    /// Clues whose tick failed by itself.
    left_out: BTreeMap<u32, BTreeSet<ClueId>>,
    looked: Option<Instant>,
    /// The last look left clues behind that are due.
    more: bool,
    /// Who is due next, found while a commit was under way.
    ready: Vec<Ticks>,
    /// When ticks went into a batch last.
    went: Option<Instant>,
    clock: HostClock,
    /// When records came last.
    company: Option<Instant>,
    portion: Portion,
}

/// How many ticks a batch can take without keeping records waiting for long: found out while a mass of them is due.
#[derive(Default)]
struct Portion {
    size: usize,
    /// When the last ones were taken, and how many.
    taken: Option<(Instant, usize)>,
}

impl Portion {
    /// So many follow those that were taken before: from how long these took, one portion follows another after `cycle`.
    fn follow(&mut self, count: usize, cycle: Duration, now: Instant) {
        if let Some((then, before)) = self.taken.replace((now, count)) {
            let took = now.duration_since(then).as_secs_f64().max(1e-6);
            let fitting = (before as f64 * cycle.as_secs_f64() / took) as usize;
            self.size = usize::midpoint(self.size, fitting);
        }
    }
}

/// What the clock of the machine said last.
#[derive(Default)]
struct HostClock(Option<Timestamp>);

impl HostClock {
    /// By how many microseconds it went back since it was asked last, if that is no mere correction.
    fn set_back(&mut self, now: Timestamp) -> Option<i64> {
        let before = self.0.replace(now)?;
        Some(before.since(now)).filter(|back| *back > CORRECTION_MICROS)
    }
}

/// A question to the log on its way. The loop does not wait for the answer.
struct Asking {
    asked_at: Timestamp,
    answer: AbortOnDropHandle<Result<BTreeMap<u32, i64>>>,
}

impl Ticking {
    /// Until the log has answered; for ever, if it was not asked. May be given up and begun again.
    pub(super) async fn answered(&mut self) {
        let Some(asking) = &mut self.asking else {
            return std::future::pending().await;
        };
        let answer = (&mut asking.answer).await;
        self.hear(answer.unwrap_or(Err(Error::Closed)));
    }

    fn hear(&mut self, answer: Result<BTreeMap<u32, i64>>) {
        let Some(Asking { asked_at, .. }) = self.asking.take() else {
            return;
        };
        match answer {
            Ok(ends) => {
                for (lane, watermark) in &mut self.watermarks {
                    let end = ends.get(lane).copied().unwrap_or(0);
                    watermark.ask(Mark { asked_at, end });
                }
                // what is known now may let somebody wake
                self.looked = None;
            }
            // it is asked again
            Err(error) => tracing::debug!(error = %error, "the log does not say where it ends"),
        }
    }
}

impl<H: Handler> Worker<H> {
    /// Whether ticks wait.
    pub(super) const fn are_due(&self) -> bool {
        (self.ticking.more || !self.ticking.ready.is_empty()) && self.away.is_none()
    }

    /// Whether they wait for nothing but their turn.
    pub(super) fn hurries(&self) -> bool {
        self.are_due() && !self.gives_way()
    }

    /// Ticks in company do not go ahead while a commit is under way.
    fn gives_way(&self) -> bool {
        let went = self.ticking.went;
        self.in_company() && self.underway.is_some() && went.is_some_and(|went| went.elapsed() < TURN)
    }

    fn in_company(&self) -> bool {
        let came = self.ticking.company;
        came.is_some_and(|came| came.elapsed() < COMPANY)
    }

    /// While ticks wait, half of a batch is theirs.
    pub(super) fn most_records(&self) -> usize {
        let most = self.context.limits.records;
        let ticks = if self.hurries() { self.most_ticks() } else { 0 };
        most.saturating_sub(ticks).max(1)
    }

    fn most_ticks(&self) -> usize {
        let half = (self.context.limits.records / 2).max(1);
        if self.in_company() {
            self.ticking.portion.size.max(PORTION).min(half)
        } else {
            half
        }
    }

    /// A batch without any record, if somebody is due.
    pub(super) async fn take_ticks(&mut self) {
        if self.context.shutdown.is_cancelled() {
            return;
        }
        let ticks = self.look().await;
        if !ticks.is_empty() {
            self.taken = Instant::now();
            self.rested = false;
            self.process(Vec::new(), ticks).await;
        }
    }

    /// Records came.
    pub(super) fn keep_company(&mut self) {
        self.ticking.company = Some(Instant::now());
    }

    /// While ticks give way to a commit, those that are next are read.
    pub(super) async fn look_ahead(&mut self) {
        let ticking = &self.ticking;
        if ticking.more && ticking.ready.is_empty() && self.away.is_none() && self.gives_way() {
            self.ticking.ready = self.find().await;
        }
    }

    /// Who is due, of the lanes held here, if it is time for them.
    pub(super) async fn look(&mut self) -> Vec<Ticks> {
        let looked = self.ticking.looked;
        let is_time = self.are_due() && !self.gives_way();
        let is_time = is_time || looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if !self.handler.wakes() || self.away.is_some() || !is_time {
            return Vec::new();
        }
        let ready = std::mem::take(&mut self.ticking.ready);
        let ticks = if ready.is_empty() {
            self.find().await
        } else {
            ready
        };
        if !ticks.is_empty() {
            self.ticking.went = Some(Instant::now());
        }
        ticks
    }

    async fn find(&mut self) -> Vec<Ticks> {
        let lanes = self.watermarks().await;
        self.ticking.looked = Some(Instant::now());
        if lanes.is_empty() {
            self.ticking.more = false;
            return Vec::new();
        }
        match self.handler.due(&lanes, self.most_ticks()).await {
            Ok(due) => self.sift(due, &lanes.into_iter().collect()),
            Err(error) => {
                self.ticking.more = false;
                self.cannot_look(error).await;
                Vec::new()
            }
        }
    }

    /// The lanes that may tick, and up to when.
    async fn watermarks(&mut self) -> Vec<(u32, Timestamp)> {
        let ticking = &mut self.ticking;
        if ticking
            .asking
            .as_ref()
            .is_some_and(|asking| asking.answer.is_finished())
        {
            ticking.answered().await;
        }
        let now = (self.context.clock)();
        self.heed_clock(now);
        let (lead, grace) = (self.handler.inputs().lead, self.context.limits.tick_grace);
        let (mut lanes, mut is_asked) = (Vec::new(), true);
        for (partition, slot) in &self.lanes {
            // of an input that is stopped nobody knows what waits
            if let Slot::Held(lane) = slot
                && !self.breaker.is_stopped(&lead, *partition)
            {
                let position = lane.lease.positions.get(&lead, *partition);
                let next = position.unwrap_or_default().next;
                let watermark = self.ticking.watermarks.entry(*partition).or_default();
                let until = watermark.at(now, next, grace);
                lanes.extend(until.map(|until| (*partition, until)));
                is_asked &= !watermark.is_reached();
            }
        }
        if !is_asked {
            self.ask(now, lead);
        }
        lanes
    }

    /// Whoever sets a clock back is told: nothing happens twice for it, but what is due waits until it is due by that clock again.
    fn heed_clock(&mut self, now: Timestamp) {
        let group = self.handler.group();
        let counter = metrics::counter!("bihuan_clock_set_back_total", "group" => group);
        let back = self.ticking.clock.set_back(now);
        // also where it never happened the number is there to be compared with
        counter.increment(u64::from(back.is_some()));
        if let Some(micros) = back {
            let seconds = micros as f64 / 1e6;
            tracing::error!(
                group,
                seconds,
                "clock_set_back: the clock of this machine went back; what is due waits for it; look after its time service"
            );
        }
    }

    /// Asks the log where it ends, unless it was asked a moment ago.
    fn ask(&mut self, asked_at: Timestamp, lead: String) {
        let ticking = &mut self.ticking;
        if ticking.asking.is_some() || ticking.asked.is_some_and(|asked| asked.elapsed() < ASK) {
            return;
        }
        ticking.asked = Some(Instant::now());
        let log = self.context.log.clone();
        let answer = AbortOnDropHandle::new(tokio::spawn(async move { log.tips(&lead).await }));
        ticking.asking = Some(Asking { asked_at, answer });
    }

    /// Without those that are left out.
    fn sift(&mut self, due: Due, watermarks: &BTreeMap<u32, Timestamp>) -> Vec<Ticks> {
        self.ticking.more = due.more;
        let count = due.count();
        if due.more {
            let cycle = self.handler.pace() * 3 / 2;
            self.ticking.portion.follow(count, cycle, Instant::now());
        } else {
            self.ticking.portion.taken = None;
        }
        let mut ticks = Vec::with_capacity(due.clues.len());
        for (lane, mut clues) in due.clues {
            if let Some(left_out) = self.ticking.left_out.get(&lane) {
                clues.retain(|clue| !left_out.contains(clue));
            }
            if let Some(watermark) = watermarks.get(&lane)
                && !clues.is_empty()
            {
                let watermark = *watermark;
                ticks.push(Ticks {
                    lane,
                    watermark,
                    clues,
                });
            }
        }
        ticks
    }

    async fn cannot_look(&mut self, error: Error) {
        self.quiesce().await;
        if error.is_transient() || self.lane_at_fault(&error).is_some() {
            let part = Part::of(Vec::new(), Mode::Handle);
            let mut parts = Parts::new();
            self.after(Failure { error, part }, &mut parts).await;
            self.work_off(parts).await;
        } else {
            tracing::error!(group = self.handler.group(), error = %error, "who is due cannot be read");
            self.forget_all();
        }
    }

    /// The clue's tick fails by itself: everything else goes on without it.
    pub(super) fn leave_out(&mut self, lane: u32, clue: ClueId, error: &Error) {
        let group = self.handler.group();
        tracing::error!(group, lane, %clue, error = %error, "a clue cannot be woken and is left out: it needs a person");
        self.ticking.left_out.entry(lane).or_default().insert(clue);
        self.tell_left_out();
    }

    /// Whoever takes the lanes over next, knows nothing of them.
    pub(super) fn give_up_ticks(&mut self, lanes: &[u32]) {
        self.ticking.watermarks.retain(|lane, _| !lanes.contains(lane));
        self.ticking.left_out.retain(|lane, _| !lanes.contains(lane));
        self.ticking.ready.retain(|ticks| !lanes.contains(&ticks.lane));
        self.tell_left_out();
    }

    /// Those that were found are found again: the handler forgot that it handed them out.
    pub(super) fn forget_ready(&mut self) {
        self.ticking.ready.clear();
    }

    pub(super) fn tell_left_out(&self) {
        let clues: usize = self.ticking.left_out.values().map(BTreeSet::len).sum();
        metrics::gauge!("bihuan_ticks_left_out", "group" => self.handler.group()).set(clues as f64);
        self.context.status.set_left_out(self.ticking.left_out.clone());
    }
}

/// Two halves; a single tick cannot be halved.
pub(super) fn halve(mut ticks: Vec<Ticks>) -> Result<(Vec<Ticks>, Vec<Ticks>), (u32, ClueId)> {
    if ticks.len() > 1 {
        let second = ticks.split_off(ticks.len() / 2);
        return Ok((ticks, second));
    }
    let mut second = Vec::new();
    for it in &mut ticks {
        if let [clue] = it.clues[..] {
            return Err((it.lane, clue));
        }
        let clues = it.clues.split_off(it.clues.len() / 2);
        second.push(Ticks { clues, ..*it });
    }
    Ok((ticks, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_an_hour_is_told_from_one_that_is_corrected() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let mut clock = HostClock::default();
        let back = [7_200, 7_210, 7_209, 3_609, 3_610, 0].map(|second| clock.set_back(at(second)));
        assert_eq!(
            back,
            [None, None, None, Some(3_600_000_000), None, Some(3_610_000_000)]
        );
    }

    #[test]
    fn a_portion_becomes_what_a_cycle_has_room_for() {
        let (start, cycle) = (Instant::now(), Duration::from_millis(10));
        let mut portion = Portion::default();
        let mut at = start;
        for _ in 0..20 {
            let size = portion.size.max(PORTION);
            portion.follow(size, cycle, at);
            // two milliseconds and twenty microseconds a tick
            at += Duration::from_micros(2_000 + 20 * size as u64);
        }
        assert!((350..=450).contains(&portion.size), "{}", portion.size);
    }

    #[test]
    fn ticks_are_halved_down_to_a_single_one() {
        let clue = |number| ClueId(uuid::Uuid::from_u128(number));
        let ticks = |lane, numbers: std::ops::Range<u128>| Ticks {
            lane,
            watermark: Timestamp::EPOCH,
            clues: numbers.map(clue).collect(),
        };
        let mut parts = vec![vec![ticks(0, 0..5), ticks(1, 5..6), ticks(2, 6..9)]];
        let mut found = Vec::new();
        while let Some(part) = parts.pop() {
            match halve(part) {
                Ok((first, second)) => parts.extend([second, first]),
                Err(single) => found.push(single),
            }
        }
        let lanes = [0, 0, 0, 0, 0, 1, 2, 2, 2];
        let expected: Vec<_> = lanes.into_iter().zip((0..9).map(clue)).collect();
        assert_eq!(found, expected);
    }
}
