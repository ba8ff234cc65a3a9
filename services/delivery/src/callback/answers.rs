//! What came of callbacks, and what people ask of them, written down: by the holder of the lane, with the position.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::delivery::{Attempt, CallbackCommand, CallbackId, CallbackRequest, DeliveryEvent};
use bihuan_domain::clue::Actor;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::Step;

use super::Retry;
use super::echo::{ECHOED, Echo};
use super::rows::{Listed, State};

/// The callbacks of the clues that a batch speaks of, all of them, and how it leaves them.
#[derive(Default)]
pub(crate) struct Book {
    known: BTreeMap<CallbackId, Listed>,
    changed: BTreeSet<CallbackId>,
}

impl Book {
    pub(crate) fn new(rows: Vec<Listed>) -> Self {
        Self {
            known: rows.into_iter().map(|row| (row.id(), row)).collect(),
            changed: BTreeSet::new(),
        }
    }

    /// One that is due from now on.
    pub(crate) fn add(&mut self, row: Listed) {
        self.changed.insert(row.id());
        self.known.insert(row.id(), row);
    }

    /// The newest closing that the record was to be told of before it said so is received, whatever came of the calls.
    pub(crate) fn echo(&mut self, echo: &Echo, now: Timestamp) -> Option<DeliveryEvent> {
        let first_waiting = self
            .known
            .iter()
            .find(|(id, row)| (id.clue, &id.link) == (echo.clue, &echo.link) && row.state == State::Pending);
        let waits = first_waiting.map(|(id, _)| id.version);
        let told = self.known.iter_mut().rev().find(|(id, row)| {
            (id.clue, &id.link) == (echo.clue, &echo.link)
                && id.version < echo.version
                && row.step == Step::Closed.as_str()
        });
        let (id, row) = told.filter(|(_, row)| row.confirmed_at.is_none())?;
        if row.state != State::Acknowledged && waits.is_some_and(|version| version < id.version) {
            // what it echoes is an earlier closing: it was not told yet of what came before this one
            return None;
        }
        let before = row.state;
        row.confirmed_at = Some(now);
        if before != State::Acknowledged {
            (row.state, row.body, row.settled_at) = (State::Acknowledged, None, Some(now));
            (row.reason, row.status) = (Some(ECHOED.to_owned()), None);
        }
        self.changed.insert(id.clone());
        Some(DeliveryEvent::CallbackEchoed {
            callback: row.callback.clone(),
            before,
            at: now,
        })
    }

    /// The events that a command leads to. One that speaks of what is known already, or of nothing, leads to none.
    pub(crate) fn apply(
        &mut self,
        command: &CallbackCommand,
        retry: &Retry,
        now: Timestamp,
    ) -> Option<DeliveryEvent> {
        let row = self.known.get_mut(&command.callback)?;
        let before = row.clone();
        let event = match &command.request {
            CallbackRequest::Record(attempt) => record(row, attempt, retry, now),
            CallbackRequest::Resend { actor } => resend(row, actor, now),
        };
        if *row != before {
            self.changed.insert(command.callback.clone());
        }
        event
    }

    pub(crate) fn into_changed(mut self) -> impl Iterator<Item = Listed> {
        self.take_turns();
        self.changed
            .into_iter()
            .filter_map(move |id| self.known.remove(&id))
    }

    /// Of each record's pending ones the first is next.
    fn take_turns(&mut self) {
        let mut seen = BTreeSet::new();
        for (id, row) in &mut self.known {
            let turn = row.state != State::Pending || seen.insert((id.clue, id.link.clone()));
            if row.turn != turn {
                row.turn = turn;
                self.changed.insert(id.clone());
            }
        }
    }
}

