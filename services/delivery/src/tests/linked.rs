//! A clue that several platforms know: each is told under its own id, also of what happened before it knew.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::delivery::CallbackRequest;
use bihuan_domain::clue::{Actor, Event, Role};

use super::callbacks::World;
use super::harness::{assigned, clue, report, reported};
use crate::callback::State;
use crate::receiver::{Fault, Received};

const BODY: &str = "body = { event = \"event\", version = \"version\", source = \"source\", id = \"source_id\", who = \"agency\" }";

pub(super) fn linked(source: &str, id: &str) -> Event {
    let mut report = report(id);
    report.source = source.parse().expect("valid");
    Event::ClueLinked { report }
}

/// What each record was told, in the order in which it was.
fn by_record(received: &[Received]) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for it in received.iter().filter(|it| it.answer == "ok") {
        let text = |key: &str| it.body[key].as_str().unwrap_or("-").to_owned();
        let step = format!("{} {}", text("event"), text("who"));
        told.entry(format!("{}/{}", text("source"), text("id")))
            .or_default()
            .push(step);
    }
    told
}

fn steps(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

#[tokio::test]
async fn each_platform_is_told_under_its_own_id_and_a_later_one_catches_up() {
    let mut world = World::of(&["grid", "hotline"], &[], None, BODY).await;
    let first = vec![reported("1"), Event::ClueAdmitted, assigned("county", None, &[])];
    world.harness.happens(clue("1"), None, first).await;
    assert_eq!(world.receives_well(2).await.len(), 2);
    world.settled().await;
    // nobody remembers but the store
    world.harness.restart().await;
    let linking = vec![
        linked("hotline", "H-1"),
        linked("grid", "2"),
        assigned("town", None, &[]),
    ];
    world.harness.happens(clue("1"), None, linking).await;
    let mut received = world.receives_well(7).await;
    // a newer version of what is known is no new platform
    let again = vec![linked("hotline", "H-1"), Event::ClueAcknowledged];
    world.harness.happens(clue("1"), None, again).await;
    received.extend(world.receives_well(3).await);
    let later = steps(&[
        "admitted -",
        "dispatched county",
        "dispatched town",
        "acknowledged town",
    ]);
    let expected = [
        ("grid/1", later[2..].to_vec()),
        ("grid/2", later.clone()),
        ("hotline/H-1", later),
    ];
    let expected = expected.map(|(record, steps)| (record.to_owned(), steps));
    assert_eq!(by_record(&received), expected.into());
    let keys: BTreeSet<_> = received.iter().map(|it| &it.id).collect();
    assert_eq!(keys.len(), 10, "each has a key of its own");
    let settled = world.settled().await;
    assert!(settled.iter().all(|it| it.state == State::Acknowledged));
    assert_eq!((settled.len(), world.verified().await), (12, 12));
}

/// The receiver fails until all is given up; then one dead letter of one record is sent again.
#[tokio::test]
async fn a_dead_letter_of_one_record_is_sent_again_and_no_other() {
    let mut world = World::of(&["grid", "hotline"], &[Fault::Status(500)], Some(4), BODY).await;
    let happened = vec![reported("1"), linked("hotline", "H-1"), Event::ClueAdmitted];
    world.harness.happens(clue("1"), None, happened).await;
    let settled = world.settled().await;
    assert!(settled.iter().all(|it| it.state == State::Failed), "{settled:?}");
    assert_eq!(settled.len(), 2);
    let letter = settled
        .iter()
        .find(|it| it.callback.link.is_some())
        .expect("linked");
    assert_eq!(letter.id().to_string(), format!("{}/3/hotline/H-1", clue("1")));
    let resend = CallbackRequest::Resend {
        actor: Actor::service(Role::Operator),
    };
    world.asks(letter.id(), resend).await;
    let received = world.receives_well(1).await;
    let told = by_record(&received);
    assert_eq!(told, [("hotline/H-1".to_owned(), steps(&["admitted -"]))].into());
    let of_letter: Vec<_> = received
        .iter()
        .filter(|it| it.body["source"] == "hotline")
        .map(|it| &it.id)
        .collect();
    assert!(
        of_letter.iter().all(|key| **key == *of_letter[0]),
        "the same key each time"
    );
    let settled = world.settled().await;
    let states: Vec<_> = settled
        .iter()
        .map(|it| (it.callback.link.is_some(), it.state))
        .collect();
    assert!(states.contains(&(true, State::Acknowledged)) && states.contains(&(false, State::Failed)));
    assert_eq!(world.verified().await, 2);
}
