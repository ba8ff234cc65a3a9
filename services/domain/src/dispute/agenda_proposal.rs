//! What a joint meeting might come to: who, by what was decided before or by the duties; for people to decide otherwise.

use serde::{Deserialize, Serialize};

use super::precedent::overlap;
use super::{Dispute, Precedent, Step};
use crate::clue::words;
use crate::code::AgencyId;
use crate::id::DisputeId;
use crate::routing::{Answer, Group, Question, Rulebook, decide};

words!(
    /// What minutes can say of an item: the command that follows.
    Measure {
        /// 会议纪要
        RecordMeeting = "RecordMeeting",
        /// 协调意见
        GiveOpinion = "GiveOpinion",
        /// 裁定
        DecideDispute = "DecideDispute",
        /// It is noted.
        None = "none",
    }
);

/// A proposed outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub measure: Measure,
    /// `None`: nothing says who.
    pub agency: Option<AgencyId>,
    pub ground: Option<Ground>,
}

/// Why that agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Another dispute over the same was settled or decided so, and none otherwise.
    Precedent(DisputeId),
    /// A line of `duties.csv`.
    Row(u32),
    /// Who closed most of such clues.
    Closed,
}

impl Proposal {
    pub(super) const fn none() -> Self {
        Self {
            measure: Measure::None,
            agency: None,
            ground: None,
        }
    }

    pub(super) fn of_draft(group: &Group) -> Self {
        let agency = group.draft.as_ref().and_then(|it| it.agency.clone());
        Self {
            ground: agency.is_some().then_some(Ground::Closed),
            agency,
            ..Self::none()
        }
    }
}

/// What the step allows: an opinion on a party, or a ruling. Before and after these steps the meeting only takes note.
pub(super) fn proposal(dispute: &Dispute, step: Step, held: &[Precedent], rulebook: &Rulebook) -> Proposal {
    let measure = match step {
        Step::Opinion => Measure::GiveOpinion,
        Step::Decision => Measure::DecideDispute,
        _ => return Proposal::none(),
    };
    let may_be = |(agency, _): &(AgencyId, Ground)| {
        measure == Measure::DecideDispute || dispute.party(agency).is_some()
    };
    let decided = by_precedent(dispute, held).filter(may_be);
    let found = decided.or_else(|| by_row(dispute, rulebook).filter(may_be));
    let (agency, ground) = found.unzip();
    Proposal {
        measure,
        agency,
        ground,
    }
}

/// Where what was decided contradicts itself it says nothing.
fn by_precedent(dispute: &Dispute, held: &[Precedent]) -> Option<(AgencyId, Ground)> {
    let (matter, area) = (dispute.opening.matter.as_ref()?, dispute.opening.area.as_ref()?);
    let is_about = |it: &&Precedent| it.matter == *matter && overlap(&it.area, area);
    let mut about = held.iter().filter(is_about);
    let first = about.next()?;
    about
        .all(|it| it.agency == first.agency)
        .then(|| (first.agency.clone(), Ground::Precedent(first.provenance)))
}

fn by_row(dispute: &Dispute, rulebook: &Rulebook) -> Option<(AgencyId, Ground)> {
    let opening = &dispute.opening;
    let answer = decide(
        rulebook,
        &Question {
            matter: opening.matter.as_ref(),
            area: opening.area.as_ref(),
            reported_at: dispute
                .opened_at
                .to_jiff()
                .to_zoned_datetime(rulebook.zone.clone())
                .datetime(),
            is_dated: true,
            severity: opening.severity.as_ref(),
            source: None,
            attributes: &[],
        },
    );
    match answer {
        Answer::Assigned { assignment, row } => Some((assignment.agency, Ground::Row(row))),
        Answer::Triage { .. } => None,
    }
}
