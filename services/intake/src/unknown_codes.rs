//! Codes that neither mapping nor rulebook know: counted, listed, and each told of once.
//!
//! Counts and alarms are written in the transaction of their batch, so a code is new exactly once, whichever lane meets it first and
//! however often a process is started. The line in the log is written just before the commit: a process that is killed between the
//! two says it again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bihuan_domain::code::SourceId;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Outcome, UnknownCode};
use bihuan_store::{At, Connection, Result, Store, sql};

/// What is longer is no code.
const MAX_CHARS: usize = 64;
/// How many codes of one source a lane keeps; a source that has more of them has none.
const MAX_CODES: i64 = 10_000;
/// Stands for those that are no codes, and for those beyond the bound.
pub const OTHERS: &str = "*";

/// Fields of free text that a table of values may translate all the same.
const TEXTS: &[&str] = &["clue.title", "clue.description", "clue.place"];

/// Source, field, code.
type Key = (SourceId, &'static str, String);

/// What one batch met in one lane.
#[derive(Debug, Default)]
pub(crate) struct UnknownCodes(BTreeMap<Key, i64>);

/// A code of a source, and how many records held it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Seen {
    pub source: String,
    /// The key of the mapping.
    pub field: String,
    /// [`OTHERS`]: what is no code, or one too many.
    pub code: String,
    pub records: i64,
    pub first_seen: Timestamp,
}

impl UnknownCodes {
    pub(crate) fn count(&mut self, outcome: &Outcome) {
        let Outcome::Clue { report, unknown, .. } = outcome else {
            return;
        };
        for unknown in unknown.iter().filter(|unknown| !TEXTS.contains(&unknown.key)) {
            let key = (report.source.clone(), unknown.key, kept(unknown));
            *self.0.entry(key).or_default() += 1;
        }
    }
}

fn kept(unknown: &UnknownCode) -> String {
    let code = unknown.code.as_deref().filter(|code| is_code(code));
    code.unwrap_or(OTHERS).to_owned()
}

fn is_code(text: &str) -> bool {
    text.chars().count() <= MAX_CHARS && !text.contains(char::is_control) && !names_a_person(text)
}

/// Numbers of telephones and of identity cards, however they are grouped.
fn names_a_person(text: &str) -> bool {
    let grouping = |c: &char| matches!(c, '-' | ' ' | '(' | ')' | '（' | '）' | '－');
    let joined: String = text.chars().filter(|c| !grouping(c)).collect();
    let numbers = joined.split(|c: char| !c.is_ascii_digit() && !matches!(c, 'x' | 'X'));
    numbers.into_iter().any(is_persons)
}

