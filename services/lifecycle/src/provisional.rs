//! Deadlines that go by a calendar that lacked a year: once the rulebook of the day has another calendar, each of their clues is woken
//! once, and its state says whether anything changes. Who was woken already is woken again after a crash; that changes nothing.

use bihuan_domain::calendar::CalendarVersion;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{Connection, Result, bulk, sql};
use bihuan_stream::{Due, Error};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::handler::Lifecycle;
use crate::lane::Lane;

/// How far a lane has come with the calendar of today.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// All were computed again by this one.
    done: Option<String>,
    /// Where it goes on, and for which calendar.
    under_way: Option<(CalendarVersion, ClueId)>,
    /// To be written down.
    unsaved: Option<String>,
}

impl Sweep {
    pub(crate) async fn take_over(connection: Connection<'_>, partition: u32) -> Result<Self> {
        let text = "SELECT calendar FROM clue_checkpoint WHERE partition = $1";
        let done: Option<Option<String>> = sql!(connection, c => sqlx::query_scalar(text)
            .bind(partition as i32).fetch_optional(c).await)?;
        Ok(Self {
            done: done.flatten(),
            ..Self::default()
        })
    }

    pub(crate) const fn give_out(&mut self) -> Option<String> {
        self.unsaved.take()
    }

    /// Where the sweep for this calendar goes on; `None`: there is nothing to do. It begins with those whose rows are behind.
    fn next(&mut self, calendar: &CalendarVersion) -> Option<Step> {
        if self.done.as_deref() == Some(calendar.as_str()) {
            self.under_way = None;
            return None;
        }
        match &self.under_way {
            Some((known, after)) if known == calendar => Some(Step::After(*after)),
            _ => {
                self.under_way = Some((calendar.clone(), ClueId(Uuid::nil())));
                Some(Step::Behind)
            }
        }
    }

    fn read(&mut self, calendar: &CalendarVersion, last: Option<ClueId>) {
        self.under_way = last.map(|last| (calendar.clone(), last));
        if last.is_none() {
            self.done = Some(calendar.to_string());
            self.unsaved.clone_from(&self.done);
        }
    }
}

enum Step {
    Behind,
    After(ClueId),
}

impl Lifecycle {
    /// Adds to those that are due the clues that the calendar of today may concern, `most` of all together.
    pub(crate) async fn sweep(
        &mut self,
        watermarks: &[(u32, Timestamp)],
        most: usize,
        due: &mut Due,
    ) -> std::result::Result<(), Error> {
        for (partition, until) in watermarks {
            let taken: usize = due.clues.iter().map(|(_, clues)| clues.len()).sum();
            let left = most.saturating_sub(taken);
            let Some(lane) = self.lanes.get(partition) else {
                continue;
            };
            let rulebook = self.rulebook(lane, *until).await?;
            let calendar = rulebook.rulebook().calendar.version();
            let Some(lane) = self.lanes.get_mut(partition) else {
                continue;
            };
            let clues = match lane.sweep.next(calendar) {
                None => continue,
                Some(_) if left == 0 => Vec::new(),
                Some(Step::Behind) => behind(lane),
                Some(Step::After(after)) => {
                    let page = page(self.store.read().await?.conn(), *partition, after, left as i64).await?;
                    lane.sweep.read(calendar, page.last().copied());
                    page
                }
            };
            due.more |= lane.sweep.under_way.is_some();
            if clues.is_empty() {
                continue;
            }
            match due.clues.iter_mut().find(|(lane, _)| lane == partition) {
                Some((_, known)) => known.extend(clues),
                None => due.clues.push((*partition, clues)),
            }
        }
        Ok(())
    }
}

/// Clues whose rows do not say it yet.
fn behind(lane: &mut Lane) -> Vec<ClueId> {
    let clues: Vec<ClueId> = lane.behind.clues().copied().collect();
    let is_provisional = |clue: &ClueId| {
        let known = lane.aggregates.get(clue);
        known.is_some_and(|aggregate| aggregate.state.is_provisional())
    };
    clues.into_iter().filter(is_provisional).collect()
}

async fn page(connection: Connection<'_>, partition: u32, after: ClueId, most: i64) -> Result<Vec<ClueId>> {
    let text = "SELECT clue_id FROM clue_provisional WHERE partition = $1 AND clue_id > $2 ORDER BY clue_id LIMIT $3";
    let clues: Vec<Uuid> = sql!(connection, c => sqlx::query_scalar(text)
        .bind(partition as i32).bind(after.0).bind(most).fetch_all(c).await)?;
    Ok(clues.into_iter().map(ClueId).collect())
}

/// Every clue of the partition that is there.
pub(crate) async fn all(connection: Connection<'_>, partition: u32) -> Result<Vec<ClueId>> {
    page(connection, partition, ClueId(Uuid::nil()), i64::MAX).await
}

/// (partition, clue, whether it is to be there)
pub(crate) async fn write(mut connection: Connection<'_>, rows: &[(u32, ClueId, bool)]) -> Result<()> {
    let (set, gone): (Vec<_>, Vec<_>) = rows.iter().partition(|(.., provisional)| *provisional);
    for chunk in bulk::chunks(&set) {
        let head = "INSERT INTO clue_provisional (partition, clue_id) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 2, chunk.len(), "ON CONFLICT DO NOTHING"));
        execute(connection.reborrow(), text, chunk).await?;
    }
    for chunk in bulk::chunks(&gone) {
        let head = "DELETE FROM clue_provisional WHERE (partition, clue_id) IN (VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 2, chunk.len(), ")"));
        execute(connection.reborrow(), text, chunk).await?;
    }
    Ok(())
}

async fn execute(
    connection: Connection<'_>,
    text: AssertSqlSafe<String>,
    rows: &[&(u32, ClueId, bool)],
) -> Result<()> {
    sql!(connection, c => {
        let mut query = sqlx::query(text);
        for (partition, clue, _) in rows {
            query = query.bind(*partition as i32).bind(clue.0);
        }
        query.execute(c).await.map(|_| ())
    })
    .map_err(Into::into)
}

/// (partition, calendar)
pub(crate) async fn set_done(mut connection: Connection<'_>, rows: &[(u32, String)]) -> Result<()> {
    let text = "UPDATE clue_checkpoint SET calendar = $2 WHERE partition = $1";
    for (partition, calendar) in rows {
        sql!(connection.reborrow(), c => sqlx::query(text)
            .bind(*partition as i32).bind(calendar.clone()).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
