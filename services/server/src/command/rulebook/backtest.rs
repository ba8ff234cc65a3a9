//! `bihuan rulebook backtest`: what a rulebook would have decided about clues of the past, against what became of them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bihuan_domain::figures::Query;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{Backtest, Backtesting, CompiledRulebook, Rerouted};
use bihuan_domain::time::Timestamp;
use bihuan_monitor::cases;
use bihuan_monitor::words::{Words, backtest as words};
use bihuan_store::Store;
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::named::Named;
use crate::cli::{Common, Format};
use crate::command::report::check_period;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};

/// Changes and agencies that are printed for people; JSON has all.
const PRINTED: usize = 30;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A directory, a version of the store, or `active`
    candidate: String,
    /// First day on which clues were reported, in the candidate's zone
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// First day after the period
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Write every clue that would have gone elsewhere into this CSV file
    #[arg(long, value_name = "FILE")]
    shifts: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told<'a> {
    candidate: String,
    label: &'a str,
    from: Option<Date>,
    to: Option<Date>,
    #[serde(flatten)]
    backtest: &'a Backtest,
    seconds: f64,
}

impl Options {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        check_period(self.from, self.to)?;
        let mut named = Named::new(common);
        // without an installation there is nothing to test with
        let store = named.reading().await?.store.clone();
        let now = named.reading().await?.now();
        let candidate = named.rulebook(&self.candidate).await?;
        let mut list = self.shifts.as_deref().map(List::create).transpose()?;
        let started = Instant::now();
        let days = (self.from, self.to);
        let found = run(&store, &candidate, days, now, |clue| match &mut list {
            Some(list) if clue.is_changed() => list.add(clue),
            _ => Ok(()),
        })
        .await?;
        let seconds = started.elapsed().as_secs_f64();
        if let Some(list) = list {
            list.finish()?;
        }
        let book = candidate.rulebook();
        if common.is_json() {
            output::json(&Told {
                candidate: book.version.to_string(),
                label: &book.label,
                from: self.from,
                to: self.to,
                backtest: &found,
                seconds,
            })?;
        } else {
            let lang = common.lang();
            print(&found, Words { lang, rulebook: book }, common.format)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Routes the clues of these days by the candidate; `each` sees what became of every one.
pub(crate) async fn run(
    store: &Store,
    candidate: &CompiledRulebook,
    (from, to): (Option<Date>, Option<Date>),
    now: Timestamp,
    mut each: impl FnMut(&Rerouted<'_>) -> Result<(), Failure>,
) -> Result<Backtest, Failure> {
    let period = Query {
        from,
        to,
        ..Query::everything(now, candidate.rulebook().zone.clone())
    }
    .period();
    let mut testing = Backtesting::new(candidate);
    let mut failed = None;
    cases::each(store, &(period.start..period.end), |case| {
        let rerouted = testing.add(case);
        if let (Some(rerouted), None) = (&rerouted, &failed) {
            failed = each(rerouted).err();
        }
    })
    .await?;
    failed.map_or_else(|| Ok(testing.finish()), Err)
}

fn print(found: &Backtest, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let lang = words.lang;
    let header = match lang {
        Lang::Zh => ["原单位", "改为", "线索", "原单位正确", "改后正确", "例如"],
        Lang::En => ["from", "to", "clues", "from was right", "to was right", "such as"],
    };
    let shifts = |most| {
        Grid::new(
            header,
            found.shifts.iter().take(most).map(|it| words.shift(it).to_vec()),
        )
    };
    if format == Format::Csv {
        return output::line(&shifts(usize::MAX).render(format)?);
    }
    output::details(format, lang.choose("回测", "back-test"), words::sums(found, lang))?;
    if !found.shifts.is_empty() {
        output::line(&shifts(PRINTED).render(format)?)?;
        more(found.shifts.len(), lang)?;
    }
    let header = match lang {
        Lang::Zh => ["单位", "原分派", "改后分派"],
        Lang::En => ["agency", "clues before", "clues after"],
    };
    let mut load: Vec<_> = found.load.iter().collect();
    load.sort_by_key(|(_, load)| std::cmp::Reverse((load.before.abs_diff(load.after), load.before)));
    if !load.is_empty() {
        let agencies = load.len();
        let rows = load.into_iter().take(PRINTED).map(|(agency, load)| {
            vec![
                words.agency(agency),
                load.before.to_string(),
                load.after.to_string(),
            ]
        });
        output::line(&Grid::new(header, rows).render(format)?)?;
        more(agencies, lang)?;
    }
    Ok(())
}

fn more(rows: usize, lang: Lang) -> Result<(), Failure> {
    match rows.saturating_sub(PRINTED) {
        0 => Ok(()),
        more => output::line(&match lang {
            Lang::Zh => format!("另有 {more} 行，见 --format json"),
            Lang::En => format!("and {more} rows more: see --format json"),
        }),
    }
}

/// The clues that would have gone elsewhere, one a line, written as they come.
struct List(csv::Writer<std::fs::File>);

impl List {
    fn create(path: &std::path::Path) -> Result<Self, Failure> {
        let created = csv::Writer::from_path(path).and_then(|mut writer| {
            writer.write_record(["clue", "number", "from", "to", "row", "reason", "right"])?;
            Ok(writer)
        });
        created.map(Self).map_err(|error| {
            let path = path.display();
            Failure::usage(
                format!("无法写入 {path}：{error}"),
                format!("{path} cannot be written: {error}"),
            )
        })
    }

    fn add(&mut self, clue: &Rerouted<'_>) -> Result<(), Failure> {
        let row = clue.row.map(|row| row.to_string()).unwrap_or_default();
        let text = |agency: Option<&bihuan_domain::code::AgencyId>| {
            agency.map(|it| output::inert(it.as_str())).unwrap_or_default()
        };
        let written = self.0.write_record([
            clue.clue.to_string(),
            clue.number.to_owned(),
            text(clue.from),
            text(clue.to.as_ref()),
            row,
            clue.reason.to_owned(),
            text(clue.right),
        ]);
        Ok(written.map_err(std::io::Error::other)?)
    }

    fn finish(mut self) -> Result<(), Failure> {
        Ok(self.0.flush()?)
    }
}
