//! `bihuan notice`: what the ladder drafted, and a person issues.

use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::command::{Request, from_json};
use bihuan_domain::clue::rejection_words;
use bihuan_domain::code::Rung;
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_lifecycle::api::Outcome as Became;
use bihuan_monitor::listing::Reading as Words;
use bihuan_monitor::notices::{self, Asked, Bundle, Notices};
use bihuan_monitor::words;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::{Reading, Session};
use crate::submit;

#[derive(Debug, Args)]
pub(crate) struct Notice {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Drafts that wait for a person, bundled by agency, step of the ladder and day
    List(List),
    /// Issue a notice: each of its clues, in your name
    Issue(Issue),
}

#[derive(Debug, Args)]
struct List {
    /// Whom they are about
    #[arg(long)]
    agency: Option<String>,
    /// Those about a desk
    #[arg(long, conflicts_with = "agency")]
    desk: bool,
    /// A step of the ladder, such as overdue_notice
    #[arg(long, value_parser = rung)]
    rung: Option<String>,
    /// Civil day of the draft, in the rulebook's zone (2026-04-01)
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// Those that were issued
    #[arg(long)]
    issued: bool,
}

#[derive(Debug, Args)]
struct Issue {
    /// Whom it is about
    #[arg(long, required_unless_present = "desk")]
    agency: Option<String>,
    /// It is about a desk
    #[arg(long, conflicts_with = "agency")]
    desk: bool,
    /// A step of the ladder, such as overdue_notice
    #[arg(long, value_parser = rung)]
    rung: String,
    /// Civil day of the draft, in the rulebook's zone (2026-04-01)
    #[arg(long, value_name = "DATE")]
    day: Date,
    /// Your staff reference: who issues it
    #[arg(long)]
    person: String,
    /// In words
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
    /// Seconds to wait for each outcome
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
}

/// What became of one clue of a notice.
#[derive(Debug, Serialize)]
struct Answer {
    id: ClueId,
    number: String,
    issued: bool,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip)]
    words: Option<(&'static str, &'static str)>,
}

fn rung(text: &str) -> Result<String, String> {
    let rung = Rung::new(text).map_err(|error| error.to_string())?;
    Ok(rung.to_string())
}

/// An agency, or, where a desk is meant, nobody's.
fn about(agency: Option<String>, desk: bool) -> Option<String> {
    agency.or_else(|| desk.then(String::new))
}

impl Notice {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::List(list) => list.run(common).await,
            Action::Issue(issue) => {
                let session = Session::open(common).await?;
                let done = issue.run(&session, common).await;
                session.end(done).await
            }
        }
    }
}

async fn found(reading: &Reading, asked: &Asked, lang: Lang) -> Result<Notices, Failure> {
    let rulebook = reading.rulebook().await?;
    let words = Words {
        rulebook: rulebook.rulebook(),
        lang,
        now: reading.now(),
    };
    Ok(notices::list(&reading.store, asked, words).await?)
}

