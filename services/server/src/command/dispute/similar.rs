//! `bihuan dispute similar`: open disputes that are one quarrel, so that one ruling can be made for all of them.

use std::process::ExitCode;

use bihuan_domain::dispute::Dispute;
use bihuan_domain::lang::Lang;
use bihuan_monitor::proposals::quarrels;
use bihuan_monitor::words::Words;
use clap::Args;

use super::named;
use crate::cli::Common;
use crate::failure::Outcome;
use crate::output::{self, Grid};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only those that are like this dispute
    id: Option<String>,
}

impl Options {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let reading = Reading::open(common).await?;
        let of = match &self.id {
            Some(id) => Some(named::find(&reading, id, common.lang()).await?.dispute.id),
            None => None,
        };
        let groups = bihuan_dispute::similar(&reading.store, of).await?;
        if common.is_json() {
            output::json(&quarrels(&groups))?;
            return Ok(ExitCode::SUCCESS);
        }
        let lang = common.lang();
        let active = reading.rulebook().await?;
        let words = Words {
            lang,
            rulebook: active.rulebook(),
        };
        let header = match lang {
            Lang::Zh => ["组", "争议", "事项", "区域", "当事单位", "环节", "提出时间"],
            Lang::En => [
                "group",
                "dispute",
                "matter",
                "area",
                "parties",
                "step",
                "opened at",
            ],
        };
        let numbered = (1..).zip(&groups);
        let rows = numbered.flat_map(|(number, group): (usize, _)| {
            group.iter().map(move |it| cells(number, &it.dispute, words))
        });
        output::line(&Grid::new(header, rows).render(common.format)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn cells(number: usize, dispute: &Dispute, words: Words<'_>) -> Vec<String> {
    let opening = &dispute.opening;
    let parties: Vec<_> = dispute
        .parties
        .iter()
        .map(|it| words.agency(&it.agency))
        .collect();
    vec![
        number.to_string(),
        dispute.id.to_string(),
        opening
            .matter
            .as_ref()
            .map(|it| words.matter(it))
            .unwrap_or_default(),
        opening.area.as_ref().map(|it| words.area(it)).unwrap_or_default(),
        parties.join(words.lang.choose("、", ", ")),
        dispute
            .step()
            .map(|it| it.words(words.lang).to_owned())
            .unwrap_or_default(),
        words.time(dispute.opened_at),
    ]
}
