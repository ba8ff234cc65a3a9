//! What a dispute teaches: the row of `duties.csv` that would have decided it, for a person to take over; rulings that contradict
//! each other; disputes that are one quarrel.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Agreement, Dispute, DocumentKind, Forum, Outcome, Provenance, Standing};
use crate::clue::Designation;
use crate::code::{AgencyId, AreaCode, MatterCode};
use crate::csv::cell;
use crate::id::DisputeId;
use crate::routing::{DutyRole, Layer, Rulebook};
use crate::time::Timestamp;

/// A draft of a duty, by what was settled or decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precedent {
    pub matter: MatterCode,
    pub area: AreaCode,
    pub agency: AgencyId,
    /// First day on which it holds.
    pub from: Date,
    /// First day on which it holds no more; `None`: open.
    pub to: Option<Date>,
    pub layer: Layer,
    /// The ruling, or the paper on which the parties agreed.
    pub basis: String,
    /// Whether it was decided or agreed.
    pub by: Designation,
    pub provenance: DisputeId,
}

impl Precedent {
    pub const ROLE: DutyRole = DutyRole::FirstHandler;

    /// Of a dispute that was settled, or in which a ruling stands that cannot be appealed any more or was taken up. `None`: it is
    /// neither, or nobody knows of which matter or where.
    pub fn of(dispute: &Dispute, rulebook: &Rulebook) -> Option<Self> {
        let agreed = agreed(dispute).map(|it| (Designation::Agreement, it));
        let found = agreed.or_else(|| ruled(dispute).map(|it| (Designation::Ruling, it)));
        let (by, (agency, forum, basis, at)) = found?;
        Some(Self {
            matter: dispute.opening.matter.clone()?,
            area: dispute.opening.area.clone()?,
            agency: agency.clone(),
            from: at.civil_date(&rulebook.zone),
            to: None,
            layer: match forum {
                Forum::County(_) => Layer::County,
                Forum::City | Forum::CityGovernment => Layer::City,
            },
            basis,
            by,
            provenance: dispute.id,
        })
    }

    /// The cells by the columns of [`DUTY_COLUMNS`](crate::routing::DUTY_COLUMNS); the basis names the dispute.
    pub fn cells(&self) -> [(&'static str, String); 9] {
        let provenance = Provenance {
            basis: &self.basis,
            by: self.by,
            dispute: self.provenance,
        };
        [
            ("matter", self.matter.to_string()),
            ("area", self.area.to_string()),
            ("role", Self::ROLE.as_str().to_owned()),
            ("agency", self.agency.to_string()),
            ("from", self.from.to_string()),
            ("to", self.to.map(|it| it.to_string()).unwrap_or_default()),
            ("layer", self.layer.as_str().to_owned()),
            ("basis", provenance.to_string()),
            ("when", String::new()),
        ]
    }

    /// A line in the columns of [`DUTY_COLUMNS`](crate::routing::DUTY_COLUMNS).
    pub fn row(&self) -> String {
        self.cells().map(|(_, text)| cell(&text).into_owned()).join(",")
    }
}

/// Whose duty it is, before whom it was, on which basis, since when.
type Ground<'a> = (&'a AgencyId, &'a Forum, String, Timestamp);

/// By the paper on which the parties agreed.
fn agreed(dispute: &Dispute) -> Option<Ground<'_>> {
    let Standing::Ended {
        outcome: Outcome::Settled { agency, by },
        at,
    } = &dispute.standing
    else {
        return None;
    };
    let kind = match by {
        Agreement::Negotiation => DocumentKind::Minutes,
        Agreement::Opinion => DocumentKind::Opinion,
    };
    let document = dispute.document(kind)?;
    Some((agency, &dispute.forum, document.reference.clone(), *at))
}

/// By the ruling that stands. One that binds nobody yet may be overturned.
fn ruled(dispute: &Dispute) -> Option<Ground<'_>> {
    if dispute.is_open() && !dispute.is_bound() {
        return None;
    }
    let ruled = dispute.rulings.last()?;
    let ruling = &ruled.ruling;
    let basis = format!("{} ({})", ruling.basis, ruling.decision.reference);
    Some((dispute.responsible()?, &ruled.forum, basis, ruled.at))
}

/// Whether two rulings give the same matter at the same place and time to different agencies.
pub fn contradicts(a: &Precedent, b: &Precedent) -> bool {
    let begins_before_end = |from: Date, to: Option<Date>| to.is_none_or(|to| from < to);
    a.matter == b.matter
        && a.agency != b.agency
        && overlap(&a.area, &b.area)
        && begins_before_end(a.from, b.to)
        && begins_before_end(b.from, a.to)
}

/// Whether two open disputes are the same quarrel: the same parties over the same matter at the same place.
pub fn similar(a: &Dispute, b: &Dispute) -> bool {
    let parties = |it: &Dispute| -> BTreeSet<AgencyId> { it.agencies().into_iter().cloned().collect() };
    let is_same_matter = a.opening.matter.is_some() && a.opening.matter == b.opening.matter;
    let areas = a.opening.area.as_ref().zip(b.opening.area.as_ref());
    a.is_open()
        && b.is_open()
        && is_same_matter
        && areas.is_some_and(|(one, other)| overlap(one, other))
        && parties(a) == parties(b)
}

/// One lies in the other.
pub(super) fn overlap(one: &AreaCode, other: &AreaCode) -> bool {
    one.is_within(other) || other.is_within(one)
}
