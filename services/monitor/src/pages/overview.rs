//! The first page: whether the accounts balance, how the day stands, and who has what is open.

mod counted;

use std::cmp::Reverse;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::figures::{Basis, By, FigureKind, Records, Report};
use bihuan_domain::routing::Rulebook;
use jiff::civil::Date;

use super::address::Address;
use super::asked::Plain;
use super::drill::Scope;
use super::figure::{Line, Number, Place, Rate};
use super::ladder::Climbing;
use super::times::Times;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::names;
use crate::trend::Day;
use crate::words::Words;

pub(super) use counted::Cache;
use counted::{Counted, Holding, Holdings};

/// Rows of a table on this page; the report has them all.
const ROWS: usize = 12;

const NUMBERS: [&str; 6] = ["clues", "closed", "open", "open_overdue", "triage", "suspended"];
/// The third says how much the second is worth: without deadlines nothing falls due.
const CARDS: [FigureKind; 3] = [
    FigureKind::ClosureRateStrict,
    FigureKind::ClosureRateDue,
    FigureKind::OnTimeClosureWithDeadline,
];
const RATES: [FigureKind; 2] = [FigureKind::ClosureRateStrict, FigureKind::ClosureRateDue];

/// 已平衡, 处理中, 不平衡
#[derive(Clone, Copy, PartialEq, Eq)]
enum Balance {
    Balanced,
    Settling,
    Unbalanced,
}

/// left = the sum of the terms
struct Sentence {
    left: Number,
    right: Vec<Number>,
}

struct Part {
    name: &'static str,
    number: Number,
    /// Of a bar 1000 wide.
    start: f64,
    width: f64,
}

struct HolderLine {
    name: String,
    open: Number,
    overdue: Number,
    since: Moment,
}

struct DayLine {
    date: Date,
    received: Number,
    closed: Number,
}

struct Heap {
    service: String,
    reason: String,
    number: Number,
}

/// A table by agency or area, the ones with most to do first.
struct Table {
    caption: String,
    heads: Vec<String>,
    lines: Vec<Line>,
    left_out: usize,
    all: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    f: Frame,
    as_of: Moment,
    rulebook: String,
    balance: Balance,
    sentences: Vec<Sentence>,
    parts: Vec<Part>,
    nobody: Number,
    climbing: Climbing,
    rates: Vec<Rate>,
    times: Times,
    tables: Vec<Table>,
    days: Vec<DayLine>,
    series: String,
    holders: Vec<HolderLine>,
    holders_left_out: usize,
    reasons: Vec<Heap>,
}

/// `GET /`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = overview(&pages, &visitor).await;
    visitor.answer(made)
}

async fn overview(pages: &Pages, visitor: &Visitor) -> Result<Overview> {
    let Plain { .. } = visitor.query()?;
    let rulebook = (pages.api.rulebook)();
    let counted = pages.overview.get(&pages.api, &rulebook).await;
    let counted = counted.map_err(|error| failed(&error))?;
    let scope = Scope::now();
    let place = Place {
        lang: visitor.lang,
        scope: &scope,
        row: None,
    };
    let frame = visitor.frame("/", visitor.lang.choose("总览", "Overview"));
    let report = &counted.by_agency;
    let words = Words {
        lang: visitor.lang,
        rulebook: &rulebook,
    };
    Ok(Overview {
        as_of: Moment::of(counted.now, &rulebook.zone),
        rulebook: title(visitor, &rulebook),
        balance: balance(&counted),
        sentences: sentences(place, report),
        parts: parts(place, report),
        nobody: Number::new("", counted.nobody, || "/accounts#open_has_holder".to_owned()),
        climbing: Climbing::of(words, &counted.climbed),
        rates: CARDS
            .iter()
            .filter_map(|id| place.rate_of(&report.figures, *id))
            .collect(),
        times: Times::of(place, report),
        tables: vec![
            table(place, &rulebook, &counted.by_agency, By::Agency),
            table(place, &rulebook, &counted.by_area, By::Area),
        ],
        series: series(visitor, &counted.days),
        days: counted.days.iter().map(|day| day_line(place, *day)).collect(),
        holders: holders(visitor, &rulebook, &counted.holdings),
        holders_left_out: counted.holdings.len().saturating_sub(ROWS),
        reasons: reasons(&counted),
        f: frame,
    })
}

fn title(visitor: &Visitor, rulebook: &Rulebook) -> String {
    let title = visitor.lang.choose(&rulebook.title, &rulebook.title_en);
    let title = if title.is_empty() { &rulebook.label } else { title };
    format!("{title} · {}", rulebook.version)
}

const fn balance(counted: &Counted) -> Balance {
    match (counted.balanced, counted.settled) {
        (true, _) => Balance::Balanced,
        (false, false) => Balance::Settling,
        (false, true) => Balance::Unbalanced,
    }
}

