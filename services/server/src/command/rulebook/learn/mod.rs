//! `bihuan rulebook learn`: duties from recorded work, as a rulebook directory for a person to correct.

mod judged;
mod shown;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bihuan_domain::figures::Query;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::routing::learn::{Learned, Learner, Options, Unsure};
use bihuan_domain::time::Timestamp;
use bihuan_monitor::cases;
use bihuan_rulebook::learned::{self, Finished, Proposal};
use bihuan_rulebook::{Files, Finding, compile};
use bihuan_store::activation;
use bihuan_store::document::{self, Kind};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::Common;
use crate::command::report::check_period;
use crate::command::rulebook::named::ACTIVE;
use crate::failure::{Failure, Outcome};
use crate::rulebooks;
use crate::session::Reading;
use judged::HeldBack;
use shown::Shown;

#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// First day of the clues to learn from, in the rulebook's zone (2026-04-01)
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// First day after them
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Learn from the clues before this day only, and judge what was learned on those from then on
    #[arg(long, value_name = "DATE")]
    hold_back: Option<Date>,
    /// What is known already, and stays where the records say nothing (default: the active rulebook)
    #[arg(long, value_name = "DIR|VERSION|active")]
    base: Option<String>,
    /// Write the rulebook into this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Clues that a row for an area or an attribute, or against a row of the base, must rest on
    #[arg(long, value_name = "CLUES", default_value_t = 2, value_parser = clap::value_parser!(u64).range(2..))]
    min_support: u64,
    /// Percent of its clues below which a row is listed as unsure
    #[arg(long, value_name = "PERCENT", default_value_t = 90.0, value_parser = percent)]
    min_share: f64,
}

fn percent(word: &str) -> Result<f64, String> {
    let number = word.parse().ok();
    number
        .filter(|it| (0.0..=100.0).contains(it))
        .ok_or_else(|| "a number from 0 to 100".to_owned())
}

/// Civil days in a zone; the second is the first after the period.
struct Days<'a> {
    from: Date,
    to: Option<Date>,
    zone: &'a TimeZone,
}

impl Days<'_> {
    /// In Chinese and in English.
    fn words(&self) -> (String, String) {
        let from = self.from;
        match self.to {
            Some(to) => (
                format!("{from} 至 {to}（不含）"),
                format!("from {from} to before {to}"),
            ),
            None => (format!("{from} 起"), format!("from {from} on")),
        }
    }
}

impl Learn {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        self.check()?;
        let reading = Reading::open(common).await?;
        let (files, base) = base(&reading, self.base.as_deref()).await?;
        let (learning, judging) = self.days(&base.zone);
        let (settled, period) = self.learn(&reading, &files, &base, &learning).await?;
        let held_back = match judging {
            Some(days) => {
                let held_back = judged::judge(&reading, &range(&days), &settled).await?;
                Some(is_something(held_back, &days)?)
            }
            None => None,
        };
        write(&settled.files, &self.out)?;
        let shown = Shown {
            directory: &self.out,
            rulebook: settled.rulebook.rulebook(),
            base: &base,
            learned: &settled.learned,
            period,
            held_back: held_back.as_ref(),
            findings: &settled.findings,
        };
        shown.print(common)?;
        Ok(ExitCode::SUCCESS)
    }

    /// What can be said without looking at clues.
    fn check(&self) -> Result<(), Failure> {
        let Self { from, to, .. } = self;
        check_period(Some(*from), *to)?;
        let outside = |day: &Date| day <= from || to.is_some_and(|to| *day >= to);
        if let Some(day) = self.hold_back.filter(outside) {
            return Err(Failure::usage(
                format!("--hold-back {day} 须在 --from 之后、--to 之前"),
                format!("--hold-back {day} must lie after --from and before --to"),
            ));
        }
        let mut entries = match self.out.read_dir() {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(cannot_write(&self.out, &error)),
        };
        if entries.next().is_some() {
            let out = self.out.display();
            return Err(Failure::usage(
                format!("{out} 不是空目录；请另选 --out"),
                format!("{out} is not empty; give another folder with --out"),
            ));
        }
        Ok(())
    }

    /// To learn from, and to judge on.
    fn days<'z>(&self, zone: &'z TimeZone) -> (Days<'z>, Option<Days<'z>>) {
        let (from, to) = (self.from, self.to);
        let judging = self.hold_back.map(|from| Days { from, to, zone });
        let to = self.hold_back.or(to);
        (Days { from, to, zone }, judging)
    }

    /// What was learned, and the first and the last day of the clues.
    async fn learn(
        &self,
        reading: &Reading,
        files: &Files,
        base: &Rulebook,
        days: &Days<'_>,
    ) -> Result<(Finished, (Date, Date)), Failure> {
        if base.areas.is_empty() {
            return Err(Failure::usage(
                "规则库没有区划，职责无从落地；请先填写 areas.csv",
                "the rulebook has no areas, and a duty needs one; fill in areas.csv first",
            ));
        }
        let options = Options {
            min_support: self.min_support,
            min_share: self.min_share,
            can_name: learned::can_name,
        };
        let mut learning = Learner::new(base, options);
        let range = range(days);
        let mut period: Option<(Timestamp, Timestamp)> = None;
        loop {
            cases::each(&reading.store, &range, |case| {
                learning.add(case);
                let at = case.subject.reported_at;
                let (first, last) = period.unwrap_or((at, at));
                period = Some((first.min(at), last.max(at)));
            })
            .await?;
            if !learning.end_pass() {
                break;
            }
        }
        let learned = learning.finish();
        let (first, last) = match period {
            Some(period) if !learned.rows.is_empty() => period,
            _ => return Err(nothing(&learned, days)),
        };
        let day = |at: Timestamp| at.civil_date(days.zone);
        let period = (day(first), day(last));
        let unusable = |findings: Vec<Finding>| unusable(&findings);
        let mut proposal = Proposal::new(files, base, learned, options).map_err(unusable)?;
        loop {
            cases::each(&reading.store, &range, |case| proposal.add(case)).await?;
            if !proposal.end_pass().map_err(unusable)? {
                break;
            }
        }
        let settled = proposal.finish(|row| shown::basis(row, period));
        Ok((settled.map_err(unusable)?, period))
    }
}

