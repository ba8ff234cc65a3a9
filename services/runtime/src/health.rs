//! Which parts of the process are ready, since when, and why not.
//!
//! `/healthz` says that the process answers; restart it when it does not. `/readyz` says whether every part does its work; a
//! part that waits comes back by itself, a halted one needs a person.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use bihuan_domain::time::Timestamp;
use serde_json::{Value, json};

use crate::Clock;

/// The parts of this process.
#[derive(Clone, Debug)]
pub struct Health {
    clock: Clock,
    parts: Arc<Mutex<BTreeMap<String, Entry>>>,
}

#[derive(Clone, Debug)]
struct Entry {
    state: State,
    since: Timestamp,
}

/// One part; whoever runs it says how it is. Clones speak for the same part.
#[derive(Clone, Debug)]
pub struct Part {
    name: String,
    health: Health,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Starting,
    Ready,
    /// For something outside; comes back by itself.
    Waiting {
        reason: String,
    },
    /// Going on would do harm; a person must look.
    Halted {
        reason: String,
    },
}

impl State {
    pub fn waiting(reason: impl Into<String>) -> Self {
        Self::Waiting {
            reason: reason.into(),
        }
    }

    pub fn halted(reason: impl Into<String>) -> Self {
        Self::Halted {
            reason: reason.into(),
        }
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Waiting { .. } => "waiting",
            Self::Halted { .. } => "halted",
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Starting | Self::Ready => None,
            Self::Waiting { reason } | Self::Halted { reason } => Some(reason),
        }
    }
}

impl Health {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            parts: Arc::default(),
        }
    }

    /// Registers a part, which is starting; one that is registered already keeps its state.
    pub fn part(&self, name: impl Into<String>) -> Part {
        let part = Part {
            name: name.into(),
            health: self.clone(),
        };
        let since = self.clock.now();
        self.lock().entry(part.name.clone()).or_insert(Entry {
            state: State::Starting,
            since,
        });
        part
    }

    /// Whether there are parts and all are ready.
    pub fn is_ready(&self) -> bool {
        all_ready(&self.lock())
    }

    /// What `/readyz` answers.
    pub fn report(&self) -> Value {
        let parts = self.lock();
        let list: Vec<_> = parts.iter().map(|(name, entry)| entry.report(name)).collect();
        json!({ "ready": all_ready(&parts), "parts": list })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        // states are replaced whole, so a panic elsewhere cannot have left half of one
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn all_ready(parts: &BTreeMap<String, Entry>) -> bool {
    !parts.is_empty() && parts.values().all(|entry| entry.state == State::Ready)
}

impl Entry {
    fn report(&self, name: &str) -> Value {
        let mut report = json!({ "part": name, "state": self.state.name(), "since": self.since.to_string() });
        if let Some(reason) = self.state.reason() {
            report["reason"] = reason.into();
        }
        report
    }
}

impl Part {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says how the part is. Logged once per change; saying the same again, or giving another reason for it, is not: while a part
    /// waits for Kafka, librdkafka names one error after the other. The newest reason is on `/readyz`.
    pub fn set(&self, state: State) {
        let now = self.health.clock.now();
        let mut parts = self.health.lock();
        let entry = parts.entry(self.name.clone()).or_insert(Entry {
            state: State::Starting,
            since: now,
        });
        if entry.state == state {
            return;
        }
        if entry.state.name() != state.name() {
            self.tell(&state);
            entry.since = now;
        }
        entry.state = state;
    }

    /// Takes the part off the list: it was handed to another process.
    pub fn remove(&self) {
        if self.health.lock().remove(&self.name).is_some() {
            // neither ready nor not: no alert may compare it with anything
            metrics::gauge!("bihuan_part_ready", "part" => self.name.clone()).set(f64::NAN);
            metrics::gauge!("bihuan_part_halted", "part" => self.name.clone()).set(f64::NAN);
            tracing::info!(part = self.name, "part handed over");
        }
    }

    fn tell(&self, state: &State) {
        let ready = if *state == State::Ready { 1.0 } else { 0.0 };
        metrics::gauge!("bihuan_part_ready", "part" => self.name.clone()).set(ready);
        let halted = if matches!(state, State::Halted { .. }) {
            1.0
        } else {
            0.0
        };
        metrics::gauge!("bihuan_part_halted", "part" => self.name.clone()).set(halted);
        let (part, reason) = (&self.name, state.reason().unwrap_or_default());
        match state {
            State::Starting => tracing::info!(part, "part starting"),
            State::Ready => tracing::info!(part, "part ready"),
            State::Waiting { .. } => tracing::warn!(part, reason, "part waiting"),
            State::Halted { .. } => tracing::error!(part, reason, "part halted"),
        }
    }
}

/// `/healthz` and `/readyz`.
pub fn routes(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(health)
}

async fn ready(extract::State(health): extract::State<Health>) -> Response {
    let report = health.report();
    let status = if report["ready"] == Value::Bool(true) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report)).into_response()
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
