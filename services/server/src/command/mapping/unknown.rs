//! `bihuan mapping unknown`: the codes that sources sent and nobody knows, since the beginning.

use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_intake::unknown_codes;
use clap::Args;
use serde::Serialize;

use crate::cli::Common;
use crate::failure::Outcome;
use crate::output::{self, Grid};
use crate::session::Reading;

#[derive(Debug, Args)]
pub(super) struct Unknown {
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    /// The most frequent first.
    codes: Vec<bihuan_intake::Seen>,
}

impl Unknown {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let reading = Reading::open(common).await?;
        let mut codes = unknown_codes(&reading.store).await?;
        codes.retain(|it| self.source.as_ref().is_none_or(|source| *source == it.source));
        if common.is_json() {
            output::json(&Listed { codes })?;
            return Ok(ExitCode::SUCCESS);
        }
        let lang = common.lang();
        if codes.is_empty() {
            output::line(lang.choose("没有未知的代码。", "Every code is known."))?;
            return Ok(ExitCode::SUCCESS);
        }
        let header = match lang {
            Lang::Zh => ["来源", "字段", "代码", "记录", "首次"],
            Lang::En => ["source", "field", "code", "records", "first seen"],
        };
        let rows = codes.into_iter().map(|it| {
            vec![
                it.source,
                it.field,
                it.code,
                it.records.to_string(),
                it.first_seen.to_string(),
            ]
        });
        output::line(&Grid::new(header, rows).render(common.format)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
