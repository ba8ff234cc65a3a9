//! Disputes over duty: what waits for whom, and one of them.

mod acts;
mod before;
mod one;
mod precedent;
mod report;
mod way;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_dispute::{Filter, Shown};
use bihuan_domain::code::{AgencyId, Level};
use bihuan_domain::dispute::{Dispute, DisputePolicy, Forum, ForumLevel, Standing};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::Store;

use super::agencies::{Agency, agencies};
use super::asked::{Disputes as Params, DisputesAsked};
use super::clues::{Choice, Field};
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::words::Words;
use acts::Pending;

pub(super) use one::page as one;
pub(super) use report::page as report;
pub(super) use way::{Brief, of_clue};

/// As many are looked at, those that are due first.
const MOST: u32 = 2_000;

/// A dispute in the list.
struct Line {
    href: String,
    /// What people call the dispute: its clue's matter, and where.
    matter: String,
    area: String,
    clue: String,
    parties: String,
    forum: String,
    step: &'static str,
    open: bool,
    /// Whose turn it is, with what.
    next: Vec<Pending>,
    due: Option<Moment>,
    left: String,
    overdue: bool,
    opened: Moment,
    age: String,
}

#[derive(Template)]
#[template(path = "disputes.html")]
struct DisputesPage {
    f: Frame,
    agency: String,
    agencies: Vec<Agency>,
    fields: Vec<Field>,
    open: bool,
    /// The agency that was asked for must act.
    mine: Vec<Line>,
    /// Everything, or what concerns the agency besides.
    others: Vec<Line>,
    total: String,
    more: bool,
}

/// `GET /disputes`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<DisputesPage> {
    let params: Params = visitor.query()?;
    let (rulebook, lang) = ((pages.api.rulebook)(), visitor.lang);
    let asked = params.asked()?;
    let mut found = found(&pages.api.store, &asked, &rulebook.policy.disputes)
        .await
        .map_err(|error| failed(&error.into()))?;
    let more = found.len() > MOST as usize;
    found.truncate(MOST as usize);
    let books = Books::of(&pages.api.library, &rulebook, &found).await;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    let now = pages.api.clock.now();
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for shown in &found {
        let dispute = &shown.dispute;
        let policy = &books.of_dispute(dispute).policy.disputes;
        let line = || Line::of(dispute, policy, words, now);
        match &asked.agency {
            None => others.push(line()),
            Some(agency) if acts::waits_for(dispute, policy, agency) => mine.push(line()),
            Some(agency) if concerns(dispute, policy, agency) => others.push(line()),
            Some(_) => {}
        }
    }
    Ok(DisputesPage {
        f: visitor.frame("/disputes", lang.choose("争议", "Disputes")),
        agency: asked.agency.as_ref().map(ToString::to_string).unwrap_or_default(),
        agencies: agencies(words),
        fields: fields(&asked, words),
        open: asked.open,
        total: labels::number((mine.len() + others.len()) as i64),
        mine,
        others,
        more,
    })
}

/// One more than are looked at shows that there are more. What concerns an agency is before an office of its, too.
async fn found(
    store: &Store,
    asked: &DisputesAsked,
    policy: &DisputePolicy,
) -> bihuan_store::Result<Vec<Shown>> {
    let filter = Filter {
        open: Some(asked.open),
        forum: asked.forum.clone(),
        level: asked.level,
        ..Filter::default()
    };
    let Some(agency) = &asked.agency else {
        return bihuan_dispute::list(store, &filter, MOST + 1).await;
    };
    let named = Filter {
        agency: Some(agency.clone()),
        ..filter.clone()
    };
    let mut all = bihuan_dispute::list(store, &named, MOST + 1).await?;
    for office in policy.coordinators.iter().filter(|it| it.is_of(agency)) {
        let seat = office.area.clone().map(Forum::County);
        let is_other_level = asked.level.is_some_and(|level| level != office.level);
        if is_other_level || seat.is_some() && asked.forum.is_some() && seat != asked.forum {
            continue;
        }
        let before = Filter {
            forum: asked.forum.clone().or(seat),
            level: Some(office.level),
            ..filter.clone()
        };
        all.extend(bihuan_dispute::list(store, &before, MOST + 1).await?);
    }
    all.sort_by_key(|it| (it.dispute.deadline().map(|due| due.at), it.dispute.id));
    all.dedup_by_key(|it| it.dispute.id);
    Ok(all)
}