/// Without clues nothing is judged, and a share of none says nothing.
fn is_something(held_back: HeldBack, days: &Days<'_>) -> Result<HeldBack, Failure> {
    if held_back.clues > 0 {
        return Ok(held_back);
    }
    let (zh, en) = days.words();
    Err(Failure::usage(
        format!("{zh}没有知道由谁承办的线索，无从检验；请改 --hold-back"),
        format!("no clue {en} tells who had it: there is nothing to judge on; choose another --hold-back"),
    ))
}

fn nothing(learned: &Learned, days: &Days<'_>) -> Failure {
    let (zh, en) = days.words();
    if learned.unsure.contains(&Unsure::TooManyMatters) {
        return Failure::usage(
            format!("{zh}的线索，目录外的事项太多，不像事项；请先在 matters.csv 或 crosswalk.csv 中对应"),
            format!(
                "clues {en} name too many matters that the rulebook does not know to be matters; give them in matters.csv or crosswalk.csv first"
            ),
        );
    }
    if learned.unsure.contains(&Unsure::TooManyAgencies) {
        return Failure::usage(
            format!("{zh}的线索，名册外的单位太多，不像单位；请先填写 agencies.csv，或检查映射"),
            format!(
                "clues {en} name too many agencies that the rulebook does not know to be agencies; fill in agencies.csv first, or look at the mapping"
            ),
        );
    }
    let Learned {
        clues,
        without_agency,
        without_matter,
        without_area,
        ..
    } = learned;
    Failure::usage(
        format!(
            "{zh}没有可学习的线索：共 {clues} 条，其中 {without_agency} 条不知最终由谁承办，{without_matter} 条没有事项，{without_area} 条不在规则库的区划内"
        ),
        format!(
            "nothing to learn {en}: of {clues} clues {without_agency} do not tell who had them, {without_matter} have no matter and {without_area} lie in no area of the rulebook"
        ),
    )
}

/// Midnight to midnight in the zone.
fn range(days: &Days<'_>) -> Range<Timestamp> {
    let query = Query {
        from: Some(days.from),
        to: days.to,
        ..Query::everything(Timestamp::EPOCH, days.zone.clone())
    };
    let period = query.period();
    period.start..period.end
}

/// The files and the rulebook that learning starts from.
async fn base(reading: &Reading, asked: Option<&str>) -> Result<(Files, Rulebook), Failure> {
    if let Some(directory) = asked.map(Path::new).filter(|path| path.is_dir()) {
        return rulebooks::usable(directory);
    }
    let mut reader = reading.store.read().await?;
    let version = match asked.filter(|it| *it != ACTIVE) {
        Some(version) => Some(version.to_owned()),
        None => activation::active(reader.conn(), reading.now()).await?,
    };
    let version = version.ok_or_else(|| {
        Failure::usage(
            "没有启用的规则库；请用 --base 指定一个（须有 areas.csv）",
            "no rulebook is active; name one with --base: it says which areas there are",
        )
    })?;
    let archive = document::get(reader.conn(), Kind::Rulebook, &version).await?;
    let files = archive.and_then(|archive| Files::from_bytes(&archive).ok());
    let usable = files.and_then(|files| Some((compile(&files).0?, files)));
    let (rulebook, files) = usable.ok_or_else(|| {
        Failure::usage(
            format!("--base {version} 既不是目录，也不是可用的规则库版本"),
            format!("--base {version} is neither a folder nor a version of a rulebook that can be used"),
        )
    })?;
    Ok((files, rulebook))
}

fn unusable(findings: &[Finding]) -> Failure {
    let [zh, en] = rulebooks::first_error(findings);
    Failure::usage(
        format!("学到的规则库有错误（{zh}），未写出"),
        format!("what was learned is no rulebook ({en}); nothing was written"),
    )
}

fn write(files: &Files, directory: &Path) -> Result<(), Failure> {
    let written = || {
        std::fs::create_dir_all(directory)?;
        files
            .names()
            .try_for_each(|name| std::fs::write(directory.join(name), files.get(name).unwrap_or_default()))
    };
    written().map_err(|error| cannot_write(directory, &error))
}

fn cannot_write(directory: &Path, error: &std::io::Error) -> Failure {
    let directory = directory.display();
    Failure::usage(
        format!("无法写入 {directory}：{error}"),
        format!("{directory} cannot be written: {error}"),
    )
}
