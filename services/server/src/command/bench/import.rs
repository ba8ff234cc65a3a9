//! Importing a file into a fresh embedded installation, routed by Bihuan, until every record is accounted for.

use std::path::PathBuf;
use std::time::Instant;

use bihuan_runtime::Config;
use bihuan_runtime::config::Mode;
use clap::Args;

use super::{Figure, Goal, Result as Measured, installed};
use crate::command::import::Import;
use crate::failure::Failure;
use crate::memory::peak_memory;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file to import
    #[arg(default_value = "tests/fixtures/nyc311.csv", value_name = "FILE")]
    file: PathBuf,
    #[arg(long, default_value = "deploy/mappings/nyc311.toml", value_name = "FILE")]
    mapping: PathBuf,
    #[arg(long, default_value = "deploy/rulebooks/nyc311", value_name = "DIR")]
    rulebook: PathBuf,
}

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        if !config.is_embedded() {
            return Err(Failure::usage(
                "该测量使用内嵌存储（--data）",
                "this measurement runs on the embedded store (--data)",
            ));
        }
        let (config, _) = installed::apart(config).await?;
        let mode = config.mode.clone();
        let started = Instant::now();
        let records = Import::measured(vec![self.file], self.mapping, self.rulebook, config).await?;
        let took = started.elapsed().as_secs_f64();
        if let Mode::Embedded { data } = &mode {
            std::fs::remove_dir_all(data)?;
        }
        let memory = peak_memory().unwrap_or(0) as f64 / 1e6;
        Ok(Measured {
            bench: "import",
            figures: vec![
                Figure::new("records accounted for", records as f64 / took, "records/s")
                    .with(Goal::AtLeast(1_500.0)),
                Figure::new("records", records as f64, ""),
                Figure::new("seconds", took, "s"),
                Figure::new("peak resident memory", memory, "MB").with(Goal::AtMost(150.0)),
            ],
        })
    }
}
