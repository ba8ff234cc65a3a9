//! A shadow run as people look at it: every page says what it is, and the comparison is a page and an answer.

use axum::http::StatusCode;
use bihuan_domain::clue::{
    Command, Conclusion, Occurrence, Role, RoutingDecision, Snapshot, SourceStatus, TimeBasis,
};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::lang::Lang;
use bihuan_monitor::{ReportQuery, report};
use bihuan_store::installation;
use serde_json::{Value, json};

use crate::life::{Life, agency, monday};
use crate::pages::fixture::{book, get, now, page, sixty};
use crate::world::{World, worlds};

/// Reported with whom its dispatchers chose, closed there or not.
fn reported(life: &mut Life, by: &str, status: SourceStatus) -> Vec<Occurrence> {
    let version = i64::from(status == SourceStatus::Closed);
    life.report_as(30, |report| {
        report.digest.0[0] ^= version as u8;
        report.snapshot = Some(Snapshot {
            version: Some(version),
            status: Some(status),
            status_at: None,
            changed_at: monday(),
            basis: TimeBasis::Version,
            agency: Some(agency(by)),
            conclusion: Conclusion::Unstated,
            prints: Vec::new(),
        });
    })
}

fn routed(life: &mut Life, to: &str, row: u32) -> Vec<Occurrence> {
    let decision = RoutingDecision {
        rulebook: RulebookVersion::none(),
        row: Some(row),
        reason: "matched".to_owned(),
    };
    let command = Command::AssignClue {
        agency: agency(to),
        penalty: None,
        assisting: Vec::new(),
        decision,
    };
    life.act(Role::Routing, None, command)
}

/// One on which both agree, and closed there in time; one that went elsewhere; one in triage.
async fn three(world: &mut World) {
    let mut lives = [2, 1, 5].map(Life::new);
    let first = [
        reported(&mut lives[0], "north", SourceStatus::Open),
        routed(&mut lives[0], "north", 2),
        reported(&mut lives[0], "north", SourceStatus::Closed),
    ];
    let second = [
        reported(&mut lives[1], "south", SourceStatus::Open),
        routed(&mut lives[1], "north", 2),
    ];
    let third = [
        reported(&mut lives[2], "south", SourceStatus::Open),
        lives[2].triage(),
    ];
    for events in [first.concat(), second.concat(), third.concat()] {
        world.clue(0, events).await;
    }
    world.read().await;
}

async fn begun(world: &World) {
    installation::shadow(&world.store, true).await.expect("begins");
}

#[tokio::test]
async fn every_page_of_a_shadow_run_says_so() {
    for mut world in worlds().await {
        let lives = sixty(&mut world).await;
        let clue = format!("/clues/{}", lives[0].id);
        let paths = [
            "/",
            "/clues",
            &clue,
            "/report",
            "/quarantine",
            "/accounts",
            "/reconcile",
        ];
        let banner = |lang: Lang| lang.choose("不通知任何单位", "nobody is told");
        for path in paths {
            let text = page(&world, path, Lang::En).await;
            assert!(
                !text.contains(banner(Lang::En)) && !text.contains("href=\"/shadow\""),
                "{path}"
            );
        }
        begun(&world).await;
        for lang in [Lang::Zh, Lang::En] {
            for path in paths.into_iter().chain(["/shadow"]) {
                let text = page(&world, path, lang).await;
                assert!(
                    text.contains(banner(lang)) && text.contains("href=\"/shadow\""),
                    "{path}: {text}"
                );
            }
        }
        let unknown = get(&world, "/clues/nobody", &[("accept-language", "en")]).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert!(unknown.body.contains(banner(Lang::En)), "an error too");
    }
}

#[tokio::test]
async fn the_comparison_is_shown_with_the_rows_that_would_have_to_change() {
    for mut world in worlds().await {
        begun(&world).await;
        three(&mut world).await;
        for lang in [Lang::Zh, Lang::En] {
            let text = page(&world, "/shadow", lang).await;
            for word in [
                lang.choose("规则准确率", "accuracy of the rules"),
                "33.33 %",
                "<code>stall,330603,first_handler,south</code>",
                lang.choose("期限内办结 1", "1 closed in time"),
                "<code>no_duty</code>",
                lang.choose("城南分局", "South"),
            ] {
                assert!(text.contains(word), "{word} in {text}");
            }
            let later = page(&world, "/shadow?from=2026-02-01", lang).await;
            assert!(!later.contains("first_handler"), "{later}");
        }
        let wrong = get(&world, "/shadow?from=yesterday", &[]).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);

        let asked = async |path: &str| -> (StatusCode, Value) {
            let answer = get(&world, path, &[]).await;
            (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
        };
        let (status, found) = asked("/api/v1/reports/shadow").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            (
                &found["compared"],
                &found["rights"]["people"],
                &found["rights"]["nobody"]
            ),
            (&json!(3), &json!(1), &json!(1))
        );
        assert_eq!(
            found["rows"][0]["instead"][0]["row"],
            "stall,330603,first_handler,south"
        );
        assert_eq!(found["clocks"]["deadlines"]["closed_in_time"], 1);
        let (_, later) = asked("/api/v1/reports/shadow?from=2026-02-01").await;
        assert_eq!(later["clues"], 0, "not what was compared before");
        let (status, _) = asked("/api/v1/reports/shadow?from=2026-02-01&to=2026-01-01").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn the_closure_report_says_that_nobody_handles_the_clues_here() {
    for mut world in worlds().await {
        three(&mut world).await;
        let asked = async || {
            let report = report::closure(&world.store, &ReportQuery::default(), now(), &book()).await;
            serde_json::to_value(report.expect("reports")).expect("JSON")["shadow"].clone()
        };
        assert_eq!(asked().await, Value::Null);
        begun(&world).await;
        assert_eq!(asked().await, true);
    }
}
