//! The active rulebook: who has what where on a day, and the map of what is covered.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::code::{AreaCode, MatterCode};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{Competence, CompiledRulebook, Coverage, CoverageCell, DutyRole};
use jiff::civil::Date;
use serde::Deserialize;

use super::address::Address;
use super::asked::{parse, some};
use super::visitor::{Frame, Visitor};
use super::{Pages, Result, unusable};
use crate::rulebook::{self, Answer};
use crate::words::Words;

/// As many matters are on the map.
const MAPPED: usize = 150;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    matter: Option<String>,
    area: Option<String>,
    on: Option<String>,
}

/// A cell of the map.
struct Cell {
    text: String,
    /// Somewhere nobody has it.
    open: bool,
}

struct MapRow {
    matter: String,
    cells: Vec<Cell>,
}

/// Who has a matter in an area from a day on.
struct Found {
    matter: String,
    area: String,
    spans: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "rulebook.html")]
struct RulebookPage {
    f: Frame,
    version: String,
    label: String,
    title: String,
    matter: String,
    area: String,
    on: String,
    /// What was asked for is not there.
    nothing: bool,
    found: Vec<Found>,
    more: bool,
    /// Of one matter in one area.
    explanation: Vec<String>,
    counties: Vec<String>,
    map: Vec<MapRow>,
    map_more: bool,
    /// Once somebody asked for a matter in an area.
    json: Option<String>,
}

/// `GET /rulebook`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<RulebookPage> {
    let params: Params = visitor.query()?;
    let lang = visitor.lang;
    let active = pages
        .api
        .library
        .active(pages.api.clock.now())
        .await
        .map_err(|error| unusable(&error))?;
    let book = active.rulebook();
    let today = || pages.api.clock.now().civil_date(&book.zone);
    let on = parse("on", params.on.as_deref(), |text| text.parse::<Date>().ok())?.unwrap_or_else(today);
    let (matter, area) = (some(params.matter.as_deref()), some(params.area.as_deref()));
    let matters = rulebook::matters(book, matter.as_deref().unwrap_or_default());
    let areas = rulebook::areas(book, area.as_deref().unwrap_or_default());
    let words = Words { lang, rulebook: book };
    let answers = if area.is_some() {
        rulebook::who(&active, &matters, &areas, on)
    } else {
        Vec::new()
    };
    let coverage = Coverage::of(&active, matters.iter().copied().take(MAPPED), on);
    Ok(RulebookPage {
        f: visitor.frame("/rulebook", lang.choose("规则库", "Rulebook")),
        version: book.version.to_string(),
        label: book.label.clone(),
        title: lang.choose(&book.title, &book.title_en).to_owned(),
        on: on.to_string(),
        more: area.is_some() && matters.len() * areas.len() > answers.len(),
        nothing: (matter.is_some() && matters.is_empty()) || (area.is_some() && areas.is_empty()),
        explanation: explanation(&active, (&matters, &areas), on, lang).unwrap_or_default(),
        found: answers.iter().map(|answer| Found::of(answer, words)).collect(),
        counties: coverage.counties.iter().map(|area| words.area(area)).collect(),
        map: coverage
            .rows
            .iter()
            .map(|row| MapRow {
                matter: words.matter(&row.matter),
                cells: row.cells.iter().map(|cell| Cell::of(cell, words)).collect(),
            })
            .collect(),
        map_more: matters.len() > MAPPED,
        json: matter.as_deref().zip(area.as_deref()).map(|(matter, area)| {
            Address::to("/api/v1/rulebook/competence")
                .with("matter", matter)
                .with("area", area)
                .with("on", &on.to_string())
                .text()
        }),
        matter: matter.unwrap_or_default(),
        area: area.unwrap_or_default(),
    })
}

/// In full where one matter in one area is meant.
fn explanation(
    active: &CompiledRulebook,
    asked: (&[&MatterCode], &[&AreaCode]),
    on: Date,
    lang: Lang,
) -> Option<Vec<String>> {
    let ([matter], [area]) = asked else { return None };
    let (competence, _) = active.competence(DutyRole::FirstHandler, matter, area, on);
    if !competence.conditional.is_empty() {
        // there is no clue whose words the predicates could be asked about
        return None;
    }
    let explanation = active.explain(&rulebook::question(matter, area, on));
    Some(explanation.words(lang, active.rulebook()))
}

impl Found {
    fn of(answer: &Answer, words: Words<'_>) -> Self {
        let spans = answer.spans.iter().map(|span| {
            let lines: Vec<_> = span.lines.iter().map(ToString::to_string).collect();
            let lines = lines.join(words.lang.choose("、", ", "));
            let who = who(&span.competence, words);
            let who = match words.lang {
                _ if lines.is_empty() => who,
                Lang::Zh => format!("{who}（duties.csv 第 {lines} 行）"),
                Lang::En => format!("{who} (line {lines} of duties.csv)"),
            };
            (span.from.to_string(), who)
        });
        Self {
            matter: words.matter(&answer.matter),
            area: words.area(&answer.area),
            spans: spans.collect(),
        }
    }
}

fn who(competence: &Competence, words: Words<'_>) -> String {
    let lang = words.lang;
    let conditional = competence.conditional.iter().map(|level| {
        let level = level.iter().map(|it| {
            let agency = words.agency(&it.agency);
            match lang {
                Lang::Zh => format!("条件 {} 时：{agency}", it.when),
                Lang::En => format!("when {}: {agency}", it.when),
            }
        });
        level.collect::<Vec<_>>().join(lang.choose("，或", ", or "))
    });
    let mut parts: Vec<String> = conditional.collect();
    let agencies: Vec<_> = competence.otherwise.iter().map(|id| words.agency(id)).collect();
    let listed = agencies.join(lang.choose("、", ", "));
    parts.push(match agencies.len() {
        0 => lang.choose("无单位，转人工", "nobody: triage").to_owned(),
        1 => listed,
        _ => format!("{}{listed}", lang.choose("同级并列，转人工：", "tie, triage: ")),
    });
    parts.join(lang.choose("；否则 ", "; otherwise "))
}

impl Cell {
    fn of(cell: &CoverageCell, words: Words<'_>) -> Self {
        let lang = words.lang;
        let mut parts: Vec<String> = match (cell.sole(), cell.agencies.len()) {
            (Some(agency), _) => vec![words.agency(agency)],
            (None, 0) => Vec::new(),
            (None, _) => cell
                .agencies
                .iter()
                .map(|(agency, places)| format!("{} ×{places}", words.agency(agency)))
                .collect(),
        };
        if parts.len() > 3 {
            let count = parts.len();
            parts = vec![match lang {
                Lang::Zh => format!("{count} 个单位"),
                Lang::En => format!("{count} agencies"),
            }];
        }
        let more = [
            (cell.conditional, lang.choose("看条件", "by predicate")),
            (cell.tied, lang.choose("并列", "tie")),
            (cell.open, lang.choose("无单位", "nobody")),
        ];
        let more = more.into_iter().filter(|(places, _)| *places > 0);
        parts.extend(more.map(|(places, word)| format!("{word} ×{places}")));
        Self {
            text: parts.join(lang.choose("，", ", ")),
            open: cell.open > 0 || cell.tied > 0,
        }
    }
}
