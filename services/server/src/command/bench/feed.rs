//! A feed that sends the whole record again: every round each clue is sent once more, and one in ten has changed. Embedded,
//! routed by Bihuan, until every record is accounted for.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use bihuan_domain::time::Timestamp;
use bihuan_runtime::Config;
use bihuan_runtime::config::Mode;
use clap::Args;

use super::{Figure, Goal, Result as Measured, installed, median};
use crate::command::import::Import;
use crate::failure::Failure;
use crate::memory::{peak_memory, resident_memory};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many clues the platform has
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(10..=2_000_000))]
    clues: u64,
    /// How often it sends all of them again
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
}

/// One record in so many has changed since the round before.
const CHANGED: u64 = 10;

const MAPPING: &str = r#"
source = "feed"
mode   = "snapshot"
format = "json"
[clue]
id          = "/id"
reported_at = "/reported"
matter      = "/matter"
area        = "/area"
title       = "/title"
description = "/description"
[snapshot]
version = "/updated"
"#;

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        if !config.is_embedded() {
            return Err(Failure::usage(
                "该测量使用内嵌存储（--data）",
                "this measurement runs on the embedded store (--data)",
            ));
        }
        let (config, _) = installed::apart(config).await?;
        let Mode::Embedded { data } = config.mode.clone() else {
            return Err(Failure::usage("内嵌存储", "the embedded store"));
        };
        std::fs::create_dir_all(&data)?;
        let inputs = Inputs::write(&data.with_extension("input"))?;
        self.import(0, &inputs, &config).await?;
        let (mut seconds, mut resident) = (Vec::new(), Vec::new());
        for round in 1..=self.rounds {
            seconds.push(self.import(round, &inputs, &config).await?);
            resident.push(resident_memory().unwrap_or(0) as f64 / 1e6);
        }
        std::fs::remove_dir_all(&data)?;
        std::fs::remove_dir_all(&inputs.folder)?;
        let records = (self.clues * self.rounds) as f64;
        let first = resident.first().copied().unwrap_or(f64::NAN);
        let last = resident.last().copied().unwrap_or(f64::NAN);
        let peak = peak_memory().map_or(f64::NAN, |bytes| bytes as f64 / 1e6);
        let took: f64 = seconds.iter().sum();
        let rates = seconds.iter().map(|took| self.clues as f64 / took).collect();
        Ok(Measured {
            bench: "feed",
            figures: vec![
                Figure::new("records accounted for", records / took, "records/s")
                    .with(Goal::AtLeast(5_000.0)),
                Figure::new("the median round", median(rates), "records/s"),
                Figure::new("records", records, ""),
                Figure::new("of these changed, one in", CHANGED as f64, ""),
                Figure::new("seconds", took, "s"),
                Figure::new("peak resident memory", peak, "MB"),
                Figure::new("resident memory after the last round", last, "MB"),
                Figure::new("of that after the first round", last / first, "times").with(Goal::AtMost(1.2)),
            ],
        })
    }

    /// Writes the records of one round and imports them; returns the seconds that the import took.
    async fn import(&self, round: u64, inputs: &Inputs, config: &Config) -> Result<f64, Failure> {
        let file = inputs.folder.join(format!("round-{round}.jsonl"));
        write_round(&file, self.clues, round)?;
        let started = Instant::now();
        let read = Import::measured(
            vec![file.clone()],
            inputs.mapping.clone(),
            inputs.folder.join("rulebook"),
            config.clone(),
        )
        .await?;
        let took = started.elapsed().as_secs_f64();
        std::fs::remove_file(&file)?;
        if read == self.clues {
            return Ok(took);
        }
        Err(Failure::usage(
            format!("读取 {read} 条，应为 {} 条", self.clues),
            format!("{read} records were read, of {}", self.clues),
        ))
    }
}

/// The mapping and the rulebook, as files.
struct Inputs {
    folder: PathBuf,
    mapping: PathBuf,
}

impl Inputs {
    fn write(folder: &Path) -> Result<Self, Failure> {
        let rulebook = folder.join("rulebook");
        std::fs::create_dir_all(&rulebook)?;
        let (files, _) = installed::rulebook()?;
        for name in files.names() {
            std::fs::write(rulebook.join(name), files.get(name).unwrap_or_default())?;
        }
        let mapping = folder.join("feed.toml");
        std::fs::write(&mapping, MAPPING)?;
        Ok(Self {
            folder: folder.to_owned(),
            mapping,
        })
    }
}

/// 2026-01-05 08:00 in Shanghai.
const BEGINNING: Timestamp = Timestamp::from_micros(1_767_571_200_000_000);

fn write_round(path: &Path, clues: u64, round: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let (reported, updated) = (BEGINNING, BEGINNING.plus_minutes(round as i64));
    for i in 0..clues {
        let edition = edition(i, round);
        writeln!(
            file,
            r#"{{"id":"clue-{i}","reported":"{reported}","updated":"{updated}","matter":"matter-{}","area":"33060{}","title":"占道经营","description":"沿街商铺超出门窗占道经营，影响通行，第 {edition} 次核实"}}"#,
            i % 10,
            i % 10,
        )?;
    }
    file.flush()
}

/// How often the record of a clue has changed by this round.
fn edition(clue: u64, round: u64) -> u64 {
    (1..=round)
        .filter(|round| (clue + round).is_multiple_of(CHANGED))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_in_ten_changes_in_a_round() {
        for round in 1..=5 {
            let changed = (0..1_000).filter(|clue| edition(*clue, round) != edition(*clue, round - 1));
            assert_eq!(changed.count(), 100, "{round}");
        }
    }
}
