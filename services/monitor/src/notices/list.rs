//! Drafts, issued and discarded notices, and what desks were reminded of, bundled.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bihuan_domain::clue::RungKind;
use bihuan_domain::code::Rung;
use bihuan_domain::figures::{By, Standing};
use bihuan_domain::id::ClueId;
use bihuan_store::{At, Store, sql};
use jiff::civil::Date;
use serde::Serialize;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::listing::Reading;
use crate::words::Words;
use crate::{Result, names};

/// The most drafts that one answer holds.
const MOST: usize = 5_000;

/// What became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Nobody has decided, the oldest first; also of clues that are over meanwhile. With the reminders that desks have yet to follow.
    #[default]
    Open,
    /// The newest first.
    Issued,
    /// The newest first.
    Discarded,
}

impl Fate {
    /// As it is asked for: by two flags, of which that of the rarer one counts first.
    pub const fn of(issued: bool, discarded: bool) -> Self {
        match (issued, discarded) {
            (_, true) => Self::Discarded,
            (true, false) => Self::Issued,
            (false, false) => Self::Open,
        }
    }
}

/// Which notices. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub fate: Fate,
    /// Whom they are about; empty: a desk.
    pub agency: Option<String>,
    pub rung: Option<String>,
    /// Civil day of the draft, in the rulebook's zone.
    pub day: Option<Date>,
}

/// Notices, bundled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Notices {
    pub notices: Vec<Bundle>,
    /// Drafts, or notices of single clues, that match and are in no bundle here: ask for an agency, a rung or a day.
    pub left_out: u64,
}

/// By what drafts are bundled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct NoticeKey {
    /// Civil day of the draft, in the rulebook's zone.
    #[schema(value_type = String, format = "date")]
    pub day: Date,
    /// Whom it is about; null: a desk.
    #[schema(required)]
    pub agency: Option<String>,
    /// The step of the ladder, as the policy names it.
    pub rung: String,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Bundle {
    #[serde(flatten)]
    pub key: NoticeKey,
    pub agency_name: String,
    pub rung_words: String,
    /// notice, bulletin, or reminder: of that there is nothing to issue.
    pub kind: &'static str,
    pub clues: Vec<NoticeClue>,
}

/// A clue that a notice is about. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeClue {
    #[schema(value_type = String, format = "uuid")]
    pub id: ClueId,
    pub number: String,
    #[schema(required)]
    pub matter_name: Option<String>,
    #[schema(required)]
    pub area_name: Option<String>,
    pub stage: String,
    pub stage_words: &'static str,
    /// The time that passed when it was drafted.
    pub due_at: String,
    /// For how long that time is over, negative while it is not; of a clue that is over itself, until it was issued or discarded.
    pub overdue_seconds: i64,
    pub drafted_at: String,
    #[schema(required)]
    pub issued_at: Option<String>,
    #[schema(required)]
    pub discarded_at: Option<String>,
    /// The clue was over before anybody issued or discarded the draft: it is issued only by whoever says that he knows.
    pub left_over: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    clue_id: Uuid,
    rung: String,
    due_at: At,
    kind: String,
    about: Option<String>,
    drafted_at: At,
    issued_at: Option<At>,
    discarded_at: Option<At>,
    left_over: bool,
    number: String,
    stage: String,
    matter: Option<String>,
    source_matter: Option<String>,
    area: Option<String>,
    source_area: Option<String>,
    /// How many match.
    total: i64,
}

/// The notices that are asked for.
pub async fn list(store: &Store, asked: &Asked, reading: Reading<'_>) -> Result<Notices> {
    let rows = rows(store, asked, reading).await?;
    let left_out = rows.first().map_or(0, |row| row.total - rows.len() as i64);
    let mut bundles: BTreeMap<NoticeKey, Bundle> = BTreeMap::new();
    for row in rows {
        let key = NoticeKey {
            day: row.drafted_at.0.civil_date(&reading.rulebook.zone),
            agency: row.about.clone(),
            rung: row.rung.clone(),
        };
        let bundle = bundles
            .entry(key)
            .or_insert_with_key(|key| Bundle::of(key.clone(), &row.kind, reading));
        bundle.clues.push(NoticeClue::of(row, reading));
    }
    let mut notices: Vec<_> = bundles.into_values().collect();
    if asked.fate != Fate::Open {
        notices.reverse();
    }
    Ok(Notices {
        notices,
        left_out: u64::try_from(left_out).unwrap_or(0),
    })
}

