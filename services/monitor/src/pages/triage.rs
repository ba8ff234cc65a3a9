//! What waits in triage, by why: each group with the row of the rulebook that would have decided all of it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::code::{AreaCode, MatterCode};
use bihuan_domain::routing::{Cause, Group, Rulebook};

use super::address::Address;
use super::asked::Plain;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels, unusable};
use crate::triage;
use crate::words::Words;

/// As many groups are shown.
const SHOWN: usize = 200;

struct Row {
    clues: String,
    /// The list of just these, where there is one.
    href: Option<String>,
    why: String,
    matter: String,
    county: String,
    oldest: Moment,
    examples: Vec<String>,
    file: &'static str,
    header: &'static str,
    draft: String,
    note: &'static str,
}

#[derive(Template)]
#[template(path = "triage.html")]
struct TriagePage {
    f: Frame,
    clues: String,
    rows: Vec<Row>,
    more: bool,
}

/// `GET /triage`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<TriagePage> {
    let Plain { .. } = visitor.query()?;
    let lang = visitor.lang;
    let active = pages
        .api
        .library
        .active(pages.api.clock.now())
        .await
        .map_err(|error| unusable(&error))?;
    let groups = triage::groups(&pages.api.store, &active).await;
    let groups = groups.map_err(|error| failed(&error))?;
    let rulebook = active.rulebook();
    let words = Words { lang, rulebook };
    // lists are by matter and place, not by reason
    let mut alike: HashMap<_, usize> = HashMap::new();
    for group in &groups {
        *alike.entry(listed(&group.cause)).or_default() += 1;
    }
    let is_alone = |group: &Group| {
        let key = listed(&group.cause);
        key.iter().all(Option::is_some) && alike.get(&key) == Some(&1)
    };
    let clues: u64 = groups.iter().map(|group| group.clues).sum();
    Ok(TriagePage {
        f: visitor.frame("/triage", lang.choose("人工分派", "Triage")),
        clues: labels::number(clues as i64),
        more: groups.len() > SHOWN,
        rows: groups
            .iter()
            .take(SHOWN)
            .map(|group| Row::of(group, is_alone(group), words, rulebook))
            .collect(),
    })
}

/// Matter and place as lists know them.
fn listed(cause: &Cause) -> [Option<&str>; 2] {
    let matter = cause.matter.as_ref().map(MatterCode::as_str);
    let place = cause.county.as_ref().map(AreaCode::as_str);
    [
        matter.or(cause.source_matter.as_deref()),
        place.or(cause.source_area.as_deref()),
    ]
}

impl Row {
    /// `is_alone`: no other group has its matter and place.
    fn of(group: &Group, is_alone: bool, words: Words<'_>, rulebook: &Rulebook) -> Self {
        let Cause {
            matter,
            county,
            source_matter,
            source_area,
            ..
        } = &group.cause;
        let quoted =
            |word: &Option<String>| word.as_ref().map(|word| format!("“{word}”")).unwrap_or_default();
        let [listed_matter, listed_place] = listed(&group.cause);
        let href = Address::to("/clues")
            .with("stage", "triage")
            .with_some("matter", listed_matter)
            .with_some("area", listed_place);
        let draft = group.draft.as_ref();
        Self {
            clues: labels::number(group.clues as i64),
            href: is_alone.then(|| href.text()),
            why: words.waits(&group.cause),
            matter: matter
                .as_ref()
                .map_or_else(|| quoted(source_matter), |it| words.matter(it)),
            county: county
                .as_ref()
                .map_or_else(|| quoted(source_area), |it| words.area(it)),
            oldest: Moment::of(group.oldest, &rulebook.zone),
            examples: group.examples.iter().map(ToString::to_string).collect(),
            file: draft.map_or("", |draft| draft.file),
            header: draft.map_or("", |draft| draft.header),
            draft: draft.map(|draft| draft.row.clone()).unwrap_or_default(),
            note: words.remedy(group),
        }
    }
}
