//! Before whom a dispute belongs, from who quarrels, and why.
//!
//! A town against an agency of its county is the county's (浙江省综合行政执法条例 art. 17); two counties are the city's, and a
//! county or a town against an agency of the city too (汕头市行政执法协调办法 2023, art. 5). A party is never its own coordinator.

use serde::{Deserialize, Serialize};

use super::{DisputePolicy, Forum};
use crate::code::{AgencyId, AreaCode, Level};
use crate::routing::Rulebook;

/// The answer, with what it goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jurisdiction {
    pub forum: Forum,
    pub reason: Reason,
    /// Each party once, in the order in which they were named.
    pub placed: Vec<Placed>,
    /// Lower ones that would be competent, but a party sits there.
    pub skipped: Vec<Skipped>,
}

/// Where a party belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    pub party: AgencyId,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The county's, a town's included.
    County(AreaCode),
    /// The city's own, wherever it sits.
    City,
    /// The rulebook does not say.
    Unplaced,
}

/// Which party forces which level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// All parties are of one county.
    OneCounty,
    /// `other` is of another county than `one`.
    TwoCounties { one: AgencyId, other: AgencyId },
    /// This party is the city's.
    CityAgency { party: AgencyId },
    /// This party cannot be placed: the higher coordinator can always hear all.
    Unplaced { party: AgencyId },
    /// Nobody is named.
    NoParty,
}

/// A forum that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub forum: Forum,
    /// The party that coordinates or decides there.
    pub party: AgencyId,
}

/// The county, if every party is of the same county (a town against a county agency included); else the city. A party that
/// cannot be placed counts as the city's. Where a party is the coordinator that the policy names, the next one up.
pub fn jurisdiction<'a>(
    rulebook: &Rulebook,
    parties: impl IntoIterator<Item = &'a AgencyId>,
) -> Jurisdiction {
    let mut placed: Vec<Placed> = Vec::new();
    for party in parties {
        if placed.iter().all(|it| it.party != *party) {
            let (party, place) = (party.clone(), place(rulebook, party));
            placed.push(Placed { party, place });
        }
    }
    let reason = reason(&placed);
    let forum = match (&reason, placed.first().map(|it| &it.place)) {
        (Reason::OneCounty, Some(Place::County(area))) => Forum::County(area.clone()),
        _ => Forum::City,
    };
    let parties: Vec<_> = placed.iter().map(|it| &it.party).collect();
    let (forum, skipped) = impartial(forum, &rulebook.policy.disputes, &parties);
    Jurisdiction {
        forum,
        reason,
        placed,
        skipped,
    }
}

/// The next one up that is not a party itself, with those that were passed over; `None`: `forum` is the last.
pub fn next_above(
    forum: &Forum,
    policy: &DisputePolicy,
    parties: &[&AgencyId],
) -> Option<(Forum, Vec<Skipped>)> {
    forum.above().map(|above| impartial(above, policy, parties))
}

/// Whether an agency can be the coordinator of a forum for which the policy names none: it is of that level and that county.
pub(super) fn is_seated(rulebook: &Rulebook, agency: &AgencyId, forum: &Forum) -> bool {
    let Some(known) = rulebook.agencies.get(agency) else {
        return rulebook.is_none();
    };
    known.level == Some(forum.administration())
        && forum
            .county()
            .is_none_or(|county| county_of(rulebook, agency) == Some(county))
}

/// The forum itself, or the next one up where no party sits.
pub(super) fn impartial(
    mut forum: Forum,
    policy: &DisputePolicy,
    parties: &[&AgencyId],
) -> (Forum, Vec<Skipped>) {
    let mut skipped = Vec::new();
    while let Some(above) = forum.above() {
        let Some(party) = parties.iter().copied().find(|it| policy.sits_at(it, &forum)) else {
            break;
        };
        let (party, passed) = (party.clone(), std::mem::replace(&mut forum, above));
        skipped.push(Skipped { forum: passed, party });
    }
    (forum, skipped)
}

fn reason(placed: &[Placed]) -> Reason {
    let first = |wanted: &Place| placed.iter().find(|it| it.place == *wanted);
    if let Some(it) = first(&Place::Unplaced) {
        let party = it.party.clone();
        return Reason::Unplaced { party };
    }
    if let Some(it) = first(&Place::City) {
        let party = it.party.clone();
        return Reason::CityAgency { party };
    }
    let Some(one) = placed.first() else {
        return Reason::NoParty;
    };
    match placed.iter().find(|it| it.place != one.place) {
        Some(other) => Reason::TwoCounties {
            one: one.party.clone(),
            other: other.party.clone(),
        },
        None => Reason::OneCounty,
    }
}

fn place(rulebook: &Rulebook, party: &AgencyId) -> Place {
    let level = rulebook.agencies.get(party).and_then(|agency| agency.level);
    match county_of(rulebook, party) {
        Some(county) => Place::County(county.clone()),
        None if level == Some(Level::City) => Place::City,
        None => Place::Unplaced,
    }
}

/// The county that an agency belongs to; `None` for the city's own and for those that cannot be placed.
fn county_of<'a>(rulebook: &'a Rulebook, agency: &AgencyId) -> Option<&'a AreaCode> {
    let agency = rulebook
        .agencies
        .get(agency)
        .filter(|agency| agency.level != Some(Level::City))?;
    let area = agency.area.as_ref()?.as_str();
    let parents = (1..=area.len()).rev().filter_map(|end| area.get(..end));
    let known = parents.filter_map(|code| rulebook.areas.get(code));
    known
        .into_iter()
        .find(|area| area.level == Level::County)
        .map(|area| &area.code)
}

#[cfg(test)]
mod tests;
