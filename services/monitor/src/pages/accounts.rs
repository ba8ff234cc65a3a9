//! The running proof: each identity with both its sides.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::lang::Lang;

use super::asked::Plain;
use super::drill::Scope;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::accounts::{self, Equation, Side};
use crate::callbacks::CallbackAccount;
use crate::heard::LastHeard;

struct Shown {
    label: String,
    text: String,
    href: Option<String>,
}

struct Identity {
    id: &'static str,
    title: &'static str,
    balanced: bool,
    difference: String,
    left: Vec<Shown>,
    left_sum: String,
    right: Vec<Shown>,
    right_sum: String,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    f: Frame,
    as_of: Moment,
    balanced: bool,
    settled: bool,
    in_flight: String,
    behind: Vec<(&'static str, String)>,
    identities: Vec<Identity>,
    /// Each source, and when it was heard last.
    sources: Vec<(String, Moment)>,
    told: Vec<Told>,
}

/// What a source was to be told of its clues.
struct Told {
    source: String,
    counts: [String; 4],
}

/// `GET /accounts`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<Accounts> {
    let Plain { .. } = visitor.query()?;
    let now = pages.api.clock.now();
    let accounts = accounts::accounts(&pages.api.store, now).await;
    let accounts = accounts.map_err(|error| failed(&error))?;
    let lang = visitor.lang;
    let behind = accounts.behind.iter();
    let zone = &(pages.api.rulebook)().zone;
    let heard = |it: &LastHeard| {
        Some((
            it.source.clone(),
            Moment::of(it.last_heard_at.parse().ok()?, zone),
        ))
    };
    Ok(Accounts {
        f: visitor.frame("/accounts", lang.choose("对账", "Accounts")),
        as_of: Moment::of(now, zone),
        sources: accounts.sources.iter().filter_map(heard).collect(),
        balanced: accounts.balanced,
        settled: accounts.settled,
        in_flight: labels::number(accounts.in_flight as i64),
        behind: behind
            .map(|(topic, events)| (*topic, labels::number(*events)))
            .collect(),
        identities: accounts.equations.iter().map(|it| identity(lang, it)).collect(),
        told: accounts.callbacks.into_iter().map(told).collect(),
    })
}

fn told(it: CallbackAccount) -> Told {
    let counts = [it.due, it.acknowledged, it.pending, it.failed];
    Told {
        source: it.source,
        counts: counts.map(labels::number),
    }
}

fn identity(lang: Lang, equation: &Equation) -> Identity {
    let side = |side: &Side| {
        let term = |term: &accounts::Term| Shown {
            label: labels::count(lang, &term.name),
            text: labels::number(term.value),
            href: (term.value != 0).then(|| link(equation.id, &term.name)).flatten(),
        };
        side.terms.iter().map(term).collect()
    };
    Identity {
        id: equation.id,
        title: lang.choose(equation.title_zh, equation.title_en),
        balanced: equation.balanced,
        difference: labels::number(equation.difference),
        left: side(&equation.left),
        left_sum: labels::number(equation.left.sum),
        right: side(&equation.right),
        right_sum: labels::number(equation.right.sum),
    }
}

/// Where the clues or records of a term are listed.
fn link(equation: &str, name: &str) -> Option<String> {
    let everything = Scope::now();
    Some(match name {
        "new" | "clues" => everything.link(None, "clues"),
        "rejected" | "voided" | "merged" | "closed" | "open" => everything.link(None, name),
        "routing" | "triage" | "coordinator" | "agency" | "verification" => {
            format!("/clues?stage=open&holder={name}")
        }
        "lifecycle" | "delivery" => format!("/quarantine?service={name}"),
        // of several services, which no list is
        _ if equation == "put_away_is_kept" => return None,
        // there, replayed records have left quarantine
        "quarantined" if equation == "received_is_disposed" => {
            "/quarantine?service=intake&fate=kept".to_owned()
        }
        "quarantined" => "/quarantine?service=intake".to_owned(),
        "waiting in quarantine" => "/quarantine?service=intake&fate=waiting".to_owned(),
        "less replayed" => "/quarantine?service=intake&fate=replayed".to_owned(),
        "less discarded" => "/quarantine?service=intake&fate=discarded".to_owned(),
        _ => return None,
    })
}
