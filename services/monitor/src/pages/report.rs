//! The closure report by any dimension.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::figures::{Basis, By, FigureKind, Report};
use bihuan_domain::lang::Lang;

use super::asked::ReportParams;
use super::clues::{Choice, Field};
use super::figure::{Line, Number, Place, Rate};
use super::times::Times;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::{ReportQuery, report};

const NUMBERS: [&str; 16] = [
    "clues",
    "rejected",
    "voided",
    "merged",
    "closed",
    "open",
    "open_overdue",
    "triage",
    "suspended",
    "disputed",
    "flagged",
    "returns",
    "transfers",
    "reopened",
    "discrepancies",
    "urged",
];
const RATES: [FigureKind; 4] = [
    FigureKind::ClosureRateStrict,
    FigureKind::ClosureRateDue,
    FigureKind::OnTimeClosure,
    FigureKind::FirstRouteAccuracy,
];

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    f: Frame,
    as_of: Moment,
    rulebook: String,
    fields: Vec<Field>,
    from: String,
    to: String,
    asked_as_of: String,
    row_name: &'static str,
    heads: Vec<String>,
    rate_heads: Vec<&'static str>,
    total: Line,
    lines: Vec<Line>,
    rates: Vec<Rate>,
    times: Times,
    parts: Vec<Number>,
    unreadable: Option<Number>,
    flow: Vec<Number>,
    json: String,
}

/// `GET /report`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<ReportPage> {
    let params: ReportParams = visitor.query()?;
    let rulebook = (pages.api.rulebook)();
    let (by, scope, lang) = (params.by()?, params.scope(&rulebook.zone)?, visitor.lang);
    let query = ReportQuery {
        as_of: scope.as_of,
        from: scope.from,
        to: scope.to,
        by: Some(by),
        basis: scope.basis,
        lang,
    };
    let report = report::closure(&pages.api.store, &query, pages.api.clock.now(), &rulebook).await;
    let report = report.map_err(|error| failed(&error))?;
    let place = Place {
        lang,
        scope: &scope,
        row: None,
    };
    let date = |date: Option<jiff::civil::Date>| date.map_or_else(String::new, |date| date.to_string());
    let (zh, en) = labels::by(by);
    let as_of = report.as_of.parse().unwrap_or_default();
    Ok(ReportPage {
        f: visitor.frame("/report", lang.choose("闭环报表", "Closure report")),
        as_of: Moment::of(as_of, &rulebook.zone),
        rulebook: report.rulebook.clone(),
        fields: fields(lang, by, scope.basis),
        from: date(scope.from),
        to: date(scope.to),
        asked_as_of: params.as_of.clone().unwrap_or_default(),
        row_name: lang.choose(zh, en),
        heads: NUMBERS.iter().map(|name| labels::count(lang, name)).collect(),
        rate_heads: RATES.iter().map(|kind| words(lang, *kind)).collect(),
        total: total(place, &report),
        lines: lines(place, &report, by),
        rates: report.figures.iter().map(|figure| place.rate(figure)).collect(),
        times: Times::of(place, &report),
        parts: place.parts(&report.partition),
        unreadable: report
            .records
            .map(|records| place.number("quarantined", records.unreadable())),
        flow: flow(place, &report),
        json: scope
            .address("/api/v1/reports/closure")
            .with("by", by.as_str())
            .text(),
    })
}

const fn words(lang: Lang, kind: FigureKind) -> &'static str {
    let (zh, en) = kind.words();
    lang.choose(zh, en)
}

fn total(place: Place<'_>, report: &Report) -> Line {
    Line {
        name: place.lang.choose("合计", "Total").to_owned(),
        key: String::new(),
        numbers: place.counts(&report.counts, &NUMBERS),
        rates: RATES
            .iter()
            .filter_map(|id| place.rate_of(&report.figures, *id))
            .collect(),
    }
}

fn lines(place: Place<'_>, report: &Report, by: By) -> Vec<Line> {
    let line = |row: &bihuan_domain::figures::Row| {
        let place = Place {
            row: Some((by, row.key.as_str())),
            ..place
        };
        Line::of(place, row, &NUMBERS, &RATES)
    };
    report.rows.iter().map(line).collect()
}

fn flow(place: Place<'_>, report: &Report) -> Vec<Number> {
    let Some(flow) = report.flow else {
        return Vec::new();
    };
    let number = |(name, value)| place.number(&format!("flow.{name}"), value);
    flow.entries().map(number).collect()
}

fn fields(lang: Lang, by: By, basis: Basis) -> Vec<Field> {
    let choice = |value: &str, (zh, en): (&'static str, &'static str), chosen| Choice {
        value: value.to_owned(),
        label: lang.choose(zh, en).to_owned(),
        chosen,
    };
    vec![
        Field {
            name: "by",
            label: lang.choose("按", "By"),
            choices: By::ALL
                .map(|it| choice(it.as_str(), labels::by(it), it == by))
                .into(),
        },
        Field {
            name: "basis",
            label: lang.choose("口径", "Basis"),
            choices: Basis::ALL
                .map(|it| choice(it.as_str(), labels::basis(it), it == basis))
                .into(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_counts_of_the_report() {
        let names: Vec<_> = bihuan_domain::figures::Counts::default()
            .entries()
            .map(|(name, _)| name)
            .collect();
        assert!(NUMBERS.iter().all(|name| names.contains(name)));
    }
}
