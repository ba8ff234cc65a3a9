//! What a source is told of its clues, and what becomes of it with a receiver that fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::delivery::{CallbackCommand, CallbackId, CallbackRequest};
use bihuan_contracts::{Message, partition_of, topics};
use bihuan_domain::clue::{Actor, Conclusion, Event, History, Resolution, Role, Text};
use bihuan_mapping::Mapping;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::harness::{Harness, PARTITIONS, Telling, assigned, clue, now, report, reported};
use crate::callback::due::{Due, Happened};
use crate::callback::verify::verify;
use crate::callback::{self, Callbacks, Key, Listed, Retry, Settings, State, Teller};
use crate::facts::Facts;
use crate::receiver::{Fault, Plan, Received, receive};

pub(super) const QUICK: Retry = Retry {
    attempts: 4,
    give_up_after: Duration::from_hours(1),
    shortest: Duration::from_millis(1),
    longest: Duration::from_millis(5),
};

pub(super) struct World {
    pub(super) harness: Harness,
    pub(super) received: UnboundedReceiver<Received>,
}

pub(super) fn telling(mapping: &str, retry: Retry) -> Telling {
    telling_all(&["grid"], mapping, retry)
}

fn telling_all(sources: &[&str], mapping: &str, retry: Retry) -> Telling {
    let teller = |source: &&str| {
        let text = format!("source = \"{source}\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n{mapping}");
        let mapping = Mapping::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        Teller {
            mapping: Arc::new(mapping),
            folder: std::env::temp_dir(),
        }
    };
    let loopback = "127.0.0.1/32".parse().expect("a network");
    Telling {
        callbacks: Callbacks::new(sources.iter().map(teller)),
        retry,
        settings: Settings {
            allow_private: vec![loopback],
            // receivers are not left alone here: that is tested by itself
            breaker: u32::MAX,
            ..Settings::default()
        },
    }
}

impl World {
    /// Every step of the next events is told to a receiver that fails so.
    pub(super) async fn new(faults: &[Fault], times: Option<u32>, more: &str) -> Self {
        Self::of(&["grid"], faults, times, more).await
    }

    /// The same with several platforms.
    pub(super) async fn of(sources: &[&str], faults: &[Fault], times: Option<u32>, more: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (sender, received) = mpsc::unbounded_channel();
        let plan = Plan {
            faults: faults.to_vec(),
            times,
            key: Key::parse("secret"),
        };
        tokio::spawn(receive(listener, plan, sender));
        let mapping = format!(
            "[callback]\nurl = \"http://{address}/steps\"\nsuccess = {{ from = \"/code\", values = [0] }}\n{more}\n\
             [callback.admitted]\n[callback.dispatched]\n[callback.acknowledged]\n[callback.resolved]\n[callback.closed]\n"
        );
        let harness = Harness::telling(telling_all(sources, &mapping, QUICK)).await;
        Self { harness, received }
    }

    pub(super) async fn receives(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(20), self.received.recv());
        next.await.expect("in time").expect("the receiver lives")
    }

    /// What was received until `wanted` calls were answered well.
    pub(super) async fn receives_well(&mut self, wanted: usize) -> Vec<Received> {
        let mut all: Vec<Received> = Vec::new();
        while all.iter().filter(|it| it.answer == "ok").count() < wanted {
            all.push(self.receives().await);
        }
        all
    }

    /// The callbacks, once none is pending.
    pub(super) async fn settled(&self) -> Vec<Listed> {
        let look = async {
            loop {
                let all = self.callbacks().await;
                if !all.is_empty() && all.iter().all(|it| it.state != State::Pending) {
                    return all;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), look)
            .await
            .expect("in time")
    }

    pub(super) async fn callbacks(&self) -> Vec<Listed> {
        let mut reader = self.harness.store.read().await.expect("a reader");
        let mut all = callback::listed(reader.conn(), None, None, 1_000)
            .await
            .expect("read");
        all.sort_by_key(|it| (it.callback.clue, it.callback.version));
        all
    }

    /// How many rows agree with the journal; all of them.
    pub(super) async fn verified(&self) -> u64 {
        let mut reader = self.harness.store.snapshot().await.expect("a reader");
        let (compared, differences) = verify(&mut reader).await.expect("read");
        assert_eq!(differences, [], "rows and journal");
        compared
    }

    pub(super) async fn asks(&self, callback: CallbackId, request: CallbackRequest) {
        let partition = partition_of(callback.clue, PARTITIONS);
        let command = CallbackCommand {
            callback,
            at: now(),
            request,
        };
        let message = command.message(partition, "test");
        self.harness.log.publish(vec![message]).await.expect("published");
    }
}