fn record(row: &mut Listed, attempt: &Attempt, retry: &Retry, now: Timestamp) -> Option<DeliveryEvent> {
    if row.state != State::Pending || attempt.number != row.attempts + 1 {
        return None;
    }
    row.attempts = attempt.number;
    let callback = row.callback.clone();
    let Some(reason) = &attempt.reason else {
        (row.state, row.body, row.settled_at) = (State::Acknowledged, None, Some(now));
        (row.reason, row.status) = (None, attempt.status);
        return Some(DeliveryEvent::CallbackAcknowledged {
            callback,
            attempts: row.attempts,
            at: now,
        });
    };
    (row.reason, row.status) = (Some(reason.clone()), attempt.status);
    let too_old = now.since(row.since) >= micros(retry.give_up_after);
    if attempt.permanent || too_old || row.attempts >= retry.attempts {
        (row.state, row.settled_at) = (State::Failed, Some(now));
        return Some(DeliveryEvent::CallbackFailed {
            callback,
            attempts: row.attempts,
            reason: reason.clone(),
            status: attempt.status,
            at: now,
        });
    }
    let next = now.plus_micros(micros(retry.delay(row.attempts)));
    row.due_at = attempt.not_before.map_or(next, |asked| asked.max(next));
    None
}

/// With the same key, and as patiently as at first.
fn resend(row: &mut Listed, actor: &Actor, now: Timestamp) -> Option<DeliveryEvent> {
    if row.state != State::Failed {
        return None;
    }
    (row.state, row.attempts, row.due_at, row.since) = (State::Pending, 0, now, now);
    row.settled_at = None;
    Some(DeliveryEvent::CallbackResent {
        callback: row.callback.clone(),
        actor: actor.clone(),
        at: now,
    })
}

fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bihuan_contracts::delivery::Callback;
    use bihuan_domain::clue::Role;
    use bihuan_domain::code::SourceId;
    use bihuan_domain::id::ClueId;

    use super::*;

    const RETRY: Retry = Retry {
        attempts: 3,
        give_up_after: Duration::from_hours(1),
        shortest: Duration::from_secs(1),
        longest: Duration::from_secs(10),
    };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::EPOCH.plus_minutes(minutes)
    }

    fn pending(attempts: u32) -> Listed {
        let source = SourceId::new("grid").expect("valid");
        Listed {
            partition: 0,
            callback: Callback {
                clue: ClueId::derive(&source, "1"),
                version: 2,
                source,
                link: None,
            },
            source_id: "1".to_owned(),
            step: "admitted".to_owned(),
            state: State::Pending,
            attempts,
            since: at(0),
            due_at: at(0),
            body: Some("{}".to_owned()),
            reason: None,
            status: None,
            turn: true,
            settled_at: None,
            confirmed_at: None,
        }
    }

    fn failed(number: u32) -> Attempt {
        Attempt {
            number,
            reason: Some("status_503".to_owned()),
            status: Some(503),
            permanent: false,
            not_before: None,
        }
    }

    #[test]
    fn it_is_tried_again_until_attempts_or_time_are_used_up() {
        let permanent = Attempt {
            permanent: true,
            ..failed(1)
        };
        let taken = Attempt {
            reason: None,
            ..failed(1)
        };
        let table = [
            ("one of three", pending(0), failed(1), 1, State::Pending),
            ("the last", pending(2), failed(3), 1, State::Failed),
            ("too old", pending(0), failed(1), 60, State::Failed),
            ("in vain", pending(0), permanent, 1, State::Failed),
            ("taken", pending(0), taken, 60, State::Acknowledged),
            ("known already", pending(1), failed(1), 1, State::Pending),
            ("out of turn", pending(0), failed(3), 1, State::Pending),
        ];
        for (what, mut row, attempt, minutes, state) in table {
            let before = row.clone();
            let event = record(&mut row, &attempt, &RETRY, at(minutes));
            assert_eq!(
                (row.state, event.is_some()),
                (state, state != State::Pending),
                "{what}"
            );
            assert_eq!(
                row == before,
                what.starts_with("known") || what.starts_with("out"),
                "{what}"
            );
            assert_eq!(row.body.is_some(), state != State::Acknowledged, "{what}");
            let settled = (state != State::Pending).then(|| at(minutes));
            assert_eq!(row.settled_at, settled, "{what}");
        }
    }

    #[test]
    fn a_receiver_that_asks_for_patience_gets_it() {
        let mut row = pending(0);
        let asked = Attempt {
            not_before: Some(at(30)),
            ..failed(1)
        };
        record(&mut row, &asked, &RETRY, at(1));
        assert_eq!(row.due_at, at(30));
        let mut row = pending(0);
        record(&mut row, &failed(1), &RETRY, at(1));
        let pause = row.due_at.since(at(1));
        assert!((1_000_000..=2_000_000).contains(&pause), "{pause}");
    }

    #[test]
    fn a_dead_letter_begins_anew_and_nothing_else_does() {
        let actor = Actor::service(Role::Operator);
        let mut row = pending(3);
        assert_eq!(resend(&mut row, &actor, at(90)), None);
        (row.state, row.settled_at) = (State::Failed, Some(at(80)));
        assert!(resend(&mut row, &actor, at(90)).is_some());
        assert_eq!((row.state, row.attempts, row.due_at), (State::Pending, 0, at(90)));
        assert_eq!(row.settled_at, None);
        record(&mut row, &failed(1), &RETRY, at(91));
        assert_eq!(row.state, State::Pending, "its time counts from now on");
    }
    fn step(version: u32, step: &str, state: State) -> Listed {
        let mut row = Listed {
            step: step.to_owned(),
            state,
            turn: true,
            ..pending(0)
        };
        row.callback.version = version;
        row
    }

    #[test]
    fn the_next_ones_turn_comes_when_the_one_before_is_settled() {
        let mut book = Book::new(vec![step(2, "admitted", State::Pending)]);
        book.add(step(3, "dispatched", State::Pending));
        let id = |version: u32| step(version, "x", State::Pending).id();
        let record = |version, attempt| CallbackCommand {
            callback: id(version),
            at: at(1),
            request: CallbackRequest::Record(attempt),
        };
        let turns = |book: Book| book.into_changed().map(|row| (row.callback.version, row.turn));
        let changed: Vec<_> = turns(book).collect();
        assert_eq!(changed, [(3, false)], "behind the other");
        let rows = vec![
            step(2, "admitted", State::Pending),
            Listed {
                turn: false,
                ..step(3, "dispatched", State::Pending)
            },
        ];
        let mut book = Book::new(rows);
        book.apply(&record(2, failed(1)), &RETRY, at(1));
        let permanent = Attempt {
            permanent: true,
            ..failed(2)
        };
        book.apply(&record(2, permanent), &RETRY, at(1));
        let changed: Vec<_> = turns(book).collect();
        assert_eq!(
            changed,
            [(2, true), (3, true)],
            "given up, so it is the next one's turn"
        );
    }

    #[test]
    fn the_sources_own_word_is_the_receipt_of_the_newest_closing_before_it() {
        let echo = |version| Echo {
            clue: pending(0).callback.clue,
            version,
            link: None,
        };
        let table = [
            (State::Pending, Some(ECHOED)),
            (State::Failed, Some(ECHOED)),
            (State::Acknowledged, None),
        ];
        for (state, reason) in table {
            let mut book = Book::new(vec![
                step(2, "admitted", State::Acknowledged),
                step(4, "closed", State::Failed),
                step(6, "closed", state),
                step(9, "closed", State::Pending),
            ]);
            assert_eq!(book.echo(&echo(4), at(5)), None, "told nothing before");
            let event = book.echo(&echo(8), at(5)).expect("an event");
            assert!(matches!(event, DeliveryEvent::CallbackEchoed { before, .. } if before == state));
            assert_eq!(book.echo(&echo(8), at(6)), None, "once");
            let changed: Vec<_> = book.into_changed().filter(|row| row.step == "closed").collect();
            let [row] = changed.as_slice() else {
                panic!("{changed:?}")
            };
            assert_eq!(row.callback.version, 6);
            assert_eq!((row.state, row.confirmed_at), (State::Acknowledged, Some(at(5))));
            assert_eq!(row.reason.as_deref(), reason, "{state:?}");
        }
        // steps go in order: what comes after one that waits was not told yet, so nothing echoes it
        let mut book = Book::new(vec![
            step(4, "closed", State::Acknowledged),
            step(5, "reopened", State::Pending),
            step(6, "closed", State::Pending),
        ]);
        assert_eq!(book.echo(&echo(8), at(5)), None);
        assert!(book.into_changed().all(|row| row.state == State::Pending));
    }
}
