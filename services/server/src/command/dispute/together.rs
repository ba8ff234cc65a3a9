//! `bihuan dispute decide-together`: one ruling for several disputes. Each gets a command of its own and is decided by itself: what
//! one refuses another may take.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_monitor::words::Words;
use clap::Args;
use serde_json::json;

use super::act::request;
use super::asked::Ruling;
use super::who::Who;
use super::{named, outcome};
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Session;
use crate::submit::Disputes;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The disputes' ids, or their clues'
    #[arg(required = true, num_args = 1.., value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    ruling: Ruling,
    #[command(flatten)]
    who: Who,
}

impl Options {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open_existing(common).await?;
        let done = self.decide(&session, common).await;
        session.end(done).await
    }

    async fn decide(&self, session: &Session, common: &Common) -> Outcome {
        let (reading, lang) = (session.reading(), common.lang());
        let ruling = self.ruling.to_json()?;
        let mut asked: Vec<(_, _)> = Vec::new();
        // what is wrong stops it before anything is sent
        for id in &self.ids {
            let dispute = named::find(&reading, id, lang).await?.dispute;
            let request = request(dispute.id, &ruling, &self.who)?;
            if asked.contains(&(dispute.opening.clue, request.clone())) {
                return Err(Failure::usage(
                    format!("争议 {id} 重复列出"),
                    format!("dispute {id} is named twice"),
                ));
            }
            asked.push((dispute.opening.clue, request));
        }
        let rulebook = reading.rulebook().await?;
        let words = Words {
            lang,
            rulebook: rulebook.rulebook(),
        };
        let disputes = Disputes::new(session, Duration::from_secs(self.who.wait));
        let (mut results, mut is_refused, mut unanswered) = (Vec::new(), false, None);
        for (clue, request) in asked {
            let id = request.dispute;
            let answered = match disputes.ask_once(clue, request).await {
                Ok(answered) => answered,
                Err(failure) => {
                    unanswered = Some(failure);
                    break;
                }
            };
            is_refused |= outcome::is_refused(&answered);
            if common.is_json() {
                results.push(outcome::json(&answered, lang));
            } else {
                for line in outcome::words(&answered, words) {
                    output::line(&format!("{id}  {line}"))?;
                }
            }
        }
        if common.is_json() {
            output::json(&json!(results))?;
        }
        // what was done before it is printed first
        unanswered.map_or(Ok(ExitCode::from(u8::from(is_refused))), Err)
    }
}
