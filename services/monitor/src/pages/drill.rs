//! Which clues stand behind a number. A number of a report is a sum over clues of what each adds to it; the same sum, written
//! into an address, lists the clues that add to it.

use bihuan_domain::code::AgencyId;
use bihuan_domain::figures::{Basis, By, Condition, Counts, Facts, Figure, Flow, Query, Split};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use jiff::civil::Date;

use super::address::Address;

/// The report that a number stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) as_of: Option<Timestamp>,
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
    pub(super) basis: Basis,
}

/// A number of a report, or of one of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drill {
    pub(super) scope: Scope,
    pub(super) row: Option<(By, String)>,
    pub(super) of: Sum,
}

/// Terms such as `clues,-voided`: names of [`Counts`], of [`Split`] after `part.`, of [`Flow`] after `flow.`, or `quarantined`,
/// which no clue adds to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum(Vec<(i64, String)>);

pub(super) const QUARANTINED: &str = "quarantined";

impl Sum {
    /// `None`: a term has no meaning.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let terms = text.split(',').map(|term| match term.strip_prefix('-') {
            Some(name) => (-1, name.to_owned()),
            None => (1, term.to_owned()),
        });
        let terms: Vec<_> = terms.collect();
        terms
            .iter()
            .all(|(_, name)| is_known(name))
            .then_some(Self(terms))
    }

    /// One side of a formula such as `closed / (closed + open_overdue)`.
    fn of_formula(side: &str) -> Option<Self> {
        let mut sign = "";
        let mut terms = Vec::new();
        for token in side.split([' ', '(', ')']).filter(|token| !token.is_empty()) {
            match token {
                "+" => sign = "",
                "-" => sign = "-",
                name => terms.push(format!("{sign}{name}")),
            }
        }
        Self::parse(&terms.join(","))
    }

    /// Numerator and denominator of the figure.
    pub(super) fn of_figure(figure: &Figure) -> Option<(Self, Self)> {
        let (numerator, denominator) = figure.formula.split_once(" / ")?;
        Some((Self::of_formula(numerator)?, Self::of_formula(denominator)?))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(_, term)| term == name)
    }

    pub(super) fn terms(&self) -> &[(i64, String)] {
        &self.0
    }

    pub(super) fn text(&self) -> String {
        let term = |(sign, name): &(i64, String)| format!("{}{name}", if *sign < 0 { "-" } else { "" });
        self.0.iter().map(term).collect::<Vec<_>>().join(",")
    }
}

fn is_known(name: &str) -> bool {
    let among = |mut entries: Box<dyn Iterator<Item = (&'static str, u64)>>, name: &str| {
        entries.any(|(known, _)| known == name)
    };
    match name.split_once('.') {
        Some(("part", part)) => Split::words(part).is_some(),
        Some(("flow", flow)) => among(Box::new(Flow::default().entries()), flow),
        Some(_) => false,
        None => name == QUARANTINED || among(Box::new(Counts::default().entries()), name),
    }
}

impl Scope {
    /// Everything, as it stands.
    pub(super) fn now() -> Self {
        Self::default()
    }

    fn query(&self, now: Timestamp, rulebook: &Rulebook) -> Query {
        Query {
            now,
            as_of: self.as_of,
            from: self.from,
            to: self.to,
            by: None,
            basis: self.basis,
            zone: rulebook.zone.clone(),
            backlog_days: rulebook.policy.suspension.backlog_days,
        }
    }

    pub(super) fn address(&self, path: &str) -> Address {
        let text = |date: Option<Date>| date.map(|date| date.to_string());
        let basis = (self.basis != Basis::default()).then_some(self.basis.as_str());
        Address::to(path)
            .with_some("basis", basis)
            .with_some("from", text(self.from).as_deref())
            .with_some("to", text(self.to).as_deref())
            .with_some("as_of", self.as_of.map(|at| at.to_string()).as_deref())
    }

    /// The list of the clues behind a number.
    pub(super) fn link(&self, row: Option<(By, &str)>, of: &str) -> String {
        let address = self.address("/clues");
        let address = match row {
            Some((by, key)) => address.with("by", by.as_str()).with("key", key),
            None => address,
        };
        address.with("of", of).text()
    }
}

/// Asks each clue what it adds.
pub(super) struct Adding<'a> {
    drill: &'a Drill,
    query: Query,
    now: Timestamp,
}

impl<'a> Adding<'a> {
    pub(super) fn new(drill: &'a Drill, now: Timestamp, rulebook: &Rulebook) -> Self {
        let query = drill.scope.query(now, rulebook);
        let asked = query.as_of.unwrap_or(now);
        let now = match query.basis {
            Basis::Cohort => asked,
            Basis::Flow => asked.min(query.period().end),
        };
        Self { drill, query, now }
    }