/// The callback of the first clue's version.
fn first(version: u32) -> CallbackId {
    CallbackId {
        clue: clue("1"),
        version,
        link: None,
    }
}

pub(super) fn resolved() -> Event {
    Event::ClueResolved {
        resolution: resolution(),
    }
}

fn resolution() -> Resolution {
    Resolution {
        conclusion: Conclusion::Rectified,
        measures: Vec::new(),
        evidence: Vec::new(),
        substantiated: None,
        matter: None,
        legal_basis: None,
        document_number: None,
    }
}

pub(super) fn closed() -> Event {
    Event::ClueClosed {
        resolution: resolution(),
        class: Conclusion::Rectified.class(),
        recorded: false,
    }
}

fn events_of(received: &[Received]) -> Vec<&str> {
    received
        .iter()
        .map(|it| it.body["event"].as_str().unwrap_or("?"))
        .collect()
}

#[tokio::test]
async fn every_step_that_was_asked_for_is_told_in_order_with_what_is_known_by_then() {
    let mut world = World::new(&[], None, "body = { event = \"event\", version = \"version\", who = \"agency\", id = \"source_id\", note = \"remark\", result = \"conclusion\", title = \"title\" }").await;
    let told = |text: &str| {
        Some(Text {
            remark: Some(text.to_owned()),
            ..Text::default()
        })
    };
    let title = Some(Text {
        title: Some("占道".to_owned()),
        ..Text::default()
    });
    let first = vec![reported("1"), Event::ClueAdmitted, assigned("county", None, &[])];
    world.harness.happens(clue("1"), title, first).await;
    world
        .harness
        .happens(clue("1"), told("内部"), vec![Event::HandlingStarted])
        .await;
    world
        .harness
        .happens(clue("1"), told("已清理"), vec![resolved(), closed()])
        .await;
    let received = world.receives_well(4).await;
    let bodies: Vec<String> = received.iter().map(|it| it.body.to_string()).collect();
    let expected = [
        r#"{"event":"admitted","version":2,"id":"1","title":"占道"}"#,
        r#"{"event":"dispatched","version":3,"who":"county","id":"1","title":"占道"}"#,
        r#"{"event":"resolved","version":5,"who":"county","id":"1","note":"已清理","result":"rectified","title":"占道"}"#,
        r#"{"event":"closed","version":6,"who":"county","id":"1","note":"已清理","result":"rectified","title":"占道"}"#,
    ];
    let parsed = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    for (found, expected) in bodies.iter().zip(expected) {
        assert_eq!(parsed(found), parsed(expected));
    }
    let settled = world.settled().await;
    assert!(
        settled
            .iter()
            .all(|it| it.state == State::Acknowledged && it.body.is_none()),
        "{settled:?}"
    );
    assert!(
        settled
            .iter()
            .all(|it| it.status == Some(200) && it.settled_at.is_some_and(|at| at >= it.since)),
        "a receipt has a status and a time: {settled:?}"
    );
    assert_eq!(world.verified().await, 4);
}

