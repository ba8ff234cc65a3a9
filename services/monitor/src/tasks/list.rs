//! Tasks in a list, with the clues that they belong to.

use std::fmt::Write as _;

use bihuan_domain::clue::TaskKind;
use bihuan_domain::code::AgencyId;
use bihuan_domain::figures::{Assisted, By, Standing};
use bihuan_domain::id::ClueId;
use bihuan_store::{At, Store, sql};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::listing::Reading;
use crate::words::Words;
use crate::{Result, names};

/// The most tasks that one answer holds.
const MOST: usize = 1_000;

/// How far they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Neither answered nor over, what is due first at the top.
    #[default]
    Open,
    /// Those of them whose next due time has passed.
    Overdue,
    /// Answered, withdrawn, or over with their clue; the newest first.
    Over,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Open, Self::Overdue, Self::Over];

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Over => "over",
        }
    }
}

/// Which tasks. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub state: State,
    /// Whose.
    pub agency: Option<String>,
    pub kind: Option<TaskKind>,
}

/// Tasks, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tasks {
    pub tasks: Vec<ShownTask>,
    /// Tasks that match and are not here: ask for an agency or a kind.
    pub left_out: u64,
}

/// A task and its clue. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownTask {
    #[schema(value_type = String, format = "uuid")]
    pub clue: ClueId,
    pub number: String,
    #[schema(required)]
    pub matter_name: Option<String>,
    #[schema(required)]
    pub area_name: Option<String>,
    pub stage: String,
    pub stage_words: &'static str,
    /// Who has the clue; null: no agency does.
    #[schema(required)]
    pub responsible: Option<String>,
    #[schema(required)]
    pub responsible_name: Option<String>,
    /// Its number under the clue.
    pub task: u32,
    /// Who assists.
    pub agency: String,
    pub agency_name: String,
    /// assist, or call: to come, and then to answer.
    pub kind: String,
    pub kind_words: &'static str,
    pub state_words: &'static str,
    pub asked_at: String,
    /// Of a call: until when somebody is to be there.
    #[schema(required)]
    pub arrival_at: Option<String>,
    #[schema(required)]
    pub arrived_at: Option<String>,
    /// Until when the answer is to come.
    #[schema(required)]
    pub due_at: Option<String>,
    #[schema(required)]
    pub answered_at: Option<String>,
    #[schema(required)]
    pub over_at: Option<String>,
    /// Of what is still to come, the arrival or the answer.
    #[schema(required)]
    pub next_due: Option<String>,
    /// Until then, by the clock on the wall; negative: it has passed.
    #[schema(required)]
    pub seconds_left: Option<i64>,
    /// Somebody came or answered too late, or has not and the time for it is or was over.
    pub late: bool,
    /// Of a call that was rated: 1 to 5.
    #[schema(required)]
    pub rating: Option<u8>,
}

#[derive(sqlx::FromRow)]
struct Row {
    clue_id: Uuid,
    task: i32,
    agency: String,
    asked_at: At,
    arrival_at: Option<At>,
    arrived_at: Option<At>,
    due_at: Option<At>,
    answered_at: Option<At>,
    over_at: Option<At>,
    rating: Option<i32>,
    number: String,
    stage: String,
    responsible: Option<String>,
    matter: Option<String>,
    source_matter: Option<String>,
    area: Option<String>,
    source_area: Option<String>,
    /// How many match.
    total: i64,
}

/// The tasks that are asked for.
pub async fn list(store: &Store, asked: &Asked, reading: Reading<'_>) -> Result<Tasks> {
    let rows = rows(store, asked, reading).await?;
    let left_out = rows.first().map_or(0, |row| row.total - rows.len() as i64);
    let tasks = rows.into_iter().map(|row| ShownTask::of(row, reading));
    Ok(Tasks {
        tasks: tasks.collect::<Result<_>>()?,
        left_out: u64::try_from(left_out).unwrap_or(0),
    })
}

