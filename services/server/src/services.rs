//! The services that this process runs, and how they are doing.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bihuan_delivery::Delivery;
use bihuan_dispute::Disputes;
use bihuan_intake::{Intake, Source};
use bihuan_lifecycle::Lifecycle;
use bihuan_mapping::Mapping;
use bihuan_mapping::format::Format;
use bihuan_monitor::Monitor;
use bihuan_routing::Routing;
use bihuan_runtime::config::{self, Start};
use bihuan_runtime::{Health, State};
use bihuan_stream::{Context, Handler, Limits, Log, Phase, Status};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::callbacks;
use crate::failure::Failure;
use crate::installation::Installation;

/// A service that can run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Intake,
    Lifecycle,
    Routing,
    Dispute,
    Delivery,
    Monitor,
}

impl Role {
    pub(crate) const ALL: [Self; 6] = [
        Self::Intake,
        Self::Lifecycle,
        Self::Routing,
        Self::Dispute,
        Self::Delivery,
        Self::Monitor,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Lifecycle => "lifecycle",
            Self::Routing => "routing",
            Self::Dispute => "dispute",
            Self::Delivery => "delivery",
            Self::Monitor => "monitor",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == word)
            .ok_or_else(|| format!("{word} is none of all, {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Running loops.
pub(crate) struct Services {
    loops: JoinSet<(&'static str, bihuan_stream::Result<()>)>,
    statuses: Vec<(Role, Status)>,
    shutdown: CancellationToken,
}

impl Services {
    /// Starts the roles.
    pub(crate) async fn start(
        installation: &Installation,
        roles: &[Role],
        health: Option<&Health>,
        shutdown: &CancellationToken,
    ) -> Result<Self, Failure> {
        let mut services = Self {
            loops: JoinSet::new(),
            statuses: Vec::new(),
            shutdown: shutdown.clone(),
        };
        services.join(installation, roles, health).await?;
        if let Log::Local(log) = &installation.log {
            trim_now_and_then(log.clone(), shutdown.clone());
        }
        Ok(services)
    }

    /// Starts more roles.
    pub(crate) async fn join(
        &mut self,
        installation: &Installation,
        roles: &[Role],
        health: Option<&Health>,
    ) -> Result<(), Failure> {
        let (store, library) = (&installation.store, &installation.library);
        let (partitions, cluster) = (installation.config.partitions, installation.log.cluster());
        for role in roles {
            match role {
                Role::Intake => {
                    let sources = sources(&installation.config.intake, installation.shadow)?;
                    let intake = Intake::new(store.clone(), library.clone(), sources, partitions, cluster)
                        .routing_all(installation.shadow);
                    self.spawn(*role, intake, installation, health);
                }
                Role::Lifecycle => {
                    let lifecycle = Lifecycle::new(store.clone(), library.clone(), partitions, cluster);
                    self.spawn(*role, lifecycle, installation, health);
                }
                Role::Routing => {
                    let routing = Routing::new(store.clone(), library.clone(), partitions);
                    self.spawn(*role, routing, installation, health);
                }
                Role::Dispute => {
                    let disputes = Disputes::new(store.clone(), library.clone(), partitions, cluster);
                    self.spawn(*role, disputes, installation, health);
                }
                Role::Delivery => self.deliver(installation, health).await?,
                Role::Monitor => {
                    self.spawn(*role, Monitor::new(store.clone()), installation, health);
                }
            }
        }
        Ok(())
    }

    /// Delivery's loop, and beside it the sender of callbacks.
    async fn deliver(&mut self, installation: &Installation, health: Option<&Health>) -> Result<(), Failure> {
        let config = &installation.config;
        let (partitions, cluster) = (config.partitions, installation.log.cluster());
        let callbacks = callbacks::of(config, installation.shadow)?;
        callbacks::keep_promises(&installation.store, config, &callbacks).await?;
        let delivery = Delivery::new(
            installation.store.clone(),
            delivery(&config.delivery, installation.shadow),
            partitions,
            cluster,
        );
        let delivery = delivery.telling(callbacks.clone(), callbacks::retry(&config.delivery));
        let context = self.spawn(Role::Delivery, delivery, installation, health);
        if !callbacks.is_empty() {
            let sender = callbacks::sender(context, callbacks, &config.delivery)?;
            self.loops.spawn(async move {
                sender.run().await;
                ("callbacks", Ok(()))
            });
        }
        Ok(())
    }

    fn spawn<H: Handler>(
        &mut self,
        role: Role,
        handler: H,
        installation: &Installation,
        health: Option<&Health>,
    ) -> Context {
        let status = Status::default();
        let clock = installation.clock.clone();
        let limits = Limits::default();
        let context = Context {
            store: installation.store.clone(),
            log: installation.log.clone(),
            clock: Arc::new(move || clock.now()),
            shutdown: self.shutdown.clone(),
            limits: Limits {
                records: installation.config.batch.max_records,
                bytes: installation.config.batch.max_bytes,
                // a command takes no less time to the log because the clock runs fast
                tick_grace: installation.clock.after(limits.tick_grace),
            },
            status: status.clone(),
        };
        // what nobody can ask for is logged all the same
        let health = health
            .cloned()
            .unwrap_or_else(|| Health::new(installation.clock.clone()));
        watch(health.part(role.name()), &status);
        self.statuses.push((role, status));
        let running = context.clone();
        self.loops
            .spawn(async move { (role.name(), bihuan_stream::run(handler, running).await) });
        context
    }

    /// The status of a loop that runs here.
    pub(crate) fn status(&self, role: Role) -> Option<&Status> {
        self.statuses
            .iter()
            .find(|(known, _)| *known == role)
            .map(|(_, status)| status)
    }

    /// Waits until shutdown, or until a loop gives up.
    pub(crate) async fn finish(mut self) -> Result<(), Failure> {
        while let Some(ended) = self.loops.join_next().await {
            let (name, outcome) = ended.map_err(|error| {
                Failure::usage(
                    format!("服务崩溃：{error}"),
                    format!("a service crashed: {error}"),
                )
            })?;
            if self.shutdown.is_cancelled() {
                continue;
            }
            self.shutdown.cancel();
            if let Err(error) = outcome {
                tracing::error!(service = name, error = %error, "service ended");
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Stops the loops after the batch they are at.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.shutdown.cancel();
        self.finish().await
    }
}

fn watch(part: bihuan_runtime::Part, status: &Status) {
    let mut phases = status.watch();
    tokio::spawn(async move {
        loop {
            let phase = phases.borrow_and_update().clone();
            part.set(match phase {
                Phase::Starting => State::Starting,
                Phase::Running => State::Ready,
                Phase::Waiting(reason) => State::waiting(reason),
                Phase::Halted(reason) => State::halted(reason),
            });
            if phases.changed().await.is_err() {
                return;
            }
        }
    });
}

fn trim_now_and_then(log: bihuan_stream::local::LocalLog, shutdown: CancellationToken) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(30)) => {}
            }
            if let Err(error) = log.trim().await {
                tracing::debug!(error = %error, "queues not trimmed");
            }
        }
    });
}

