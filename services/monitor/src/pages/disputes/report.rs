//! The report about disputes: figures with both sides, who against whom, and who hands clues to whom.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::code::AgencyId;
use bihuan_domain::figures::{Between, DisputeReport, Figure, HandOver};
use bihuan_domain::lang::Lang;
use serde_json::json;

use crate::disputes::{DisputeQuery, disputes};
use crate::pages::asked::ReportParams;
use crate::pages::visitor::{Frame, Moment, Visitor};
use crate::pages::{Pages, Result, failed, labels};
use crate::words::Words;

/// As many pairs are drawn and listed; JSON has all.
const PAIRS: usize = 40;
/// As many parties have a row and a column.
const PARTIES: usize = 12;

/// A figure of either kind.
struct Rate {
    id: &'static str,
    version: u32,
    label: &'static str,
    text: String,
    numerator: String,
    denominator: String,
    formula: &'static str,
}

struct Count {
    label: String,
    text: String,
}

/// Label, and numbers.
struct Row {
    label: String,
    numbers: Vec<String>,
}

/// A party against all others.
struct Against {
    name: String,
    /// How often, and how often the duty was put to the one of the row; `None`: itself.
    cells: Vec<Option<(u64, u64)>>,
}

struct Pair {
    from: String,
    to: String,
    hand_overs: String,
}

#[derive(Template)]
#[template(path = "disputes_report.html")]
struct ReportPage {
    f: Frame,
    as_of: Moment,
    rulebook: String,
    from: String,
    to: String,
    asked_as_of: String,
    rates: Vec<Rate>,
    counts: Vec<Count>,
    steps: Vec<Row>,
    levels: Vec<Row>,
    parties: Vec<String>,
    matrix: Vec<Against>,
    pairs: Vec<Pair>,
    more: usize,
    graph: String,
    json: String,
}

/// `GET /disputes/report`
pub(in crate::pages) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<ReportPage> {
    let params: ReportParams = visitor.query()?;
    let (rulebook, lang) = ((pages.api.rulebook)(), visitor.lang);
    let scope = params.scope(&rulebook.zone)?;
    let query = DisputeQuery {
        as_of: scope.as_of,
        from: scope.from,
        to: scope.to,
        listing: None,
        lang,
    };
    let (api, now) = (&pages.api, pages.api.clock.now());
    let report = disputes(&api.store, &api.library, &query, now, &rulebook).await;
    let report = report.map_err(|error| failed(&error))?;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    let date = |date: Option<jiff::civil::Date>| date.map_or_else(String::new, |date| date.to_string());
    let (parties, matrix) = matrix(&report.duty.between);
    let counts = report.duty.counts.entries();
    Ok(ReportPage {
        f: visitor.frame("/disputes", lang.choose("争议报表", "Report about disputes")),
        as_of: Moment::of(report.as_of.parse().unwrap_or_default(), &rulebook.zone),
        rulebook: report.rulebook.clone(),
        from: date(scope.from),
        to: date(scope.to),
        asked_as_of: params.as_of.clone().unwrap_or_default(),
        rates: rates(&report, lang),
        counts: counts
            .map(|(key, count)| Count {
                label: words.duty_count(key),
                text: labels::number(count as i64),
            })
            .collect(),
        steps: steps(&report, lang),
        levels: levels(&report, lang),
        parties,
        matrix,
        pairs: report.pairs.iter().take(PAIRS).map(Pair::of).collect(),
        more: report.pairs.len().saturating_sub(PAIRS),
        graph: graph(&report.pairs),
        json: scope.address("/api/v1/reports/disputes").text(),
    })
}

fn rates(report: &DisputeReport, lang: Lang) -> Vec<Rate> {
    let handed = report.figures.iter().map(|figure| {
        let kind = figure.id;
        Rate::of(figure, (kind.as_str(), kind.words(), kind.is_multiple()), lang)
    });
    let duty = report.duty.figures.iter().map(|figure| {
        let kind = figure.id;
        Rate::of(figure, (kind.as_str(), kind.words(), kind.is_multiple()), lang)
    });
    duty.chain(handed).collect()
}

