//! `bihuan dispute decide-together`: one ruling for several disputes. Each gets a command of its own and is decided by itself: what
//! one refuses another may take.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_domain::calendar::Limit;
use bihuan_domain::code::AgencyId;
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Command, Paper, Ruling};
use clap::Args;
use serde_json::json;

use super::named;
use super::send::send;
use super::who::Who;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Session;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The disputes' ids
    #[arg(required = true, num_args = 1.., value_name = "ID")]
    ids: Vec<String>,
    /// Whose duty it is
    #[arg(long, value_name = "AGENCY")]
    responsible: AgencyId,
    /// Who assists
    #[arg(long, value_name = "AGENCY")]
    assisting: Vec<AgencyId>,
    /// The legal basis
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// How long handling may take: 5wd, 10d (default: by the policy)
    #[arg(long, value_name = "LIMIT")]
    term: Option<Limit>,
    /// The paper: REFERENCE#SHA256
    #[arg(long, value_name = "PAPER", value_parser = paper)]
    decision: Paper,
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
        let mut disputes = Vec::new();
        // a wrong id stops it before anything is sent
        for id in &self.ids {
            let shown = named::find(&reading, id, common.lang()).await?;
            let is_repeated = |it: &bihuan_dispute::Shown| it.dispute.id == shown.dispute.id;
            if disputes.iter().any(is_repeated) {
                return Err(Failure::usage(
                    format!("争议 {id} 重复列出"),
                    format!("dispute {id} is named twice"),
                ));
            }
            disputes.push(shown);
        }
        let ruling = Ruling {
            responsible: self.responsible.clone(),
            assisting: self.assisting.clone(),
            basis: self.basis.clone(),
            term: self.term,
            decision: self.decision.clone(),
        };
        let (mut results, mut is_refused) = (Vec::new(), false);
        for shown in &disputes {
            let command = Command::DecideDispute(ruling.clone());
            let wait = Duration::from_secs(self.who.wait);
            let became = send(session, shown, command, self.who.actor(), wait).await?;
            is_refused |= became.is_rejected();
            let id = shown.dispute.id;
            if common.is_json() {
                let mut told = became.json(lang);
                told["dispute"] = json!(id);
                results.push(told);
            } else {
                output::line(&format!("{id}  {}", became.words(lang)))?;
            }
        }
        if common.is_json() {
            output::json(&results)?;
        }
        Ok(ExitCode::from(u8::from(is_refused)))
    }
}

fn paper(text: &str) -> Result<Paper, &'static str> {
    const FORM: &str = "write REFERENCE#SHA256, the digest as 64 hexadecimal digits";
    let (reference, digest) = text.rsplit_once('#').ok_or(FORM)?;
    Ok(Paper {
        reference: reference.to_owned(),
        digest: digest_of(digest).ok_or(FORM)?,
    })
}

/// A SHA-256 in hexadecimal digits.
pub(super) fn digest_of(text: &str) -> Option<Digest> {
    let is_hex = text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
    let bytes = (0..32).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok());
    let bytes: Option<Vec<_>> = is_hex.then(|| bytes.collect()).flatten();
    bytes.and_then(|bytes| Digest::from_slice(&bytes))
}
