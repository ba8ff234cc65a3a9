//! A dispute and its parts, in JSON.

use bihuan_domain::dispute::{
    Breach, Cause, Claim, Deadline, Dispute, Document, Forum, Holder, Interim, Jurisdiction, Opening,
    Opinion, Outcome, Paper, Party, Place, Placed, Position, Reason, Ruled, Ruling, Skipped, Standing,
};
use serde_json::{Value, json};

use super::parts::{actor, time};

/// How the dispute stands. `standing`: the open step, or the outcome; `deadline` is that of the open step, `holder` who must act on the
/// clue while it is open.
pub fn dispute_to_json(it: &Dispute) -> Value {
    let (step, since, escalations, outcome, ended_at) = match &it.standing {
        Standing::Open {
            step,
            since,
            escalations,
            ..
        } => (Some(step.as_str()), Some(*since), *escalations, None, None),
        Standing::Ended { outcome, at } => (None, None, 0, Some(outcome), Some(*at)),
    };
    json!({
        "id": it.id,
        "clue": it.opening.clue,
        "opened_at": time(it.opened_at),
        "opened_by": actor(&it.opened_by),
        "opening": opening(&it.opening),
        "standing": it.name(),
        "step": step,
        "since": since.map(time),
        "escalations": escalations,
        "late": it.is_late(),
        "outcome": outcome.map(ended),
        "ended_at": ended_at.map(time),
        "deadline": it.deadline().map(deadline),
        "forum": forum_to_json(&it.forum),
        "jurisdiction": jurisdiction(&it.jurisdiction),
        "parties": it.parties.iter().map(party).collect::<Vec<_>>(),
        "interim": interim(&it.interim),
        "holder": it.holder().map(holder),
        "lead": it.lead,
        "applicant": it.applicant,
        "opinion": it.opinion.as_ref().map(opinion),
        "rulings": it.rulings.iter().map(ruled).collect::<Vec<_>>(),
        "appeals": it.appeals,
        "appellant": it.appellant,
        "responsible": it.responsible(),
        "taken_up_at": it.taken_up_at.map(time),
        "breaches": it.breaches.iter().map(breach).collect::<Vec<_>>(),
        "documents": documents(&it.documents),
    })
}

/// `outcome` names it; the rest is null where it does not belong to it.
fn ended(outcome: &Outcome) -> Value {
    let (agency, by, ground, how) = match outcome {
        Outcome::Settled { agency, by } => (Some(agency), Some(by.as_str()), None, None),
        Outcome::Refused { ground } => (None, None, Some(ground.as_str()), None),
        Outcome::Withdrawn => (None, None, None, None),
        Outcome::CarriedOut { agency } => (Some(agency), None, None, None),
        Outcome::ClueEnded { how } => (None, None, None, Some(how.as_str())),
    };
    json!({"outcome": outcome.name(), "agency": agency, "by": by, "ground": ground, "how": how})
}

/// `agency`, or else the coordinator of `forum`.
fn holder(holder: Holder<'_>) -> Value {
    match holder {
        Holder::Agency(agency) => json!({"agency": agency, "forum": null}),
        Holder::Coordinator(before) => json!({"agency": null, "forum": forum_to_json(before)}),
    }
}

fn party(it: &Party) -> Value {
    json!({
        "agency": it.agency,
        "position": it.position.map(Position::as_str),
        "duty": it.duty,
        "replied_at": it.replied_at.map(time),
        "consent": it.consent,
        "withdraws": it.withdraws,
    })
}

fn opinion(it: &Opinion) -> Value {
    json!({"agency": it.agency, "forum": forum_to_json(&it.forum), "at": time(it.at)})
}

fn ruled(it: &Ruled) -> Value {
    json!({"ruling": ruling(&it.ruling), "forum": forum_to_json(&it.forum), "at": time(it.at)})
}

fn breach(it: &Breach) -> Value {
    json!({"agency": it.agency, "since": time(it.since), "ended_at": it.ended.map(time)})
}

pub(super) fn deadline(it: &Deadline) -> Value {
    json!({
        "at": time(it.at),
        "since": time(it.since),
        "limit": it.limit.map(|limit| limit.to_string()),
        "provisional": it.provisional,
        "limits_by": it.limits_by,
        "calendar": it.calendar,
    })
}

/// `county`: of a county's, which.
pub fn forum_to_json(it: &Forum) -> Value {
    json!({"level": it.level().as_str(), "county": it.county()})
}

/// `reason`: `one_county`, `two_counties`, `city_agency`, `unplaced` or `no_party`; `forced_by`: the parties that it is about.
pub(super) fn jurisdiction(it: &Jurisdiction) -> Value {
    let (reason, forced_by) = match &it.reason {
        Reason::OneCounty => ("one_county", Vec::new()),
        Reason::TwoCounties { one, other } => ("two_counties", vec![one, other]),
        Reason::CityAgency { party } => ("city_agency", vec![party]),
        Reason::Unplaced { party } => ("unplaced", vec![party]),
        Reason::NoParty => ("no_party", Vec::new()),
    };
    json!({
        "forum": forum_to_json(&it.forum),
        "reason": reason,
        "forced_by": forced_by,
        "placed": it.placed.iter().map(placed).collect::<Vec<_>>(),
        "skipped": skipped(&it.skipped),
    })
}

fn placed(it: &Placed) -> Value {
    let (place, county) = match &it.place {
        Place::County(area) => ("county", Some(area)),
        Place::City => ("city", None),
        Place::Unplaced => ("unplaced", None),
    };
    json!({"party": it.party, "place": place, "county": county})
}

pub(super) fn skipped(skipped: &[Skipped]) -> Vec<Value> {
    let one = |it: &Skipped| json!({"forum": forum_to_json(&it.forum), "party": it.party});
    skipped.iter().map(one).collect()
}

pub(super) fn ruling(it: &Ruling) -> Value {
    json!({
        "responsible": it.responsible,
        "assisting": it.assisting,
        "basis": it.basis,
        "term": it.term.map(|limit| limit.to_string()),
        "decision": paper(&it.decision),
    })
}

fn paper(it: &Paper) -> Value {
    json!({"reference": it.reference, "digest": it.digest.to_string()})
}

pub(super) fn document(it: &Document) -> Value {
    json!({"kind": it.kind.as_str(), "reference": it.reference, "digest": it.digest.to_string()})
}

pub(super) fn documents(all: &[Document]) -> Vec<Value> {
    all.iter().map(document).collect()
}

/// `returns`: of the cause `return_limit`, the number of the return.
pub(super) fn opening(opening: &Opening) -> Value {
    let returns = match opening.cause {
        Cause::ReturnLimit { returns } => Some(returns),
        Cause::RefusedReturn | Cause::Claims | Cause::ByAgency | Cause::ByCoordinator => None,
    };
    json!({
        "matter": opening.matter,
        "area": opening.area,
        "severity": opening.severity,
        "cause": opening.cause.as_str(),
        "returns": returns,
        "parties": opening.parties.iter().map(claim).collect::<Vec<_>>(),
        "first_receiver": opening.first_receiver,
    })
}

pub(super) fn claim(claim: &Claim) -> Value {
    json!({
        "agency": claim.agency,
        "position": claim.position.map(Position::as_str),
        "duty": claim.duty,
    })
}

/// The agency; null: the coordinator of the level.
pub(super) fn interim(interim: &Interim) -> Value {
    match interim {
        Interim::Agency(agency) => json!(agency),
        Interim::Coordinator => Value::Null,
    }
}
