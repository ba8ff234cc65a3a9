//! The platforms' own lists against ours: of each source the newest run, whom to ask about what, and the ids.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use bihuan_domain::clue::SourceStatus;
use bihuan_domain::figures::{By, Standing};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;

use super::asked::Plain;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::names;
use crate::reconcile::{self, Ask, Outcome, kept};
use crate::routes::reconciliations::{first_to_come, never};
use crate::words::Words;

/// As many differences are shown one by one.
const SHOWN: usize = 500;

struct Run {
    href: String,
    source: String,
    outcome: Outcome,
    when: Moment,
    /// The day, or that a person made it.
    occasion: String,
    manifest: String,
    made: String,
    problem: String,
    differences: String,
    counts: Vec<(&'static str, String)>,
}

struct Group {
    ask: String,
    difference: &'static str,
    cause: &'static str,
    words: String,
    count: String,
}

struct Row {
    ask: String,
    cause: &'static str,
    source_id: String,
    href: Option<String>,
    number: String,
    there: String,
    here: &'static str,
    line: String,
}

#[derive(Template)]
#[template(path = "reconcile.html")]
struct List {
    f: Frame,
    runs: Vec<Run>,
    /// Source and time of day of those that are configured and have no run yet.
    waiting: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "reconciled.html")]
struct One {
    f: Frame,
    run: Run,
    groups: Vec<Group>,
    rows: Vec<Row>,
    more: bool,
}

/// `GET /reconcile`
pub(super) async fn list(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = listed(&pages, &visitor).await;
    visitor.answer(made)
}

/// `GET /reconcile/{source}`
pub(super) async fn one(
    State(pages): State<Pages>,
    visitor: Visitor,
    source: Result<Path<String>, PathRejection>,
) -> Response {
    let made = match source {
        Ok(Path(source)) => shown(&pages, &visitor, &source).await,
        Err(rejection) => Err(rejection.into()),
    };
    visitor.answer(made)
}

async fn listed(pages: &Pages, visitor: &Visitor) -> Result<List> {
    let Plain { .. } = visitor.query()?;
    let runs = kept::newest(&pages.api.store)
        .await
        .map_err(|error| failed(&error))?;
    let rulebook = (pages.api.rulebook)();
    let lang = visitor.lang;
    let waiting = first_to_come(&pages.api.plans, &runs);
    let waiting = waiting.map(|plan| (plan.source.to_string(), plan.at.strftime("%H:%M").to_string()));
    Ok(List {
        f: visitor.frame("/reconcile", title(lang)),
        waiting: waiting.collect(),
        runs: runs.iter().map(|run| Run::of(run, lang, &rulebook)).collect(),
    })
}

async fn shown(pages: &Pages, visitor: &Visitor, source: &str) -> Result<One> {
    let Plain { .. } = visitor.query()?;
    let found = kept::of_source(&pages.api.store, source)
        .await
        .map_err(|error| failed(&error))?;
    let (run, rows) = found.ok_or_else(never)?;
    let rulebook = (pages.api.rulebook)();
    let words = Words {
        lang: visitor.lang,
        rulebook: &rulebook,
    };
    let groups = run.summary.iter().flat_map(|summary| &summary.groups);
    let differing = run.summary.as_ref().map_or(0, |it| it.counts.differences);
    Ok(One {
        f: visitor.frame("/reconcile", format!("{} {source}", title(visitor.lang))),
        run: Run::of(&run, visitor.lang, &rulebook),
        groups: groups.map(|group| Group::of(group, words)).collect(),
        rows: rows.iter().take(SHOWN).map(|row| Row::of(row, words)).collect(),
        more: differing > SHOWN as u64,
    })
}

const fn title(lang: Lang) -> &'static str {
    lang.choose("平台核对", "Reconcile")
}

impl Run {
    fn of(run: &reconcile::Run, lang: Lang, rulebook: &Rulebook) -> Self {
        let problem = run.problem.as_ref();
        let problem = problem.map(|it| lang.choose(&it.words_zh, &it.words_en).to_owned());
        let summary = run.summary.as_ref();
        let counts = summary.into_iter().flat_map(|it| it.counts.told(lang));
        Self {
            href: format!("/reconcile/{}", run.source),
            source: run.source.clone(),
            outcome: run.outcome,
            when: Moment::of(run.finished_at, &rulebook.zone),
            occasion: match run.run.as_str() {
                kept::BY_HAND => lang.choose("人工", "by hand").to_owned(),
                day => day.to_owned(),
            },
            manifest: summary.map(|it| it.manifest.clone()).unwrap_or_default(),
            made: summary.map(|it| it.made_at.clone()).unwrap_or_default(),
            problem: problem.unwrap_or_default(),
            differences: summary.map_or_else(String::new, |it| number(it.counts.differences)),
            counts: counts.map(|(name, count)| (name, number(count))).collect(),
        }
    }
}

fn number(count: u64) -> String {
    labels::number(count as i64)
}

fn asked(ask: Ask, (agency, person): (&Option<String>, &Option<String>), words: Words<'_>) -> String {
    let (Ask::Agency, Some(agency)) = (ask, agency) else {
        return ask.words(words.lang).to_owned();
    };
    let agency = names::name(words.rulebook, words.lang, By::Agency, agency);
    match person {
        Some(person) => format!("{agency} ({person})"),
        None => agency,
    }
}

impl Group {
    fn of(group: &reconcile::Group, words: Words<'_>) -> Self {
        Self {
            ask: asked(group.ask, (&group.agency, &group.person), words),
            difference: group.difference.words(words.lang),
            cause: group.cause.as_str(),
            words: group.words(words.lang).to_owned(),
            count: number(group.count),
        }
    }
}

impl Row {
    fn of(row: &reconcile::Row, words: Words<'_>) -> Self {
        let here = row.here.as_deref().and_then(Standing::parse);
        let there = row.there.as_deref().and_then(SourceStatus::parse);
        let number = row.number.clone();
        Self {
            ask: asked(row.ask, (&row.agency, &row.person), words),
            cause: row.cause.as_str(),
            source_id: row.source_id.clone().unwrap_or_default(),
            // only what is here has a number, and a page
            href: row
                .clue
                .as_ref()
                .filter(|_| number.is_some())
                .map(|clue| format!("/clues/{clue}")),
            number: number.unwrap_or_default(),
            there: there.map_or("", |there| words.source_status(there)).to_owned(),
            here: here.map_or("", |here| words.stage(here)),
            line: row.line.map(|line| line.to_string()).unwrap_or_default(),
        }
    }
}
