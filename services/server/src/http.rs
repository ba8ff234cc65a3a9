//! The HTTP side of a process: health and metrics at once, everything else when the installation is open.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bihuan_mapping::Mapping;
use bihuan_runtime::telemetry::Metrics;
use bihuan_runtime::{Health, problem};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::installation::Installation;

/// How long requests may take once the process is to end.
const GRACE: Duration = Duration::from_secs(5);

/// A running server.
pub(crate) struct Server {
    opened: Arc<OnceLock<Router>>,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(
        listener: TcpListener,
        health: &Health,
        metrics: &Metrics,
        shutdown: &CancellationToken,
    ) -> Result<Self, Failure> {
        let address = listener.local_addr()?;
        let opened = Arc::new(OnceLock::new());
        let app = Router::new()
            .merge(bihuan_runtime::health::routes(health.clone()))
            .merge(metrics.routes())
            .fallback_service(axum::routing::any(later).with_state(opened.clone()));
        let stop = shutdown.clone();
        let serving = tokio::spawn(async move {
            let served = axum::serve(listener, app)
                .with_graceful_shutdown(async move { stop.cancelled().await })
                .await;
            if let Err(error) = served {
                tracing::error!(error = %error, "HTTP ended");
            }
        });
        tracing::info!(%address, "listening");
        Ok(Self { opened, serving })
    }

    /// Adds page and API.
    pub(crate) async fn open(
        &self,
        installation: &Installation,
        platforms: &[Arc<Mapping>],
        metrics: &Metrics,
        shutdown: &CancellationToken,
    ) -> Result<(), Failure> {
        let _ = self
            .opened
            .set(crate::api::routes(installation, platforms, shutdown).await?);
        crate::gauges::keep(installation, metrics, shutdown);
        Ok(())
    }

    /// Answers who is being answered. Who holds a connection open longer is cut off.
    pub(crate) async fn finish(self) {
        if tokio::time::timeout(GRACE, self.serving).await.is_err() {
            tracing::warn!(
                "requests that took longer than {} s were cut off",
                GRACE.as_secs()
            );
        }
    }
}

/// Everything but health and metrics.
async fn later(State(opened): State<Arc<OnceLock<Router>>>, request: Request<Body>) -> Response {
    use axum::response::IntoResponse as _;
    use tower::ServiceExt as _;
    match opened.get() {
        Some(routes) => routes.clone().oneshot(request).await.into_response(),
        None => problem::Problem::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "starting",
            "the installation is not open yet; see /readyz",
            "系统正在启动；见 /readyz",
        )
        .into_response(),
    }
}
