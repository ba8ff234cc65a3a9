//! A precedent against the duties of a rulebook: whether it was taken over, and which rows it would contradict.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::precedent::overlap;
use super::{Precedent, Provenance};
use crate::clue::words;
use crate::code::AgencyId;
use crate::routing::{Duty, MatterPattern, Rulebook};

/// A row that gives the same to another agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Of `duties.csv`.
    pub line: u32,
    pub agency: AgencyId,
    pub rival: Rival,
}

words!(
    /// What becomes of a row of another agency where, and while, it and the precedent both hold.
    Rival {
        /// It is as strong: nobody is named.
        Ties = "ties",
        /// It goes on deciding.
        Wins = "wins",
        /// It decides no more.
        Yields = "yields",
    }
);

impl Precedent {
    /// As a row of a rulebook.
    pub fn duty(&self, line: u32) -> Duty {
        let basis = Provenance {
            basis: &self.basis,
            by: self.by,
            dispute: self.provenance,
        };
        Duty {
            line,
            matter: MatterPattern::Matter(self.matter.clone()),
            area: self.area.clone(),
            agency: self.agency.clone(),
            role: Self::ROLE,
            from: Some(self.from),
            to: self.to,
            layer: self.layer,
            basis: basis.to_string(),
            when: None,
        }
    }

    /// The row that was taken over from this dispute. One of a ruling that was overturned since says something else.
    pub fn taken_over<'a>(&self, rulebook: &'a Rulebook) -> Option<&'a Duty> {
        let own = self.duty(0);
        let is_from = |duty: &&Duty| {
            let provenance = Provenance::read(&duty.basis);
            provenance.is_some_and(|it| it.dispute == self.provenance)
                && (&duty.matter, &duty.area, &duty.agency) == (&own.matter, &own.area, &own.agency)
        };
        rulebook.duties.iter().find(is_from)
    }

    /// The row that says it already: from this dispute, or with the same content from another source.
    pub fn is_in<'a>(&self, rulebook: &'a Rulebook) -> Option<&'a Duty> {
        let own = self.duty(0);
        let says = |duty: &&Duty| {
            let what = |it: &Duty| {
                (
                    it.matter.clone(),
                    it.area.clone(),
                    it.agency.clone(),
                    it.role,
                    it.layer,
                )
            };
            let begins = duty.from.is_none_or(|from| from <= self.from);
            let lasts = duty.to.is_none_or(|to| self.to.is_some_and(|own| own <= to));
            what(duty) == what(&own) && duty.when.is_none() && begins && lasts
        };
        self.taken_over(rulebook)
            .or_else(|| rulebook.duties.iter().find(says))
    }

    /// The first-handler rows of other agencies about the matter that hold somewhere and some day together with it. Rows of a category
    /// or of everything are not among them: to be narrower than those is what a row about one matter is for.
    pub fn conflicts(&self, rulebook: &Rulebook) -> Vec<Conflict> {
        let own = self.duty(0);
        let meets = |duty: &&Duty| {
            duty.role == Self::ROLE
                && duty.agency != self.agency
                && duty.matter == own.matter
                && overlap(&duty.area, &self.area)
                && is_before(duty.from, self.to)
                && is_before(Some(self.from), duty.to)
        };
        let rows = rulebook.duties.iter().filter(meets);
        rows.map(|duty| Conflict {
            line: duty.line,
            agency: duty.agency.clone(),
            rival: match duty.compared_with(&own) {
                Ordering::Less => Rival::Yields,
                Ordering::Equal => Rival::Ties,
                Ordering::Greater => Rival::Wins,
            },
        })
        .collect()
    }
}

/// `None`: from ever, or without an end.
fn is_before(from: Option<Date>, to: Option<Date>) -> bool {
    from.zip(to).is_none_or(|(from, to)| from < to)
}