#[tokio::test]
async fn whatever_a_receiver_does_wrong_it_is_asked_again_with_the_same_key_and_nothing_overtakes() {
    let faults = [Fault::Status(500), Fault::Break, Fault::Refuse];
    let mut world = World::new(&faults, Some(3), "").await;
    let life = || {
        vec![
            Event::ClueAdmitted,
            assigned("county", None, &[]),
            Event::ClueAcknowledged,
        ]
    };
    for id in ["1", "2", "3"] {
        let events = [vec![reported(id)], life()].concat();
        world.harness.happens(clue(id), None, events).await;
    }
    let received = world.receives_well(9).await;
    let mut by_clue: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for it in received {
        let clue = it.body["clue"].as_str().expect("a clue").to_owned();
        by_clue.entry(clue).or_default().push(it);
    }
    assert_eq!(by_clue.len(), 3);
    for calls in by_clue.values() {
        let expected = ["admitted", "dispatched", "acknowledged"]
            .map(|step| [step; 4])
            .concat();
        assert_eq!(events_of(calls), expected, "one after the other");
        for same in calls.chunks(4) {
            assert!(
                same.iter()
                    .all(|it| it.id == same[0].id && it.body == same[0].body),
                "{same:?}"
            );
            let times: Vec<u32> = same.iter().map(|it| it.time).collect();
            assert_eq!(times, [1, 2, 3, 4]);
        }
    }
    let settled = world.settled().await;
    assert!(
        settled
            .iter()
            .all(|it| it.state == State::Acknowledged && it.attempts == 4),
        "{settled:?}"
    );
    assert_eq!(world.verified().await, 9);
}

#[tokio::test]
async fn each_fault_has_a_name_and_ends_as_a_dead_letter_that_can_be_sent_again() {
    let table = [
        (Fault::Status(500), "status_500", Some(500), 4),
        (Fault::Status(404), "status_404", Some(404), 4),
        (Fault::Status(410), "gone", Some(410), 1),
        (Fault::Redirect, "redirect", Some(301), 4),
        (Fault::Refuse, "refused_by_receiver", Some(200), 4),
        (Fault::Break, "answer_broken", Some(200), 4),
        (Fault::Hang, "timeout", None, 4),
        (Fault::Drip, "timeout", None, 4),
        (Fault::Long, "answer_too_long", Some(200), 4),
    ];
    for (fault, reason, status, attempts) in table {
        let mut world = World::new(&[fault], Some(attempts), "timeout = 1").await;
        world
            .harness
            .happens(clue("1"), None, vec![reported("1"), Event::ClueAdmitted])
            .await;
        let settled = world.settled().await;
        let [dead] = settled.as_slice() else {
            panic!("{settled:?}")
        };
        assert_eq!(
            (dead.state, dead.reason.as_deref(), dead.status, dead.attempts),
            (State::Failed, Some(reason), status, attempts),
            "{fault:?}"
        );
        assert_ne!(
            callback::words(reason).1,
            callback::words("").1,
            "{reason} has words"
        );
        let actor = Actor::service(Role::Operator);
        for _ in 0..2 {
            // asking twice is asking once
            world
                .asks(first(2), CallbackRequest::Resend { actor: actor.clone() })
                .await;
        }
        let received = world.receives_well(1).await;
        assert!(received.iter().all(|it| it.id == received[0].id), "the same key");
        assert_eq!(world.settled().await[0].state, State::Acknowledged, "{fault:?}");
        assert_eq!(world.verified().await, 1);
    }
}

#[tokio::test]
async fn what_follows_a_dead_letter_is_told_all_the_same() {
    let mut world = World::new(&[Fault::Status(410)], Some(1), "").await;
    let events = vec![reported("1"), Event::ClueAdmitted, assigned("county", None, &[])];
    world.harness.happens(clue("1"), None, events).await;
    let states: Vec<_> = world
        .settled()
        .await
        .iter()
        .map(|it| (it.step.clone(), it.state))
        .collect();
    let failed = |step: &str| (step.to_owned(), State::Failed);
    assert_eq!(states, [failed("admitted"), failed("dispatched")]);
    let received = [world.receives().await, world.receives().await];
    assert_eq!(events_of(&received), ["admitted", "dispatched"]);
}

