//! What a joint meeting (联席会议) is to talk about: built from disputes, duties and triage, in the order in which it matters.

use std::collections::BTreeMap;

use super::agenda_proposal::{Proposal, proposal};
use super::{Dispute, Forum, Precedent, Step, contradicts};
use crate::code::{AgencyId, AreaCode, MatterCode, SourceId};
use crate::id::{ClueId, DisputeId};
use crate::routing::{Group, Rulebook};
use crate::time::Timestamp;

/// What a clue that is urgent by the policy weighs more.
const URGENT: u64 = 10;
/// Each party beyond two.
const PARTY: u64 = 5;
/// Each time that nobody above could take it over.
const ESCALATION: u64 = 10;
/// Each breach, ended or not.
const BREACH: u64 = 20;
/// What a dispute weighs beside a hand-over, among pairs.
const DISPUTE: u64 = 5;

/// Disputes that make two agencies a recurring pair; as many hand-overs do.
const RECURRING: (u64, u64) = (2, 10);
/// Pairs that are talked about.
const PAIRS: usize = 20;

const DAY: i64 = 86_400_000_000;

/// What an agenda is built from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// All, ended ones included.
    pub disputes: &'a [Dispute],
    /// How often one agency gave clues to another.
    pub hand_overs: &'a [(AgencyId, AgencyId, u64)],
    /// Clues that routing names nobody for.
    pub triage: &'a [Group],
    /// The active one.
    pub rulebook: &'a Rulebook,
    /// Only what is before it: of a county what lies in the county.
    pub forum: Option<&'a Forum>,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Agenda {
    /// In their order.
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub subject: Subject,
    /// Whole days since it came up.
    pub days: u64,
    /// Of two items of a kind the heavier comes first.
    pub weight: u64,
    pub proposal: Proposal,
}

/// The kinds, in the order of the agenda.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    Dispute(Box<Open>),
    Breach { agency: AgencyId, dispute: Box<Open> },
    Pair(Pair),
    Unowned(Box<Unowned>),
    Contradiction(Box<(Precedent, Precedent)>),
}

/// An open dispute, as far as the meeting needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub dispute: DisputeId,
    pub clue: ClueId,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub forum: Forum,
    pub step: Step,
    pub parties: Vec<AgencyId>,
    pub due: Option<Timestamp>,
}

/// Two agencies that cannot agree, time and again; in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub agencies: [AgencyId; 2],
    pub disputes: u64,
    /// In both directions.
    pub hand_overs: u64,
}

/// Clues that wait in triage for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unowned(pub Group);

impl Agenda {
    pub fn of(sources: &Sources<'_>) -> Self {
        let held: Vec<_> = sources
            .disputes
            .iter()
            .filter_map(|it| Precedent::of(it, sources.rulebook))
            .collect();
        let kinds = [
            disputes(sources, &held),
            breaches(sources),
            pairs(sources),
            unowned(sources),
            contradictions(sources, &held),
        ];
        let in_order = |mut items: Vec<Item>| {
            items.sort_by(|a, b| {
                let order = |it: &Item| (it.weight, it.days);
                order(b).cmp(&order(a)).then_with(|| a.id().cmp(&b.id()))
            });
            items
        };
        Self {
            items: kinds.into_iter().flat_map(in_order).collect(),
        }
    }

    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|it| it.id() == id)
    }
}

impl Item {
    /// The same as long as the item is: minutes name it by this, numbers change.
    pub fn id(&self) -> String {
        match &self.subject {
            Subject::Dispute(it) => format!("dispute:{}", it.dispute),
            Subject::Breach { dispute, .. } => format!("breach:{}", dispute.dispute),
            Subject::Pair(it) => format!("pair:{}+{}", it.agencies[0], it.agencies[1]),
            Subject::Unowned(it) => it.id(),
            Subject::Contradiction(it) => format!("contradiction:{}+{}", it.0.provenance, it.1.provenance),
        }
    }

