//! What a source is told of a dispute over its clue.

use bihuan_domain::clue::{Assignment, Designation, Event};
use bihuan_domain::code::Level;
use bihuan_domain::dispute::{Cause, Interim, Opening};
use bihuan_domain::id::{CommandId, DisputeId};

use super::callbacks::World;
use super::harness::{agency, assigned, clue, reported};

const BODY: &str = "body = { event = \"event\", version = \"version\", who = \"agency\", was = \"from_agency\" }\n\
                    [callback.transferred]\n[callback.coordination]";

fn dispute() -> DisputeId {
    DisputeId::derive(clue("1"), CommandId::derive(b"cause", "test", 0))
}

fn designated(to: &str) -> Event {
    Event::ClueDesignated {
        dispute: dispute(),
        assignment: Assignment {
            agency: agency(to),
            penalty: None,
            assisting: Vec::new(),
        },
        basis: "ruling 7".to_owned(),
        by: Designation::Ruling,
    }
}

fn held(interim: Interim) -> Event {
    Event::ClueHeldForDispute {
        dispute: dispute(),
        interim,
        level: Level::County,
    }
}

fn disputed(to: &str) -> Event {
    Event::ClueDisputed {
        dispute: dispute(),
        opening: Opening {
            clue: clue("1"),
            matter: None,
            area: None,
            severity: None,
            cause: Cause::ByCoordinator,
            parties: Vec::new(),
            first_receiver: None,
        },
        interim: Interim::Agency(agency(to)),
        level: Level::County,
    }
}

#[tokio::test]
async fn a_source_is_told_of_a_designation_that_moves_its_clue_and_from_whom() {
    let mut world = World::of(&["grid", "hotline"], &[], None, BODY).await;
    let events = vec![
        reported("1"),
        assigned("county", None, &[]),
        disputed("county"),
        designated("county"),
        held(Interim::Agency(agency("water"))),
        designated("water"),
        designated("town"),
        held(Interim::Coordinator),
        designated("town"),
        Event::ClueAcknowledged,
    ];
    world.harness.happens(clue("1"), None, events).await;
    let told = |received: &[crate::receiver::Received]| -> Vec<String> {
        let text =
            |it: &crate::receiver::Received, key: &str| it.body[key].as_str().unwrap_or("-").to_owned();
        let step = |it| {
            format!(
                "{} {} {} {}",
                text(it, "event"),
                it.body["version"],
                text(it, "who"),
                text(it, "was")
            )
        };
        received.iter().map(step).collect()
    };
    let expected = [
        "dispatched 2 county -",
        "coordination 3 county -",
        "transferred 7 town water",
        // out of a coordinator's hands
        "transferred 9 town -",
        "acknowledged 10 town -",
    ];
    assert_eq!(told(&world.receives_well(expected.len()).await), expected);
    world.settled().await;
    // a platform that comes to know the clue later is told the same
    let later = vec![super::linked::linked("hotline", "H-1")];
    world.harness.happens(clue("1"), None, later).await;
    assert_eq!(told(&world.receives_well(expected.len()).await), expected);
    assert_eq!(world.settled().await.len(), 2 * expected.len());
}
