//! The SQL of `clue_wakeup`.

use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Result, bulk, sql};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use uuid::Uuid;

/// What the row of a clue is to say; `None`: there is to be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WakeupRow {
    pub(crate) partition: u32,
    pub(crate) clue: ClueId,
    pub(crate) due_at: Option<Timestamp>,
}

/// Rows of a partition that are asked for: behind `after`, up to `until`.
pub(crate) struct Ask {
    pub(crate) partition: u32,
    pub(crate) after: (Timestamp, ClueId),
    pub(crate) until: Timestamp,
    pub(crate) most: i64,
}

/// What is due of a partition, in order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) due: Vec<(Timestamp, ClueId)>,
    /// Where those clues stand, by the rows of their states.
    pub(crate) states: Vec<Kept>,
    /// When the first row is due that is not yet.
    pub(crate) later: Option<Timestamp>,
}

/// A clue's row of `clue_state`, as it lies there: with its sequence and its bytes.
pub(crate) type Kept = (ClueId, i64, Vec<u8>);

type Set = (u32, ClueId, Timestamp);
type Gone = (u32, ClueId);

/// The rows whose clue wakes, and those whose clue does not any more.
pub(crate) fn sorted(rows: &[WakeupRow]) -> (Vec<Set>, Vec<Gone>) {
    let (mut set, mut gone) = (Vec::new(), Vec::new());
    for row in rows {
        match row.due_at {
            Some(due) => set.push((row.partition, row.clue, due)),
            None => gone.push((row.partition, row.clue)),
        }
    }
    (set, gone)
}

pub(crate) async fn write_sqlite(c: &mut SqliteConnection, rows: &[WakeupRow]) -> Result<()> {
    let (set, gone) = sorted(rows);
    for chunk in bulk::chunks(&set) {
        let text = bulk::statement(
            "INSERT INTO clue_wakeup (partition, clue_id, due_at) VALUES",
            3,
            chunk.len(),
            "ON CONFLICT (partition, clue_id) DO UPDATE SET due_at = excluded.due_at",
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (partition, clue, due) in chunk {
            query = query.bind(*partition as i32).bind(clue.0).bind(At(*due));
        }
        query.execute(&mut *c).await?;
    }
    for chunk in bulk::chunks(&gone) {
        let head = "DELETE FROM clue_wakeup WHERE (partition, clue_id) IN (VALUES";
        let text = bulk::statement(head, 2, chunk.len(), ")");
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (partition, clue) in chunk {
            query = query.bind(*partition as i32).bind(clue.0);
        }
        query.execute(&mut *c).await?;
    }
    Ok(())
}

/// How many clues of all partitions are to wake by then and have not.
pub async fn wakes_by(connection: Connection<'_>, until: Timestamp) -> Result<i64> {
    Ok(
        sql!(connection, c => sqlx::query_scalar("SELECT count(*) FROM clue_wakeup WHERE due_at <= $1")
        .bind(At(until)).fetch_one(c).await)?,
    )
}

/// For each partition that is asked about, what was found: who is due and, read in the same go, where those clues stand.
pub(crate) async fn due(connection: Connection<'_>, asked: &[Ask]) -> Result<Vec<Found>> {
    match connection {
        Connection::Postgres(c) => due_postgres(c, asked).await,
        Connection::Sqlite(c) => due_sqlite(c, asked).await,
    }
}

/// The index is entered behind what was read before: what was deleted there is never walked over again. `OFFSET 0` keeps the states
/// from being joined in another way than one by one.
async fn due_postgres(c: &mut PgConnection, asked: &[Ask]) -> Result<Vec<Found>> {
    type Row = (i64, At, Uuid, Option<i64>, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT a.ordinal, d.due_at, d.clue_id, s.sequence, s.state
         FROM unnest($1::int[], $2::timestamptz[], $3::uuid[], $4::timestamptz[], $5::bigint[])
             WITH ORDINALITY AS a (partition, after_at, after_clue, until, most, ordinal)
         CROSS JOIN LATERAL (
             (SELECT w.due_at, w.clue_id FROM clue_wakeup w
              WHERE w.partition = a.partition AND (w.due_at, w.clue_id) > (a.after_at, a.after_clue)
                  AND w.due_at <= a.until
              ORDER BY w.due_at, w.clue_id LIMIT a.most)
             UNION ALL
             (SELECT w.due_at, w.clue_id FROM clue_wakeup w
              WHERE w.partition = a.partition AND w.due_at > a.until
              ORDER BY w.due_at, w.clue_id LIMIT 1)) AS d
         LEFT JOIN LATERAL (
             SELECT sequence, state FROM clue_state
             WHERE partition = a.partition AND clue_id = d.clue_id AND d.due_at <= a.until
             OFFSET 0) AS s ON true",
    )
    .bind(asked.iter().map(|ask| ask.partition as i32).collect::<Vec<_>>())
    .bind(asked.iter().map(|ask| At(ask.after.0)).collect::<Vec<_>>())
    .bind(asked.iter().map(|ask| ask.after.1.0).collect::<Vec<_>>())
    .bind(asked.iter().map(|ask| At(ask.until)).collect::<Vec<_>>())
    .bind(asked.iter().map(|ask| ask.most).collect::<Vec<_>>())
    .fetch_all(c)
    .await?;
    let mut found: Vec<Found> = asked.iter().map(|_| Found::default()).collect();
    for (ordinal, At(due), clue, sequence, state) in rows {
        let index = ordinal as usize - 1;
        let (ask, found) = (&asked[index], &mut found[index]);
        if due > ask.until {
            found.later = Some(due);
            continue;
        }
        let clue = ClueId(clue);
        found.due.push((due, clue));
        found.states.extend(kept(clue, sequence, state));
    }
    for found in &mut found {
        found.due.sort_unstable();
    }
    Ok(found)
}

async fn due_sqlite(c: &mut SqliteConnection, asked: &[Ask]) -> Result<Vec<Found>> {
    type Row = (At, Uuid, Option<i64>, Option<Vec<u8>>);
    let mut all = Vec::with_capacity(asked.len());
    for ask in asked {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT due_at, clue_id, sequence, state
             FROM clue_wakeup LEFT JOIN clue_state USING (partition, clue_id)
             WHERE partition = $1 AND (due_at, clue_id) > ($2, $3) AND due_at <= $4
             ORDER BY due_at, clue_id LIMIT $5",
        )
        .bind(ask.partition as i32)
        .bind(At(ask.after.0))
        .bind(ask.after.1.0)
        .bind(At(ask.until))
        .bind(ask.most)
        .fetch_all(&mut *c)
        .await?;
        let later: Option<At> =
            sqlx::query_scalar("SELECT min(due_at) FROM clue_wakeup WHERE partition = $1 AND due_at > $2")
                .bind(ask.partition as i32)
                .bind(At(ask.until))
                .fetch_one(&mut *c)
                .await?;
        let mut found = Found {
            later: later.map(|At(later)| later),
            ..Found::default()
        };
        for (At(due), clue, sequence, state) in rows {
            let clue = ClueId(clue);
            found.due.push((due, clue));
            found.states.extend(kept(clue, sequence, state));
        }
        all.push(found);
    }
    Ok(all)
}

