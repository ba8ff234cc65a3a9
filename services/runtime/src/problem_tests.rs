use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::{get, post};
use tower::ServiceExt as _;

use super::*;

fn gone() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "version_conflict",
        "The clue has changed",
        "线索已变化",
    )
    .details("it is at version 3", "现为第 3 版")
    .with("version", 3)
    .with("code", "cannot be replaced")
}

fn routes() -> Router {
    Router::new()
        .route("/gone", get(async || ([(header::RETRY_AFTER, "5")], gone())))
        .route("/fine", get(async || "fine"))
        .route(
            "/body",
            post(async |body: Result<Json<Value>, JsonRejection>| body.map(|_| ()).map_err(Problem::from)),
        )
        .fallback(not_found)
        .layer(axum::middleware::from_fn(localize))
}

async fn ask(request: axum::http::request::Builder, body: &'static str) -> (Response, Value) {
    let request = request.body(Body::from(body)).expect("a request");
    let response = routes().oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 10_000).await.expect("a body");
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (Response::from_parts(parts, Body::empty()), body)
}

#[tokio::test]
async fn a_problem_speaks_the_language_of_the_client() {
    for (language, title, detail) in [
        ("zh-CN", "线索已变化", "现为第 3 版"),
        ("en", "The clue has changed", "it is at version 3"),
    ] {
        let (response, body) = ask(
            Request::get("/gone").header(header::ACCEPT_LANGUAGE, language),
            "",
        )
        .await;
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(response.headers()[header::CONTENT_LANGUAGE], &language[..2]);
        let expected = serde_json::json!({
            "type": "urn:bihuan:problem:version_conflict", "status": 409, "code": "version_conflict",
            "title": title, "detail": detail, "version": 3,
        });
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn other_answers_are_left_alone_and_unknown_paths_are_problems() {
    let (response, _) = ask(Request::get("/fine"), "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().get(header::CONTENT_LANGUAGE).is_none());
    let (response, body) = ask(Request::get("/nowhere"), "").await;
    assert_eq!(
        (response.status(), &body["code"]),
        (StatusCode::NOT_FOUND, &Value::from("not_found"))
    );
}

#[tokio::test]
async fn an_unreadable_body_is_a_problem() {
    let request = Request::post("/body").header(header::CONTENT_TYPE, "application/json");
    let (response, body) = ask(request, "{").await;
    assert_eq!(
        (response.status(), &body["code"]),
        (StatusCode::BAD_REQUEST, &Value::from("invalid_body"))
    );
}
