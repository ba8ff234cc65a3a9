//! `bihuan parked`: feedback that waits for its clue, and what of it is given up.

use std::process::ExitCode;

use bihuan_contracts::command::{self, ClueCommand, DiscardParked};
use bihuan_contracts::{partition_of, topics};
use bihuan_domain::clue::{Actor, Role as Capacity};
use bihuan_domain::id::CommandId;
use bihuan_domain::lang::Lang;
use bihuan_lifecycle::api::Ticket;
use bihuan_lifecycle::parked::{self, Waiting};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::barrier;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::services::Role;
use crate::session::{Reading, Session};

#[derive(Debug, Args)]
pub(crate) struct Parked {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say how much waits, and show the oldest
    List,
    /// Give up what waits for a clue that never comes; the journal says who did and why
    Discard(Discard),
}

#[derive(Debug, Args)]
struct Discard {
    /// Commands by id, as the list shows them
    #[arg(required = true)]
    ids: Vec<String>,
    /// Why they are given up
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reason: String,
    /// Your staff reference
    #[arg(long)]
    person: Option<String>,
    /// Seconds to wait until it is written down
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

/// What became of a command that was to be given up.
#[derive(Debug, Serialize)]
struct Discarded {
    id: String,
    discarded: bool,
}

fn said(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("say why")
    } else {
        Ok(text.to_owned())
    }
}

impl Parked {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::List => list(common).await,
            Action::Discard(discard) => discard.run(common).await,
        }
    }
}

async fn list(common: &Common) -> Outcome {
    let reading = Reading::open(common).await?;
    let waiting = parked::waiting(&reading.store, reading.now()).await?;
    if common.is_json() {
        output::json(&waiting)?;
    } else {
        print(&waiting, common)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(waiting: &Waiting, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    let (total, old) = (waiting.total, waiting.older_than_a_day);
    output::line(&match lang {
        Lang::Zh => format!("待线索的反馈 {total} 条，其中超过一天 {old} 条"),
        Lang::En => format!("{total} commands wait for their clues, {old} of them for more than a day"),
    })?;
    let header = match lang {
        Lang::Zh => ["标识", "操作", "单位", "来源", "收到"],
        Lang::En => ["id", "type", "agency", "source", "since"],
    };
    let rows = waiting.oldest.iter().map(|it| {
        vec![
            it.command_id.clone(),
            it.kind.to_owned(),
            it.agency.clone().unwrap_or_default(),
            it.source.clone().unwrap_or_default(),
            it.parked_at.clone(),
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)
}

impl Discard {
    async fn run(self, common: &Common) -> Outcome {
        let waits = self.ids.iter().map(|id| id.parse().map_err(|_| unknown(id)));
        let waits: Vec<Ticket> = waits.collect::<Result<_, _>>()?;
        let session = Session::open(common).await?;
        let asked = self.ask(&session, &waits).await;
        let became = session.end(asked).await?;
        let all = became.iter().all(|it| it.discarded);
        if common.is_json() {
            output::json(&became)?;
        } else {
            let lang = common.lang();
            for it in &became {
                let word = if it.discarded {
                    lang.choose("已放弃", "discarded")
                } else {
                    lang.choose("仍在等待", "still waits")
                };
                output::line(&format!("{} {word}", it.id))?;
            }
        }
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    async fn ask(&self, session: &Session, waits: &[Ticket]) -> Result<Vec<Discarded>, Failure> {
        let installation = &session.installation;
        let partition = |it: &Ticket| partition_of(it.clue, installation.config.partitions);
        let mut messages = Vec::with_capacity(waits.len());
        for it in waits {
            if !still_waits(session, it, partition(it)).await? {
                return Err(unknown(&it.to_string()));
            }
            let cause = it.to_string();
            let discard = ClueCommand::DiscardParked(DiscardParked {
                id: CommandId::derive(cause.as_bytes(), "discard", 0),
                clue: it.clue,
                parked: it.command,
                reason: self.reason.clone(),
                actor: Actor {
                    person: self.person.clone(),
                    ..Actor::service(Capacity::Operator)
                },
                received_at: installation.now(),
            });
            messages.push(command::message(&discard, partition(it), "operator"));
        }
        installation.log.publish(messages).await?;
        barrier::reached_within(session, self.wait, Role::Lifecycle, topics::CLUE_COMMANDS).await?;
        let mut became = Vec::with_capacity(waits.len());
        for it in waits {
            became.push(Discarded {
                id: it.to_string(),
                discarded: !still_waits(session, it, partition(it)).await?,
            });
        }
        Ok(became)
    }
}

async fn still_waits(session: &Session, it: &Ticket, partition: u32) -> Result<bool, Failure> {
    let mut reader = session.installation.store.read().await?;
    Ok(parked::holds(reader.conn(), partition, it.clue, it.command).await?)
}

fn unknown(id: &str) -> Failure {
    Failure::usage(
        format!("没有标识为 {id} 的待线索反馈"),
        format!("nothing of the id {id} waits for its clue"),
    )
}
