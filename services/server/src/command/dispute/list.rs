//! `bihuan dispute list`

use std::process::ExitCode;

use bihuan_dispute::api::summary;
use bihuan_dispute::{Filter, Shown};
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Dispute, Forum};
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::listing;
use bihuan_monitor::words::Words;
use clap::Args;
use serde_json::{Value, json};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::Reading;

/// So many at once.
const MOST: u32 = 500;

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that are open
    #[arg(long)]
    open: bool,
    /// Only those that have ended
    #[arg(long, conflicts_with = "open")]
    ended: bool,
    /// That it is a party of, leads, or is named by a ruling of
    #[arg(long)]
    agency: Option<AgencyId>,
    /// Before whom they are: county:330602, city or city_government
    #[arg(long, value_name = "FORUM")]
    forum: Option<Forum>,
    /// The clue's id, its number, or source/source-id
    #[arg(long, value_name = "ID")]
    clue: Option<String>,
    /// Whose open step may take no longer than to a time before (RFC 3339)
    #[arg(long, value_name = "TIME")]
    due_before: Option<Timestamp>,
}

impl List {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let (reading, lang) = (Reading::open(common).await?, common.lang());
        let clue = match &self.clue {
            Some(name) => Some(reading.clue(name, lang).await?.clue),
            None => None,
        };
        let filter = Filter {
            open: (self.open || self.ended).then_some(self.open),
            clue,
            agency: self.agency,
            forum: self.forum,
            level: None,
            due_before: self.due_before,
        };
        let mut found = bihuan_dispute::list(&reading.store, &filter, MOST + 1).await?;
        let more = found.len() > MOST as usize;
        found.truncate(MOST as usize);
        let rulebook = reading.rulebook().await?;
        let words = Words {
            lang,
            rulebook: rulebook.rulebook(),
        };
        if common.is_json() {
            let all = found.iter().map(|it| summary(it, words.rulebook, lang));
            output::json(&json!({"disputes": all.collect::<Vec<Value>>(), "more": more}))?;
            return Ok(ExitCode::SUCCESS);
        }
        let rows = rows(&reading, &found, words).await?;
        output::line(&rows.render(common.format)?)?;
        if more {
            output::line(lang.choose(
                "另有更多未列出；请用选项缩小范围",
                "there are more; narrow them down by options",
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn rows(reading: &Reading, found: &[Shown], words: Words<'_>) -> Result<Grid, Failure> {
    let header = match words.lang {
        Lang::Zh => ["争议", "线索", "状态", "处理层级", "当事单位", "截止"],
        Lang::En => ["dispute", "clue", "stands at", "before", "parties", "due"],
    };
    let now = reading.now();
    let mut rows = Vec::with_capacity(found.len());
    for Shown { dispute, .. } in found {
        let parties: Vec<_> = dispute.parties.iter().map(|it| it.agency.as_str()).collect();
        let due = dispute.deadline().map(|it| {
            let late = if it.is_over(now) {
                words.lang.choose("（已逾期）", " (overdue)")
            } else {
                ""
            };
            format!("{}{late}", words.time(it.at))
        });
        rows.push(vec![
            dispute.id.to_string(),
            number(reading, dispute, words).await?,
            dispute.standing_words(words.lang).to_owned(),
            words.forum(&dispute.forum),
            parties.join(words.lang.choose("、", ", ")),
            due.unwrap_or_else(|| "—".to_owned()),
        ]);
    }
    Ok(Grid::new(header, rows))
}

/// What people call the clue; its id while that is not known here.
pub(super) async fn number(
    reading: &Reading,
    dispute: &Dispute,
    words: Words<'_>,
) -> Result<String, Failure> {
    let id = dispute.opening.clue.to_string();
    let asked = listing::Reading {
        rulebook: words.rulebook,
        lang: words.lang,
        now: reading.now(),
    };
    let found = listing::find(&reading.store, &id, asked).await?;
    Ok(found.map_or(id, |it| it.facts.number))
}