#[tokio::test]
async fn a_private_address_is_not_called_unless_it_is_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    for host in [address.to_string(), format!("localhost:{}", address.port())] {
        let mapping = format!("[callback.admitted]\nurl = \"http://{host}/\"\n");
        let mut telling = telling(&mapping, QUICK);
        telling.settings.allow_private.clear();
        let harness = Harness::telling(telling).await;
        let (_, received) = mpsc::unbounded_channel();
        let mut world = World { harness, received };
        world
            .harness
            .happens(clue("1"), None, vec![reported("1"), Event::ClueAdmitted])
            .await;
        let settled = world.settled().await;
        assert_eq!(settled[0].reason.as_deref(), Some("address_refused"), "{host}");
    }
    let waiting = tokio::time::timeout(Duration::from_millis(1), listener.accept());
    assert!(waiting.await.is_err(), "nobody connected");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_cannot_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = listener.local_addr().expect("bound").to_string();
    drop(listener);
    for host in [nobody, "nobody.invalid".to_owned()] {
        let mapping = format!("[callback.admitted]\nurl = \"http://{host}/\"\n");
        let harness = Harness::telling(telling(&mapping, QUICK)).await;
        let (_, received) = mpsc::unbounded_channel();
        let mut world = World { harness, received };
        let events = vec![reported("1"), Event::ClueAdmitted];
        world.harness.happens(clue("1"), None, events).await;
        let settled = world.settled().await;
        assert_eq!(settled[0].reason.as_deref(), Some("connect"), "{host}");
    }
}

#[tokio::test]
async fn a_call_is_signed_and_without_its_secret_it_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    let more = format!(
        "sign = \"standard-webhooks\"\nsecret = {{ file = \"{}\" }}\nalgorithm = \"hmac-sm3\"",
        secret
            .strip_prefix(std::env::temp_dir())
            .expect("beside the mapping")
            .display()
    );
    let mut world = World::new(&[], None, &more).await;
    world
        .harness
        .happens(clue("1"), None, vec![reported("1"), Event::ClueAdmitted])
        .await;
    assert_eq!(world.settled().await[0].reason.as_deref(), Some("secret_missing"));
    std::fs::write(&secret, "secret\n").expect("written");
    world
        .harness
        .happens(clue("1"), None, vec![assigned("county", None, &[])])
        .await;
    let received = world.receives().await;
    assert_eq!(
        (received.signature, events_of(std::slice::from_ref(&received))[0]),
        ("good", "dispatched")
    );
}

#[tokio::test]
async fn a_source_is_told_on_a_topic_and_in_a_file_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let mapping = "[callback]\nfile = \"steps.jsonl\"\nbody = { event = \"event\" }\n[callback.admitted]\n[callback.acknowledged]\n\
                   [callback.dispatched]\ntopic = \"grid.steps\"\n";
    let mut telling = telling(mapping, QUICK);
    telling.settings.files = Some(folder.path().to_path_buf());
    let harness = Harness::telling(telling).await;
    let (_, received) = mpsc::unbounded_channel();
    let mut world = World { harness, received };
    let mut tail = world.harness.log.tail(&["grid.steps"]).await.expect("tail");
    let events = vec![
        reported("1"),
        Event::ClueAdmitted,
        assigned("county", None, &[]),
        Event::ClueAcknowledged,
    ];
    world.harness.happens(clue("1"), None, events).await;
    let settled = world.settled().await;
    assert!(
        settled.iter().all(|it| it.state == State::Acknowledged),
        "{settled:?}"
    );
    let told = tail.next().await.expect("a message");
    assert_eq!(
        (told.payload.as_slice(), told.partition),
        (
            &br#"{"event":"dispatched"}"#[..],
            partition_of(clue("1"), PARTITIONS)
        )
    );
    let file = std::fs::read_to_string(folder.path().join("steps.jsonl")).expect("written");
    assert_eq!(file, "{\"event\":\"admitted\"}\n{\"event\":\"acknowledged\"}\n");
    assert_eq!(world.verified().await, 3);
}

