//! `bihuan dispute precedent`: the duty that a dispute proposes, against a rulebook and the clues of the past. A person takes it over:
//! the row is written on request alone, and holds once the rulebook was activated.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bihuan_domain::dispute::{Conflict, Precedent};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{DUTY_COLUMNS, Rulebook};
use bihuan_monitor::words::Words;
use bihuan_rulebook::{Files, with_duty};
use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use super::example::{Tried, tried};
use super::named;
use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::rulebooks;
use crate::session::Reading;

const FILE: &str = "duties.csv";
/// Clues that are printed for people; JSON has more.
const PRINTED: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The dispute's id
    id: String,
    /// The rulebook directory that it is for (default: the active rulebook, to look at)
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// First day on which it holds no more
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Add the row to the directory's duties.csv
    #[arg(long, requires = "rulebook")]
    write: bool,
}

/// The rulebook that the row is for, with the row in it.
struct Target {
    rulebook: Arc<Rulebook>,
    /// The line that the row has there, or would have.
    line: u32,
    header: String,
    row: String,
    /// What is added to the file; `None`: there is no directory.
    added: Option<(PathBuf, Vec<u8>)>,
}

impl Options {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let (reading, lang) = (Reading::open(common).await?, common.lang());
        let dispute = named::find(&reading, &self.id, common.lang()).await?.dispute;
        let (files, rulebook) = match &self.rulebook {
            Some(directory) => {
                let (files, rulebook) = rulebooks::usable(directory)?;
                (Some((directory.as_path(), files)), Arc::new(rulebook))
            }
            None => (None, reading.rulebook().await?.rulebook().clone()),
        };
        let Some(mut precedent) = Precedent::of(&dispute, &rulebook) else {
            return none(common);
        };
        precedent.to = self.to;
        if self.to.is_some_and(|to| to <= precedent.from) {
            return Err(ends_before(&precedent));
        }
        let target = Target::of(&precedent, rulebook, files)?;
        let there = precedent.is_in(&target.rulebook).map(|it| it.line);
        let conflicts = precedent.conflicts(&target.rulebook);
        let line = there.unwrap_or(target.line);
        let tried = tried(&reading.store, &target.rulebook, &precedent, line).await?;
        let is_written = self.write && there.is_none();
        if is_written {
            target.write()?;
        }
        if common.is_json() {
            output::json(&json!({
                "dispute": dispute.id,
                "clue": dispute.opening.clue,
                "by": precedent.by,
                "basis": precedent.basis,
                "rulebook": target.rulebook.version.to_string(),
                "header": target.header,
                "row": target.row,
                "line": line,
                "there": there,
                "conflicts": conflicts.iter().map(|it| json!({
                    "line": it.line, "agency": it.agency.as_str(), "rival": it.rival,
                })).collect::<Vec<_>>(),
                "backtest": tried,
                "written": is_written,
            }))?;
        } else {
            let words = Words {
                lang,
                rulebook: &target.rulebook,
            };
            target.print(&precedent, there, &conflicts, words, common.format)?;
            print_tried(&tried, words, common.format)?;
        }
        if self.write {
            self.tell(there, lang)?;
        }
        Ok(if self.write && there.is_some() {
            ExitCode::from(1)
        } else {
            ExitCode::SUCCESS
        })
    }

    /// What was written, and what is to follow.
    fn tell(&self, there: Option<u32>, lang: Lang) -> Result<(), Failure> {
        let Some(directory) = &self.rulebook else {
            return Ok(());
        };
        let shown = directory.display();
        if let Some(line) = there {
            eprintln!(
                "{}",
                match lang {
                    Lang::Zh => format!("未写入：{FILE} 第 {line} 行已有此规则"),
                    Lang::En => format!("not written: line {line} of {FILE} says so already"),
                }
            );
            return Ok(());
        }
        let checked = rulebooks::check(directory)?;
        let errors = checked.findings.iter().filter(|it| it.is_error()).count();
        eprintln!(
            "{}",
            match (lang, errors) {
                (Lang::Zh, 0) => format!(
                    "已写入 {shown}/{FILE}，尚未启用。请运行 bihuan rulebook check {shown}，再运行 bihuan rulebook activate {shown}"
                ),
                (Lang::En, 0) => format!(
                    "written to {shown}/{FILE}, not in force. Run bihuan rulebook check {shown}, then bihuan rulebook activate {shown}"
                ),
                (Lang::Zh, _) => format!(
                    "已写入 {shown}/{FILE}，但规则库现有 {errors} 处错误，须先修改。请运行 bihuan rulebook check {shown}"
                ),
                (Lang::En, _) => format!(
                    "written to {shown}/{FILE}; the rulebook has errors now ({errors}) that must be mended first. Run bihuan rulebook check {shown}"
                ),
            }
        );
        Ok(())
    }
}

