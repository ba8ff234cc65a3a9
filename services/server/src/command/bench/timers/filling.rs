//! A store full of suspended clues, written in bulk: their states and wake-ups as the loop writes them, without any event.

use bihuan_contracts::command::ClueCommand;
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Command, Decision, Env, Envelope, Role, Stage, State, decide, evolve};
use bihuan_domain::id::CommandId;
use bihuan_domain::time::Timestamp;
use bihuan_lifecycle::Aggregate;
use bihuan_store::{At, Connection, Store, bulk, sql};

use super::super::copy::Copy;
use super::super::installed;
use super::super::work::{Step, Work};
use super::Options;
use crate::failure::Failure;

/// Rows that are written at once.
const CHUNK: u64 = 20_000;

pub(super) fn suspend(work: &Work, i: u64, turn: u32, until: Timestamp, now: Timestamp) -> ClueCommand {
    ClueCommand::Clue(Envelope {
        id: CommandId::derive(&i.to_be_bytes(), "bench-suspend", turn),
        clue: work.clue(i),
        causation: None,
        actor: Actor {
            person: Some("3306-0002".to_owned()),
            ..Actor::service(Role::Coordinator)
        },
        expected_version: None,
        occurred_at: None,
        received_at: now,
        command: Command::SuspendClue {
            reason: "litigation".to_owned(),
            approver: "3306-0003".to_owned(),
            until,
        },
        text: None,
    })
}

/// A clue that was reported, assigned and suspended.
fn suspended(work: &Work, now: Timestamp) -> Result<State, Failure> {
    let (_, rulebook) = installed::rulebook()?;
    let env = Env {
        rulebook: &rulebook,
        current: &rulebook,
        number: "330600-20260105-000001",
    };
    let commands = [
        work.report(0, now),
        work.step(0, Step::Assign, now),
        suspend(work, 0, 0, now.plus_days(1), now),
    ];
    let mut state = State::default();
    for asked in commands {
        if let ClueCommand::Clue(envelope) = asked
            && let Decision::Events(occurrences) = decide(&state, &envelope, &env)
        {
            for occurrence in &occurrences {
                evolve(&mut state, occurrence);
            }
        }
    }
    let found = state.clue.as_ref().map(|clue| &clue.stage);
    if matches!(found, Some(Stage::Suspended { .. })) {
        Ok(state)
    } else {
        let detail = format!("{found:?}");
        Err(Failure::usage(
            format!("线索未挂账：{detail}"),
            format!("not suspended: {detail}"),
        ))
    }
}

/// A row of `clue_state` and of `clue_wakeup`.
struct Filled {
    partition: u32,
    clue: sqlx::types::Uuid,
    version: u32,
    state: Vec<u8>,
    due_at: Timestamp,
}

/// States and wake-ups as the loop writes them: the first `due` clues wake at `moment`, the others in the weeks after.
pub(super) async fn fill(
    store: &Store,
    work: &Work,
    options: &Options,
    due: u64,
    moment: Timestamp,
) -> Result<(), Failure> {
    let template = suspended(work, moment.plus_days(-1))?;
    let mut from = 0;
    while from < options.clues {
        let to = (from + CHUNK).min(options.clues);
        let row = |i: u64| {
            let due_at = if i < due {
                moment
            } else {
                moment.plus_days(10).plus_minutes((i % 43_200) as i64)
            };
            let mut state = template.clone();
            let clue = work.clue(i);
            if let Some(known) = &mut state.clue {
                known.id = clue;
                known.source_id = format!("clue-{i}");
                if let Stage::Suspended { suspension, .. } = &mut known.stage {
                    suspension.until = due_at;
                }
            }
            let version = state.version;
            let aggregate = Aggregate {
                state,
                ..Aggregate::default()
            };
            Filled {
                partition: partition_of(clue, options.partitions),
                clue: clue.0,
                version,
                state: aggregate.to_bytes(),
                due_at,
            }
        };
        write(store, &(from..to).map(row).collect::<Vec<_>>()).await?;
        from = to;
    }
    if !store.is_sqlite() {
        // as autovacuum does when so much was written
        statement(store, "VACUUM (ANALYZE) clue_state, clue_wakeup").await?;
        // otherwise the disk is busy with it half a minute later
        if statement(store, "CHECKPOINT").await.is_err() {
            eprintln!("no right to CHECKPOINT: what was filled in is written while others are measured");
        }
    }
    Ok(())
}

async fn write(store: &Store, rows: &[Filled]) -> Result<(), Failure> {
    let mut tx = store.begin().await?;
    match tx.conn() {
        Connection::Postgres(c) => {
            let (mut states, mut wakeups) = (Copy::default(), Copy::default());
            for row in rows {
                states.row(5).int(row.partition as i32).bytes(row.clue.as_bytes());
                states.int(row.version as i32).bigint(0).bytes(&row.state);
                wakeups
                    .row(3)
                    .int(row.partition as i32)
                    .bytes(row.clue.as_bytes());
                wakeups.time(row.due_at);
            }
            let text =
                "COPY clue_state (partition, clue_id, version, sequence, state) FROM STDIN (FORMAT binary)";
            states.send(c, text).await.map_err(bihuan_store::Error::from)?;
            let text = "COPY clue_wakeup (partition, clue_id, due_at) FROM STDIN (FORMAT binary)";
            wakeups.send(c, text).await.map_err(bihuan_store::Error::from)?;
        }
        Connection::Sqlite(c) => {
            for chunk in bulk::chunks(rows) {
                let head = "INSERT INTO clue_state (partition, clue_id, version, sequence, state) VALUES";
                let text = sqlx::AssertSqlSafe(bulk::statement(head, 5, chunk.len(), ""));
                let mut query = sqlx::query(text);
                for row in chunk {
                    query = query
                        .bind(row.partition as i32)
                        .bind(row.clue)
                        .bind(row.version as i32);
                    query = query.bind(0_i64).bind(row.state.clone());
                }
                query.execute(&mut *c).await.map_err(bihuan_store::Error::from)?;
                let head = "INSERT INTO clue_wakeup (partition, clue_id, due_at) VALUES";
                let text = sqlx::AssertSqlSafe(bulk::statement(head, 3, chunk.len(), ""));
                let mut query = sqlx::query(text);
                for row in chunk {
                    query = query
                        .bind(row.partition as i32)
                        .bind(row.clue)
                        .bind(At(row.due_at));
                }
                query.execute(&mut *c).await.map_err(bihuan_store::Error::from)?;
            }
        }
    }
    Ok(tx.commit().await?)
}

async fn statement(store: &Store, text: &'static str) -> Result<(), Failure> {
    let mut reader = store.read().await?;
    sql!(reader.conn(), c => sqlx::raw_sql(text).execute(c).await.map(|_| ()))
        .map_err(bihuan_store::Error::from)?;
    Ok(())
}