/// `None`: the clue has no state, or it is not due.
fn kept(clue: ClueId, sequence: Option<i64>, state: Option<Vec<u8>>) -> Option<Kept> {
    Some((clue, sequence?, state?))
}

/// By which rules the partition's rows were found; `None`: it has no states yet.
pub(crate) async fn rules(connection: Connection<'_>, partition: u32) -> Result<Option<i32>> {
    let text = "SELECT waking FROM clue_checkpoint WHERE partition = $1";
    Ok(sql!(connection, c => sqlx::query_scalar(text).bind(partition as i32).fetch_optional(c).await)?)
}

pub(crate) async fn set_rules(connection: Connection<'_>, partition: u32, rules: i32) -> Result<()> {
    let text = "UPDATE clue_checkpoint SET waking = $2 WHERE partition = $1";
    sql!(connection, c => sqlx::query(text).bind(partition as i32).bind(rules).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Rows of clues that have no state.
pub(crate) async fn without_state(
    connection: Connection<'_>,
    partition: u32,
) -> Result<Vec<(ClueId, Timestamp)>> {
    let rows: Vec<(Uuid, At)> = sql!(connection, c => sqlx::query_as(
        "SELECT w.clue_id, w.due_at FROM clue_wakeup w WHERE w.partition = $1 AND NOT EXISTS (
             SELECT 1 FROM clue_state s WHERE s.partition = w.partition AND s.clue_id = w.clue_id)
         ORDER BY w.clue_id"
    ).bind(partition as i32).fetch_all(c).await)?;
    let rows = rows.into_iter();
    Ok(rows.map(|(clue, At(due))| (ClueId(clue), due)).collect())
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use bihuan_store::Store;

    use super::*;
    use crate::rows;

    const NOTHING: (Timestamp, ClueId) = (Timestamp::from_micros(i64::MIN), ClueId(Uuid::nil()));

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn clue(number: u128) -> ClueId {
        ClueId(Uuid::from_u128(number))
    }

    /// A database of its own, if `BIHUAN_TEST_CONFIG` names a PostgreSQL.
    async fn postgres() -> Option<Store> {
        let Ok(path) = std::env::var("BIHUAN_TEST_CONFIG") else {
            println!("skipped: BIHUAN_TEST_CONFIG names no PostgreSQL");
            return None;
        };
        let text = std::fs::read_to_string(path).expect("a file");
        let url = text
            .split('"')
            .find(|part| part.starts_with("postgres"))
            .expect("an address");
        let name = format!("l{:016x}", RandomState::new().hash_one(()));
        let admin = Store::postgres(url, 1).await.expect("connects");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        let mut reader = admin.read().await.expect("a connection");
        sql!(reader.conn(), c => sqlx::query(create).execute(c).await.map(|_| ())).expect("creates");
        let url = format!("{}/{name}", url.rsplit_once('/').expect("a path").0);
        Some(Store::postgres(&url, 2).await.expect("connects"))
    }

    async fn write(store: &Store, wakeups: &[(u32, u128, Option<i64>)]) {
        let mut tx = store.begin().await.expect("begins");
        let rows: Vec<WakeupRow> = wakeups
            .iter()
            .map(|(partition, number, due)| WakeupRow {
                partition: *partition,
                clue: clue(*number),
                due_at: due.map(at),
            })
            .collect();
        rows::upsert(tx.conn(), &[], &rows).await.expect("writes");
        tx.commit().await.expect("commits");
    }

    async fn found(store: &Store, asked: &[Ask]) -> Vec<(Vec<(i64, u128)>, Option<i64>)> {
        let seconds = |at: Timestamp| at.as_micros() / 1_000_000;
        let found = due(store.read().await.expect("a connection").conn(), asked)
            .await
            .expect("reads");
        found
            .into_iter()
            .map(|it| {
                let due = it.due.into_iter();
                let due = due.map(|(due, clue)| (seconds(due), clue.0.as_u128())).collect();
                (due, it.later.map(seconds))
            })
            .collect()
    }

    async fn in_order_behind_a_cursor(store: Store) {
        store.migrate(&[crate::MIGRATIONS]).await.expect("migrates");
        let many = (0..450)
            .map(|number| (1, number + 1, Some(1_000)))
            .collect::<Vec<_>>();
        write(&store, &many).await;
        write(
            &store,
            &[
                (2, 1, Some(50)),
                (2, 2, Some(40)),
                (2, 3, Some(40)),
                (2, 4, Some(99)),
            ],
        )
        .await;
        let ask = |partition, after, until, most| Ask {
            partition,
            after,
            until: at(until),
            most,
        };
        let asked = [
            ask(2, NOTHING, 60, 2),
            ask(1, NOTHING, 60, 9),
            ask(3, NOTHING, 60, 9),
        ];
        let expected = [
            (vec![(40, 2), (40, 3)], Some(99)),
            (vec![], Some(1_000)),
            (vec![], None),
        ];
        assert_eq!(found(&store, &asked).await, expected);
        let asked = [
            ask(2, (at(40), clue(2)), 99, 9),
            ask(1, (at(1_000), clue(448)), 2_000, 9),
        ];
        let rest = vec![(40, 3), (50, 1), (99, 4)];
        let expected = [(rest, None), (vec![(1_000, 449), (1_000, 450)], None)];
        assert_eq!(found(&store, &asked).await, expected);
        // moved, gone, and one that was never there
        let gone = (0..440).map(|number| (1, number + 1, None)).collect::<Vec<_>>();
        write(&store, &gone).await;
        write(&store, &[(2, 2, Some(45)), (2, 1, None), (2, 7, None)]).await;
        let asked = [ask(2, NOTHING, 60, 9), ask(1, NOTHING, 1_000, 3)];
        let expected = [
            (vec![(40, 3), (45, 2)], Some(99)),
            (vec![(1_000, 441), (1_000, 442), (1_000, 443)], None),
        ];
        assert_eq!(found(&store, &asked).await, expected);
        let mut tx = store.begin().await.expect("begins");
        let kept = |number, partition| rows::StateRow {
            partition,
            clue: clue(number),
            version: 1,
            sequence: 5,
            state: vec![1, 2],
        };
        rows::upsert(tx.conn(), &[kept(2, 2), kept(4, 2), kept(3, 1)], &[])
            .await
            .expect("writes");
        tx.commit().await.expect("commits");
        let found = due(
            store.read().await.expect("a connection").conn(),
            &[ask(2, NOTHING, 60, 9)],
        )
        .await;
        let states = vec![(clue(2), 5, vec![1, 2])];
        assert_eq!(found.expect("reads")[0].states, states, "of those that are due");
        let others = without_state(store.read().await.expect("a connection").conn(), 2).await;
        assert_eq!(others.expect("reads").len(), 1);
    }

    #[tokio::test]
    async fn wake_ups_are_found_in_order_behind_a_cursor_on_sqlite() {
        let directory = tempfile::tempdir().expect("a folder");
        in_order_behind_a_cursor(Store::sqlite(directory.path()).await.expect("opens")).await;
    }

    #[tokio::test]
    async fn wake_ups_are_found_in_order_behind_a_cursor_on_postgres() {
        if let Some(store) = postgres().await {
            in_order_behind_a_cursor(store).await;
        }
    }
}
