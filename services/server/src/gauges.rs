//! Gauges that are looked up now and then: figures, how far each group is behind, and what is not published yet.

use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_delivery::callback;
use bihuan_domain::figures::By;
use bihuan_monitor::reconcile::kept;
use bihuan_monitor::{ReportQuery, callbacks, duty, feedback, gauges, heard, notices, report};
use bihuan_runtime::telemetry::Metrics;
use bihuan_store::lease;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::installation::Installation;
use crate::services::Role;

/// How often figures are counted.
const FIGURES: Duration = Duration::from_secs(15);

/// Keeps the gauges up to date until shutdown.
pub(crate) fn keep(installation: &Installation, metrics: &Metrics, shutdown: &CancellationToken) {
    gauges::describe();
    let look = Look {
        store: installation.store.clone(),
        log: installation.log.clone(),
        library: installation.library.clone(),
        clock: installation.clock.clone(),
        patience: patience(&installation.config.intake),
    };
    let stop = shutdown.clone();
    tokio::spawn(async move {
        loop {
            if let Err(failure) = look.once().await {
                tracing::debug!(%failure, "gauges not updated");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(FIGURES) => {}
            }
        }
    });
    tokio::spawn(metrics.clone().keep(shutdown.clone()));
}

/// Of the sources for which it is configured. A mapping that cannot be read is intake's to refuse.
fn patience(intake: &bihuan_runtime::config::Intake) -> Vec<(String, Duration)> {
    let with_patience = intake.source.iter().filter_map(|source| {
        let mapping = crate::command::mapping::read(&source.mapping).ok()?;
        Some((mapping.source().to_string(), source.silent_after?))
    });
    with_patience.collect()
}

struct Look {
    store: bihuan_store::Store,
    log: bihuan_stream::Log,
    library: bihuan_rulebook::Library,
    clock: bihuan_runtime::Clock,
    /// After how long the silence of a source means that something is wrong.
    patience: Vec<(String, Duration)>,
}

impl Look {
    async fn once(&self) -> Result<(), Failure> {
        let rulebook = self.library.active(self.clock.now()).await?;
        let query = ReportQuery {
            by: Some(By::Agency),
            ..ReportQuery::default()
        };
        let heard = heard::last_heard(&self.store, self.clock.now()).await?;
        gauges::record_heard(&heard);
        for (source, silent_after) in &self.patience {
            gauges::record_silence(source, *silent_after, &heard);
        }
        gauges::record(&report::closure(&self.store, &query, self.clock.now(), rulebook.rulebook()).await?);
        gauges::notices(notices::waiting(&self.store).await?, self.clock.now());
        gauges::disputes(&duty::open(&self.store, self.clock.now()).await?);
        gauges::reconciled(&kept::newest(&self.store).await?);
        gauges::feedback(&feedback::refused(&self.store).await?);
        let parked = bihuan_lifecycle::parked::waiting(&self.store, self.clock.now()).await?;
        metrics::gauge!("bihuan_feedback_parked").set(parked.total as f64);
        metrics::gauge!("bihuan_feedback_parked_over_a_day").set(parked.older_than_a_day as f64);
        for role in Role::ALL {
            self.group(role.name()).await?;
        }
        self.callbacks().await
    }

    /// Where callbacks stand, as monitor counts them, and how long the oldest has been pending: neither looks at every row.
    async fn callbacks(&self) -> Result<(), Failure> {
        let mut reader = self.store.read().await?;
        for account in callbacks::accounts(reader.conn()).await? {
            let oldest = callback::oldest(reader.conn(), &account.source).await?;
            let counts = [
                (callback::State::Pending, account.pending),
                (callback::State::Acknowledged, account.acknowledged),
                (callback::State::Failed, account.failed),
            ];
            for (state, count) in counts {
                metrics::gauge!("bihuan_callbacks", "source" => account.source.clone(), "state" => state.as_str())
                    .set(count as f64);
            }
            let micros = oldest.map_or(0, |since| self.clock.now().since(since).max(0));
            metrics::gauge!("bihuan_callback_oldest_seconds", "source" => account.source)
                .set(micros as f64 / 1e6);
        }
        Ok(())
    }

    /// Lag by topic, and events that the log does not have yet.
    async fn group(&self, group: &'static str) -> Result<(), Failure> {
        let mut reader = self.store.read().await?;
        let leases = lease::list(reader.conn(), group).await?;
        drop(reader);
        let backlog: i64 = leases
            .iter()
            .map(|lease| lease.out_sequence - lease.published_sequence)
            .sum();
        metrics::gauge!("bihuan_publish_backlog", "group" => group).set(backlog as f64);
        for topic in topics::JOURNALS.iter().chain(topics::QUEUES) {
            let read: Vec<_> = leases
                .iter()
                .filter_map(|lease| {
                    lease
                        .positions
                        .get(topic, lease.partition)
                        .map(|p| (lease.partition, p.next))
                })
                .collect();
            if read.is_empty() {
                continue;
            }
            let ends = self.log.ends(topic).await?;
            let lag: i64 = read
                .iter()
                .map(|(partition, next)| ends.get(partition).copied().unwrap_or(0) - next)
                .map(|lag| lag.max(0))
                .sum();
            metrics::gauge!("bihuan_lag", "group" => group, "topic" => *topic).set(lag as f64);
        }
        Ok(())
    }
}
