//! What the rules would have done against what dispatchers did, and which rule would have to change.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::figures::{ComparedRow, Rights};
use jiff::civil::Date;

use super::address::Address;
use super::asked::Days;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::words::Words;
use crate::words::shadow::{self, Change};

/// As many changes are shown.
const SHOWN: usize = 200;

struct Row {
    rule: String,
    agency: String,
    /// Clues, and by who was right.
    counts: [String; 6],
    went: String,
}

#[derive(Template)]
#[template(path = "shadow.html")]
struct ShadowPage {
    f: Frame,
    as_of: Moment,
    from: String,
    to: String,
    sums: Vec<(&'static str, String)>,
    clocks: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    changes: Vec<Change>,
    more: bool,
    json: String,
}

/// `GET /shadow`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<ShadowPage> {
    let days: Days = visitor.query()?;
    let api = &pages.api;
    let (rulebook, now, lang) = ((api.rulebook)(), api.clock.now(), visitor.lang);
    let (from, to) = days.asked(&rulebook.zone)?;
    let found = api.comparisons.of(&api.store, (from, to), now, &rulebook).await;
    let found = found.map_err(|error| failed(&error))?;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    let changes = found.changes();
    let text = |date: Option<Date>| date.map(|date| date.to_string());
    Ok(ShadowPage {
        f: visitor.frame("/shadow", lang.choose("影子运行", "Shadow run")),
        as_of: Moment::of(now, &rulebook.zone),
        from: text(from).unwrap_or_default(),
        to: text(to).unwrap_or_default(),
        sums: shadow::sums(&found, lang),
        clocks: shadow::clocks(&found, lang),
        rows: found.rows.iter().map(|row| Row::of(row, words)).collect(),
        more: changes.len() > SHOWN,
        changes: changes
            .iter()
            .take(SHOWN)
            .map(|(row, it)| words.change(row, it))
            .collect(),
        json: Address::to("/api/v1/reports/shadow")
            .with_some("from", text(from).as_deref())
            .with_some("to", text(to).as_deref())
            .text(),
    })
}

impl Row {
    fn of(row: &ComparedRow, words: Words<'_>) -> Self {
        let Rights {
            both,
            rules,
            people,
            neither,
            nobody,
        } = row.rights;
        let agency = row.rule.agency.as_ref();
        Self {
            rule: row
                .rule
                .line
                .map_or_else(|| row.rule.reason.clone(), |line| line.to_string()),
            agency: agency.map_or_else(|| "–".to_owned(), |agency| words.agency(agency)),
            counts: [row.clues, both, rules, people, neither, nobody]
                .map(|count| labels::number(count as i64)),
            went: words.went(row),
        }
    }
}