type Kind = (&'static str, (&'static str, &'static str), bool);

impl Rate {
    fn of<K>(figure: &Figure<K>, (id, (zh, en), is_multiple): Kind, lang: Lang) -> Self {
        let (numerator, denominator) = (figure.numerator, figure.denominator);
        Self {
            id,
            version: figure.version,
            label: lang.choose(zh, en),
            text: if is_multiple {
                labels::times(numerator, denominator)
            } else {
                labels::percent(numerator, denominator)
            },
            numerator: labels::number(numerator as i64),
            denominator: labels::number(denominator as i64),
            formula: figure.formula,
        }
    }
}

impl Pair {
    fn of(pair: &HandOver) -> Self {
        Self {
            from: pair.from_name.clone(),
            to: pair.to_name.clone(),
            hand_overs: labels::number(pair.hand_overs as i64),
        }
    }
}

fn row(label: String, numbers: &[u64]) -> Row {
    Row {
        label,
        numbers: numbers.iter().map(|it| labels::number(*it as i64)).collect(),
    }
}

fn steps(report: &DisputeReport, lang: Lang) -> Vec<Row> {
    let steps = report.duty.steps.iter();
    let step = steps.map(|it| row(it.step.words(lang).to_owned(), &[it.open, it.open_overdue]));
    step.collect()
}

fn levels(report: &DisputeReport, lang: Lang) -> Vec<Row> {
    let levels = report.duty.levels.iter().map(|it| {
        let numbers = [
            it.open,
            it.settled_by_negotiation,
            it.settled_by_opinion,
            it.decided,
        ];
        row(it.level.words(lang).to_owned(), &numbers)
    });
    levels.collect()
}

/// The parties with most disputes, against each other.
fn matrix(between: &[Between]) -> (Vec<String>, Vec<Against>) {
    let mut known: BTreeMap<&AgencyId, (u64, &str)> = BTreeMap::new();
    let mut cells: BTreeMap<(&AgencyId, &AgencyId), (u64, u64)> = BTreeMap::new();
    for it in between {
        let sides = [
            (&it.one, &it.one_name, &it.other, it.to_one),
            (&it.other, &it.other_name, &it.one, it.to_other),
        ];
        for (party, name, other, won) in sides {
            known.entry(party).or_insert((0, name)).0 += it.disputes;
            cells.insert((party, other), (it.disputes, won));
        }
    }
    let mut parties: Vec<_> = known.into_iter().collect();
    parties.sort_by_key(|(_, (disputes, _))| std::cmp::Reverse(*disputes));
    parties.truncate(PARTIES);
    let against = |(one, (_, name)): &(&AgencyId, (u64, &str))| {
        let cell = |(other, _): &(&AgencyId, (u64, &str))| {
            let cell = cells.get(&(*one, *other)).copied();
            (one != other).then(|| cell.unwrap_or_default())
        };
        Against {
            name: (*name).to_owned(),
            cells: parties.iter().map(cell).collect(),
        }
    };
    let matrix = parties.iter().map(against).collect();
    let names = parties.iter().map(|(_, (_, name))| (*name).to_owned());
    (names.collect(), matrix)
}

/// What the script draws: agencies by how often they take part, and the hand-overs between them.
fn graph(pairs: &[HandOver]) -> String {
    let mut agencies: BTreeMap<&AgencyId, (u64, &str)> = BTreeMap::new();
    let shown = || pairs.iter().take(PAIRS);
    for pair in shown() {
        for (agency, name) in [(&pair.from, &pair.from_name), (&pair.to, &pair.to_name)] {
            agencies.entry(agency).or_insert((0, name)).0 += pair.hand_overs;
        }
    }
    let nodes: Vec<_> = agencies
        .iter()
        .map(|(id, (hand_overs, name))| json!({"id": id.as_str(), "name": name, "value": hand_overs}))
        .collect();
    let links: Vec<_> = shown()
        .map(|it| json!({"source": it.from.as_str(), "target": it.to.as_str(), "value": it.hand_overs}))
        .collect();
    json!({"nodes": nodes, "links": links}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(one: &str, other: &str, disputes: u64, [to_one, to_other]: [u64; 2]) -> Between {
        let agency = |id: &str| AgencyId::new(id).expect("valid");
        Between {
            one_name: one.to_owned(),
            other_name: other.to_owned(),
            one: agency(one),
            other: agency(other),
            disputes,
            to_one,
            to_other,
        }
    }

    #[test]
    fn each_party_meets_each_other_and_never_itself() {
        let (parties, matrix) = matrix(&[between("a", "c", 3, [1, 2]), between("b", "c", 1, [0, 0])]);
        assert_eq!(parties, ["c", "a", "b"]);
        let cells: Vec<_> = matrix.into_iter().map(|it| it.cells).collect();
        assert_eq!(
            cells,
            [
                vec![None, Some((3, 2)), Some((1, 0))],
                vec![Some((3, 1)), None, Some((0, 0))],
                vec![Some((1, 0)), Some((0, 0)), None],
            ]
        );
    }
}