impl Target {
    fn of(
        precedent: &Precedent,
        rulebook: Arc<Rulebook>,
        files: Option<(&Path, Files)>,
    ) -> Result<Self, Failure> {
        let Some((directory, files)) = files else {
            let last = rulebook.duties.iter().map(|it| it.line).max().unwrap_or(1);
            return Ok(Self {
                rulebook,
                line: last + 1,
                header: DUTY_COLUMNS.to_owned(),
                row: precedent.row(),
                added: None,
            });
        };
        let cells = precedent.cells();
        let cells: Vec<_> = cells.iter().map(|(name, cell)| (*name, cell.as_str())).collect();
        let (with, line) = with_duty(&files, &cells).map_err(|lacking| {
            let (directory, columns) = (directory.display(), lacking.0.join(", "));
            Failure::usage(
                format!("{directory}/{FILE} 缺少列 {columns}；请先补上这些列"),
                format!("{directory}/{FILE} has no column {columns}; add it first"),
            )
        })?;
        let (old, new) = (
            files.get(FILE).unwrap_or_default(),
            with.get(FILE).unwrap_or_default(),
        );
        let text = String::from_utf8_lossy(new);
        let text = text.trim_start_matches('\u{feff}');
        Ok(Self {
            rulebook,
            line,
            header: text.lines().next().unwrap_or_default().to_owned(),
            row: text.lines().next_back().unwrap_or_default().to_owned(),
            added: Some((directory.join(FILE), new[old.len()..].to_vec())),
        })
    }

    /// At the end of the file; nothing that is there is touched.
    fn write(&self) -> Result<(), Failure> {
        let Some((path, bytes)) = &self.added else {
            return Ok(());
        };
        let opened = OpenOptions::new().append(true).open(path);
        opened
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|error| {
                let path = path.display();
                Failure::usage(
                    format!("无法写入 {path}：{error}"),
                    format!("{path} cannot be written: {error}"),
                )
            })
    }

    fn print(
        &self,
        precedent: &Precedent,
        there: Option<u32>,
        conflicts: &[Conflict],
        words: Words<'_>,
        format: Format,
    ) -> Result<(), Failure> {
        let lang = words.lang;
        let say = |zh, en| lang.choose(zh, en);
        let state = match (there, lang) {
            (Some(line), Lang::Zh) => format!("已有，第 {line} 行"),
            (Some(line), Lang::En) => format!("there already, line {line}"),
            (None, _) => say("未采纳", "not taken over").to_owned(),
        };
        let rows = [
            (say("争议", "dispute"), precedent.provenance.to_string()),
            (say("事项", "matter"), words.matter(&precedent.matter)),
            (say("区域", "area"), words.area(&precedent.area)),
            (say("主管单位", "agency"), words.agency(&precedent.agency)),
            (say("依据", "basis"), precedent.basis.clone()),
            (say("规则库", "rulebook"), self.rulebook.version.to_string()),
            (say("状态", "state"), state),
        ];
        output::details(format, say("先例", "precedent"), rows)?;
        if there.is_none() {
            output::line(&format!("\n{FILE}:{}", self.line))?;
            output::line(&format!("  {}", self.header))?;
            output::line(&format!("+ {}", self.row))?;
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        let header = match lang {
            Lang::Zh => ["行", "单位", "并存时"],
            Lang::En => ["line", "agency", "beside the precedent"],
        };
        let rows = conflicts.iter().map(|it| {
            vec![
                it.line.to_string(),
                words.agency(&it.agency),
                words.rival(it.rival).to_owned(),
            ]
        });
        output::line(say("\n与之矛盾的规则行：", "\nRows that it would contradict:"))?;
        output::line(&Grid::new(header, rows).render(format)?)
    }
}

fn print_tried(tried: &Tried, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let lang = words.lang;
    let say = |zh, en| lang.choose(zh, en);
    output::line(say(
        "\n回测（假定该行一直有效）：",
        "\nBack-test, as if the row had always held:",
    ))?;
    let rows = [
        (say("重新分派的线索", "clues routed again"), tried.clues),
        (say("由该行决定", "decided by the row"), tried.decided),
        (say("分派改变", "would go elsewhere"), tried.otherwise),
        (say("其中未办结", "of these open"), tried.open),
        (
            say("由该单位办结（改后正确）", "closed by that agency"),
            tried.right,
        ),
        (say("由其他单位办结", "closed by another one"), tried.wrong),
    ];
    let rows = rows.map(|(name, count)| (name, count.to_string()));
    output::details(format, say("回测", "back-test"), rows)?;
    if tried.examples.is_empty() {
        return Ok(());
    }
    let header = match lang {
        Lang::Zh => ["编号", "原单位", "改为", "办结单位"],
        Lang::En => ["number", "from", "to", "closed by"],
    };
    let agency = |it: &Option<_>, nobody: &str| {
        it.as_ref()
            .map_or_else(|| nobody.to_owned(), |it| words.agency(it))
    };
    let triage = say("人工分派", "triage");
    let rows = tried.examples.iter().take(PRINTED).map(|it| {
        vec![
            it.number.clone(),
            agency(&it.from, triage),
            agency(&it.to, triage),
            agency(&it.closed_by, "—"),
        ]
    });
    output::line(&Grid::new(header, rows).render(format)?)
}

/// The dispute teaches nothing: the answer is "no".
fn none(common: &Common) -> Outcome {
    if common.is_json() {
        output::json(&json!({"row": null}))?;
    } else {
        output::line(common.lang().choose(
            "没有先例：争议尚未协商一致，或尚无生效的裁定（仍可申请复核），或事项、区域不明",
            "no precedent: the dispute is not settled, no ruling binds yet (it can be appealed), or its matter or area is not known",
        ))?;
    }
    Ok(ExitCode::from(1))
}

fn ends_before(precedent: &Precedent) -> Failure {
    let from = precedent.from;
    Failure::usage(
        format!("--to 须晚于 {from}，即裁定或协商一致之日"),
        format!("--to must be later than {from}, the day of the ruling or agreement"),
    )
}
