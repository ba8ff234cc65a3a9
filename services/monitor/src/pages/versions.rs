//! The versions of the rulebook: from when on, by whom, why, what was tested; and what one changes against another.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bihuan_domain::routing::Diff;
use bihuan_rulebook::{Activations, LibraryError};
use bihuan_runtime::Problem;
use bihuan_store::document::{self, Kind};
use jiff::civil::Date;
use serde::Deserialize;

use super::address::Address;
use super::asked::{Plain, parse};
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, unusable};
use crate::words::Words;

struct Row {
    number: u32,
    version: String,
    label: String,
    /// `None`: for all clues.
    from: Option<Moment>,
    asked: Moment,
    by: String,
    why: String,
    state: String,
    tested: String,
    /// Against the one before.
    diff: Option<String>,
}

#[derive(Template)]
#[template(path = "versions.html")]
struct VersionsPage {
    f: Frame,
    versions: Vec<Row>,
}

/// `GET /rulebook/versions`
pub(super) async fn list(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = listed(&pages, &visitor).await;
    visitor.answer(made)
}

async fn listed(pages: &Pages, visitor: &Visitor) -> Result<VersionsPage> {
    let Plain { .. } = visitor.query()?;
    let (api, lang) = (&pages.api, visitor.lang);
    let now = api.clock.now();
    let read = async {
        let mut reader = api.store.snapshot().await?;
        let known = Activations::read(reader.conn(), api.partitions).await?;
        Ok::<_, bihuan_store::Error>((known, document::list(reader.conn(), Kind::Rulebook).await?))
    };
    let (known, labels) = read.await.map_err(|error| failed(&error.into()))?;
    let labels: BTreeMap<_, _> = labels.into_iter().collect();
    let rulebook = (api.rulebook)();
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    let mut before: Option<&str> = None;
    let mut versions = Vec::new();
    for request in &known.requests {
        let withdrawal = request.withdrawal.as_ref();
        let tested = request
            .backtest
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        let diff = |old: &str| {
            Address::to("/rulebook/diff")
                .with("old", old)
                .with("new", &request.version)
                .text()
        };
        versions.push(Row {
            number: request.number,
            label: labels.get(&request.version).cloned().unwrap_or_default(),
            version: request.version.clone(),
            from: request.from.map(|from| Moment::of(from, &rulebook.zone)),
            asked: Moment::of(request.asked_at, &rulebook.zone),
            by: request.by.clone(),
            why: request.why.clone(),
            state: words.activation(
                known.state(request, now),
                withdrawal.map(|it| (it.by.as_str(), it.why.as_str())),
            ),
            tested: tested.map(|it| words.tested(&it)).unwrap_or_default(),
            diff: before.map(diff),
        });
        if withdrawal.is_none() {
            before = Some(&request.version);
        }
    }
    versions.reverse();
    Ok(VersionsPage {
        f: visitor.frame(
            "/rulebook",
            lang.choose("规则库的版本", "Versions of the rulebook"),
        ),
        versions,
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DiffParams {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    old: String,
    new: String,
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "diff.html")]
struct DiffPage {
    f: Frame,
    old: String,
    new: String,
    from: String,
    changed: usize,
    compared: usize,
    lines: Vec<String>,
}

/// `GET /rulebook/diff`
pub(super) async fn diff(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = compared(&pages, &visitor).await;
    visitor.answer(made)
}

async fn compared(pages: &Pages, visitor: &Visitor) -> Result<DiffPage> {
    let params: DiffParams = visitor.query()?;
    let (api, lang) = (&pages.api, visitor.lang);
    let library = &api.library;
    let old = library.get(&params.old).await.map_err(|error| missing(&error))?;
    let new = library.get(&params.new).await.map_err(|error| missing(&error))?;
    let (before, after) = (old.rulebook(), new.rulebook());
    let today = || api.clock.now().civil_date(&after.zone);
    let from = parse("from", params.from.as_deref(), |text| text.parse::<Date>().ok())?;
    let diff = Diff::of(&old, &new, from.unwrap_or_else(today));
    let name = |label: &str, version: &str| format!("{label} [{version}]");
    Ok(DiffPage {
        f: visitor.frame("/rulebook", lang.choose("两个版本的差别", "What changes")),
        old: name(&before.label, before.version.as_str()),
        new: name(&after.label, after.version.as_str()),
        from: diff.from.to_string(),
        changed: diff.changed,
        compared: diff.compared,
        lines: diff.words(lang, (before, after)),
    })
}

fn missing(error: &LibraryError) -> Problem {
    match error {
        LibraryError::Missing(version) => {
            let version: String = version.chars().take(80).collect();
            Problem::new(
                StatusCode::NOT_FOUND,
                "rulebook_unknown",
                "There is no such version of the rulebook",
                "没有这个版本的规则库",
            )
            .details(
                format!("No rulebook of version {version:?} was ever activated here."),
                format!("此处从未启用过版本“{version}”的规则库。"),
            )
        }
        other => unusable(other),
    }
}
