//! How often which agency had a clue.

use std::collections::BTreeMap;

use crate::code::AgencyId;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Votes(BTreeMap<AgencyId, u64>);

impl Votes {
    pub(super) fn add(&mut self, agency: &AgencyId) {
        match self.0.get_mut(agency) {
            Some(count) => *count += 1,
            None => {
                self.0.insert(agency.clone(), 1);
            }
        }
    }

    pub(super) fn of(&self, agency: &AgencyId) -> u64 {
        self.0.get(agency).copied().unwrap_or(0)
    }

    pub(super) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Who had most of them; `None`: nobody had any, or two had as many.
    pub(super) fn leader(&self) -> Option<&AgencyId> {
        let most = self.0.values().max()?;
        let mut leaders = self.0.iter().filter(|(_, count)| *count == most);
        let (leader, _) = leaders.next()?;
        leaders.next().is_none().then_some(leader)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&AgencyId, u64)> {
        self.0.iter().map(|(agency, count)| (agency, *count))
    }

    pub(super) fn extend(&mut self, others: &Self) {
        for (agency, count) in &others.0 {
            *self.0.entry(agency.clone()).or_default() += count;
        }
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(&AgencyId) -> bool) {
        self.0.retain(|agency, _| is_kept(agency));
    }

    /// Those that are in none of `parts`.
    pub(super) fn without<'a>(&self, parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut rest = self.clone();
        for (agency, count) in parts.into_iter().flat_map(Self::iter) {
            if let Some(left) = rest.0.get_mut(agency) {
                *left = left.saturating_sub(count);
            }
        }
        rest.0.retain(|_, count| *count > 0);
        rest
    }
}
