//! Dead letters that are sent again: asked for through the log, so that the journal says who did.

use std::collections::BTreeSet;
use std::process::ExitCode;

use bihuan_contracts::delivery::{CallbackCommand, CallbackRequest};
use bihuan_contracts::topics;
use bihuan_delivery::callback::{self, DeadLetter, Listed, State};
use bihuan_domain::clue::{Actor, Role as Capacity};
use clap::Args;

use super::{Shown, print};
use crate::barrier;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::services::Role;
use crate::session::Session;

/// Dead letters that are asked for at a time.
const PAGE: u32 = 1_000;

#[derive(Debug, Args)]
pub(super) struct Resend {
    /// Dead letters by id
    #[arg(required_unless_present_any = ["source", "all"], conflicts_with_all = ["source", "all"])]
    ids: Vec<String>,
    /// All of this source
    #[arg(long, conflicts_with = "all")]
    source: Option<String>,
    /// All
    #[arg(long)]
    all: bool,
    /// Your staff reference
    #[arg(long)]
    person: Option<String>,
    /// Seconds to wait until it is written down
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

impl Resend {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open(common).await?;
        let asked = self.ask(&session).await;
        let asked = session.end(asked).await?;
        if common.is_json() {
            let shown: Vec<Shown> = asked.iter().map(Shown::of).collect();
            output::json(&serde_json::json!({"asked": asked.len(), "callbacks": shown}))?;
        } else {
            print(&asked.iter().map(Shown::of).collect::<Vec<_>>(), common)?;
        }
        let settled = asked.iter().all(|it| it.state != State::Failed);
        Ok(if settled {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    /// How they stand once it is written down that they are to be sent again: page by page, for a receiver that was away for
    /// long leaves many.
    async fn ask(&self, session: &Session) -> Result<Vec<Listed>, Failure> {
        let installation = &session.installation;
        let mut asked = Vec::new();
        if self.ids.is_empty() {
            let mut last = None;
            loop {
                let mut reader = installation.store.read().await?;
                let page =
                    callback::failed(reader.conn(), self.source.as_deref(), last.as_ref(), PAGE).await?;
                drop(reader);
                last = page.last().cloned();
                if last.is_none() {
                    break;
                }
                self.publish(session, &page).await?;
                asked.extend(page);
            }
        } else {
            asked = self.named(session).await?;
            self.publish(session, &asked).await?;
        }
        barrier::reached_within(session, self.wait, Role::Delivery, topics::CALLBACK_COMMANDS).await?;
        let mut reader = installation.store.read().await?;
        let mut stand = Vec::with_capacity(asked.len());
        for letter in asked {
            let row = callback::get(reader.conn(), letter.partition, letter.id).await?;
            // what it says is not shown, and may be much
            stand.extend(row.map(|row| Listed { body: None, ..row }));
        }
        Ok(stand)
    }

    async fn publish(&self, session: &Session, letters: &[DeadLetter]) -> Result<(), Failure> {
        let now = session.installation.now();
        let actor = Actor {
            person: self.person.clone(),
            ..Actor::service(Capacity::Operator)
        };
        let message = |it: &DeadLetter| {
            let command = CallbackCommand {
                callback: it.id.clone(),
                at: now,
                request: CallbackRequest::Resend { actor: actor.clone() },
            };
            command.message(it.partition, "operator")
        };
        let messages = letters.iter().map(message).collect();
        Ok(session.installation.log.publish(messages).await?)
    }

    /// Those that were named, each of which must be a dead letter.
    async fn named(&self, session: &Session) -> Result<Vec<DeadLetter>, Failure> {
        let mut reader = session.installation.store.read().await?;
        let mut wanted: BTreeSet<&str> = self.ids.iter().map(String::as_str).collect();
        let (mut found, mut last) = (Vec::new(), None);
        while !wanted.is_empty() {
            let page = callback::failed(reader.conn(), None, last.as_ref(), PAGE).await?;
            last = page.last().cloned();
            if last.is_none() {
                break;
            }
            let named = page
                .into_iter()
                .filter(|it| wanted.remove(it.id.to_string().as_str()));
            found.extend(named);
        }
        match wanted.first() {
            None => Ok(found),
            Some(unknown) => Err(Failure::usage(
                format!("没有标识为 {unknown} 的未送达回传"),
                format!("no callback that failed has the id {unknown}"),
            )),
        }
    }
}
