//! Deadlines that go by a calendar that lacked a year: once the rulebook of the day has another calendar, each of their clues is woken,
//! and its state says whether anything changes. Who was woken already is woken again after a crash; that changes nothing.
//!
//! A row of `clue_provisional` says by which calendar its clue's due times are provisional, so that all rows with another one than
//! today's are looked through, by whoever takes the lane over and whenever there is another calendar. What no row says yet is in
//! memory: what is behind and what is being written when the calendar changes, and whatever is decided by another calendar later.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::calendar::CalendarVersion;
use bihuan_domain::clue::State;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{Connection, Result, bulk, sql};
use bihuan_stream::{Due, Error};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::handler::Lifecycle;
use crate::lane::Lane;

/// What a row says where a clue's due times go by several calendars: one of them is not today's.
const SEVERAL: &str = "";

/// The calendar by which due times of a clue are provisional; `None`: none is.
pub(crate) fn calendar_of(state: &State) -> Option<String> {
    let clocks = state.clue.as_ref()?.timing.clocks.as_ref()?;
    let provisional = clocks.running.iter().filter(|clock| clock.provisional);
    let mut calendars = provisional.map(|clock| clock.calendar.as_str());
    let first = calendars.next()?;
    let same = calendars.all(|other| other == first);
    Some(if same { first } else { SEVERAL }.to_owned())
}

/// Whether due times of a clue are provisional by another calendar than `today`.
fn is_by_another(state: &State, today: &CalendarVersion) -> bool {
    calendar_of(state).is_some_and(|by| by != today.as_str())
}

/// A row that was looked at: they are in this order.
type Place = (String, ClueId);

/// How far a lane has come with the calendar of today.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    calendar: Option<CalendarVersion>,
    /// Rows up to here were handed out; `None`: all of them.
    after: Option<Place>,
    /// To be handed out, whatever the rows say.
    noted: BTreeSet<ClueId>,
    /// Whose rows the newest batch changes, and the one before it: that one is committed when the next batch is decided.
    writing: [Vec<ClueId>; 2],
}

impl Sweep {
    /// The clue was decided about.
    pub(crate) fn note(&mut self, clue: ClueId, state: &State) {
        if self
            .calendar
            .as_ref()
            .is_some_and(|today| is_by_another(state, today))
        {
            self.noted.insert(clue);
        }
    }

    /// The clue's row is written by this batch.
    pub(crate) fn write(&mut self, clue: ClueId) {
        self.writing[0].push(clue);
    }

    /// Another batch is decided.
    pub(crate) fn age(&mut self) {
        self.writing[1] = std::mem::take(&mut self.writing[0]);
    }

    fn is_by(&self, calendar: &CalendarVersion) -> bool {
        self.calendar.as_ref() == Some(calendar)
    }

    /// There is another calendar.
    fn begin(&mut self, calendar: &CalendarVersion, unwritten: Vec<ClueId>) {
        self.calendar = Some(calendar.clone());
        self.after = Some((SEVERAL.to_owned(), ClueId(Uuid::nil())));
        self.noted.extend(unwritten);
    }

    fn take_noted(&mut self, most: usize) -> Vec<ClueId> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(clue) = self.noted.pop_first()
        {
            taken.push(clue);
        }
        taken
    }

    fn is_under_way(&self) -> bool {
        self.after.is_some() || !self.noted.is_empty()
    }
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
            let left = most.saturating_sub(due.count());
            let Some(lane) = self.lanes.get(partition) else {
                continue;
            };
            let rulebook = self.rulebook(lane, *until).await?;
            let calendar = rulebook.rulebook().calendar.version();
            let Some(lane) = self.lanes.get_mut(partition) else {
                continue;
            };
            if !lane.sweep.is_by(calendar) {
                let unwritten = unwritten(lane, calendar);
                lane.sweep.begin(calendar, unwritten);
            }
            let mut clues = lane.sweep.take_noted(left);
            let left = left - clues.len();
            if let Some(after) = lane.sweep.after.clone().filter(|_| left > 0) {
                let reader = &mut self.store.read().await?;
                let page = page(reader.conn(), *partition, after, calendar, left).await?;
                lane.sweep.after = page.last().filter(|_| page.len() == left).cloned();
                clues.extend(page.into_iter().map(|(_, clue)| clue));
            }
            due.more |= lane.sweep.is_under_way();
            due.add(*partition, clues);
        }
        Ok(())
    }
}

/// Clues that go by another calendar than `today`, though their rows may not say it yet: the cache has all of them.
fn unwritten(lane: &Lane, today: &CalendarVersion) -> Vec<ClueId> {
    let clues = lane.behind.clues().chain(lane.sweep.writing.iter().flatten());
    let is_to_be = |clue: &&ClueId| {
        let known = lane.aggregates.get(clue);
        known.is_none_or(|aggregate| is_by_another(&aggregate.state, today))
    };
    clues.filter(is_to_be).copied().collect()
}

/// Rows of other calendars than `today`, behind `after` in the order of the index: those that sort before it, then those after it.
async fn page(
    mut connection: Connection<'_>,
    partition: u32,
    after: Place,
    today: &CalendarVersion,
    most: usize,
) -> Result<Vec<Place>> {
    let mut found: Vec<(String, Uuid)> = Vec::new();
    for side in ["<", ">"] {
        let text = AssertSqlSafe(format!(
            "SELECT calendar, clue_id FROM clue_provisional
             WHERE partition = $1 AND (calendar, clue_id) > ($2, $3) AND calendar {side} $4
             ORDER BY calendar, clue_id LIMIT $5"
        ));
        let (by, clue) = &after;
        let left = (most - found.len()) as i64;
        let rows: Vec<(String, Uuid)> = sql!(connection.reborrow(), c => sqlx::query_as(text)
            .bind(partition as i32).bind(by.clone()).bind(clue.0).bind(today.to_string()).bind(left).fetch_all(c).await)?;
        found.extend(rows);
        if found.len() == most {
            break;
        }
    }
    Ok(found.into_iter().map(|(by, clue)| (by, ClueId(clue))).collect())
}

/// Every row of the partition: the clue, and by which calendar it is provisional.
pub(crate) async fn all(connection: Connection<'_>, partition: u32) -> Result<BTreeMap<ClueId, String>> {
    let text = "SELECT clue_id, calendar FROM clue_provisional WHERE partition = $1";
    let rows: Vec<(Uuid, String)> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition as i32).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(clue, by)| (ClueId(clue), by)).collect())
}

/// What the row of a clue is to say; `None`: there is to be none.
pub(crate) struct ProvisionalRow {
    pub(crate) partition: u32,
    pub(crate) clue: ClueId,
    pub(crate) calendar: Option<String>,
}

pub(crate) async fn write(mut connection: Connection<'_>, rows: &[ProvisionalRow]) -> Result<()> {
    let (set, gone): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.calendar.is_some());
    for chunk in bulk::chunks(&set) {
        let head = "INSERT INTO clue_provisional (partition, clue_id, calendar) VALUES";
        let tail = "ON CONFLICT (partition, clue_id) DO UPDATE SET calendar = excluded.calendar";
        let text = AssertSqlSafe(bulk::numbered(head, 3, chunk.len(), tail));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for row in chunk {
                query = query.bind(row.partition as i32).bind(row.clue.0).bind(row.calendar.clone());
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    for chunk in bulk::chunks(&gone) {
        let head = "DELETE FROM clue_provisional WHERE (partition, clue_id) IN (VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 2, chunk.len(), ")"));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for row in chunk {
                query = query.bind(row.partition as i32).bind(row.clue.0);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}
