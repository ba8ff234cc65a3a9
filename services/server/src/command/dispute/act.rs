//! `bihuan dispute act`: through the log like everybody's, and the outcome.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::dispute::{Request, from_json};
use bihuan_contracts::json::dispute_occurrence_to_json;
use bihuan_dispute::api::{Outcome as Became, Ticket};
use bihuan_domain::dispute::rejection_words;
use bihuan_domain::id::DisputeId;
use bihuan_domain::lang::Lang;
use bihuan_monitor::words::Words;
use clap::Args;
use serde_json::{Value, json};

use super::asked::Action;
use super::named;
use super::who::Who;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::session::Session;
use crate::{output, submit};

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
        let (ticket, became) = submit::to_dispute(session, (found.opening.clue, request), wait).await?;
        if common.is_json() {
            output::json(&shown(ticket, &became, lang))?;
        } else {
            let rulebook = reading.rulebook().await?;
            let words = Words {
                lang,
                rulebook: rulebook.rulebook(),
            };
            print(&became, words)?;
        }
        Ok(match became {
            Became::Done(_) => ExitCode::SUCCESS,
            Became::Rejected { .. } => ExitCode::from(1),
        })
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
        let mut request = from_json(dispute, &asked).map_err(|error| {
            let field = error.field.clone().unwrap_or_default().replace('_', "-");
            Failure::usage(format!("参数 {field} 有误：{error}"), format!("{field}: {error}"))
        })?;
        request.actor = Some(self.who.actor());
        Ok(request)
    }
}

/// As over HTTP.
fn shown(ticket: Ticket, became: &Became, lang: Lang) -> Value {
    let events: Vec<_> = became.events().iter().map(dispute_occurrence_to_json).collect();
    let mut shown = json!({
        "command_id": ticket.to_string(),
        "dispute_id": ticket.dispute,
        "status": "done",
        "version": became.version(),
        "events": events,
    });
    if let Became::Rejected { rejection, .. } = became {
        let (zh, en) = rejection_words(&rejection.code);
        shown["status"] = "rejected".into();
        shown["code"] = rejection.code.as_str().into();
        shown["title"] = lang.choose(zh, en).into();
        shown["field"] = rejection.field.as_deref().into();
        shown["step"] = rejection.step.as_deref().into();
    }
    shown
}

fn print(became: &Became, words: Words<'_>) -> Result<(), Failure> {
    let lang = words.lang;
    if let Became::Rejected { rejection, .. } = became {
        let (zh, en) = rejection_words(&rejection.code);
        let step = rejection.step.as_ref().map(|step| format!(" [{step}]"));
        return output::line(&format!(
            "{} ({}){}: {}",
            lang.choose("被拒绝", "refused"),
            rejection.code,
            step.unwrap_or_default(),
            lang.choose(zh, en)
        ));
    }
    for it in became.events() {
        output::line(&format!(
            "{}  {} ({} {})",
            words.time(it.at),
            words.dispute_event(&it.event),
            lang.choose("版本", "version"),
            it.version
        ))?;
    }
    Ok(())
}