async fn rows(store: &Store, asked: &Asked, reading: Reading<'_>) -> Result<Vec<Row>> {
    let mut text = "SELECT t.clue_id, t.task, t.agency, t.asked_at, t.arrival_at, t.arrived_at, t.due_at, t.answered_at, t.over_at,
             t.rating, m.number, m.stage, m.agency AS responsible, m.matter, m.source_matter, m.area, m.source_area,
             count(*) OVER () AS total
         FROM monitor_task t JOIN monitor_clue m ON m.partition = t.partition AND m.clue_id = t.clue_id WHERE "
        .to_owned();
    let (condition, order) = match asked.state {
        State::Open | State::Overdue => ("t.over_at IS NULL", "t.next_due IS NULL, t.next_due"),
        State::Over => ("t.over_at IS NOT NULL", "t.over_at DESC"),
    };
    text.push_str(condition);
    let kind = asked.kind.map(|kind| kind.as_str().to_owned());
    let mut texts = Vec::new();
    for (column, value) in [("agency", asked.agency.clone()), ("kind", kind)] {
        if let Some(value) = value {
            texts.push(value);
            let _ = write!(text, " AND t.{column} = ${}", texts.len());
        }
    }
    let now = (asked.state == State::Overdue).then_some(At(reading.now));
    if now.is_some() {
        let _ = write!(text, " AND t.next_due < ${}", texts.len() + 1);
    }
    let _ = write!(text, " ORDER BY {order}, t.clue_id, t.task LIMIT {MOST}");
    let mut reader = store.read().await?;
    Ok(sql!(reader.conn(), c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for text in texts {
            query = query.bind(text);
        }
        if let Some(now) = now {
            query = query.bind(now);
        }
        query.fetch_all(c).await
    })?)
}

impl ShownTask {
    fn of(row: Row, reading: Reading<'_>) -> Result<Self> {
        let words = Words {
            lang: reading.lang,
            rulebook: reading.rulebook,
        };
        let agency = AgencyId::new(&row.agency).map_err(|error| bihuan_store::Error::Corrupt {
            what: "task",
            detail: error.to_string(),
        })?;
        let at = |at: Option<At>| at.map(|at| at.0);
        let task = Assisted {
            task: row.task as u32,
            agency: &agency,
            asked_at: row.asked_at.0,
            due_at: at(row.due_at),
            arrival_at: at(row.arrival_at),
            arrived_at: at(row.arrived_at),
            answered_at: at(row.answered_at),
            over_at: at(row.over_at),
            rating: row.rating.map(|rating| rating as u8),
        };
        let named = |by, code: &Option<String>| {
            code.as_deref()
                .map(|code| names::name(reading.rulebook, reading.lang, by, code))
        };
        let standing = Standing::parse(&row.stage);
        let time = |at: Option<At>| at.map(|at| at.0.to_string());
        let next_due = task.next_due();
        Ok(Self {
            clue: ClueId(row.clue_id),
            number: row.number,
            matter_name: named(By::Matter, &row.matter).or(row.source_matter),
            area_name: named(By::Area, &row.area).or(row.source_area),
            stage_words: standing.map_or("", |standing| words.stage(standing)),
            stage: row.stage,
            responsible_name: named(By::Agency, &row.responsible),
            responsible: row.responsible,
            task: task.task,
            agency_name: names::name(reading.rulebook, reading.lang, By::Agency, &row.agency),
            kind: task.kind().as_str().to_owned(),
            kind_words: words.task_kind(task.kind()),
            state_words: words.task_state(&task, reading.now),
            asked_at: task.asked_at.to_string(),
            arrival_at: time(row.arrival_at),
            arrived_at: time(row.arrived_at),
            due_at: time(row.due_at),
            answered_at: time(row.answered_at),
            over_at: time(row.over_at),
            next_due: next_due.map(|at| at.to_string()),
            seconds_left: next_due.map(|at| at.since(reading.now) / 1_000_000),
            late: task.is_late(reading.now),
            rating: task.rating,
            agency: row.agency,
        })
    }
}