    pub(super) fn counts_records(&self) -> bool {
        let by_source = self.drill.row.as_ref().is_none_or(|(by, _)| *by == By::Source);
        self.query.counts_records() && by_source
    }

    /// What the clue adds to the number, as [`bihuan_domain::figures::ReportBuilder`] counts it.
    pub(super) fn value(&self, facts: &Facts) -> i64 {
        let period = self.query.period();
        let (end, flow) = match self.query.basis {
            Basis::Cohort if period.contains(facts.reported_at) => (period.seen, Flow::default()),
            Basis::Cohort => return 0,
            Basis::Flow => {
                let end = period.end.min(period.seen);
                (end, Flow::of(facts, period.start, end))
            }
        };
        if self.query.basis == Basis::Flow && flow.opening + flow.received + flow.reopened == 0 {
            return 0;
        }
        let Some(condition) = facts.before(end) else {
            return 0;
        };
        let stands_in_row = match &self.drill.row {
            None => true,
            Some((by, key)) => self.key(*by, facts, &condition) == *key,
        };
        let (counts, split, flow) = if stands_in_row {
            let split = Split::of(&condition, self.now);
            (self.counts(facts, &condition), split, flow)
        } else {
            (self.clocks(facts, &condition), Split::default(), Flow::default())
        };
        let terms = self.drill.of.terms().iter();
        terms
            .map(|(sign, name)| sign * number(name, &counts, &split, &flow))
            .sum()
    }

    /// What it adds to the row that it stands in.
    fn counts(&self, facts: &Facts, condition: &Condition<'_>) -> Counts {
        let whole = Counts::of(facts, condition, self.now, self.query.backlog_days);
        match self.drill.row {
            Some((By::Agency, _)) => whole.share(facts, condition, self.now, condition.agency),
            _ => whole,
        }
    }

    /// What it adds to the row of an agency that it does not stand in: clocks that were that agency's.
    fn clocks(&self, facts: &Facts, condition: &Condition<'_>) -> Counts {
        let Some((By::Agency, key)) = &self.drill.row else {
            return Counts::default();
        };
        let mut agencies = condition.agencies().into_iter();
        let agency = agencies.find(|agency| agency.map_or("", AgencyId::as_str) == key);
        agency.map_or_else(Counts::default, |agency| {
            Counts::default().share(facts, condition, self.now, agency)
        })
    }

    fn key(&self, by: By, facts: &Facts, condition: &Condition<'_>) -> String {
        let source = |name: &Option<String>| name.clone().unwrap_or_default();
        match by {
            By::Agency => condition.agency.map(ToString::to_string).unwrap_or_default(),
            By::Area => condition
                .area
                .map_or_else(|| source(&facts.source_area), ToString::to_string),
            By::Matter => condition
                .matter
                .map_or_else(|| source(&facts.source_matter), ToString::to_string),
            By::Source => facts.source.to_string(),
            By::Conclusion => condition
                .closing
                .map(|closing| closing.conclusion.to_string())
                .unwrap_or_default(),
            By::Campaign => condition.campaign.map(ToString::to_string).unwrap_or_default(),
            By::Month => {
                let date = facts.reported_at.civil_date(&self.query.zone);
                format!("{:04}-{:02}", date.year(), date.month())
            }
        }
    }
}

fn number(name: &str, counts: &Counts, split: &Split, flow: &Flow) -> i64 {
    let found = match name.split_once('.') {
        Some(("part", part)) => split.entries().find(|(known, _)| *known == part),
        Some((_, name)) => flow.entries().find(|(known, _)| *known == name),
        None => counts.entries().find(|(known, _)| *known == name),
    };
    found.map_or(0, |(_, value)| value as i64)
}

#[cfg(test)]
mod tests {
    use bihuan_domain::figures::figures;

    use super::*;

    #[test]
    fn every_formula_can_be_followed_to_its_clues() {
        for unreadable in [None, Some(0)] {
            for figure in figures(&Counts::default(), unreadable) {
                assert!(Sum::of_figure(&figure).is_some(), "{}", figure.formula);
            }
        }
        let strict = &figures(&Counts::default(), Some(0))[0];
        let (_, denominator) = Sum::of_figure(strict).expect("understood");
        assert_eq!(denominator.text(), "clues,-rejected,-voided,-merged,quarantined");
    }

    #[test]
    fn a_term_without_meaning_is_refused() {
        for text in ["", "clue", "part.lost", "flow.", "closed,,open", "sum.closed"] {
            assert_eq!(Sum::parse(text), None, "{text}");
        }
        assert!(Sum::parse("part.in_time").is_some_and(|sum| !sum.has(QUARANTINED)));
    }
}
