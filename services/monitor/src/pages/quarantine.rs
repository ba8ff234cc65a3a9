//! What could not be read: how much for which reason, where it came from, and what became of it. Never its bytes: they may hold
//! personal data.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bihuan_domain::id::RecordId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_runtime::Problem;
use bihuan_store::{At, Store, sql};
use jiff::tz::TimeZone;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::address::Address;
use super::asked::{Plain, QuarantineParams, parse, some};
use super::clues::{Choice, Field};
use super::figure::Number;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::Cursor;
use crate::quarantine::{self, Total};

const PAGE: usize = 50;

#[derive(Clone, Debug, sqlx::FromRow)]
struct Row {
    id: Uuid,
    consumer_group: String,
    topic: String,
    topic_partition: i32,
    record_offset: i64,
    source: Option<String>,
    file: Option<String>,
    line: Option<i64>,
    reason: String,
    field: Option<String>,
    mapping: Option<String>,
    size: i64,
    received_at: At,
    fate: String,
    fate_at: Option<At>,
    fate_by: Option<String>,
    fate_reason: Option<String>,
}

const COLUMNS: &str =
    "id, consumer_group, topic, topic_partition, record_offset, source, file, line, reason, field, mapping,
    CAST(length(bytes) AS bigint) AS size, received_at, fate, fate_at, fate_by, fate_reason";

/// Empty: any. `kept`: not replayed.
#[derive(Clone, Debug, Default)]
struct Asked {
    service: String,
    reason: String,
    fate: String,
    cursor: Option<Cursor>,
}

struct Record {
    href: String,
    id: String,
    service: String,
    origin: String,
    source: String,
    reason: String,
    field: String,
    mapping: String,
    size: String,
    received: Moment,
    fate: String,
    fate_at: Option<Moment>,
    fate_by: String,
    fate_reason: String,
}

/// How much of it there is.
struct Heap {
    service: String,
    reason: String,
    fate: String,
    number: Number,
}

#[derive(Template)]
#[template(path = "quarantine.html")]
struct List {
    f: Frame,
    heaps: Vec<Heap>,
    fields: Vec<Field>,
    count: i64,
    counted: String,
    records: Vec<Record>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "quarantined.html")]
struct One {
    f: Frame,
    /// One for each lane that holds it.
    records: Vec<Record>,
}

/// `GET /quarantine`
pub(super) async fn list(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = listed(&pages, &visitor).await;
    visitor.answer(made)
}

/// `GET /quarantine/{id}`
pub(super) async fn one(
    State(pages): State<Pages>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let made = match id {
        Ok(Path(id)) => shown(&pages, &visitor, &id).await,
        Err(rejection) => Err(rejection.into()),
    };
    visitor.answer(made)
}

async fn listed(pages: &Pages, visitor: &Visitor) -> Result<List> {
    let params: QuarantineParams = visitor.query()?;
    let known = |text: &str| FATES.contains(&text).then(|| text.to_owned());
    let asked = Asked {
        service: some(params.service.as_deref()).unwrap_or_default(),
        reason: some(params.reason.as_deref()).unwrap_or_default(),
        fate: parse("fate", params.fate.as_deref(), known)?.unwrap_or_default(),
        cursor: parse("cursor", params.cursor.as_deref(), Cursor::parse)?,
    };
    let read = read(&pages.api.store, &asked).await;
    let (totals, count, mut rows) = read.map_err(|error| failed(&error))?;
    let rulebook: &Rulebook = &(pages.api.rulebook)();
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| {
        let cursor = Cursor {
            reported_at: row.received_at.0,
            clue: row.id,
        };
        let address = visitor.address(&["cursor"]);
        address.with("cursor", &cursor.to_string()).text()
    });
    let lang = visitor.lang;
    Ok(List {
        f: visitor.frame("/quarantine", lang.choose("隔离区", "Quarantine")),
        fields: fields(lang, &asked, &totals),
        heaps: totals.iter().map(|total| heap(lang, total)).collect(),
        count,
        counted: labels::number(count),
        records: rows
            .into_iter()
            .map(|row| record(lang, &rulebook.zone, row))
            .collect(),
        next,
    })
}

async fn shown(pages: &Pages, visitor: &Visitor, id: &str) -> Result<One> {
    let Plain { .. } = visitor.query()?;
    let rows = match id.parse::<RecordId>() {
        Ok(id) => find(&pages.api.store, id).await.map_err(|error| failed(&error))?,
        Err(_) => Vec::new(),
    };
    if rows.is_empty() {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "record_unknown",
            "There is no such record in quarantine",
            "隔离区没有这条记录",
        ));
    }
    let title = visitor.lang.choose("隔离记录", "Quarantined record");
    Ok(One {
        f: visitor.frame("/quarantine", title),
        records: rows
            .into_iter()
            .map(|row| record(visitor.lang, &(pages.api.rulebook)().zone, row))
            .collect(),
    })
}

