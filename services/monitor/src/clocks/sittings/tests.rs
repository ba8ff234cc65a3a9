use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::code::{AreaCode, RulebookVersion};
use bihuan_domain::dispute::{Cause, Deadline, Interim, Jurisdiction, Opening, Reason, Then};
use bihuan_domain::id::{ClueId, CommandId, DisputeId};
use uuid::Uuid;

use super::*;

const HOUR: i64 = 3_600_000_000;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_micros(hours * HOUR)
}

fn county() -> Forum {
    Forum::County(AreaCode::new("330602").expect("valid"))
}

fn happened(hours: i64, due: Option<i64>, event: Event) -> Occurrence {
    Occurrence {
        dispute: DisputeId(Uuid::nil()),
        version: 1,
        at: at(hours),
        received_at: at(hours),
        command: CommandId(Uuid::nil()),
        causation: None,
        actor: Actor::service(Role::Dispute),
        text: None,
        deadline: due.map(|due| Deadline {
            at: at(due),
            since: at(hours),
            limit: None,
            provisional: due == 50,
            limits_by: RulebookVersion::none(),
            calendar: "abc".parse().expect("valid"),
        }),
        event,
    }
}

fn opened() -> Event {
    Event::DisputeOpened {
        opening: Opening {
            clue: ClueId(Uuid::nil()),
            matter: None,
            area: None,
            severity: None,
            cause: Cause::ByAgency,
            parties: Vec::new(),
            first_receiver: None,
        },
        jurisdiction: Jurisdiction {
            forum: county(),
            reason: Reason::OneCounty,
            placed: Vec::new(),
            skipped: Vec::new(),
        },
        interim: Interim::Coordinator,
    }
}

fn lapsed(step: Step, then: Then) -> Event {
    Event::StepLapsed {
        step,
        due_at: at(0),
        then,
    }
}

/// Nobody talks, a deadline is counted again, nobody accepts, the city takes it over, and it is withdrawn.
fn history() -> Vec<Occurrence> {
    let raised = Then::Raised {
        to: Forum::City,
        step: Step::Acceptance,
        skipped: Vec::new(),
    };
    vec![
        happened(0, Some(10), opened()),
        happened(
            10,
            Some(20),
            lapsed(Step::Negotiation, Then::Next(Step::Acceptance)),
        ),
        happened(15, Some(50), Event::DeadlineRevised),
        happened(50, Some(70), lapsed(Step::Acceptance, raised)),
        happened(60, None, Event::DisputeWithdrawn),
    ]
}

#[test]
fn each_step_has_its_time_its_forum_and_how_it_ended() {
    let all = sittings(&history());
    let told: Vec<_> = all
        .iter()
        .map(|it| {
            (
                it.step,
                it.forum.level().as_str(),
                it.since,
                it.until,
                it.due,
                it.lapsed,
            )
        })
        .collect();
    let (negotiation, acceptance) = (Step::Negotiation, Step::Acceptance);
    assert_eq!(
        told,
        [
            (negotiation, "county", at(0), Some(at(10)), Some(at(10)), true),
            (acceptance, "county", at(10), Some(at(50)), Some(at(50)), true),
            (acceptance, "city", at(50), Some(at(60)), Some(at(70)), false),
        ]
    );
    assert!(all[1].provisional && !all[0].provisional);
    let open = sittings(&history()[..4]);
    assert_eq!(open.last().and_then(|it| it.until), None);
    assert!(open[2].is_late(at(71)) && !open[2].is_late(at(70)));
}

#[test]
fn steps_are_drawn_with_what_passed_what_is_left_and_where_a_time_was_over() {
    let drawn = |history: &[Occurrence], now| Drawing::of(&sittings(history), at(now), &TimeZone::UTC);
    assert!(drawn(&[], 1).is_none());
    let open = drawn(&history()[..4], 60).expect("was opened");
    let steps: Vec<_> = open.rows.iter().map(|row| (row.step, row.bars.len())).collect();
    assert_eq!(steps, [(Step::Negotiation, 1), (Step::Acceptance, 2)]);
    let (_, last) = &open.rows[1].bars[1];
    let left = last.left.expect("time is left");
    assert!((left.width - last.passed.width).abs() < 0.3, "{last:?}");
    assert_eq!((open.lapses.len(), open.forums.len()), (2, 2));
    assert!(open.now.is_some_and(|now| (now - left.x).abs() < 0.2));
    let late = drawn(&history()[..4], 90).expect("was opened");
    let (_, last) = &late.rows[1].bars[1];
    assert!(last.left.is_none() && last.overdue.is_some(), "{last:?}");
    let ended = drawn(&history(), 900).expect("was opened");
    assert_eq!(ended.now, None);
    let (_, last) = &ended.rows[1].bars[1];
    assert_eq!(
        (last.left, last.due),
        (None, None),
        "it never came to its due time"
    );
}
