//! `bihuan serve`: runs services until SIGTERM.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bihuan_domain::time::Timestamp;
use bihuan_runtime::{Clock, Config, Course, Health, State, bind, shutdown, telemetry};
use clap::{Args, ValueEnum};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::installation::Installation;
use crate::services::{Role, Services, platforms};
use crate::{activation, http, offering, reconciling, rulebooks, simulation};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Which services to run: all, intake, lifecycle, routing, dispute, delivery, monitor
    #[arg(value_name = "ROLE")]
    roles: Vec<String>,
    /// Where to serve page, API, /metrics, /healthz and /readyz
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The rulebook of the first use
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// Run beside people's own work: take the live feed and route it, send nothing to anybody. Decided by the first start; see
    /// `bihuan report shadow`
    #[arg(long)]
    shadow: bool,
    /// Whose time it goes by. Simulated time is for demonstrations and tests, on the embedded store alone; the first start decides
    #[arg(long, value_enum, default_value_t = Time::Real)]
    clock: Time,
    /// When simulated time begins (RFC 3339; default: now)
    #[arg(long, value_name = "TIME", requires = "clock")]
    from: Option<Timestamp>,
    /// Simulated seconds in a second; 0: time stands still until `bihuan clock advance`
    #[arg(long, value_name = "TIMES", requires = "clock", default_value_t = 1)]
    speed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Time {
    Real,
    Simulated,
}

impl Serve {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let roles = self.roles()?;
        let mut config = common.config()?;
        config.shadow |= self.shadow;
        let meant = config.shadow;
        config.simulated = self.course(&config)?;
        let metrics = telemetry::install(&config.telemetry)
            .map_err(|error| Failure::usage(format!("日志或指标无法启动：{error}"), error.to_string()))?;
        let shutdown = shutdown::on_signal()?;
        let listener = bind::listen(self.listen.unwrap_or(config.server.listen))
            .await
            .map_err(|error| {
                Failure::usage(
                    error.words(bihuan_domain::lang::Lang::Zh),
                    error.words(bihuan_domain::lang::Lang::En),
                )
            })?;
        let health = Health::new(Clock::wall());
        let parts = health.part("installation");
        parts.set(State::Starting);
        let server = http::Server::start(listener, &health, &metrics, &shutdown)?;
        let opened = Installation::wait(config, &parts, &shutdown).await;
        let installation = match opened {
            Ok(installation) => installation,
            Err(_) if shutdown.is_cancelled() => return Ok(ExitCode::SUCCESS),
            Err(failure) => return Err(failure),
        };
        if let (bihuan_runtime::config::Mode::Embedded { data }, None) =
            (&installation.config.mode, &installation.lock)
        {
            return Err(bihuan_store::Error::InUse(data.clone()).into());
        }
        installation.check_shadow(meant)?;
        installation.check_clock(self.clock == Time::Simulated)?;
        if let Some(dial) = &installation.dial {
            tracing::warn!(now = %installation.now(), "time is simulated");
            simulation::follow(&installation.store, dial.clone(), &shutdown);
        }
        parts.set(State::Ready);
        let routes = health.part("page and API");
        routes.set(State::Starting);
        let monitors = roles.contains(&Role::Monitor);
        // nothing is read before the rulebook of the first use holds: it would be resolved by none
        let (first, rest): (Vec<Role>, Vec<Role>) =
            roles.into_iter().partition(|role| *role == Role::Lifecycle);
        for role in &rest {
            health.part(role.name()).set(State::Starting);
        }
        let mut services = Services::start(&installation, &first, Some(&health), &shutdown).await?;
        activation::now_and_then(&installation, &shutdown);
        let opening = async {
            patiently(|| rulebooks::first_use(&installation, self.rulebook.as_deref())).await?;
            services.join(&installation, &rest, Some(&health)).await?;
            if monitors {
                reconciling::daily(&installation, &shutdown);
                offering::now_and_then(&installation, &shutdown);
            }
            let platforms = match services.status(Role::Intake) {
                Some(_) => platforms(&installation.config.intake)?,
                // their mappings need not lie here
                None => Vec::new(),
            };
            patiently(|| server.open(&installation, &platforms, &metrics, &shutdown)).await?;
            routes.set(State::Ready);
            Ok(())
        };
        let opened = tokio::select! {
            opened = opening => opened,
            () = shutdown.cancelled() => Ok(()),
        };
        if let Err(failure) = opened {
            services.stop().await?;
            return Err(failure);
        }
        services.finish().await?;
        server.finish().await;
        Ok(ExitCode::SUCCESS)
    }

    /// How simulated time is to run, should this be the first start.
    fn course(&self, config: &Config) -> Result<Option<Course>, Failure> {
        if self.clock == Time::Real {
            return Ok(None);
        }
        if !config.is_embedded() {
            return Err(Failure::usage(
                "模拟时间只用于演示和测试，不能用于 PostgreSQL 与 Kafka 上的正式环境",
                "simulated time is for demonstrations and tests: it is refused where PostgreSQL and Kafka hold real data",
            ));
        }
        let wall = Clock::wall().now();
        Ok(Some(Course {
            wall,
            simulated: self.from.unwrap_or(wall),
            speed: self.speed,
        }))
    }

    fn roles(&self) -> Result<Vec<Role>, Failure> {
        if self.roles.is_empty() || self.roles.iter().any(|role| role == "all") {
            return Ok(Role::ALL.to_vec());
        }
        self.roles
            .iter()
            .map(|role| {
                role.parse()
                    .map_err(|error: String| Failure::usage(format!("未知的服务：{role}"), error))
            })
            .collect()
    }
}

/// Again and again, until the parts that it takes answer.
async fn patiently<F: Future<Output = Result<(), Failure>>>(step: impl Fn() -> F) -> Result<(), Failure> {
    loop {
        match step().await {
            Err(failure) if failure.is_outage() => tokio::time::sleep(Duration::from_secs(1)).await,
            done => return done,
        }
    }
}
