//! `bihuan clock`: what time it is in an installation whose time is simulated, and moving it on.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_domain::calendar::Limit;
use bihuan_domain::time::Timestamp;
use bihuan_stream::Limits;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use serde_json::json;

use super::calendar::{limit, shown};
use crate::barrier;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::{Reading, Session};
use crate::simulation;

#[derive(Debug, Args)]
pub(crate) struct ClockCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// What time it is there
    Show,
    /// Move simulated time on, and wait until what became due has happened
    Advance {
        /// By how much, in the active rulebook's calendar: 30min, 3h, 2wh (working hours), 5wd (working days) or 10d
        #[arg(value_name = "LIMIT", required_unless_present = "to")]
        by: Option<String>,
        /// Until when (RFC 3339)
        #[arg(long, value_name = "TIME", conflicts_with = "by")]
        to: Option<Timestamp>,
    },
}

/// So long it is waited for what became due.
const PATIENCE: Duration = Duration::from_mins(1);

impl ClockCommand {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::Show => {
                let reading = Reading::open(common).await?;
                let zone = reading.rulebook().await?.rulebook().zone.clone();
                show(common, (reading.now(), &zone), reading.clock.is_simulated())
            }
            Action::Advance { by, to } => {
                let by = by.as_deref().map(|text| limit("LIMIT", text)).transpose()?;
                let session = Session::open_existing(common).await?;
                let done = advance(&session, common, by, to).await;
                session.end(done).await
            }
        }
    }
}

/// By the clock of the rulebook's zone.
fn show(common: &Common, (now, zone): (Timestamp, &TimeZone), simulated: bool) -> Outcome {
    let now = shown(now, zone);
    if common.is_json() {
        output::json(&json!({"now": now, "simulated": simulated}))?;
    } else {
        let (zh, en) = if simulated {
            ("模拟时间", "simulated")
        } else {
            ("本机时间", "the machine's")
        };
        let kind = common.lang().choose(zh, en);
        output::line(&format!("{now}  {kind}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn advance(session: &Session, common: &Common, by: Option<Limit>, to: Option<Timestamp>) -> Outcome {
    let installation = &session.installation;
    let Some(dial) = &installation.dial else {
        return Err(Failure::usage(
            "这里的时间是本机的，不能调。只有首次启动用 serve --clock simulated 的数据才可以",
            "time here is the machine's and cannot be moved: only data whose first start was serve --clock simulated have their own",
        ));
    };
    let now = installation.now();
    let rulebook = installation.library.active(now).await?;
    let zone = &rulebook.rulebook().zone;
    let until = match (by, to) {
        (_, Some(to)) => to,
        (Some(by), None) => {
            let calendar = &rulebook.rulebook().calendar;
            let due = calendar.due(None, now, by);
            due.map_err(|error| {
                use bihuan_domain::lang::Lang;
                Failure::usage(error.message(Lang::Zh), error.message(Lang::En))
            })?
            .at
        }
        (None, None) => now,
    };
    if until < now {
        return Err(Failure::usage(
            format!("时间不能倒退：现在是 {}", shown(now, zone)),
            format!("time does not run backwards: it is {}", shown(now, zone)),
        ));
    }
    simulation::set(&installation.store, dial, until).await?;
    settled(session, until).await?;
    show(common, (installation.now(), zone), true)
}

/// Until nothing is left that was due by then, and everybody has heard of what it led to.
async fn settled(session: &Session, until: Timestamp) -> Result<(), Failure> {
    let grace = session.installation.clock.after(Limits::default().tick_grace);
    let grace = i64::try_from(grace.as_micros()).unwrap_or(i64::MAX);
    let until = until.plus_micros(-grace);
    let installation = &session.installation;
    let waits = async {
        loop {
            // what is still on its way may bring something that was due long ago
            barrier::settled(installation, session.services()).await?;
            let mut reader = installation.store.read().await?;
            let clues = bihuan_lifecycle::wakes_by(reader.conn(), until).await?;
            let disputes = bihuan_dispute::wakes_by(reader.conn(), until).await?;
            drop(reader);
            if clues + disputes == 0 {
                return Ok::<_, Failure>(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waits).await.unwrap_or_else(|_| {
        Err(Failure::unreachable(
            "到期事项未能及时处理完；请查看 serve 的日志",
            "what became due is not done in time; see what serve logs",
        ))
    })
}
