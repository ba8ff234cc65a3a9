//! Days on which the rows about a matter begin or end, and what lasts between them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{CompiledRulebook, DutyRole};
use crate::code::{AreaCode, MatterCode};

/// The days on which somebody else may become competent, and where: the first everywhere, every other in the areas of the rows that
/// begin or end on it.
#[derive(Clone, Debug)]
pub struct RowDays<'a> {
    first: Date,
    later: BTreeMap<Date, BTreeSet<&'a AreaCode>>,
}

impl RowDays<'_> {
    /// From the first on, in order: the days that matter for the place.
    pub fn days_in(&self, place: &AreaCode) -> impl Iterator<Item = Date> {
        let concerns = |areas: &BTreeSet<&AreaCode>| areas.iter().any(|area| place.is_within(area));
        let later = self.later.iter().filter(move |(_, areas)| concerns(areas));
        std::iter::once(self.first).chain(later.map(|(day, _)| *day))
    }

    /// Those of two rulebooks, from the same day on.
    pub(super) fn and(mut self, other: Self) -> Self {
        for (day, areas) in other.later {
            self.later.entry(day).or_default().extend(areas);
        }
        self
    }
}

impl CompiledRulebook {
    /// Of the matter, from the day on.
    pub fn row_days(&self, matter: &MatterCode, first: Date) -> RowDays<'_> {
        let mut later: BTreeMap<Date, BTreeSet<&AreaCode>> = BTreeMap::new();
        for duty in DutyRole::ALL
            .into_iter()
            .flat_map(|role| self.about(role, matter))
        {
            for day in [duty.from, duty.to]
                .into_iter()
                .flatten()
                .filter(|day| *day > first)
            {
                later.entry(day).or_default().insert(&duty.area);
            }
        }
        RowDays { first, later }
    }
}

/// Since when, and until before when; `None`: for good.
pub(super) type Span = (Date, Option<Date>);

/// What is so in which places, for how long.
pub(super) type Spans<'a, T> = BTreeMap<(T, Span), BTreeSet<&'a AreaCode>>;

/// `what` there is at a place on a day; it lasts until something else is.
pub(super) fn spans<'a, T: Ord>(
    days: &RowDays<'_>,
    places: &BTreeSet<&'a AreaCode>,
    mut what: impl FnMut(&'a AreaCode, Date) -> Option<T>,
) -> Spans<'a, T> {
    let mut spans = Spans::new();
    for place in places {
        let mut open: Option<(T, Date)> = None;
        for day in days.days_in(place) {
            let now = what(place, day);
            if open.as_ref().map(|(it, _)| it) == now.as_ref() {
                continue;
            }
            if let Some((before, since)) = open {
                spans
                    .entry((before, (since, Some(day))))
                    .or_default()
                    .insert(*place);
            }
            open = now.map(|it| (it, day));
        }
        if let Some((last, since)) = open {
            spans.entry((last, (since, None))).or_default().insert(*place);
        }
    }
    spans
}
