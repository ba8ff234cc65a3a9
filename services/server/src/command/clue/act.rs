//! `bihuan clue act`: through the log like everybody's, and the outcome.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::command::{Request, from_json};
use bihuan_contracts::json::occurrence_to_json;
use bihuan_domain::clue::{Role, rejection_words};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_lifecycle::api::{Outcome as Became, Ticket};
use bihuan_monitor::words::Words;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use super::asked::Action;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::session::Session;
use crate::{output, submit};

#[derive(Debug, Args)]
pub(super) struct Act {
    /// The clue's id, its number, or source/source-id
    id: String,
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    who: Who,
}

/// Who asks, and on what condition.
#[derive(Debug, Args)]
struct Who {
    /// In what capacity you act
    #[arg(long = "as", global = true, value_name = "ROLE", default_value = "operator",
        value_parser = PossibleValuesParser::new(Role::ALL.map(Role::as_str)))]
    role: String,
    /// The acting agency
    #[arg(long, global = true, value_name = "AGENCY")]
    actor_agency: Option<String>,
    /// Your staff reference
    #[arg(long, global = true)]
    person: Option<String>,
    /// In words: why, or what was done
    #[arg(long, global = true, value_name = "TEXT")]
    remark: Option<String>,
    /// Refuse unless the clue is at this version
    #[arg(long, global = true, value_name = "VERSION")]
    expected_version: Option<u32>,
    /// When it happened (RFC 3339)
    #[arg(long, global = true, value_name = "TIME")]
    occurred_at: Option<String>,
    /// Seconds to wait for the outcome
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
}

impl Act {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open(common).await?;
        let done = self.act(&session, common).await;
        session.end(done).await
    }

    async fn act(self, session: &Session, common: &Common) -> Outcome {
        let (reading, lang) = (session.reading(), common.lang());
        let named = reading.clue(&self.id, lang).await?;
        let wait = Duration::from_secs(self.who.wait);
        let request = self.request(named.clue)?;
        let (ticket, became) = submit::submit(session, request, wait).await?;
        if common.is_json() {
            output::json(&shown(ticket, &became, lang))?;
        } else {
            let rulebook = reading.rulebook().await?;
            print(
                &became,
                Words {
                    lang,
                    rulebook: rulebook.rulebook(),
                },
            )?;
        }
        Ok(match became {
            Became::Done(_) => ExitCode::SUCCESS,
            Became::Rejected { .. } => ExitCode::from(1),
        })
    }

    fn request(&self, clue: ClueId) -> Result<Request, Failure> {
        let Who {
            role,
            actor_agency,
            person,
            remark,
            expected_version,
            occurred_at,
            ..
        } = &self.who;
        let mut asked = serde_json::to_value(&self.action).map_err(std::io::Error::from)?;
        asked["actor"] = json!({"role": role});
        let mut set = |part: &str, value: Option<Value>| {
            if let Some(value) = value {
                asked[part] = value;
            }
        };
        set("remark", remark.clone().map(Value::from));
        set("expected_version", expected_version.map(Value::from));
        set("occurred_at", occurred_at.clone().map(Value::from));
        if let Some(agency) = actor_agency {
            asked["actor"]["agency"] = Value::from(agency.as_str());
        }
        if let Some(person) = person {
            asked["actor"]["person"] = Value::from(person.as_str());
        }
        from_json(clue, &asked).map_err(|error| {
            let field = error.field.clone().unwrap_or_default().replace('_', "-");
            Failure::usage(format!("参数 {field} 有误：{error}"), format!("{field}: {error}"))
        })
    }
}

/// As over HTTP.
fn shown(ticket: Ticket, became: &Became, lang: Lang) -> Value {
    let events: Vec<_> = became.events().iter().map(occurrence_to_json).collect();
    let mut shown = json!({
        "command_id": ticket.to_string(),
        "clue_id": ticket.clue,
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
        shown["stage"] = rejection.stage.as_deref().into();
    }
    shown
}

fn print(became: &Became, words: Words<'_>) -> Result<(), Failure> {
    if let Became::Rejected { rejection, .. } = became {
        let (zh, en) = rejection_words(&rejection.code);
        let refused = words.lang.choose("被拒绝", "refused");
        let stage = rejection
            .stage
            .as_ref()
            .map(|stage| format!(" [{stage}]"))
            .unwrap_or_default();
        return output::line(&format!(
            "{refused} ({}){stage}: {}",
            rejection.code,
            words.lang.choose(zh, en)
        ));
    }
    for event in became.events() {
        let version = words.lang.choose("版本", "version");
        output::line(&format!(
            "{}  {} ({version} {})",
            words.time(event.at),
            words.event(&event.event),
            event.version
        ))?;
    }
    Ok(())
}
