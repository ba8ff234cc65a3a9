//! The coverage map: for each matter and county, who is first handler in its places on a day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{Competence, CompiledRulebook, DutyRole};
use crate::code::{AgencyId, AreaCode, MatterCode};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub on: Date,
    /// Counties, and areas that lie in none.
    pub counties: Vec<AreaCode>,
    pub rows: Vec<CoverageRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoverageRow {
    pub matter: MatterCode,
    /// In the order of `counties`.
    pub cells: Vec<CoverageCell>,
}

/// What the places of one county say of one matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CoverageCell {
    pub places: usize,
    /// How many places have this agency as first handler, whatever else a clue says.
    pub agencies: BTreeMap<AgencyId, usize>,
    /// Places where a predicate decides.
    pub conditional: usize,
    /// Places where rows of equal rank name different agencies.
    pub tied: usize,
    /// Places where nobody has it.
    pub open: usize,
}

impl CoverageCell {
    fn add(&mut self, competence: &Competence) {
        self.places += 1;
        if competence.is_gap() && competence.conditional.is_empty() {
            self.open += 1;
        } else if competence.is_tie() && competence.conditional.is_empty() {
            self.tied += 1;
        } else if let Some(agency) = competence.sole() {
            *self.agencies.entry(agency.clone()).or_default() += 1;
        } else {
            self.conditional += 1;
        }
    }

    /// The one agency that has it everywhere there.
    pub fn sole(&self) -> Option<&AgencyId> {
        let (agency, places) = self.agencies.first_key_value()?;
        (*places == self.places).then_some(agency)
    }
}

impl Coverage {
    /// Of these matters, in their order.
    pub fn of<'m>(
        compiled: &CompiledRulebook,
        matters: impl IntoIterator<Item = &'m MatterCode>,
        on: Date,
    ) -> Self {
        let rulebook = compiled.rulebook();
        let places = rulebook.places();
        let counties: BTreeSet<_> = places.iter().map(|place| rulebook.county(place)).collect();
        let rows = matters.into_iter().map(|matter| {
            let mut cells: BTreeMap<&AreaCode, CoverageCell> = BTreeMap::new();
            for place in &places {
                let (competence, _) = compiled.competence(DutyRole::FirstHandler, matter, place, on);
                cells.entry(rulebook.county(place)).or_default().add(&competence);
            }
            CoverageRow {
                matter: matter.clone(),
                cells: cells.into_values().collect(),
            }
        });
        Self {
            on,
            rows: rows.collect(),
            counties: counties.into_iter().cloned().collect(),
        }
    }
}