const WHERE: &str = "WHERE ($1 = '' OR consumer_group = $1) AND ($2 = '' OR reason = $2)
    AND ($3 = '' OR fate = $3 OR ($3 = 'kept' AND fate <> 'replayed'))";

/// Totals, how many there are as asked, and one more than a page of them.
async fn read(store: &Store, asked: &Asked) -> crate::Result<(Vec<Total>, i64, Vec<Row>)> {
    let totals = quarantine::list(store, None, None, 0).await?.totals;
    let mut reader = store.snapshot().await?;
    let counting = AssertSqlSafe(format!("SELECT count(*) FROM quarantine {WHERE}"));
    let count = sql!(reader.conn(), c => sqlx::query_scalar(counting)
        .bind(asked.service.clone()).bind(asked.reason.clone()).bind(asked.fate.clone()).fetch_one(c).await)?;
    let after = asked.cursor.map(|cursor| (At(cursor.reported_at), cursor.clue));
    let place = if after.is_some() {
        "AND (received_at, id) < ($4, $5)"
    } else {
        ""
    };
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine {WHERE} {place} ORDER BY received_at DESC, id DESC LIMIT {}",
        PAGE + 1
    ));
    let rows = sql!(reader.conn(), c => {
        let mut query = sqlx::query_as(text)
            .bind(asked.service.clone()).bind(asked.reason.clone()).bind(asked.fate.clone());
        if let Some((at, id)) = after {
            query = query.bind(at).bind(id);
        }
        query.fetch_all(c).await
    })?;
    Ok((totals, count, rows))
}

async fn find(store: &Store, id: RecordId) -> crate::Result<Vec<Row>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine WHERE id = $1 ORDER BY partition"
    ));
    let mut reader = store.read().await?;
    Ok(sql!(reader.conn(), c => sqlx::query_as(text).bind(id.0).fetch_all(c).await)?)
}

const FATES: [&str; 4] = ["waiting", "replayed", "discarded", "kept"];

fn fields(lang: Lang, asked: &Asked, totals: &[Total]) -> Vec<Field> {
    let mut reasons: Vec<&str> = totals.iter().map(|total| total.reason.as_str()).collect();
    let mut services: Vec<&str> = totals.iter().map(|total| total.service.as_str()).collect();
    for words in [&mut reasons, &mut services] {
        words.sort_unstable();
        words.dedup();
    }
    let field = |name, label, words: &[&str], chosen: &str| {
        let choice = |word: &&str| Choice {
            value: (*word).to_owned(),
            label: if name == "fate" {
                labels::fate(lang, word)
            } else {
                *word
            }
            .to_owned(),
            chosen: *word == chosen,
        };
        Field {
            name,
            label,
            choices: words.iter().map(choice).collect(),
        }
    };
    vec![
        field("fate", lang.choose("去向", "Fate"), &FATES, &asked.fate),
        field("reason", lang.choose("原因", "Reason"), &reasons, &asked.reason),
        field(
            "service",
            lang.choose("环节", "Service"),
            &services,
            &asked.service,
        ),
    ]
}

fn heap(lang: Lang, total: &Total) -> Heap {
    let address = || {
        Address::to("/quarantine")
            .with("service", &total.service)
            .with("reason", &total.reason)
            .with("fate", &total.fate)
            .text()
    };
    Heap {
        service: total.service.clone(),
        reason: total.reason.clone(),
        fate: labels::fate(lang, &total.fate).to_owned(),
        number: Number::new("", u64::try_from(total.records).unwrap_or(0), address),
    }
}

/// Files are known by their digests, of which twelve digits suffice for people.
fn shortened(file: &str) -> String {
    match file.get(..12) {
        Some(start) if file.len() == 64 => format!("{start}…"),
        _ => file.to_owned(),
    }
}

fn record(lang: Lang, zone: &TimeZone, row: Row) -> Record {
    let mut origin = format!("{}/{}/{}", row.topic, row.topic_partition, row.record_offset);
    if let Some(file) = row.file.as_deref().map(shortened) {
        origin = match row.line {
            Some(line) => format!("{file}:{line}"),
            None => file,
        };
    }
    let id = row.id.to_string();
    let text = |text: Option<String>| text.unwrap_or_default();
    Record {
        href: Address::below("/quarantine", &id).text(),
        id,
        service: row.consumer_group,
        origin,
        source: text(row.source),
        reason: row.reason,
        field: text(row.field),
        mapping: text(row.mapping),
        size: labels::number(row.size),
        received: Moment::of(row.received_at.0, zone),
        fate: labels::fate(lang, &row.fate).to_owned(),
        fate_at: row.fate_at.map(|at| Moment::of(at.0, zone)),
        fate_by: text(row.fate_by),
        fate_reason: text(row.fate_reason),
    }
}