impl List {
    async fn run(self, common: &Common) -> Outcome {
        let (reading, lang) = (Reading::open(common).await?, common.lang());
        let asked = Asked {
            issued: self.issued,
            agency: about(self.agency, self.desk),
            rung: self.rung,
            day: self.day,
        };
        let found = found(&reading, &asked, lang).await?;
        if common.is_json() {
            output::json(&found)?;
            return Ok(ExitCode::SUCCESS);
        }
        output::line(
            &rows(&found.notices, &reading, lang)
                .await?
                .render(common.format)?,
        )?;
        if found.left_out > 0 {
            output::line(&match lang {
                Lang::Zh => format!(
                    "另有 {} 条未列出；用 --agency、--rung、--day 缩小范围",
                    found.left_out
                ),
                Lang::En => format!(
                    "{} more; narrow it down with --agency, --rung, --day",
                    found.left_out
                ),
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A row each clue, so that no notice is longer than its row.
async fn rows(bundles: &[Bundle], reading: &Reading, lang: Lang) -> Result<Grid, Failure> {
    let rulebook = reading.rulebook().await?;
    let words = words::Words {
        lang,
        rulebook: rulebook.rulebook(),
    };
    let header = match lang {
        Lang::Zh => ["拟稿日", "单位", "阶梯", "代码", "线索", "期限", "超期", "签发"],
        Lang::En => [
            "day",
            "agency",
            "step",
            "rung",
            "clue",
            "deadline",
            "overdue for",
            "issued",
        ],
    };
    let time = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |at| words.time(at));
    let rows = bundles.iter().flat_map(|bundle| {
        bundle.clues.iter().map(move |clue| {
            vec![
                bundle.key.day.to_string(),
                bundle
                    .key
                    .agency
                    .clone()
                    .unwrap_or_else(|| bundle.agency_name.clone()),
                bundle.rung_words.clone(),
                bundle.key.rung.clone(),
                clue.number.clone(),
                time(&clue.due_at),
                words.length(clue.overdue_seconds),
                clue.issued_at.as_deref().map_or_else(|| "—".to_owned(), time),
            ]
        })
    });
    Ok(Grid::new(header, rows))
}

impl Issue {
    async fn run(self, session: &Session, common: &Common) -> Outcome {
        let (reading, lang) = (session.reading(), common.lang());
        let asked = Asked {
            issued: false,
            agency: about(self.agency.clone(), self.desk),
            rung: Some(self.rung.clone()),
            day: Some(self.day),
        };
        let found = found(&reading, &asked, lang).await?;
        let left_out = found.left_out;
        let clues = found.notices.into_iter().flat_map(|bundle| bundle.clues);
        let mut all = Vec::new();
        for clue in clues {
            let request = self.request(clue.id)?;
            let (_, became) = submit::submit(session, request, Duration::from_secs(self.wait)).await?;
            let refused = match &became {
                Became::Done(_) => None,
                Became::Rejected { rejection, .. } => Some(rejection.code.clone()),
            };
            all.push(Answer {
                id: clue.id,
                number: clue.number,
                issued: refused.is_none(),
                words: refused.as_deref().map(rejection_words),
                code: refused,
            });
        }
        let issued = all.iter().filter(|it| it.issued).count();
        let refused = all.len() - issued;
        if common.is_json() {
            output::json(&json!({"issued": issued, "refused": refused, "left_out": left_out, "clues": all}))?;
        } else {
            print(&all, issued, refused, lang)?;
        }
        // nothing to issue is no answer either
        if left_out > 0 && !common.is_json() {
            let (zh, en) = ("还有未签发的，请再次运行本命令", "more are left: run this again");
            output::line(lang.choose(zh, en))?;
        }
        let done = refused == 0 && issued > 0 && left_out == 0;
        Ok(if done {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    fn request(&self, clue: ClueId) -> Result<Request, Failure> {
        let mut asked = json!({
            "type": "issue_notice",
            "rung": self.rung,
            "actor": {"role": "operator", "person": self.person},
        });
        if let Some(remark) = &self.remark {
            asked["remark"] = remark.as_str().into();
        }
        from_json(clue, &asked).map_err(|error| {
            let field = error.field.clone().unwrap_or_default();
            Failure::usage(format!("参数 {field} 有误：{error}"), format!("{field}: {error}"))
        })
    }
}

fn print(all: &[Answer], issued: usize, refused: usize, lang: Lang) -> Result<(), Failure> {
    for it in all {
        let words = match (it.words, &it.code) {
            (Some((zh, en)), Some(code)) => {
                format!(
                    "{} ({code}): {}",
                    lang.choose("被拒绝", "refused"),
                    lang.choose(zh, en)
                )
            }
            _ => lang.choose("已签发", "issued").to_owned(),
        };
        output::line(&format!("{}  {words}", it.number))?;
    }
    output::line(&match lang {
        Lang::Zh if all.is_empty() => "没有这样的待签发通知".to_owned(),
        Lang::En if all.is_empty() => "no such notice waits".to_owned(),
        Lang::Zh => format!("签发 {issued}，拒绝 {refused}"),
        Lang::En => format!("issued {issued}, refused {refused}"),
    })
}