async fn rows(store: &Store, asked: &Asked, reading: Reading<'_>) -> Result<Vec<Row>> {
    let mut text = "SELECT n.clue_id, n.rung, n.due_at, n.kind, n.agency AS about, n.drafted_at, n.issued_at,
             n.discarded_at, n.left_over, m.number, m.stage, m.matter, m.source_matter, m.area, m.source_area, count(*) OVER () AS total
         FROM monitor_notice n JOIN monitor_clue m ON m.partition = n.partition AND m.clue_id = n.clue_id WHERE "
        .to_owned();
    let (condition, order) = match asked.fate {
        Fate::Open => ("(n.waits OR n.left_over)", "n.drafted_at"),
        Fate::Issued => ("n.issued_at IS NOT NULL", "n.issued_at DESC"),
        Fate::Discarded => ("n.discarded_at IS NOT NULL", "n.discarded_at DESC"),
    };
    text.push_str(condition);
    let mut texts = Vec::new();
    match asked.agency.as_deref() {
        None => {}
        Some("") => text.push_str(" AND n.agency IS NULL"),
        Some(agency) => {
            texts.push(agency.to_owned());
            let _ = write!(text, " AND n.agency = ${}", texts.len());
        }
    }
    if let Some(rung) = &asked.rung {
        texts.push(rung.clone());
        let _ = write!(text, " AND n.rung = ${}", texts.len());
    }
    let day = asked.day.and_then(|day| {
        let zone = &reading.rulebook.zone;
        let starts = |day: Date| day.to_zoned_datetime(zone.clone()).ok();
        let (start, end) = (starts(day)?, starts(day.tomorrow().ok()?)?);
        Some((At(start.timestamp().into()), At(end.timestamp().into())))
    });
    if day.is_some() {
        let next = texts.len() + 1;
        let _ = write!(
            text,
            " AND n.drafted_at >= ${next} AND n.drafted_at < ${}",
            next + 1
        );
    }
    let _ = write!(text, " ORDER BY {order}, n.clue_id LIMIT {MOST}");
    let mut reader = store.read().await?;
    Ok(sql!(reader.conn(), c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for text in texts {
            query = query.bind(text);
        }
        if let Some((start, end)) = day {
            query = query.bind(start).bind(end);
        }
        query.fetch_all(c).await
    })?)
}

impl Bundle {
    /// A person issues or discards it; a desk is only reminded.
    pub fn is_drafted(&self) -> bool {
        self.kind != RungKind::Reminder.as_str()
    }

    fn of(key: NoticeKey, kind: &str, reading: Reading<'_>) -> Self {
        let words = Words {
            lang: reading.lang,
            rulebook: reading.rulebook,
        };
        let desk = || reading.lang.choose("受理、分派、核查岗", "the desks").to_owned();
        let agency = key.agency.as_deref();
        Self {
            agency_name: agency.map_or_else(desk, |agency| {
                names::name(reading.rulebook, reading.lang, By::Agency, agency)
            }),
            rung_words: Rung::new(&key.rung)
                .map_or_else(|_| key.rung.clone(), |rung| words.rung(&rung).into_owned()),
            kind: RungKind::parse(kind).map_or("", RungKind::as_str),
            key,
            clues: Vec::new(),
        }
    }
}

impl NoticeClue {
    fn of(row: Row, reading: Reading<'_>) -> Self {
        let words = Words {
            lang: reading.lang,
            rulebook: reading.rulebook,
        };
        let named = |by, code: &Option<String>| {
            code.as_deref()
                .map(|code| names::name(reading.rulebook, reading.lang, by, code))
        };
        let standing = Standing::parse(&row.stage);
        let is_open = standing.is_some_and(Standing::is_open);
        let settled_at = row.issued_at.or(row.discarded_at);
        let end = settled_at.filter(|_| !is_open).map_or(reading.now, |at| at.0);
        Self {
            id: ClueId(row.clue_id),
            matter_name: named(By::Matter, &row.matter).or(row.source_matter),
            area_name: named(By::Area, &row.area).or(row.source_area),
            number: row.number,
            stage_words: standing.map_or("", |standing| words.stage(standing)),
            stage: row.stage,
            due_at: row.due_at.0.to_string(),
            overdue_seconds: end.since(row.due_at.0) / 1_000_000,
            drafted_at: row.drafted_at.0.to_string(),
            issued_at: row.issued_at.map(|at| at.0.to_string()),
            discarded_at: row.discarded_at.map(|at| at.0.to_string()),
            left_over: row.left_over,
        }
    }
}