    /// The dispute about which something can be recorded.
    pub const fn open(&self) -> Option<&Open> {
        match &self.subject {
            Subject::Dispute(it) => Some(it),
            _ => None,
        }
    }
}

impl Unowned {
    /// Every part in its place, also where it is missing, and none with what divides them: different causes have different ids.
    fn id(&self) -> String {
        let cause = &self.0.cause;
        let parts = [
            cause.matter.as_ref().map(MatterCode::as_str),
            cause.source.as_ref().map(SourceId::as_str),
            cause.source_matter.as_deref(),
            cause.source_area.as_deref(),
            cause.county.as_ref().map(AreaCode::as_str),
        ];
        let escaped = |part: &str| part.replace('%', "%25").replace('/', "%2F").replace('+', "%2B");
        let parts = parts.map(|part| part.map(escaped).unwrap_or_default());
        let facts: Vec<_> = cause.facts.iter().map(|fact| escaped(fact)).collect();
        let lines: Vec<_> = cause.lines.iter().map(u32::to_string).collect();
        format!(
            "triage:{}:{}/{}/{}",
            cause.reason,
            parts.join("/"),
            facts.join("+"),
            lines.join("+")
        )
    }
}

impl Open {
    fn of(dispute: &Dispute) -> Option<Self> {
        Some(Self {
            dispute: dispute.id,
            clue: dispute.opening.clue,
            matter: dispute.opening.matter.clone(),
            area: dispute.opening.area.clone(),
            forum: dispute.forum.clone(),
            step: dispute.step()?,
            parties: dispute.agencies().into_iter().cloned().collect(),
            due: dispute.deadline().map(|it| it.at),
        })
    }
}

impl Sources<'_> {
    fn days_since(&self, at: Timestamp) -> u64 {
        u64::try_from(self.now.since(at) / DAY).unwrap_or_default()
    }

    fn is_before(&self, forum: &Forum) -> bool {
        self.forum.is_none_or(|asked| asked == forum)
    }

    /// Whether what lies there is talked about: everywhere but at a county's meeting.
    fn has_area(&self, area: Option<&AreaCode>) -> bool {
        let county = self.forum.and_then(Forum::county);
        county.is_none_or(|county| area.is_some_and(|area| area.is_within(county)))
    }

    fn has_agency(&self, agency: &AgencyId) -> bool {
        let known = self.rulebook.agencies.get(agency);
        self.has_area(known.and_then(|it| it.area.as_ref()))
    }

    /// Of open disputes: how long and how heavily they weigh.
    fn weight(&self, dispute: &Dispute) -> u64 {
        let (opening, policy) = (&dispute.opening, &self.rulebook.policy.disputes);
        let is_urgent = policy.is_urgent(opening.matter.as_ref(), opening.severity.as_ref());
        let count = |of: usize| of as u64;
        self.days_since(dispute.opened_at)
            + if is_urgent { URGENT } else { 0 }
            + PARTY * count(dispute.parties.len().saturating_sub(2))
            + ESCALATION * u64::from(dispute.escalations())
            + BREACH * count(dispute.breaches.len())
    }
}

/// Every open one that still waits for somebody to say whose duty it is.
fn disputes(sources: &Sources<'_>, held: &[Precedent]) -> Vec<Item> {
    let open = sources.disputes.iter().filter(|it| sources.is_before(&it.forum));
    open.filter_map(|dispute| {
        let open = Open::of(dispute).filter(|it| !it.step.is_ruled())?;
        Some(Item {
            days: sources.days_since(dispute.opened_at),
            weight: sources.weight(dispute),
            proposal: proposal(dispute, open.step, held, sources.rulebook),
            subject: Subject::Dispute(Box::new(open)),
        })
    })
    .collect()
}

