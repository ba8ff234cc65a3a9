//! `bihuan rulebook diff`: which matters change hands where, from whom to whom, and from when on.

use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Diff;
use bihuan_runtime::Clock;
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::named::Named;
use crate::cli::{Common, Format};
use crate::failure::Outcome;
use crate::output::{self, Grid};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A directory, a version of the store, or `active`
    old: String,
    new: String,
    /// From this day on (default: today)
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
}

/// With its sentences, for those who show them.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    diff: &'a Diff,
    words_zh: Vec<String>,
    words_en: Vec<String>,
}

impl Options {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let mut named = Named::new(common);
        let (old, new) = (named.rulebook(&self.old).await?, named.rulebook(&self.new).await?);
        let zone = &new.rulebook().zone;
        let today = || Clock::wall().now().civil_date(zone);
        let diff = Diff::of(&old, &new, self.from.unwrap_or_else(today));
        let words = |lang| diff.words(lang, (old.rulebook(), new.rulebook()));
        if common.is_json() {
            output::json(&Told {
                diff: &diff,
                words_zh: words(Lang::Zh),
                words_en: words(Lang::En),
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        let lang = common.lang();
        let sentences = words(lang);
        if common.format != Format::Table {
            let rows = sentences.into_iter().map(|it| vec![it]);
            return output::line(
                &Grid::new([lang.choose("差别", "what changes")], rows).render(common.format)?,
            )
            .map(|()| ExitCode::SUCCESS);
        }
        for sentence in sentences {
            output::line(&sentence)?;
        }
        let Diff {
            from,
            compared,
            changed,
            ..
        } = diff;
        output::line(&match lang {
            Lang::Zh => format!(
                "自 {from} 起，{compared} 格（事项 × 区域）中主管单位改变的有 {changed} 格；对照表、办理规则、名称和依据不在比较之列"
            ),
            Lang::En => format!(
                "from {from} on, the first handler changes in {changed} of {compared} cells (matters × places)"
            ),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