/// It is a party, leads, or is named by a ruling; or it coordinates or decides there.
fn concerns(dispute: &Dispute, policy: &DisputePolicy, agency: &AgencyId) -> bool {
    let rulings = dispute.rulings.iter().map(|it| &it.ruling);
    let mut ruled = rulings.flat_map(|it| it.assisting.iter().chain([&it.responsible]));
    dispute.party(agency).is_some()
        || dispute.lead.as_ref() == Some(agency)
        || ruled.any(|it| it == agency)
        || policy.sits_at(agency, &dispute.forum)
}

fn fields(asked: &DisputesAsked, words: Words<'_>) -> Vec<Field> {
    let lang = words.lang;
    let choice = |value: String, label: String, chosen| Choice { value, label, chosen };
    let levels = ForumLevel::ALL.iter().map(|level| {
        let chosen = asked.level == Some(*level) && asked.forum.is_none();
        choice(level.to_string(), level.words(lang).to_owned(), chosen)
    });
    let counties = words
        .rulebook
        .areas
        .values()
        .filter(|it| it.level == Level::County);
    let counties = counties.map(|area| {
        let forum = Forum::County(area.code.clone());
        let chosen = asked.forum.as_ref() == Some(&forum);
        choice(format!("county:{}", area.code), words.forum(&forum), chosen)
    });
    let is_open = |open: bool, zh, en| {
        choice(
            open.to_string(),
            lang.choose(zh, en).to_owned(),
            asked.open == open,
        )
    };
    vec![
        Field {
            name: "forum",
            label: lang.choose("处理层级", "Before whom"),
            choices: levels.chain(counties).collect(),
        },
        Field {
            name: "open",
            label: lang.choose("状态", "State"),
            choices: vec![is_open(true, "未结", "open"), is_open(false, "已结", "ended")],
        },
    ]
}

/// Each dispute is told by the rulebook that it was opened by, as far as that is known here.
struct Books {
    current: Arc<Rulebook>,
    known: HashMap<String, Arc<Rulebook>>,
}

impl Books {
    async fn of(library: &Library, current: &Arc<Rulebook>, found: &[Shown]) -> Self {
        let mut known = HashMap::new();
        for version in found.iter().filter_map(|it| version(&it.dispute)) {
            if known.contains_key(version) {
                continue;
            }
            match library.get(version).await {
                Ok(book) => known.insert(version.to_owned(), book.rulebook().clone()),
                Err(error) => {
                    tracing::warn!(error = %error, "a dispute is told by the current rulebook");
                    known.insert(version.to_owned(), current.clone())
                }
            };
        }
        Self {
            current: current.clone(),
            known,
        }
    }

    fn of_dispute(&self, dispute: &Dispute) -> &Arc<Rulebook> {
        let book = version(dispute).and_then(|it| self.known.get(it));
        book.unwrap_or(&self.current)
    }
}

/// Of the rulebook that sets the limits of the open step.
fn version(dispute: &Dispute) -> Option<&str> {
    dispute.deadline().map(|it| it.limits_by.as_str())
}

impl Line {
    fn of(dispute: &Dispute, policy: &DisputePolicy, words: Words<'_>, now: Timestamp) -> Self {
        let zone = &words.rulebook.zone;
        let opening = &dispute.opening;
        let parties: Vec<_> = dispute
            .parties
            .iter()
            .map(|it| words.agency(&it.agency))
            .collect();
        let due = dispute.deadline().map(|it| it.at);
        let until = match &dispute.standing {
            Standing::Open { .. } => now,
            Standing::Ended { at, .. } => *at,
        };
        Self {
            href: format!("/disputes/{}", dispute.id),
            matter: opening
                .matter
                .as_ref()
                .map_or_else(nothing, |it| words.matter(it)),
            area: opening.area.as_ref().map_or_else(nothing, |it| words.area(it)),
            clue: format!("/clues/{}", opening.clue),
            parties: parties.join(words.lang.choose("、", ", ")),
            forum: words.forum(&dispute.forum),
            step: dispute.standing_words(words.lang),
            open: dispute.is_open(),
            next: acts::pending(dispute, policy, words),
            due: due.map(|at| Moment::of(at, zone)),
            left: due.map_or_else(String::new, |at| words.left(seconds(now, at))),
            overdue: due.is_some_and(|at| at < now),
            opened: Moment::of(dispute.opened_at, zone),
            age: words.length(seconds(dispute.opened_at, until).max(0)),
        }
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.since(from).div_euclid(1_000_000)
}

fn nothing() -> String {
    "—".to_owned()
}
