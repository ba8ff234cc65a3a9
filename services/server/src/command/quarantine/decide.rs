//! Replaying and discarding: asked for, and then looked at what became of each record.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use bihuan_domain::clue::{Actor, Role as Capacity};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_store::quarantine::{self, Fate, Quarantined};
use clap::Args;
use serde::Serialize;

use super::show::find;
use super::{asking, settling};
use crate::cli::Common;
use crate::command::mapping;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::{Reading, Session};

/// The most records that one command asks about.
const MOST: i64 = 100_000;

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Records by id
    #[arg(required_unless_present_any = ["reason", "all"], conflicts_with_all = ["reason", "all"])]
    ids: Vec<String>,
    /// All that wait for this reason
    #[arg(long, value_name = "CODE", conflicts_with = "all")]
    reason: Option<String>,
    /// All that wait
    #[arg(long)]
    all: bool,
    /// Read them with this mapping instead of the one that failed
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    who: Who,
}

#[derive(Debug, Args)]
pub(super) struct Discard {
    /// Records by id
    #[arg(required = true)]
    ids: Vec<String>,
    /// Why they are never to be read
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reason: String,
    #[command(flatten)]
    who: Who,
}

#[derive(Debug, Args)]
struct Who {
    /// Your staff reference
    #[arg(long)]
    person: Option<String>,
    /// Seconds to wait until it is done
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

fn said(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("say why")
    } else {
        Ok(text.to_owned())
    }
}

/// What became of a record.
#[derive(Debug, Serialize)]
pub(super) struct Became {
    id: String,
    fate: &'static str,
    /// The clue that it is now.
    pub(super) clue: Option<ClueId>,
    /// Why it could not be read.
    reason: String,
    field: Option<String>,
    /// Only its outline was kept, so that its source must send it again.
    outline: bool,
    /// The record that it was put away as when it was read again.
    pub(super) again: Option<String>,
}

impl Became {
    pub(super) fn of(record: Quarantined) -> Self {
        Self {
            id: record.id.to_string(),
            fate: record.fate.name(),
            clue: None,
            outline: bihuan_intake::is_outline(&record),
            reason: record.reason,
            field: record.field,
            again: None,
        }
    }

    fn is(&self, wanted: &str) -> bool {
        self.fate == wanted && self.again.is_none()
    }
}

fn of_intake(record: &Quarantined) -> bool {
    record.group == bihuan_intake::GROUP
}

impl Replay {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let mapping = self.mapping.as_deref().map(mapping::read).transpose()?;
        let session = Session::open(common).await?;
        let asked = async {
            let records = self.records(&session.reading()).await?;
            if let Some(mapping) = &mapping {
                let mut tx = session.installation.store.begin().await?;
                bihuan_intake::remember(tx.conn(), mapping).await?;
                tx.commit().await?;
            }
            let digest = mapping.as_ref().map(|mapping| mapping.digest().to_owned());
            let now = session.installation.now();
            let actor = self.who.actor();
            let (of_intake, others) = records.into_iter().partition::<Vec<_>, _>(of_intake);
            // nothing can be read of an outline
            let (outlines, readable) = of_intake
                .into_iter()
                .partition::<Vec<_>, _>(bihuan_intake::is_outline);
            let mut became: Vec<Became> = outlines.into_iter().map(Became::of).collect();
            let message =
                |record: &Quarantined| bihuan_intake::replay(record, digest.clone(), actor.clone(), now);
            became.extend(asking::ask(&session, self.who.wait, &readable, message).await?);
            let by = self.who.name();
            became.extend(settling::replay(&session, self.who.wait, &others, &by).await?);
            Ok(became)
        };
        let became = asked.await;
        finish(session, became, "replayed", common).await
    }

    async fn records(&self, reading: &Reading) -> Result<Vec<Quarantined>, Failure> {
        let with_mapping = self.mapping.is_some();
        if !self.ids.is_empty() {
            let records = by_id(reading, &self.ids).await?;
            return match records.iter().find(|it| with_mapping && !of_intake(it)) {
                None => Ok(records),
                Some(Quarantined { id, group, .. }) => Err(Failure::usage(
                    format!("{id} 由 {group} 隔离；映射只用于 intake 隔离的记录"),
                    format!("{id} was put away by {group}; a mapping reads only what intake put away"),
                )),
            };
        }
        let mut reader = reading.store.read().await?;
        let mut records =
            quarantine::list(reader.conn(), Some("waiting"), self.reason.as_deref(), MOST).await?;
        records.retain(|record| of_intake(record) || !with_mapping);
        Ok(records)
    }
}

