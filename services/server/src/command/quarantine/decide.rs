//! Replaying and discarding: asked of intake through the log, and then looked at what became of each record.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::intake::{self, IntakeEvent};
use bihuan_contracts::{Message, topics};
use bihuan_domain::clue::{Actor, Role as Capacity};
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_domain::lang::Lang;
use bihuan_store::journal::{self, Journal};
use bihuan_store::quarantine::{self, Fate, Quarantined};
use clap::Args;
use serde::Serialize;

use super::show::find;
use crate::barrier;
use crate::cli::Common;
use crate::command::mapping;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::services::Role;
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
struct Became {
    id: String,
    fate: &'static str,
    /// The clue that it is now.
    clue: Option<ClueId>,
    /// Why it could not be read.
    reason: String,
    field: Option<String>,
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
            let message =
                |record: &Quarantined| bihuan_intake::replay(record, digest.clone(), self.who.actor(), now);
            self.who.ask(&session, &records, message).await
        };
        let became = asked.await;
        finish(session, became, "replayed", common).await
    }

    async fn records(&self, reading: &Reading) -> Result<Vec<Quarantined>, Failure> {
        if !self.ids.is_empty() {
            return by_id(reading, &self.ids).await;
        }
        let mut reader = reading.store.read().await?;
        let mut records =
            quarantine::list(reader.conn(), Some("waiting"), self.reason.as_deref(), MOST).await?;
        records.retain(|record| record.group == bihuan_intake::GROUP);
        Ok(records)
    }
}

impl Discard {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let session = Session::open(common).await?;
        let asked = async {
            let records = by_id(&session.reading(), &self.ids).await?;
            let now = session.installation.now();
            let message = |record: &Quarantined| {
                bihuan_intake::discard(record, self.reason.clone(), self.who.actor(), now)
            };
            self.who.ask(&session, &records, message).await
        };
        let became = asked.await;
        finish(session, became, "discarded", common).await
    }
}

async fn by_id(reading: &Reading, ids: &[String]) -> Result<Vec<Quarantined>, Failure> {
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let record = find(reading, id).await?;
        if record.group != bihuan_intake::GROUP {
            let group = &record.group;
            return Err(Failure::usage(
                format!("{id} 由 {group} 隔离；只有 intake 隔离的记录可以重放或放弃"),
                format!("{id} was put away by {group}; only what intake put away is replayed or discarded"),
            ));
        }
        records.push(record);
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

    /// Sends a message for each record that waits, and says what became of all of them.
    async fn ask(
        &self,
        session: &Session,
        records: &[Quarantined],
        message: impl Fn(&Quarantined) -> Message,
    ) -> Result<Vec<Became>, Failure> {
        let installation = &session.installation;
        let before = journal::ends(installation.store.read().await?.conn(), Journal::Intake).await?;
        let waiting = records.iter().filter(|record| record.fate == Fate::Waiting);
        installation.log.publish(waiting.map(message).collect()).await?;
        let read = barrier::reached(
            installation,
            session.services(),
            Role::Intake,
            topics::CLUE_INBOUND,
        );
        tokio::time::timeout(Duration::from_secs(self.wait), read)
            .await
            .map_err(|_| unanswered(self.wait))??;
        let clues = replayed(session, before).await?;
        let mut reader = installation.store.read().await?;
        let mut became = Vec::with_capacity(records.len());
        for record in records {
            let record = quarantine::get(reader.conn(), record.id)
                .await?
                .unwrap_or_else(|| record.clone());
            became.push(Became {
                id: record.id.to_string(),
                fate: record.fate.name(),
                clue: clues.get(&record.id).copied(),
                reason: record.reason,
                field: record.field,
            });
        }
        Ok(became)
    }
}

fn unanswered(seconds: u64) -> Failure {
    Failure::unreachable(
        format!("已提交，但 {seconds} 秒内未处理完；bihuan serve 是否在运行？"),
        format!(
            "it is on the log, but intake did not get to it within {seconds} s; is bihuan serve running?"
        ),
    )
}

/// The clues that records have become since intake's journal ended at `before`.
async fn replayed(session: &Session, before: Vec<(u32, i64)>) -> Result<BTreeMap<RecordId, ClueId>, Failure> {
    let before: BTreeMap<u32, i64> = before.into_iter().collect();
    let mut reader = session.installation.store.snapshot().await?;
    let mut clues = BTreeMap::new();
    for (partition, end) in journal::ends(reader.conn(), Journal::Intake).await? {
        let from = before.get(&partition).copied().unwrap_or(0);
        for entry in journal::after(reader.conn(), Journal::Intake, partition, from, end - from).await? {
            if let Ok(IntakeEvent::QuarantineReplayed { id, clue, .. }) = intake::decode(&entry.payload) {
                clues.insert(id, clue);
            }
        }
    }
    Ok(clues)
}

/// 0 if every record is now `wanted`, else 1.
async fn finish(
    session: Session,
    became: Result<Vec<Became>, Failure>,
    wanted: &str,
    common: &Common,
) -> Outcome {
    let became = session.end(became).await?;
    let done = became.iter().filter(|record| record.fate == wanted).count();
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
        vec![
            it.id.clone(),
            super::fate(it.fate, lang).to_owned(),
            clue,
            it.reason.clone(),
            field,
        ]
    });
    if !became.is_empty() {
        output::line(&Grid::new(header, rows).render(common.format)?)?;
    }
    output::line(&match lang {
        Lang::Zh => format!("{} 条中完成 {done} 条", became.len()),
        Lang::En => format!("{done} of {} done", became.len()),
    })
}