/// Another process knows nothing of what was on its way: it sends it again, with the same key, and nothing is left out.
#[tokio::test]
async fn whoever_takes_over_goes_on_where_it_was() {
    let mut world = World::new(&[Fault::Hang], Some(1), "timeout = 20").await;
    world
        .harness
        .happens(
            clue("1"),
            None,
            vec![reported("1"), Event::ClueAdmitted, assigned("county", None, &[])],
        )
        .await;
    let hanging = world.receives().await;
    world.harness.restart().await;
    let again = world.receives().await;
    assert_eq!(
        (again.id, again.time, again.answer.as_str()),
        (hanging.id, 2, "ok")
    );
    world.receives().await;
    world.harness.restart().await;
    world.receives_well(1).await;
    let settled = world.settled().await;
    assert!(
        settled.iter().all(|it| it.state == State::Acknowledged),
        "{settled:?}"
    );
    assert_eq!(world.verified().await, 2);
}

#[tokio::test]
async fn what_is_known_already_and_what_is_no_command_changes_nothing() {
    let mut world = World::new(&[], None, "").await;
    world
        .harness
        .happens(clue("1"), None, vec![reported("1"), Event::ClueAdmitted])
        .await;
    let before = world.settled().await;
    let attempt = bihuan_contracts::delivery::Attempt {
        number: 1,
        reason: Some("status_500".to_owned()),
        status: Some(500),
        permanent: true,
        not_before: None,
    };
    world
        .asks(first(2), CallbackRequest::Record(attempt.clone()))
        .await;
    world.asks(first(9), CallbackRequest::Record(attempt)).await;
    let nonsense = Message {
        topic: topics::CALLBACK_COMMANDS.into(),
        partition: partition_of(clue("1"), PARTITIONS),
        key: Vec::new(),
        headers: Vec::new(),
        payload: b"\xff".to_vec(),
    };
    world
        .harness
        .log
        .publish(vec![nonsense])
        .await
        .expect("published");
    world
        .harness
        .happens(clue("1"), None, vec![assigned("county", None, &[])])
        .await;
    world.receives_well(2).await;
    let settled = world.settled().await;
    assert_eq!((&settled[0], settled.len()), (&before[0], 2));
    let mut reader = world.harness.store.read().await.expect("a reader");
    let away = bihuan_store::quarantine::list(reader.conn(), Some("waiting"), Some("not_protobuf"), 10).await;
    assert_eq!(away.expect("read").len(), 1);
}

/// The source knows what became of it before; from the reopening on it is told.
#[tokio::test]
async fn a_source_is_not_told_its_own_story() {
    let mut world = World::new(&[], None, "").await;
    let mut past = report("1");
    past.history = Some(History {
        agency: None,
        closed_at: Some(now()),
        conclusion: Conclusion::Rectified,
        route: false,
    });
    let past = Event::ClueReported {
        number: "1".to_owned(),
        report: past,
    };
    let recorded = Event::ClueClosed {
        resolution: resolution(),
        class: Conclusion::Rectified.class(),
        recorded: true,
    };
    let happened = vec![
        past,
        Event::ClueAdmitted,
        recorded,
        Event::ClueReopened { recorded: false },
    ];
    world.harness.happens(clue("1"), None, happened).await;
    world
        .harness
        .happens(clue("1"), None, vec![Event::ClueAcknowledged, closed()])
        .await;
    let received = world.receives_well(2).await;
    assert_eq!(events_of(&received), ["acknowledged", "closed"]);
    assert_eq!(world.settled().await.len(), 2);
}

/// Written by a program that knew no callbacks.
#[test]
fn facts_without_a_source_are_read_and_lead_to_no_callback() {
    let facts = Facts::of("1", &report("1"));
    let mut stored = serde_json::to_value(&facts).expect("JSON");
    let object = stored.as_object_mut().expect("an object");
    for key in ["source", "source_id", "links", "past", "resolved"] {
        assert!(object.remove(key).is_some(), "{key}");
    }
    let read: Facts = serde_json::from_value(stored).expect("read");
    let telling = telling("[callback.admitted]\ntopic = \"t\"\n", QUICK);
    let due = |facts: &Facts| {
        let happened = Happened {
            clue: clue("1"),
            version: 2,
            at: now(),
            event: &Event::ClueAdmitted,
            from: None,
            facts,
        };
        Due::all(&telling.callbacks, happened).next().is_some()
    };
    assert!(due(&facts) && !due(&read));
}