fn is_persons(number: &str) -> bool {
    let national = match number.strip_prefix("86") {
        Some(rest) if number.len() == 13 => rest,
        _ => number,
    };
    match national.as_bytes() {
        [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 => true,
        [b'0', rest @ ..] if (9..=11).contains(&rest.len()) => true,
        number => matches!(number.len(), 15 | 18),
    }
}

/// What a batch met, lane by lane.
#[derive(Debug, Default)]
pub(crate) struct Met {
    lanes: Vec<(u32, UnknownCodes)>,
    at: Option<Timestamp>,
}

impl Met {
    pub(crate) fn take(&mut self, partition: u32, codes: &mut UnknownCodes, at: Timestamp) {
        if !codes.0.is_empty() {
            self.lanes.push((partition, std::mem::take(codes)));
            self.at = Some(at);
        }
    }

    pub(crate) async fn persist(&self, connection: Connection<'_>) -> Result<()> {
        for (source, field, code) in self.count(connection).await? {
            alarm(&source, field, &code);
        }
        Ok(())
    }

    /// Adds it to the counts; what no lane met before.
    async fn count(&self, mut connection: Connection<'_>) -> Result<Vec<Key>> {
        let Some(at) = self.at else {
            return Ok(Vec::new());
        };
        // in one order in every process, so that none waits for another in a circle
        let mut new = BTreeSet::new();
        for (partition, codes) in &self.lanes {
            new.extend(count(connection.reborrow(), *partition, codes, at).await?);
        }
        let mut first = Vec::new();
        for (source, field, code) in new {
            if is_first(connection.reborrow(), &source, field, &code, at).await? {
                first.push((source, field, code));
            }
        }
        Ok(first)
    }
}

/// Adds what a lane met to its counts; the codes that are new there.
async fn count(
    mut connection: Connection<'_>,
    partition: u32,
    codes: &UnknownCodes,
    at: Timestamp,
) -> Result<Vec<Key>> {
    let mut new = Vec::new();
    let mut known: HashMap<&SourceId, i64> = HashMap::new();
    let mut beyond: BTreeMap<(&SourceId, &'static str), i64> = BTreeMap::new();
    for ((source, field, code), records) in &codes.0 {
        if more(connection.reborrow(), partition, (source, field, code), *records).await? {
            continue;
        }
        if !known.contains_key(source) {
            known.insert(
                source,
                known_codes(connection.reborrow(), partition, source).await?,
            );
        }
        let kept = known.entry(source).or_default();
        if *kept >= MAX_CODES && code != OTHERS {
            *beyond.entry((source, *field)).or_default() += records;
            continue;
        }
        *kept += 1;
        insert(
            connection.reborrow(),
            partition,
            (source, field, code),
            *records,
            at,
        )
        .await?;
        new.push((source.clone(), *field, code.clone()));
    }
    for ((source, field), records) in beyond {
        if !more(connection.reborrow(), partition, (source, field, OTHERS), records).await? {
            insert(
                connection.reborrow(),
                partition,
                (source, field, OTHERS),
                records,
                at,
            )
            .await?;
            new.push((source.clone(), field, OTHERS.to_owned()));
        }
    }
    Ok(new)
}

/// `false`: the lane has no such code yet.
async fn more(
    connection: Connection<'_>,
    partition: u32,
    (source, field, code): (&SourceId, &str, &str),
    records: i64,
) -> Result<bool> {
    let rows = sql!(connection, c => sqlx::query(
        "UPDATE intake_unknown_code SET records = records + $5
         WHERE partition = $1 AND source = $2 AND field = $3 AND code = $4"
    ).bind(partition as i32).bind(source.as_str()).bind(field).bind(code).bind(records)
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows > 0)
}

async fn known_codes(connection: Connection<'_>, partition: u32, source: &SourceId) -> Result<i64> {
    let known = sql!(connection, c => sqlx::query_scalar(
        "SELECT count(*) FROM intake_unknown_code WHERE partition = $1 AND source = $2"
    ).bind(partition as i32).bind(source.as_str()).fetch_one(c).await)?;
    Ok(known)
}

async fn insert(
    connection: Connection<'_>,
    partition: u32,
    (source, field, code): (&SourceId, &str, &str),
    records: i64,
    at: Timestamp,
) -> Result<()> {
    sql!(connection, c => sqlx::query(
        "INSERT INTO intake_unknown_code (partition, source, field, code, records, first_seen)
         VALUES ($1, $2, $3, $4, $5, $6)"
    ).bind(partition as i32).bind(source.as_str()).bind(field).bind(code).bind(records).bind(At(at))
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Whether no lane met the code before.
async fn is_first(
    connection: Connection<'_>,
    source: &SourceId,
    field: &str,
    code: &str,
    at: Timestamp,
) -> Result<bool> {
    let rows = sql!(connection, c => sqlx::query(
        "INSERT INTO intake_unknown_code_alarm (source, field, code, raised_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING"
    ).bind(source.as_str()).bind(field).bind(code).bind(At(at))
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows > 0)
}

fn alarm(source: &SourceId, field: &'static str, code: &str) {
    metrics::counter!("bihuan_unknown_codes_total", "source" => source.to_string(), "field" => field)
        .increment(1);
    if code == OTHERS {
        tracing::warn!(%source, field, "values that are no codes, or more codes than are kept; see bihuan mapping coverage");
    } else {
        tracing::warn!(%source, field, code, "neither mapping nor rulebook know this code; see bihuan mapping unknown");
    }
}

/// Every unknown code that was met since the beginning, the most frequent first.
pub async fn unknown_codes(store: &Store) -> Result<Vec<Seen>> {
    let mut reader = store.read().await?;
    let rows: Vec<(String, String, String, i64, At)> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT source, field, code, CAST(sum(records) AS bigint) AS records, min(first_seen)
         FROM intake_unknown_code GROUP BY source, field, code ORDER BY records DESC, source, field, code"
    ).fetch_all(c).await)?;
    let seen = |(source, field, code, records, At(first_seen))| Seen {
        source,
        field,
        code,
        records,
        first_seen,
    };
    Ok(rows.into_iter().map(seen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_name_a_person_is_no_code() {
        for (text, expected) in [
            ("06001", true),
            ("占道经营", true),
            ("330602001007", true),
            ("13800000000", false),
            ("138-0000-0000", false),
            ("+8613800000000", false),
            ("0575-88888888", false),
            ("330106260812007", false),
            ("王 13800000000", false),
            ("33060219900101123X", false),
            ("330602199001011234", false),
            (&"9".repeat(64), true),
            (&"码".repeat(65), false),
        ] {
            assert_eq!(is_code(text), expected, "{text}");
        }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opened");
        store.migrate(&[crate::MIGRATIONS]).await.expect("migrated");
        (directory, store)
    }

    fn codes(met: &[(&str, i64)]) -> UnknownCodes {
        let source = SourceId::new("grid").expect("a source");
        let entry =
            |(code, records): &(&str, i64)| ((source.clone(), "clue.matter", (*code).to_owned()), *records);
        UnknownCodes(met.iter().map(entry).collect())
    }

    /// Writes what lanes met in one batch; the codes that raise an alarm.
    async fn batch(store: &Store, lanes: Vec<(u32, UnknownCodes)>) -> Vec<String> {
        let at = Some(Timestamp::EPOCH);
        let mut tx = store.begin().await.expect("begun");
        let raised = Met { lanes, at }.count(tx.conn()).await.expect("written");
        tx.commit().await.expect("committed");
        raised.into_iter().map(|(_, _, code)| code).collect()
    }

    #[tokio::test]
    async fn a_code_raises_one_alarm_whichever_lanes_meet_it_and_is_counted_every_time() {
        let (_directory, store) = store().await;
        assert_eq!(
            batch(&store, vec![(0, codes(&[("a", 2), ("b", 1)]))]).await,
            ["a", "b"]
        );
        assert!(batch(&store, vec![(0, codes(&[("a", 3)]))]).await.is_empty());
        let both = vec![(1, codes(&[("a", 1), ("c", 1)])), (2, codes(&[("c", 4)]))];
        assert_eq!(batch(&store, both).await, ["c"]);
        let seen = unknown_codes(&store).await.expect("listed");
        let brief: Vec<_> = seen.iter().map(|seen| (&*seen.code, seen.records)).collect();
        assert_eq!(brief, [("a", 6), ("c", 5), ("b", 1)]);
    }

    #[tokio::test]
    async fn a_batch_that_is_not_committed_raises_nothing() {
        let (_directory, store) = store().await;
        let mut tx = store.begin().await.expect("begun");
        let (lanes, at) = (vec![(0, codes(&[("a", 1)]))], Some(Timestamp::EPOCH));
        Met { lanes, at }.count(tx.conn()).await.expect("written");
        drop(tx);
        assert_eq!(unknown_codes(&store).await.expect("listed"), []);
        assert_eq!(batch(&store, vec![(0, codes(&[("a", 1)]))]).await, ["a"]);
    }

    #[tokio::test]
    async fn beyond_the_bound_codes_are_only_counted() {
        let (_directory, store) = store().await;
        let bound = usize::try_from(MAX_CODES).expect("small");
        let names: Vec<String> = (0..bound + 5).map(|number| format!("c{number:06}")).collect();
        let met: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
        let raised = batch(&store, vec![(0, codes(&met))]).await;
        assert_eq!((raised.len(), raised[0].as_str()), (bound + 1, OTHERS));
        let more = vec![(0, codes(&[("x", 7), ("c000001", 1)]))];
        assert!(batch(&store, more).await.is_empty());
        let seen = unknown_codes(&store).await.expect("listed");
        let brief: Vec<_> = seen[..2].iter().map(|seen| (&*seen.code, seen.records)).collect();
        assert_eq!(brief, [(OTHERS, 12), ("c000001", 2)]);
    }
}