impl Discard {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open(common).await?;
        let asked = async {
            let records = by_id(&session.reading(), &self.ids).await?;
            let (of_intake, others) = records.into_iter().partition::<Vec<_>, _>(of_intake);
            let (actor, now) = (self.who.actor(), session.installation.now());
            let message = |record: &Quarantined| {
                bihuan_intake::discard(record, self.reason.clone(), actor.clone(), now)
            };
            let mut became = asking::ask(&session, self.who.wait, &of_intake, message).await?;
            let fate = Fate::Discarded {
                at: now,
                by: self.who.name(),
                reason: self.reason.clone(),
            };
            became.extend(settling::discard(&session, &others, &fate).await?);
            Ok(became)
        };
        let became = asked.await;
        finish(session, became, "discarded", common).await
    }
}

/// Every record that has one of the ids, whichever lane holds it; each once.
async fn by_id(reading: &Reading, ids: &[String]) -> Result<Vec<Quarantined>, Failure> {
    let ids: BTreeSet<&String> = ids.iter().collect();
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        records.extend(find(reading, id).await?);
    }
    Ok(records)
}

impl Who {
    fn actor(&self) -> Actor {
        Actor {
            person: self.person.clone(),
            ..Actor::service(Capacity::Operator)
        }
    }

    /// As it stands beside what was decided.
    fn name(&self) -> String {
        self.actor().name().to_owned()
    }
}

/// 0 if every record is now `wanted`, else 1.
async fn finish(
    session: Session,
    became: Result<Vec<Became>, Failure>,
    wanted: &str,
    common: &Common,
) -> Outcome {
    let became = session.end(became).await?;
    let done = became.iter().filter(|record| record.is(wanted)).count();
    if common.is_json() {
        output::json(&serde_json::json!({"asked": became.len(), "done": done, "records": became}))?;
    } else {
        print(&became, done, common)?;
    }
    Ok(if done == became.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn print(became: &[Became], done: usize, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    let header = match lang {
        Lang::Zh => ["标识", "去向", "线索", "原因", "字段"],
        Lang::En => ["id", "fate", "clue", "reason", "field"],
    };
    let rows = became.iter().map(|it| {
        let clue = it.clue.map(|clue| clue.to_string()).unwrap_or_default();
        let field = it.field.clone().unwrap_or_default();
        let mut fate = super::fate(it.fate, lang).to_owned();
        if let Some(again) = &it.again {
            fate = match lang {
                Lang::Zh => format!("{fate}，仍无法读取，另存为 {again}"),
                Lang::En => format!("{fate}, and put away again as {again}"),
            };
        }
        vec![it.id.clone(), fate, clue, it.reason.clone(), field]
    });
    if !became.is_empty() {
        output::line(&Grid::new(header, rows).render(common.format)?)?;
    }
    if became.iter().any(|it| it.outline && it.fate == "waiting") {
        output::line(lang.choose(
            "只保留了结构的记录无法重放（映射声明了个人字段，内容未保存）：请修正源文件后重新导入，或由来源重新发送，再放弃这些记录",
            "records of which only the outline is kept cannot be replayed (their mapping names personal fields, so that the \
             content was not kept): mend the source's file and import it again, or let the source send them again; then \
             discard these",
        ))?;
    }
    output::line(&match lang {
        Lang::Zh => format!("{} 条中完成 {done} 条", became.len()),
        Lang::En => format!("{done} of {} done", became.len()),
    })
}