/// The source platforms' own topics, with their mappings read and checked.
fn sources(config: &config::Intake, shadow: bool) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for source in &config.source {
        let Some(topic) = &source.topic else { continue };
        let mapping = crate::command::mapping::read(&source.mapping)?;
        fits_a_topic(&mapping, &source.mapping)?;
        if shadow && mapping.is_feedback() {
            // agencies answer to what dispatchers told them, not to what was chosen here
            continue;
        }
        sources.push(Source {
            topic: topic.clone(),
            mapping: Arc::<Mapping>::new(mapping),
            start: match source.start {
                Start::Beginning => bihuan_stream::Start::Beginning,
                Start::End => bihuan_stream::Start::End,
            },
            route: false,
        });
    }
    Ok(sources)
}

/// Not everything that can be imported can be the messages of a topic.
fn fits_a_topic(mapping: &Mapping, file: &Path) -> Result<(), Failure> {
    let file = file.display();
    if mapping.rows().is_some() && mapping.format() == Format::Xml {
        return Err(Failure::usage(
            format!("{file}：XML 的 rows 只用于文件；主题消息请每条一条记录"),
            format!("{file}: rows of XML are for files; send one record per message of a topic"),
        ));
    }
    if mapping.format().is_table() {
        return Err(Failure::usage(
            format!("{file}：表格只能导入，不能作为主题消息"),
            format!("{file}: tables are imported, they cannot be messages of a topic"),
        ));
    }
    Ok(())
}

/// What the configured platforms' records mean, whatever way they come.
pub(crate) fn platforms(config: &config::Intake) -> Result<Vec<Arc<Mapping>>, Failure> {
    let read = |source: &config::Source| crate::command::mapping::read(&source.mapping).map(Arc::new);
    config.source.iter().map(read).collect()
}

/// Whom delivery tells and hears: in shadow nobody, whatever is configured.
pub(crate) fn delivery(config: &config::Delivery, shadow: bool) -> bihuan_delivery::Config {
    if shadow {
        return bihuan_delivery::Config::silent();
    }
    bihuan_delivery::Config {
        notices: config
            .agency
            .iter()
            .map(|entry| bihuan_delivery::Route {
                agency: entry.agency.clone(),
                topic: entry.topic.clone(),
            })
            .collect(),
        ..bihuan_delivery::Config::default()
    }
}
