//! Page and API of a process, put together from what the services offer.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Json;
use axum::routing::get;
use axum::{Router, middleware};
use bihuan_contracts::topics;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::routing::Rulebook;
use bihuan_intake::api::{Answer, ReportOutcome};
use bihuan_lifecycle::api::{Commands, LookUp, Ticket};
use bihuan_mapping::Mapping;
use bihuan_monitor::listing::{self, Reading};
use bihuan_monitor::precedents;
use bihuan_monitor::routes::CurrentRulebook;
use bihuan_runtime::problem;
use bihuan_stream::{Answers, SubmitError};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::installation::Installation;

/// How often it is looked whether another rulebook holds.
const RULEBOOK: Duration = Duration::from_secs(1);
/// How often it is looked whether a command was answered.
const LOOK: Duration = Duration::from_millis(10);

/// Everything but health and metrics. `platforms`: what the records mean that may be posted here.
pub(crate) async fn routes(
    installation: &Installation,
    platforms: &[Arc<Mapping>],
    shutdown: &CancellationToken,
) -> Result<Router, Failure> {
    let rulebook = current_rulebook(installation, shutdown).await?;
    let (store, log, clock) = (
        installation.store.clone(),
        installation.log.clone(),
        installation.clock.clone(),
    );
    let answers = Answers::follow(log.clone(), &[topics::CLUE_EVENTS, topics::DISPUTE_EVENTS]);
    let commands = Commands::new(store.clone(), log.clone(), clock.clone(), answers.clone());
    let reading = bihuan_monitor::routes::Api {
        store,
        clock: clock.clone(),
        rulebook,
        library: installation.library.clone(),
        partitions: installation.config.partitions,
        shadow: installation.shadow,
        comparisons: Arc::default(),
        plans: crate::reconciling::plans(&installation.config).into(),
    };
    let intake = bihuan_intake::api::Api {
        store: installation.store.clone(),
        log,
        clock,
        wait: wait(commands.clone()),
        requests: Arc::default(),
    };
    let records = bihuan_intake::api::records::Api {
        reports: intake.clone(),
        store: installation.store.clone(),
        library: installation.library.clone(),
        platforms: platforms.into(),
        remembered: Arc::default(),
    };
    let look_up = look_up(reading.clone());
    let disputes = bihuan_dispute::api::Api {
        commands: bihuan_dispute::api::Commands::new(
            installation.store.clone(),
            installation.log.clone(),
            installation.clock.clone(),
            answers,
        ),
        store: installation.store.clone(),
        library: installation.library.clone(),
        clock: installation.clock.clone(),
        find_clue: find_clue(look_up.clone()),
        routed: routed(reading.clone()),
    };
    Ok(Router::new()
        .route("/api/openapi.json", get(async || Json(openapi())))
        .merge(bihuan_monitor::pages::routes(reading.clone()))
        .merge(bihuan_monitor::routes::routes(reading))
        .merge(bihuan_lifecycle::api::routes(bihuan_lifecycle::api::Api {
            commands,
            look_up,
        }))
        .merge(bihuan_dispute::api::routes(disputes))
        .merge(bihuan_intake::api::routes(intake))
        .merge(bihuan_intake::api::records::routes(records))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(middleware::from_fn(problem::localize)))
}

/// The description of the whole API.
fn openapi() -> Value {
    let mut all = bihuan_monitor::routes::openapi();
    all.merge(bihuan_lifecycle::api::openapi());
    all.merge(bihuan_dispute::api::openapi());
    all.merge(bihuan_intake::api::openapi());
    all.merge(bihuan_intake::api::records::openapi());
    let mut all = serde_json::to_value(all).unwrap_or_else(|_| json!({}));
    all["info"] = json!({"title": "闭环 Bihuan", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}});
    all
}

/// Follows which rulebook holds.
async fn current_rulebook(
    installation: &Installation,
    shutdown: &CancellationToken,
) -> Result<CurrentRulebook, Failure> {
    let (library, clock) = (installation.library.clone(), installation.clock.clone());
    let active = library.active(clock.now()).await?;
    let (sender, receiver) = watch::channel::<Arc<Rulebook>>(active.rulebook().clone());
    let stop = shutdown.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RULEBOOK) => {}
            }
            if let Ok(active) = library.active(clock.now()).await {
                sender.send_replace(active.rulebook().clone());
            }
        }
    });
    Ok(Arc::new(move || receiver.borrow().clone()))
}

fn wait(commands: Commands) -> bihuan_intake::api::Wait {
    Arc::new(move |clue: ClueId, command: CommandId, wait: Duration| {
        let commands = commands.clone();
        Box::pin(async move {
            let deadline = Instant::now() + wait;
            loop {
                match commands.outcome(Ticket { clue, command }).await {
                    Ok(Some(outcome)) => {
                        let events: Vec<Value> = outcome
                            .events()
                            .iter()
                            .map(bihuan_contracts::json::occurrence_to_json)
                            .collect();
                        return Some(Answer::Outcome(ReportOutcome {
                            events,
                            version: outcome.version(),
                        }));
                    }
                    Err(SubmitError::KeyReused(_)) => return Some(Answer::KeyReused),
                    _ if Instant::now() >= deadline => return None,
                    _ => tokio::time::sleep(LOOK).await,
                }
            }
        })
    })
}

fn find_clue(look_up: LookUp) -> bihuan_dispute::api::FindClue {
    Arc::new(move |name: String| {
        let look_up = look_up.clone();
        Box::pin(async move { bihuan_lifecycle::api::find(&name, &look_up).await })
    })
}

fn routed(api: bihuan_monitor::routes::Api) -> bihuan_dispute::api::Routed {
    Arc::new(move |dispute, lang| {
        let api = api.clone();
        Box::pin(async move {
            let rulebook = (api.rulebook)();
            let reading = Reading {
                rulebook: &rulebook,
                lang,
                now: api.clock.now(),
            };
            let found = precedents::of_dispute(&api.store, dispute, precedents::SHOWN, reading).await;
            Ok(json!(found.map_err(bihuan_store::Error::from)?))
        })
    })
}

fn look_up(api: bihuan_monitor::routes::Api) -> LookUp {
    Arc::new(move |number: String| {
        let api = api.clone();
        Box::pin(async move {
            let rulebook = (api.rulebook)();
            let reading = Reading {
                rulebook: &rulebook,
                lang: bihuan_domain::lang::Lang::En,
                now: api.clock.now(),
            };
            let found = listing::find(&api.store, &number, reading)
                .await
                .map_err(bihuan_store::Error::from)?;
            Ok(found.map(|found| found.listed.id))
        })
    })
}
