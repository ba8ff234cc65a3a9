//! What one pass counts of the clues of a matter or of one of its rows.

use std::collections::BTreeMap;

use super::among::{Said, said};
use super::votes::Votes;
use crate::code::{AgencyId, AreaCode};
use crate::routing::{Case, Fact, Rulebook};

/// A fact with more values than that is a text of its own for each clue, and tells nothing of others.
pub(super) const MAX_VALUES: usize = 200;

/// Of the same clues: who had them, and who had them by area and by what they say.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) all: Votes,
    /// By every known area that they lie in.
    pub(super) areas: BTreeMap<AreaCode, Votes>,
    pub(super) facts: BTreeMap<Fact, Values>,
}

#[derive(Clone, Debug)]
pub(super) enum Values {
    Few(BTreeMap<String, Votes>),
    /// Not counted any further.
    TooMany,
    /// Not what the rulebook declares it to be: a predicate would have no answer.
    Unreadable,
}

impl Counts {
    pub(super) fn add(&mut self, case: &Case, agency: &AgencyId, place: &AreaCode, rulebook: &Rulebook) {
        self.all.add(agency);
        for area in around(place, rulebook) {
            match self.areas.get_mut(area) {
                Some(votes) => votes.add(agency),
                None => self.areas.entry(area.clone()).or_default().add(agency),
            }
        }
        self.add_fact(&Fact::Source, case, agency, rulebook);
        for attribute in &case.subject.attributes {
            let fact = Fact::Attribute(attribute.name.clone());
            self.add_fact(&fact, case, agency, rulebook);
        }
    }

    /// Takes back what was counted of other agencies.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&AgencyId) -> bool) {
        self.all.retain(&is_kept);
        for votes in self.areas.values_mut() {
            votes.retain(&is_kept);
        }
        self.areas.retain(|_, votes| votes.total() > 0);
        for values in self.facts.values_mut() {
            let Values::Few(values) = values else { continue };
            for votes in values.values_mut() {
                votes.retain(&is_kept);
            }
            values.retain(|_, votes| votes.total() > 0);
        }
    }

    fn add_fact(&mut self, fact: &Fact, case: &Case, agency: &AgencyId, rulebook: &Rulebook) {
        let said = match said(case, fact, rulebook) {
            Said::Value(value) => Some(value),
            Said::Unreadable => None,
            Said::Nothing => return,
        };
        let known = self.facts.entry(fact.clone());
        let known = known.or_insert_with(|| Values::Few(BTreeMap::new()));
        let Some(value) = said else {
            *known = Values::Unreadable;
            return;
        };
        if let Values::Few(values) = known {
            values.entry(value).or_default().add(agency);
            if values.len() > MAX_VALUES {
                *known = Values::TooMany;
            }
        }
    }
}

/// The areas that the rulebook knows and in which the place lies, widest first.
pub(super) fn around<'r>(place: &AreaCode, rulebook: &'r Rulebook) -> impl Iterator<Item = &'r AreaCode> {
    let text = place.as_str().to_owned();
    (1..=text.len()).filter_map(move |end| {
        let known = rulebook.areas.get_key_value(&text[..end]);
        known.map(|(code, _)| code)
    })
}
