//! Logs to stderr, and metrics in the Prometheus text format. Standard output belongs to results.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Telemetry};

/// Overrides the configured filter for one run.
pub const FILTER_VARIABLE: &str = "BIHUAN_LOG_FILTER";

/// Upper bounds of histograms in seconds: from one round trip to a batch that went wrong.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];
/// Upper bounds of histograms of sizes, such as messages in a batch.
const SIZES: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("log filter {filter:?}: {problem}")]
    Filter { filter: String, problem: String },
    #[error("logging cannot start: {0}")]
    Logs(String),
    #[error("metrics cannot start: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
}

/// What was measured so far.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// Starts logging and measuring for the whole process. A second call changes nothing and gives the same metrics.
pub fn install(telemetry: &Telemetry) -> Result<Metrics, Error> {
    static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(metrics) = &*installed {
        return Ok(metrics.clone());
    }
    let wanted = std::env::var(FILTER_VARIABLE).unwrap_or_else(|_| telemetry.filter.clone());
    let logs = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter(&wanted)?);
    match telemetry.format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    }
    .map_err(|error| Error::Logs(error.to_string()))?;
    let metrics = Metrics(builder()?.install_recorder()?);
    *installed = Some(metrics.clone());
    Ok(metrics)
}

fn filter(wanted: &str) -> Result<EnvFilter, Error> {
    EnvFilter::try_new(wanted).map_err(|error| Error::Filter {
        filter: wanted.to_owned(),
        problem: error.to_string(),
    })
}

fn builder() -> Result<PrometheusBuilder, Error> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets(&SIZES)?;
    Ok(builder)
}

impl Metrics {
    /// Everything in the text format.
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }

    /// `/metrics`.
    pub fn routes(&self) -> Router {
        const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
        let page = async |State(metrics): State<Self>| ([(header::CONTENT_TYPE, FORMAT)], metrics.render());
        Router::new()
            .route("/metrics", get(page))
            .with_state(self.clone())
    }

    /// Keeps memory bounded while nobody asks: samples wait in buffers until they are sorted into buckets.
    pub async fn keep(self, stop: CancellationToken) {
        let mut interval = tokio::time::interval(Duration::from_secs(5));
        while stop.run_until_cancelled(interval.tick()).await.is_some() {
            self.0.run_upkeep();
        }
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn what_was_measured_is_on_the_page() {
        let recorder = builder().expect("valid buckets").build_recorder();
        let shown = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("bihuan_records_total", "source" => "grid").increment(3);
            metrics::histogram!("bihuan_batch_seconds").record(0.02);
            metrics::histogram!("bihuan_batch_messages").record(20.0);
        });
        let request = Request::get("/metrics").body(Body::empty()).expect("a request");
        let response = shown.routes().oneshot(request).await.expect("infallible");
        let bytes = to_bytes(response.into_body(), 100_000).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        assert!(
            text.contains(r#"bihuan_records_total{source="grid"} 3"#),
            "{text}"
        );
        assert!(
            text.contains(r#"bihuan_batch_seconds_bucket{le="0.025"} 1"#),
            "{text}"
        );
        assert!(
            text.contains(r#"bihuan_batch_messages_bucket{le="30"} 1"#),
            "{text}"
        );
    }

    #[test]
    fn a_filter_that_cannot_be_read_says_so() {
        assert!(filter("info,bihuan_stream=debug").is_ok());
        let error = filter("info,bihuan=loud").expect_err("no such level");
        assert!(error.to_string().contains("bihuan=loud"), "{error}");
    }

    #[test]
    fn installing_twice_is_installing_once() {
        let telemetry = Telemetry {
            filter: "off".to_owned(),
            ..Telemetry::default()
        };
        install(&telemetry).expect("the first time");
        install(&telemetry).expect("the second time");
    }
}
