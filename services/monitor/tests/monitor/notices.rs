//! Drafts of the ladder, from the journal to what a person issues.

use axum::http::StatusCode;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use serde_json::Value;

use crate::life::{Life, monday};
use crate::pages::fixture::{get, page};
use crate::world::{World, worlds};

fn hours(hours: i64) -> Timestamp {
    monday().plus_minutes(60 * hours)
}

/// Three clues, each due at 11:00 on Tuesday; a notice was drafted for each when work began on Wednesday, by the calendar of UTC.
async fn overdue(world: &mut World) -> Vec<Life> {
    let agencies = ["north", "north", "south"];
    let mut lives: Vec<Life> = (1..=3).map(|n| Life::with_clocks(n, "1d")).collect();
    for (number, (life, agency)) in (0..).zip(lives.iter_mut().zip(agencies)) {
        let mut events = life.dispatched(agency);
        events.extend(life.wake(hours(71)));
        world.clue(number % 2, events).await;
    }
    world.read().await;
    lives
}

async fn asked(world: &World, query: &str) -> Value {
    let answer = get(
        world,
        &format!("/api/v1/notices{query}"),
        &[("accept-language", "en")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

/// (agency, rung, day, clues)
fn bundles(found: &Value) -> Vec<(String, String, String, usize)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let all = found["notices"].as_array().expect("notices").iter();
    let bundle = |it: &Value| {
        let clues = it["clues"].as_array().map_or(0, Vec::len);
        (text(&it["agency"]), text(&it["rung"]), text(&it["day"]), clues)
    };
    all.map(bundle).collect()
}

fn expected(agency: &str, clues: usize) -> (String, String, String, usize) {
    let rung = "overdue_notice";
    (agency.to_owned(), rung.to_owned(), "2026-01-07".to_owned(), clues)
}

#[tokio::test]
async fn drafts_are_bundled_by_agency_step_and_day_until_a_person_issues_them() {
    for mut world in worlds().await {
        let mut lives = overdue(&mut world).await;
        let found = asked(&world, "?issued=false").await;
        assert_eq!(bundles(&found), [expected("north", 2), expected("south", 1)]);
        let clue = &found["notices"][0]["clues"][0];
        assert_eq!(clue["due_at"], hours(26).to_string());
        assert_eq!(clue["overdue_seconds"], 46 * 3_600);
        for (query, left) in [
            ("?agency=south", vec![expected("south", 1)]),
            ("?agency=", vec![]),
            ("?rung=bulletin", vec![]),
            ("?day=2026-01-07&agency=north", vec![expected("north", 2)]),
            ("?day=2026-01-08", vec![]),
            ("?issued=true", vec![]),
        ] {
            assert_eq!(bundles(&asked(&world, query).await), left, "{query}");
        }
        let issued = lives[0].issue("overdue_notice");
        world.clue(0, issued).await;
        let closed = lives[2].close("south");
        world.clue(0, closed).await;
        world.read().await;
        let open = asked(&world, "").await;
        assert_eq!(
            bundles(&open),
            [expected("north", 1), expected("south", 1)],
            "one was issued"
        );
        let left_over = |it: &Value| it["clues"][0]["left_over"].as_bool();
        assert_eq!(left_over(&open["notices"][0]), Some(false));
        assert_eq!(left_over(&open["notices"][1]), Some(true), "its clue is over");
        let (waiting, _) = bihuan_monitor::notices::waiting(&world.store)
            .await
            .expect("counts");
        assert_eq!(waiting, 1, "what is left over is nobody's hurry");
        let page_of_open = page(&world, "/notices", Lang::En).await;
        assert!(page_of_open.contains("draft left over") && page_of_open.contains("--although-ended"));
        let issued = asked(&world, "?issued=true").await;
        assert_eq!(bundles(&issued), [expected("north", 1)]);
        assert!(issued["notices"][0]["clues"][0]["issued_at"].is_string());
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn a_draft_is_discarded_and_its_clue_may_be_over() {
    for mut world in worlds().await {
        let mut lives = overdue(&mut world).await;
        let closed = lives[2].close("south");
        world.clue(0, closed).await;
        let discarded = [
            lives[0].discard("overdue_notice"),
            lives[2].discard("overdue_notice"),
        ];
        for events in discarded {
            world.clue(0, events).await;
        }
        world.read().await;
        assert_eq!(bundles(&asked(&world, "").await), [expected("north", 1)]);
        assert_eq!(bundles(&asked(&world, "?issued=true").await), []);
        let found = asked(&world, "?discarded=true").await;
        assert_eq!(bundles(&found), [expected("south", 1), expected("north", 1)]);
        let clue = &found["notices"][0]["clues"][0];
        assert!(clue["discarded_at"].is_string() && clue["issued_at"].is_null());
        let discarded = page(&world, "/notices?discarded=true", Lang::Zh).await;
        assert!(discarded.contains("弃用") && !discarded.contains("bihuan notice issue"));
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn a_reminder_of_a_desk_stands_until_the_desk_has_done_it() {
    for mut world in worlds().await {
        let mut life = Life::with_clocks(1, "1d");
        let mut events = life.report_as(1, |report| report.source_due_at = None);
        events.extend(life.triage());
        events.extend(life.wake(hours(24)));
        world.clue(0, events).await;
        world.read().await;
        let found = asked(&world, "").await;
        assert_eq!(found["notices"][0]["kind"], "reminder", "{found}");
        let of_desk = |it: &Value| (it["agency"].clone(), it["rung"].clone());
        assert_eq!(
            of_desk(&found["notices"][0]),
            (Value::Null, "triage_overdue".into())
        );
        assert_eq!(found["notices"][0]["clues"][0]["number"], life.number.as_str());
        let (waiting, _) = bihuan_monitor::notices::waiting(&world.store)
            .await
            .expect("counts");
        assert_eq!(waiting, 0, "it is no draft");
        let shown = page(&world, "/notices", Lang::Zh).await;
        assert!(shown.contains("人工分派超时") && !shown.contains("bihuan notice issue"));
        let events = life.assign("north");
        world.clue(0, events).await;
        world.read().await;
        assert_eq!(bundles(&asked(&world, "").await), []);
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn the_gauges_know_how_many_drafts_wait_and_since_when() {
    for mut world in worlds().await {
        let none = bihuan_monitor::notices::waiting(&world.store).await;
        assert_eq!(none.expect("counts"), (0, None));
        overdue(&mut world).await;
        let (waiting, oldest) = bihuan_monitor::notices::waiting(&world.store)
            .await
            .expect("counts");
        assert_eq!(waiting, 3);
        assert!(oldest.is_some_and(|at| at > hours(26) && at <= hours(71)));
    }
}

#[tokio::test]
async fn a_notice_that_was_changed_by_hand_is_found() {
    for mut world in worlds().await {
        overdue(&mut world).await;
        assert_eq!(world.differences().await, []);
        world
            .tamper("DELETE FROM monitor_notice WHERE agency = 'south'")
            .await;
        let differences = world.differences().await;
        let checks: Vec<_> = differences.iter().map(|it| it.check).collect();
        assert_eq!(checks, ["notice_is_fold"]);
    }
}

#[tokio::test]
async fn the_page_of_notices_can_be_printed_and_says_how_to_issue_them() {
    for mut world in worlds().await {
        let none = page(&world, "/notices", Lang::En).await;
        assert!(none.contains("Nothing waits to be issued."));
        let lives = overdue(&mut world).await;
        for (lang, texts) in [
            (Lang::Zh, ["督办通知", "城南分局", "1 天 22 小时"]),
            (Lang::En, ["overdue notice", "South", "1 d 22 h"]),
        ] {
            let page = page(&world, "/notices", lang).await;
            let call = "bihuan notice issue --agency south --rung overdue_notice --day 2026-01-07 --person";
            let number = lives[2].number.as_str();
            for text in texts.into_iter().chain([call, number]) {
                assert!(page.contains(text), "{text}");
            }
        }
        let wrong = get(&world, "/notices?day=soon", &[]).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    }
}
