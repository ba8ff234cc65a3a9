//! `bihuan notice`: what the ladder drafted, and a person issues or discards; and of what desks were reminded.

mod told;

use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::command::{Request, from_json};
use bihuan_domain::clue::rejection_words;
use bihuan_domain::code::Rung;
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_lifecycle::api::Outcome as Became;
use bihuan_monitor::listing::Reading as Words;
use bihuan_monitor::notices::{self, Asked, Bundle, Fate, NoticeClue, Notices};
use bihuan_monitor::words;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::{Value, json};

use self::told::{Answer, DISCARDED, ISSUED, told};
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
    /// Drafts that wait for a person and reminders that wait for a desk, bundled by agency, step of the ladder and day
    List(List),
    /// Issue a notice: each of its clues, in your name
    Issue(Issue),
    /// Decide that a notice is not issued: each of its clues, in your name and for a reason
    Discard(Discard),
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
    /// Those of which a person decided that they are not issued
    #[arg(long, conflicts_with = "issued")]
    discarded: bool,
}

#[derive(Debug, Args)]
struct Issue {
    #[command(flatten)]
    which: Which,
    /// In words
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
    /// Also those whose clue is closed, voided or rejected meanwhile
    #[arg(long)]
    although_ended: bool,
}

#[derive(Debug, Args)]
struct Discard {
    #[command(flatten)]
    which: Which,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Only those whose clue is closed, voided or rejected meanwhile
    #[arg(long)]
    only_ended: bool,
}

/// Which notice, and who decides about it.
#[derive(Debug, Args)]
struct Which {
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
    /// Your staff reference: who decides
    #[arg(long)]
    person: String,
    /// Seconds to wait for each outcome
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
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
            Action::Discard(discard) => {
                let session = Session::open(common).await?;
                let done = discard.run(&session, common).await;
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
            fate: Fate::of(self.issued, self.discarded),
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
        Lang::Zh => ["拟稿日", "单位", "阶梯", "代码", "线索", "期限", "超期", "状态"],
        Lang::En => [
            "day",
            "agency",
            "step",
            "rung",
            "clue",
            "deadline",
            "overdue for",
            "state",
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
                if clue.overdue_seconds < 0 {
                    "—".to_owned()
                } else {
                    words.length(clue.overdue_seconds)
                },
                state(bundle, clue, words),
            ]
        })
    });
    Ok(Grid::new(header, rows))
}

/// What became of the draft, and of its clue where that says something about it.
fn state(bundle: &Bundle, clue: &NoticeClue, words: words::Words<'_>) -> String {
    let lang = words.lang;
    let time = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |at| words.time(at));
    match (&clue.issued_at, &clue.discarded_at) {
        (Some(at), _) => format!("{} {}", lang.choose("已签发", "issued"), time(at)),
        (None, Some(at)) => format!("{} {}", lang.choose("已弃用", "discarded"), time(at)),
        (None, None) if clue.left_over => {
            let waits = lang.choose("待签发，但线索", "to be issued, but the clue is:");
            format!("{waits}{}{}", lang.choose("", " "), clue.stage_words)
        }
        (None, None) if bundle.is_drafted() => lang.choose("待签发", "to be issued").to_owned(),
        (None, None) => lang.choose("已提醒岗位，待办", "desk reminded").to_owned(),
    }
}

impl Which {
    /// The clues of the notice about which nobody has decided. A reminder is no notice.
    async fn clues(&self, session: &Session, lang: Lang) -> Result<(Vec<NoticeClue>, u64), Failure> {
        let asked = Asked {
            fate: Fate::Open,
            agency: about(self.agency.clone(), self.desk),
            rung: Some(self.rung.clone()),
            day: Some(self.day),
        };
        let found = found(&session.reading(), &asked, lang).await?;
        let bundles = found.notices.into_iter().filter(Bundle::is_drafted);
        Ok((bundles.flat_map(|bundle| bundle.clues).collect(), found.left_out))
    }

    /// Asks the same of each clue, one after the other.
    async fn each(
        &self,
        session: &Session,
        clues: Vec<NoticeClue>,
        asked: &Value,
    ) -> Result<Vec<Answer>, Failure> {
        let mut all = Vec::new();
        for clue in clues {
            let request = self.request(clue.id, asked)?;
            let (_, became) = submit::submit(session, request, Duration::from_secs(self.wait)).await?;
            let refused = match &became {
                Became::Done(_) => None,
                Became::Rejected { rejection, .. } => Some(rejection.code.clone()),
            };
            all.push(Answer {
                id: clue.id,
                number: clue.number,
                done: refused.is_none(),
                words: refused.as_deref().map(rejection_words),
                code: refused,
            });
        }
        Ok(all)
    }

    fn request(&self, clue: ClueId, asked: &Value) -> Result<Request, Failure> {
        let mut asked = asked.clone();
        asked["rung"] = self.rung.as_str().into();
        asked["actor"] = json!({"role": "operator", "person": self.person});
        from_json(clue, &asked).map_err(|error| {
            let field = error.field.clone().unwrap_or_default();
            Failure::usage(format!("参数 {field} 有误：{error}"), format!("{field}: {error}"))
        })
    }
}

impl Issue {
    async fn run(self, session: &Session, common: &Common) -> Outcome {
        let (clues, left_out) = self.which.clues(session, common.lang()).await?;
        let mut asked = json!({"type": "issue_notice", "ended": self.although_ended});
        if let Some(remark) = &self.remark {
            asked["remark"] = remark.as_str().into();
        }
        let all = self.which.each(session, clues, &asked).await?;
        told(&all, left_out, &ISSUED, common)
    }
}

impl Discard {
    async fn run(self, session: &Session, common: &Common) -> Outcome {
        let (mut clues, left_out) = self.which.clues(session, common.lang()).await?;
        clues.retain(|clue| clue.left_over || !self.only_ended);
        let asked = json!({"type": "discard_notice", "reason": self.reason});
        let all = self.which.each(session, clues, &asked).await?;
        told(&all, left_out, &DISCARDED, common)
    }
}
