//! Whom the ladder reminds, and of how much at once.

use bihuan_contracts::delivery::DeliveryEvent;
use bihuan_contracts::partition_of;
use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{Event, Recipient, RungKind};
use bihuan_domain::code::Rung;
use bihuan_domain::id::ClueId;

use super::harness::{Harness, PARTITIONS, agency, assigned, clue, now, reported};
use crate::Config;

fn rung(name: &str) -> Rung {
    Rung::new(name).expect("valid")
}

fn reached(name: &str, kind: RungKind, to: Option<&str>, late: bool) -> Event {
    Event::RungReached {
        step: Step::Overall,
        rung: rung(name),
        kind,
        due_at: now().plus_days(1),
        late,
        to: Recipient {
            agency: to.map(agency),
            ..Recipient::default()
        },
    }
}

/// Clues of one partition, assigned to the county.
async fn held(harness: &mut Harness, count: usize) -> Vec<ClueId> {
    let all = (1..).map(|number: u32| number.to_string());
    let ids: Vec<_> = all
        .filter(|id| partition_of(clue(id), PARTITIONS) == 0)
        .take(count)
        .collect();
    for id in &ids {
        let events = vec![reported(id), assigned("county", None, &[])];
        harness.happens(clue(id), None, events).await;
    }
    harness.notices(count).await;
    ids.iter().map(|id| clue(id)).collect()
}

#[tokio::test]
async fn an_agency_is_reminded_of_many_clues_in_one_message_however_they_fell_into_batches() {
    let mut harness = Harness::start(Config::default()).await;
    let clues = held(&mut harness, 5).await;
    for (number, clue) in clues.iter().enumerate() {
        let late = number == 0;
        let events = vec![
            reached("blue", RungKind::Colour, Some("county"), late),
            reached("reminder", RungKind::Reminder, Some("county"), late),
        ];
        harness.happens(*clue, None, events).await;
        harness.pass(10);
        if number % 2 == 1 {
            harness.restart().await;
        }
    }
    harness.silent().await;
    harness.pass(30);
    let (notice, event) = harness.reminder().await;
    assert_eq!(
        (notice.agency, notice.rung.clone()),
        (agency("county"), rung("reminder"))
    );
    let said: Vec<_> = notice
        .clues
        .iter()
        .map(|it| (it.clue, it.version, it.late))
        .collect();
    let expected: Vec<_> = clues
        .iter()
        .enumerate()
        .map(|(number, clue)| (*clue, 4, number == 0))
        .collect();
    assert_eq!(said, expected);
    assert!(notice.clues.iter().all(|it| it.due_at == now().plus_days(1)));
    let DeliveryEvent::ReminderPublished {
        clues: told, rung, ..
    } = event
    else {
        panic!("{event:?}");
    };
    assert_eq!((told, rung), (clues, notice.rung));
    harness.restart().await;
    harness.pass(600);
    harness.silent().await;
}

#[tokio::test]
async fn what_comes_after_the_window_goes_out_by_itself() {
    let mut harness = Harness::start(Config::default()).await;
    let clues = held(&mut harness, 2).await;
    for clue in &clues {
        let event = reached("reminder", RungKind::Reminder, Some("county"), false);
        harness.happens(*clue, None, vec![event]).await;
        harness.pass(61);
    }
    harness.pass(10);
    for clue in clues {
        let (notice, _) = harness.reminder().await;
        let told: Vec<_> = notice.clues.iter().map(|it| it.clue).collect();
        assert_eq!(told, [clue]);
    }
}

#[tokio::test]
async fn a_notice_goes_out_once_it_is_issued_and_a_desk_has_no_topic() {
    let mut harness = Harness::start(Config::default()).await;
    let clues = held(&mut harness, 1).await;
    let events = vec![
        reached("triage_overdue", RungKind::Reminder, None, false),
        reached("overdue_notice", RungKind::Notice, Some("county"), false),
        Event::NoticeIssued {
            rung: rung("overdue_notice"),
            kind: RungKind::Notice,
            due_at: now(),
            to: Recipient {
                agency: Some(agency("town")),
                ..Recipient::default()
            },
        },
    ];
    harness.happens(clues[0], None, events).await;
    harness.pass(70);
    let (notice, _) = harness.reminder().await;
    assert_eq!(
        (notice.rung, notice.kind),
        (rung("overdue_notice"), RungKind::Notice)
    );
    assert_eq!(
        notice.agency,
        agency("town"),
        "whom it is about, whoever has the clue now"
    );
    assert_eq!(notice.clues[0].version, 5, "the issuing, not the draft");
}