/// Every open one in which a ruling is not obeyed.
fn breaches(sources: &Sources<'_>) -> Vec<Item> {
    let open = sources.disputes.iter().filter(|it| sources.is_before(&it.forum));
    open.filter_map(|dispute| {
        let breach = dispute.breaches.iter().rfind(|it| it.ended.is_none())?;
        let subject = Subject::Breach {
            agency: breach.agency.clone(),
            dispute: Box::new(Open::of(dispute)?),
        };
        Some(Item {
            subject,
            days: sources.days_since(breach.since),
            weight: sources.weight(dispute),
            proposal: Proposal::none(),
        })
    })
    .collect()
}

/// The busiest pairs of agencies, by what they quarrelled over and handed to each other.
fn pairs(sources: &Sources<'_>) -> Vec<Item> {
    let mut counted: BTreeMap<[AgencyId; 2], (u64, u64, Option<Timestamp>)> = BTreeMap::new();
    let key = |a: &AgencyId, b: &AgencyId| {
        if a < b {
            [a.clone(), b.clone()]
        } else {
            [b.clone(), a.clone()]
        }
    };
    for dispute in sources.disputes {
        let parties = dispute.agencies();
        for (at, one) in parties.iter().enumerate() {
            for other in &parties[at + 1..] {
                let count = counted.entry(key(one, other)).or_default();
                count.0 += 1;
                count.2 = Some(
                    count
                        .2
                        .map_or(dispute.opened_at, |first| first.min(dispute.opened_at)),
                );
            }
        }
    }
    for (from, to, times) in sources.hand_overs.iter().filter(|(from, to, _)| from != to) {
        counted.entry(key(from, to)).or_default().1 += times;
    }
    let mut items: Vec<_> = counted
        .into_iter()
        .filter(|(_, (disputes, hand_overs, _))| *disputes >= RECURRING.0 || *hand_overs >= RECURRING.1)
        .filter(|(agencies, _)| agencies.iter().all(|it| sources.has_agency(it)))
        .map(|(agencies, (disputes, hand_overs, first))| Item {
            days: first.map_or(0, |at| sources.days_since(at)),
            weight: DISPUTE * disputes + hand_overs,
            proposal: Proposal::none(),
            subject: Subject::Pair(Pair {
                agencies,
                disputes,
                hand_overs,
            }),
        })
        .collect();
    items.sort_by_key(|it| std::cmp::Reverse(it.weight));
    items.truncate(PAIRS);
    items
}

/// What routing names nobody for.
fn unowned(sources: &Sources<'_>) -> Vec<Item> {
    let groups = sources.triage.iter().filter(|it| it.cause.reason != "matched");
    let groups = groups.filter(|it| sources.has_area(it.cause.county.as_ref()));
    groups
        .map(|group| Item {
            days: sources.days_since(group.oldest),
            weight: group.clues,
            proposal: Proposal::of_draft(group),
            subject: Subject::Unowned(Box::new(Unowned(group.clone()))),
        })
        .collect()
}

/// Rulings that give the same to different agencies; not where a person chose one of the two for the rulebook.
fn contradictions(sources: &Sources<'_>, held: &[Precedent]) -> Vec<Item> {
    let is_chosen = |it: &Precedent| it.taken_over(sources.rulebook).is_some();
    let mut items = Vec::new();
    for (at, one) in held.iter().enumerate() {
        let against = held[at + 1..].iter().filter(|other| contradicts(one, other));
        for other in against.filter(|other| is_chosen(one) == is_chosen(other)) {
            let (first, second) = if (one.from, one.provenance) <= (other.from, other.provenance) {
                (one, other)
            } else {
                (other, one)
            };
            if !sources.has_area(Some(&first.area)) && !sources.has_area(Some(&second.area)) {
                continue;
            }
            let days = (sources.now.civil_date(&sources.rulebook.zone) - second.from).get_days();
            let days = u64::try_from(days).unwrap_or_default();
            items.push(Item {
                days,
                weight: days,
                proposal: Proposal::none(),
                subject: Subject::Contradiction(Box::new((first.clone(), second.clone()))),
            });
        }
    }
    items
}