/// received = its dispositions; new = what became of the clues.
fn sentences(place: Place<'_>, report: &Report) -> Vec<Sentence> {
    let records = report.records.unwrap_or_default();
    let outcome = |(name, value): (&'static str, u64)| {
        Number::new(labels::count(place.lang, name), value, || match name {
            "new" => place.scope.link(None, "clues"),
            "quarantined" => "/quarantine?service=intake&fate=kept".to_owned(),
            _ => "/accounts".to_owned(),
        })
    };
    let dispositions = records.entries().filter(|(name, value)| match *name {
        "received" | "discarded" | "replayed" => false,
        "ahead" => *value > 0,
        _ => true,
    });
    let Records { received, new, .. } = records;
    let fates = ["rejected", "voided", "merged", "closed", "open"];
    vec![
        Sentence {
            left: outcome(("received", received)),
            right: dispositions.map(outcome).collect(),
        },
        Sentence {
            left: outcome(("new", new)),
            right: place.counts(&report.counts, &fates),
        },
    ]
}

fn parts(place: Place<'_>, report: &Report) -> Vec<Part> {
    let all: u64 = report.partition.entries().map(|(_, value)| value).sum();
    let scale = 1000.0 / all.max(1) as f64;
    let mut before = 0.0;
    let named = report.partition.entries().map(|(name, _)| name);
    let numbers = place.parts(&report.partition);
    let parts = named.zip(numbers).map(|(name, number)| {
        let (start, width) = (before, number.value as f64 * scale);
        before += width;
        Part {
            name,
            number,
            start,
            width,
        }
    });
    parts.collect()
}

fn table(place: Place<'_>, rulebook: &Rulebook, report: &Report, by: By) -> Table {
    let mut rows: Vec<_> = report.rows.iter().collect();
    rows.sort_by(|a, b| {
        let weight =
            |row: &bihuan_domain::figures::Row| (row.counts.open_overdue, row.counts.open, row.counts.clues);
        weight(b).cmp(&weight(a)).then_with(|| a.key.cmp(&b.key))
    });
    let line = |row: &&bihuan_domain::figures::Row| {
        let place = Place {
            row: Some((by, row.key.as_str())),
            ..place
        };
        let mut line = Line::of(place, row, &NUMBERS, &RATES);
        line.name = names::name(rulebook, place.lang, by, &row.key);
        line
    };
    let (zh, en) = labels::by(by);
    let counts = NUMBERS.iter().map(|name| labels::count(place.lang, name));
    let rates = RATES.iter().map(|kind| {
        let (zh, en) = kind.words();
        place.lang.choose(zh, en).to_owned()
    });
    Table {
        caption: place.lang.choose(zh, en).to_owned(),
        heads: counts.chain(rates).collect(),
        lines: rows.iter().take(ROWS).map(line).collect(),
        left_out: rows.len().saturating_sub(ROWS),
        all: Address::to("/report").with("by", by.as_str()).text(),
    }
}

fn day_line(place: Place<'_>, day: Day) -> DayLine {
    let scope = |basis| Scope {
        as_of: None,
        from: Some(day.date),
        to: day.date.tomorrow().ok(),
        basis,
    };
    let (received, closed) = (scope(Basis::Cohort), scope(Basis::Flow));
    let word = |name| labels::count(place.lang, name);
    DayLine {
        date: day.date,
        received: Number::new(word("received"), day.received, || received.link(None, "clues")),
        closed: Number::new(word("closed"), day.closed, || closed.link(None, "flow.closed")),
    }
}

/// What the chart draws.
fn series(visitor: &Visitor, days: &[Day]) -> String {
    let dates: Vec<_> = days.iter().map(|day| day.date.to_string()).collect();
    let named = |name, values: Vec<u64>| serde_json::json!({"name": labels::count(visitor.lang, name), "values": values});
    let received = named("received", days.iter().map(|day| day.received).collect());
    let closed = named("closed", days.iter().map(|day| day.closed).collect());
    serde_json::json!({"dates": dates, "series": [received, closed]}).to_string()
}

fn holders(visitor: &Visitor, rulebook: &Rulebook, holdings: &Holdings) -> Vec<HolderLine> {
    let mut sorted: Vec<_> = holdings.iter().collect();
    sorted.sort_by_key(|(_, held)| Reverse((held.overdue, held.open)));
    let line = |((kind, agency), held): &(&(_, Option<String>), &Holding)| {
        let (zh, en) = labels::holder(*kind);
        let agency_name = agency
            .as_deref()
            .map(|agency| names::name(rulebook, visitor.lang, By::Agency, agency));
        let address = Address::to("/clues")
            .with("stage", "open")
            .with("holder", kind.as_str())
            .with_some("agency", agency.as_deref());
        let late = address.clone().with("overdue", "true");
        HolderLine {
            name: agency_name.unwrap_or_else(|| visitor.lang.choose(zh, en).to_owned()),
            open: Number::new("", held.open, || address.text()),
            overdue: Number::new("", held.overdue, || late.text()),
            since: Moment::of(held.since, &rulebook.zone),
        }
    };
    sorted.iter().take(ROWS).map(line).collect()
}

fn reasons(counted: &Counted) -> Vec<Heap> {
    let waiting = counted.quarantine.iter().filter(|total| total.fate == "waiting");
    let reason = |total: &crate::quarantine::Total| {
        let records = u64::try_from(total.records).unwrap_or(0);
        let address = || {
            let address = Address::to("/quarantine").with("fate", "waiting");
            address
                .with("service", &total.service)
                .with("reason", &total.reason)
                .text()
        };
        Heap {
            service: total.service.clone(),
            reason: total.reason.clone(),
            number: Number::new("", records, address),
        }
    };
    waiting.map(reason).collect()
}
