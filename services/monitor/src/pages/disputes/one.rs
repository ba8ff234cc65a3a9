//! One dispute: who quarrels, before whom and why there, its way with its deadlines, its papers, the ruling, the precedent and what went
//! by it since, and what can be done next.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bihuan_dispute::api::Told;
use bihuan_domain::clue::Text;
use bihuan_domain::dispute::{Breach, Dispute, Event, Holder, Interim, Occurrence, Party, Ruled, Standing};
use bihuan_domain::id::DisputeId;
use bihuan_domain::time::Timestamp;
use bihuan_runtime::Problem;

use super::acts::{self, Act};
use super::before::before;
use super::precedent::{PrecedentCard, RoutedCard};
use super::way::Way;
use super::{nothing, seconds};
use crate::listing::Reading;
use crate::pages::asked::Plain;
use crate::pages::clue::Step;
use crate::pages::visitor::{Frame, Moment, Visitor};
use crate::pages::{Pages, Result, failed};
use crate::routes::rulebook::unusable;
use crate::words::Words;

struct PartyLine {
    agency: String,
    position: &'static str,
    duty: String,
    replied: Option<Moment>,
    consent: &'static str,
    /// The duty was put to it.
    responsible: bool,
}

struct Paper {
    kind: &'static str,
    reference: String,
    digest: String,
}

struct RulingCard {
    responsible: String,
    assisting: String,
    basis: String,
    term: String,
    forum: String,
    reference: String,
    at: Moment,
}

struct BreachLine {
    agency: String,
    since: Moment,
    ended: Option<Moment>,
}

/// Something that happened to the dispute, or before it to its clue.
pub(super) struct Happened {
    at: Moment,
    who: String,
    words: String,
    refused: bool,
    remarks: Vec<String>,
}

#[derive(Template)]
#[template(path = "dispute.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a badge of its own")]
struct DisputePage {
    f: Frame,
    id: String,
    standing: &'static str,
    open: bool,
    overdue: bool,
    late: bool,
    breached: bool,
    left: Option<String>,
    clue: String,
    /// What people call the clue.
    name: String,
    matter: String,
    area: String,
    cause: String,
    opened: Moment,
    forum: String,
    holder: String,
    responsible: Option<String>,
    taken_up: Option<Moment>,
    ended: Option<Moment>,
    parties: Vec<PartyLine>,
    jurisdiction: Vec<String>,
    way: Way,
    papers: Vec<Paper>,
    rulings: Vec<RulingCard>,
    breaches: Vec<BreachLine>,
    precedent: Option<PrecedentCard>,
    routed: RoutedCard,
    acts: Vec<Act>,
    story: Vec<Happened>,
}

/// `GET /disputes/{id}`
pub(in crate::pages) async fn page(
    State(pages): State<Pages>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let made = match id {
        Ok(Path(id)) => dispute(&pages, &visitor, &id).await,
        Err(rejection) => Err(rejection.into()),
    };
    visitor.answer(made)
}

async fn dispute(pages: &Pages, visitor: &Visitor, id: &str) -> Result<DisputePage> {
    let Plain { .. } = visitor.query()?;
    let (current, lang) = ((pages.api.rulebook)(), visitor.lang);
    let asked: DisputeId = id.parse().map_err(|_| unknown(id))?;
    let now = pages.api.clock.now();
    let told = Told::read(&pages.api.store, &pages.api.library, asked, now)
        .await
        .map_err(|error| unusable(&error))?
        .ok_or_else(|| unknown(id))?;
    let dispute = told.dispute();
    let words = Words {
        lang,
        rulebook: &current,
    };
    let reading = Reading {
        rulebook: &current,
        lang,
        now,
    };
    let routed = RoutedCard::read(&pages.api.store, &told, reading)
        .await
        .map_err(|error| failed(&error))?;
    let before = before(&pages.api.store, &told, reading)
        .await
        .map_err(|error| failed(&error))?;
    let (name, mut story) = before.map_or_else(
        || (dispute.opening.clue.to_string(), Vec::new()),
        |it| (it.name, it.handed),
    );
    let happened = |it: &Occurrence| Happened::of(it, &told.texts, words);
    story.extend(told.history.iter().map(happened));
    let zone = &current.zone;
    let due = dispute.deadline().map(|it| it.at);
    let opening = &dispute.opening;
    Ok(DisputePage {
        f: visitor.frame("/disputes", lang.choose("争议", "Dispute")),
        id: dispute.id.to_string(),
        standing: dispute.standing_words(lang),
        open: dispute.is_open(),
        overdue: due.is_some_and(|at| at < now),
        late: dispute.is_late(),
        breached: dispute.breaches.last().is_some_and(|it| it.ended.is_none()),
        left: due.map(|at| words.left(seconds(now, at))),
        clue: opening.clue.to_string(),
        name,
        matter: opening
            .matter
            .as_ref()
            .map_or_else(nothing, |it| words.matter(it)),
        area: opening.area.as_ref().map_or_else(nothing, |it| words.area(it)),
        cause: words.cause(opening.cause),
        opened: Moment::of(dispute.opened_at, zone),
        forum: words.forum(&dispute.forum),
        holder: holder(dispute, words),
        responsible: dispute.responsible().map(|it| words.agency(it)),
        taken_up: dispute.taken_up_at.map(|at| Moment::of(at, zone)),
        ended: ended(dispute).map(|at| Moment::of(at, zone)),
        parties: dispute
            .parties
            .iter()
            .map(|it| PartyLine::of(it, dispute, words))
            .collect(),
        jurisdiction: dispute.jurisdiction.words(lang, told.rulebook()),
        way: Way::of(&told.history, words, now),
        papers: papers(dispute, words),
        rulings: dispute
            .rulings
            .iter()
            .map(|it| RulingCard::of(it, words))
            .collect(),
        breaches: dispute
            .breaches
            .iter()
            .map(|it| BreachLine::of(it, words))
            .collect(),
        precedent: PrecedentCard::of(&told, words),
        routed,
        acts: acts::acts(dispute, &told.rulebook().policy.disputes, words),
        story,
    })
}

fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(120).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "dispute_unknown",
        "There is no such dispute",
        "没有这项争议",
    )
    .details(
        format!("No dispute has the id {id:?}. One just opened may take a moment."),
        format!("没有标识为“{id}”的争议。刚提出的争议可能需要片刻。"),
    )
}

/// Who has the clue meanwhile; of one that is over, who had it until it was settled.
fn holder(dispute: &Dispute, words: Words<'_>) -> String {
    match (dispute.holder(), &dispute.interim) {
        (Some(Holder::Agency(agency)), _) | (None, Interim::Agency(agency)) => words.agency(agency),
        (Some(Holder::Coordinator(forum)), _) => words.forum(forum),
        (None, Interim::Coordinator) => words.forum(&dispute.forum),
    }
}

const fn ended(dispute: &Dispute) -> Option<Timestamp> {
    match &dispute.standing {
        Standing::Ended { at, .. } => Some(*at),
        Standing::Open { .. } => None,
    }
}

fn papers(dispute: &Dispute, words: Words<'_>) -> Vec<Paper> {
    let papers = dispute.documents.iter().map(|it| Paper {
        kind: words.document_kind(it.kind),
        reference: it.reference.clone(),
        digest: it.digest.to_string(),
    });
    papers.collect()
}

impl PartyLine {
    fn of(party: &Party, dispute: &Dispute, words: Words<'_>) -> Self {
        let lang = words.lang;
        Self {
            agency: words.agency(&party.agency),
            position: party
                .position
                .map_or(lang.choose("未表态", "not stated"), |it| words.position(it)),
            duty: party.duty.clone().unwrap_or_else(nothing),
            replied: party.replied_at.map(|at| Moment::of(at, &words.rulebook.zone)),
            consent: match party.consent {
                Some(true) => lang.choose("接受", "accepts"),
                Some(false) => lang.choose("不接受", "declines"),
                None => "—",
            },
            responsible: dispute.responsible() == Some(&party.agency),
        }
    }
}

impl RulingCard {
    fn of(ruled: &Ruled, words: Words<'_>) -> Self {
        let ruling = &ruled.ruling;
        let assisting: Vec<_> = ruling.assisting.iter().map(|it| words.agency(it)).collect();
        let by_policy = words.lang.choose("按规则", "as the policy says");
        Self {
            responsible: words.agency(&ruling.responsible),
            assisting: if assisting.is_empty() {
                nothing()
            } else {
                assisting.join(words.lang.choose("、", ", "))
            },
            basis: ruling.basis.clone(),
            term: ruling
                .term
                .map_or_else(|| by_policy.to_owned(), |it| it.words(words.lang)),
            forum: words.forum(&ruled.forum),
            reference: ruling.decision.reference.clone(),
            at: Moment::of(ruled.at, &words.rulebook.zone),
        }
    }
}

impl BreachLine {
    fn of(breach: &Breach, words: Words<'_>) -> Self {
        let zone = &words.rulebook.zone;
        Self {
            agency: words.agency(&breach.agency),
            since: Moment::of(breach.since, zone),
            ended: breach.ended.map(|at| Moment::of(at, zone)),
        }
    }
}

impl From<Step> for Happened {
    fn from(it: Step) -> Self {
        Self {
            at: it.at,
            who: it.who,
            words: it.words,
            refused: it.refused,
            remarks: it.remarks,
        }
    }
}

impl Happened {
    fn of(it: &Occurrence, texts: &[(u32, Text)], words: Words<'_>) -> Self {
        let said = texts.iter().filter(|(version, _)| *version == it.version);
        Self {
            at: Moment::of(it.at, &words.rulebook.zone),
            who: words.actor(&it.actor),
            words: words.dispute_event(&it.event),
            refused: matches!(it.event, Event::CommandRejected { .. }),
            remarks: said.filter_map(|(_, text)| text.remark.clone()).collect(),
        }
    }
}
