use std::io::Write;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt as _;

use super::*;

async fn ask(health: &Health, path: &str) -> (StatusCode, Vec<u8>) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = routes(health.clone()).oneshot(request).await.expect("infallible");
    let status = response.status();
    (
        status,
        to_bytes(response.into_body(), 10_000)
            .await
            .expect("a body")
            .to_vec(),
    )
}

#[tokio::test]
async fn ready_means_that_every_part_is() {
    let (clock, hand) = Clock::fixed("2026-01-05T00:00:00Z".parse().expect("a time"));
    let health = Health::new(clock);
    assert_eq!(
        ask(&health, "/readyz").await.0,
        StatusCode::SERVICE_UNAVAILABLE,
        "nothing has started yet"
    );

    let store = health.part("store");
    let lane = health.part("lifecycle/0");
    store.set(State::Ready);
    assert_eq!(ask(&health, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);

    hand.advance(Duration::from_mins(1));
    lane.set(State::waiting("the log is away"));
    hand.advance(Duration::from_mins(1));
    lane.set(State::waiting("the log is still away"));
    let (status, body) = ask(&health, "/readyz").await;
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let expected = json!({ "ready": false, "parts": [
        { "part": "lifecycle/0", "state": "waiting", "since": "2026-01-05T00:01:00Z", "reason": "the log is still away" },
        { "part": "store", "state": "ready", "since": "2026-01-05T00:00:00Z" },
    ]});
    assert_eq!(body, expected);
    assert_eq!(
        ask(&health, "/healthz").await.0,
        StatusCode::OK,
        "alive all the same"
    );

    lane.set(State::Ready);
    assert_eq!(ask(&health, "/readyz").await.0, StatusCode::OK);
    lane.set(State::halted("the database is behind the log"));
    assert_eq!(ask(&health, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    lane.remove();
    assert_eq!(
        ask(&health, "/readyz").await.0,
        StatusCode::OK,
        "another process has it"
    );
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_change_is_logged_once() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        // a test beside this one may have met the lines first, without a subscriber
        tracing::callsite::rebuild_interest_cache();
        let health = Health::new(Clock::wall());
        let part = health.part("store");
        for _ in 0..3 {
            part.set(State::Ready);
        }
        for _ in 0..3 {
            health.part("store").set(State::halted("broken"));
        }
        // a part that fails in several ways at once would fill the log
        health.part("store").set(State::halted("broken otherwise"));
    });
    let text = String::from_utf8(lines.0.lock().expect("not poisoned").clone()).expect("text");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains("part ready") && text.contains("part halted") && text.contains("broken"),
        "{text}"
    );
}
