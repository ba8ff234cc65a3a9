//! `bihuan rulebook activate` and `withdraw`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_domain::time::Timestamp;
use clap::Args;
use jiff::civil;
use serde::Serialize;

use super::{active_since, backtest, list, tell};
use crate::activation::{self, Asking};
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::rulebooks;
use crate::session::Session;

#[derive(Debug, Args)]
pub(super) struct Activate {
    directory: PathBuf,
    /// For clues reported from then on: RFC 3339, or a date or local time in the rulebook's zone. Without it: from now on
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// Only if it is the activation of this version
    #[arg(value_name = "VERSION")]
    of: Option<String>,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Debug, Args)]
struct Asked {
    /// Who decided so: a staff reference
    #[arg(long, value_name = "WHO", value_parser = said)]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    why: String,
    /// Seconds to wait until every partition has it
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
}

fn said(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("may not be empty")
    } else {
        Ok(text.to_owned())
    }
}

impl Asked {
    fn asking(&self) -> Asking {
        Asking {
            by: self.by.clone(),
            why: self.why.clone(),
        }
    }

    /// No longer than somebody wants to wait. What was asked stays on the log.
    async fn within<T>(&self, done: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let wait = self.wait;
        tokio::time::timeout(Duration::from_secs(wait), done)
            .await
            .unwrap_or_else(|_| {
                Err(Failure::unreachable(
                    format!("{wait} 秒内并非所有分区都已处理；bihuan serve 是否在运行？重复该命令可继续"),
                    format!("not every partition has it after {wait} s; is bihuan serve running? The same command again goes on"),
                ))
            })
    }
}

impl Activate {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let (files, book) = rulebooks::usable(&self.directory)?;
        let at = self.at.as_deref().map(|at| time(at, &book)).transpose()?;
        let session = Session::open_existing(common).await?;
        let installation = &session.installation;
        let test = async || test(&session, &book).await;
        let asked = activation::ask(installation, (&files, &book), at, self.asked.asking(), test).await;
        let activated = match asked {
            Ok(request) => {
                let carried_on = self.asked.within(activation::carry_on(installation, &request));
                carried_on.await.map(|()| request)
            }
            Err(failure) => Err(failure),
        };
        let reading = session.reading();
        let request = session.end(activated).await?;
        let known = list::Known::read(&reading).await?;
        let listed = known.listed(request.number);
        tell(common, &book, active_since(&reading, &book).await?, listed)
    }
}

impl Withdraw {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open_existing(common).await?;
        let reading = session.reading();
        let rulebook = reading.rulebook().await?;
        let version = self.of.as_deref();
        let withdrawn = activation::withdraw(
            &session.installation,
            version,
            self.asked.asking(),
            rulebook.rulebook(),
        );
        let withdrawn = self.asked.within(withdrawn).await;
        session.end(withdrawn).await?;
        list::show(common, &reading).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How long before it is asked for clues are routed again by it.
const TESTED_DAYS: i64 = 366;

/// What the rulebook would have decided about the clues of the last year, as JSON that is recorded with the activation.
async fn test(session: &Session, book: &Rulebook) -> Result<String, Failure> {
    let installation = &session.installation;
    let now = installation.now();
    let from = book
        .zone
        .to_datetime(now.plus_days(-TESTED_DAYS).to_jiff())
        .date();
    let candidate = CompiledRulebook::new(Arc::new(book.clone()));
    let found = backtest::run(&installation.store, &candidate, (Some(from), None), now, |_| {
        Ok(())
    })
    .await?;
    let summary = Summary {
        from: from.to_string(),
        clues: found.clues,
        changed: found.changed,
        recorded: found.recorded,
        judged: found.judged,
        right_after: found.right_after,
        judged_before: found.judged_before,
        right_before: found.right_before,
        right_after_of_these: found.right_after_of_these,
        spoiled: found.spoiled,
        moves_avoided: found.moves_avoided,
        triage_before: found.triage_before,
        triage_after: found.triage_after,
    };
    Ok(serde_json::to_string(&summary).map_err(std::io::Error::from)?)
}

/// What is recorded of a back-test: its sums.
#[derive(Serialize)]
struct Summary {
    /// The first day whose clues were routed again.
    from: String,
    clues: u64,
    changed: u64,
    recorded: u64,
    judged: u64,
    right_after: u64,
    judged_before: u64,
    right_before: u64,
    right_after_of_these: u64,
    spoiled: u64,
    moves_avoided: u64,
    triage_before: u64,
    triage_after: u64,
}

/// A date is its beginning.
fn time(text: &str, book: &Rulebook) -> Result<Timestamp, Failure> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local = text.parse::<civil::DateTime>().ok();
    let at = local.and_then(|local| book.zone.to_timestamp(local).ok());
    at.map(Timestamp::from).ok_or_else(|| {
        Failure::usage(
            format!("“{text}”不是时间；请写成 2026-03-01、2026-03-01T08:00 或 2026-03-01T08:00:00+08:00"),
            format!("{text:?} is no time; write 2026-03-01, 2026-03-01T08:00 or 2026-03-01T08:00:00+08:00"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_the_rulebooks() {
        let mut book = Rulebook::none();
        book.zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("bundled");
        let table = [
            ("2026-03-01", "2026-02-28T16:00:00Z"),
            ("2026-03-01T08:30", "2026-03-01T00:30:00Z"),
            ("2026-03-01T08:30:00+09:00", "2026-02-28T23:30:00Z"),
            ("2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z"),
        ];
        for (text, expected) in table {
            assert_eq!(time(text, &book).expect(text).to_string(), expected, "{text}");
        }
        for text in ["", "tomorrow", "2026-02-30", "08:30"] {
            assert!(time(text, &book).is_err(), "{text}");
        }
    }
}
