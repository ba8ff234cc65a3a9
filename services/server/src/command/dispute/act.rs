//! `bihuan dispute act`: through the log like everybody's, and the outcome.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::dispute::{Request, from_json};
use bihuan_domain::id::DisputeId;
use bihuan_monitor::words::Words;
use clap::Args;
use serde_json::Value;

use super::asked::Action;
use super::who::Who;
use super::{named, outcome};
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Session;
use crate::submit::Disputes;

#[derive(Debug, Args)]
pub(super) struct Act {
    /// The dispute's id, or its clue's id, number or source/source-id: then its newest dispute
    id: String,
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    said: Said,
}

/// What can be said with every action.
#[derive(Debug, Args)]
struct Said {
    /// In words: why, or what was said
    #[arg(long, global = true, value_name = "TEXT")]
    remark: Option<String>,
    /// Refuse unless the dispute is at this version
    #[arg(long, global = true, value_name = "VERSION")]
    expected_version: Option<u32>,
    /// When it happened (RFC 3339)
    #[arg(long, global = true, value_name = "TIME")]
    occurred_at: Option<String>,
}

impl Act {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open_existing(common).await?;
        let done = self.act(&session, common).await;
        session.end(done).await
    }

    async fn act(self, session: &Session, common: &Common) -> Outcome {
        let (reading, lang) = (session.reading(), common.lang());
        let found = named::find(&reading, &self.id, lang).await?.dispute;
        let wait = Duration::from_secs(self.who.wait);
        let request = self.request(found.id)?;
        let asking = Disputes::new(session, wait);
        let answered = asking.ask(found.opening.clue, request, None).await?;
        if common.is_json() {
            output::json(&outcome::json(&answered, lang))?;
        } else {
            let rulebook = reading.rulebook().await?;
            let words = Words {
                lang,
                rulebook: rulebook.rulebook(),
            };
            let lines = outcome::words(&answered, words);
            lines.iter().try_for_each(|line| output::line(line))?;
        }
        Ok(ExitCode::from(u8::from(outcome::is_refused(&answered))))
    }

    fn request(&self, dispute: DisputeId) -> Result<Request, Failure> {
        let said = &self.said;
        let mut asked = self.action.to_json()?;
        let mut set = |part: &str, value: Option<Value>| {
            if let Some(value) = value {
                asked[part] = value;
            }
        };
        set("remark", said.remark.clone().map(Value::from));
        set("expected_version", said.expected_version.map(Value::from));
        set("occurred_at", said.occurred_at.clone().map(Value::from));
        request(dispute, &asked, &self.who)
    }
}

/// What is asked, of a dispute, in somebody's place.
pub(super) fn request(dispute: DisputeId, asked: &Value, who: &Who) -> Result<Request, Failure> {
    let request = from_json(dispute, asked).map_err(|error| {
        let field = error.field.clone().unwrap_or_default().replace('_', "-");
        Failure::usage(format!("参数 {field} 有误：{error}"), format!("{field}: {error}"))
    })?;
    let actor = Some(who.actor());
    Ok(Request { actor, ..request })
}
