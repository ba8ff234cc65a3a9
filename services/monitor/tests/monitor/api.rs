//! What comes over HTTP.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::routes::{Api, routes};
use bihuan_rulebook::Library;
use bihuan_runtime::{Clock, problem};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::life::{Life, monday};
use crate::world::{World, worlds};

async fn get(world: &World, path: &str) -> (StatusCode, String, Value) {
    let rulebook = Arc::new(Rulebook::none());
    let api = Api {
        store: world.store.clone(),
        clock: Clock::fixed(monday().plus_days(3)).0,
        rulebook: Arc::new(move || rulebook.clone()),
        library: Library::new(world.store.clone()),
        partitions: 1,
        shadow: false,
        comparisons: Arc::default(),
        plans: Arc::default(),
    };
    let app = routes(api).layer(axum::middleware::from_fn(problem::localize));
    let request = Request::get(path)
        .header(header::ACCEPT_LANGUAGE, "en")
        .body(Body::empty())
        .expect("a request");
    let response = app.oneshot(request).await.expect("answers");
    let status = response.status();
    let kind = response.headers()[header::CONTENT_TYPE]
        .to_str()
        .expect("text")
        .to_owned();
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, kind, serde_json::from_slice(&body).expect("JSON"))
}

async fn one(world: &mut World) -> Life {
    let mut life = Life::new(1);
    let events = [life.report(1), life.assign("north")].concat();
    world.clue(0, events).await;
    world.read().await;
    life
}

#[tokio::test]
async fn the_report_of_a_day_is_that_of_its_end() {
    for mut world in worlds().await {
        one(&mut world).await;
        for (as_of, clues, at) in [
            ("2026-01-05", 1, "2026-01-05T23:59:59.999999Z"),
            ("2026-01-04", 0, "2026-01-04T23:59:59.999999Z"),
            ("2026-01-05T00:00:00%2B08:00", 0, "2026-01-04T16:00:00Z"),
        ] {
            let (status, _, report) = get(&world, &format!("/api/v1/reports/closure?as_of={as_of}")).await;
            assert_eq!(
                (status, &report["as_of"], &report["counts"]["clues"]),
                (StatusCode::OK, &at.into(), &clues.into())
            );
        }
    }
}

#[tokio::test]
async fn clues_are_listed_and_shown() {
    for mut world in worlds().await {
        let life = one(&mut world).await;
        let (status, _, page) = get(
            &world,
            "/api/v1/clues?agency=north&area=3306&stage=open&overdue=true",
        )
        .await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(page["clues"][0]["number"], life.number);
        assert_eq!(page["next"], Value::Null);
        for id in [life.number.as_str(), "grid%2F1"] {
            let (status, _, clue) = get(&world, &format!("/api/v1/clues/{id}")).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(
                (&clue["id"], &clue["holder"]),
                (&life.id.to_string().into(), &"agency".into())
            );
            assert_eq!(
                (&clue["stage"], &clue["state"]),
                (&"dispatched".into(), &Value::Null)
            );
            assert_eq!(clue["history"][2]["event"], "assigned");
            assert_eq!(clue["history"][2]["agency"], "north");
        }
    }
}

#[tokio::test]
async fn reports_accounts_and_quarantine_are_served() {
    for mut world in worlds().await {
        one(&mut world).await;
        let (status, _, report) = get(&world, "/api/v1/reports/closure?by=agency").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            (&report["counts"]["clues"], &report["rows"][0]["key"]),
            (&1.into(), &"north".into())
        );
        let (status, _, accounts) = get(&world, "/api/v1/accounts").await;
        assert_eq!(
            (status, &accounts["equations"][4]["balanced"]),
            (StatusCode::OK, &true.into())
        );
        let (status, _, quarantine) = get(&world, "/api/v1/quarantine?fate=waiting").await;
        assert_eq!(
            (status, &quarantine["records"]),
            (StatusCode::OK, &Value::Array(Vec::new()))
        );
    }
}

#[tokio::test]
async fn problems_are_problem_details() {
    let cases = [
        (
            "/api/v1/clues?stage=done",
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
        ),
        (
            "/api/v1/clues?shape=round",
            StatusCode::BAD_REQUEST,
            "invalid_query",
        ),
        ("/api/v1/clues/nobody", StatusCode::NOT_FOUND, "clue_unknown"),
        (
            "/api/v1/reports/closure?from=yesterday",
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
        ),
        (
            "/api/v1/quarantine?limit=0",
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
        ),
    ];
    for world in worlds().await {
        for (path, expected, code) in cases {
            let (status, kind, problem) = get(&world, path).await;
            assert_eq!(
                (status, kind.as_str()),
                (expected, "application/problem+json"),
                "{path}"
            );
            assert_eq!(problem["code"], code);
            assert!(
                problem["title"].as_str().is_some_and(str::is_ascii),
                "in the language asked for"
            );
        }
    }
}
