//! Counts clues one by one into a report. Memory grows with the rows of the report, never with the clues.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{
    Basis, By, ClassLine, Classes, Condition, Counts, Facts, Flow, Period, Query, Records, Report, Row,
    Split, figures,
};
use crate::clue::Class;
use crate::code::{AgencyId, AreaCode, CampaignCode, MatterCode};
use crate::time::Timestamp;

/// A report in the making.
pub struct ReportBuilder {
    query: Query,
    period: Period,
    /// When conditions are judged: overdue or not.
    now: Timestamp,
    total: Sums,
    classes: Classes,
    rows: BTreeMap<String, Sums>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    counts: Counts,
    split: Split,
    flow: Flow,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.counts += other.counts;
        self.split += other.split;
        self.flow += other.flow;
    }
}

impl ReportBuilder {
    pub fn new(query: Query) -> Self {
        let period = query.period();
        let asked = query.as_of.unwrap_or(query.now);
        let now = match query.basis {
            Basis::Cohort => asked,
            Basis::Flow => asked.min(period.end),
        };
        Self {
            query,
            period,
            now,
            total: Sums::default(),
            classes: Classes::default(),
            rows: BTreeMap::new(),
        }
    }

    /// Counts the clue, if the query means it.
    pub fn add(&mut self, facts: &Facts) {
        let Some((condition, flow)) = self.select(facts) else {
            return;
        };
        let one = Sums {
            counts: Counts::of(facts, &condition, self.now, self.query.backlog_days),
            split: Split::of(&condition, self.now),
            flow,
        };
        self.total.add(one);
        self.classes.add(facts.class, &one.counts);
        match self.query.by {
            None => {}
            Some(By::Agency) => self.add_by_agency(facts, &condition, &one),
            Some(by) => {
                let key = self.key(by, facts, &condition);
                self.add_to(&key, &one);
            }
        }
    }

    /// The clue stands in the row of the responsible agency; a clock in the row of whoever had it.
    fn add_by_agency(&mut self, facts: &Facts, condition: &Condition<'_>, one: &Sums) {
        for agency in condition.agencies() {
            let counts = one.counts.share(facts, condition, self.now, agency);
            let responsible = agency == condition.agency;
            let sums = if responsible { *one } else { Sums::default() };
            if responsible || counts != Counts::default() {
                let key = agency.map_or("", AgencyId::as_str);
                self.add_to(key, &Sums { counts, ..sums });
            }
        }
    }

    fn add_to(&mut self, key: &str, one: &Sums) {
        match self.rows.get_mut(key) {
            Some(row) => row.add(*one),
            None => {
                self.rows.insert(key.to_owned(), *one);
            }
        }
    }

    fn select<'a>(&self, facts: &'a Facts) -> Option<(Condition<'a>, Flow)> {
        let period = &self.period;
        match self.query.basis {
            Basis::Cohort => {
                let condition = facts.before(period.seen)?;
                period
                    .contains(facts.reported_at)
                    .then_some((condition, Flow::default()))
            }
            Basis::Flow => {
                let end = period.end.min(period.seen);
                let flow = Flow::of(facts, period.start, end);
                let had_part = flow.opening + flow.received + flow.reopened > 0;
                let condition = facts.before(end)?;
                had_part.then_some((condition, flow))
            }
        }
    }

    fn key<'a>(&self, by: By, facts: &'a Facts, condition: &Condition<'a>) -> Cow<'a, str> {
        let text = match by {
            By::Agency => condition.agency.map(AgencyId::as_str),
            By::Area => condition
                .area
                .map(AreaCode::as_str)
                .or(facts.source_area.as_deref()),
            By::Matter => condition
                .matter
                .map(MatterCode::as_str)
                .or(facts.source_matter.as_deref()),
            By::Source => Some(facts.source.as_str()),
            By::Campaign => condition.campaign.map(CampaignCode::as_str),
            By::Conclusion => condition.closing.map(|closing| closing.conclusion.as_str()),
            By::Month => {
                let date = facts.reported_at.civil_date(&self.query.zone);
                return format!("{:04}-{:02}", date.year(), date.month()).into();
            }
        };
        text.unwrap_or_default().into()
    }

    /// The report. `records`: what became of every record, by source; left out where records have no place. `received`: how
    /// many were read, counted by position. `name`: what people call a key.
    pub fn finish(
        mut self,
        rulebook: &str,
        records: &BTreeMap<String, Records>,
        received: u64,
        name: impl Fn(By, &str) -> String,
    ) -> Report {
        let counted = self.query.counts_records();
        let total_records = counted.then(|| {
            let mut sum = Records::default();
            for one in records.values() {
                sum += *one;
            }
            sum.of_received(received)
        });
        if counted && self.query.by == Some(By::Source) {
            for source in records.keys() {
                self.rows.entry(source.clone()).or_default();
            }
        }
        let flow = self.query.basis == Basis::Flow;
        let mut total = self.total;
        let unreadable = total_records.map(|records| records.unreadable());
        total.split.unreadable = unreadable.unwrap_or(0);
        let rows = std::mem::take(&mut self.rows);
        let row = |(key, sums): (String, Sums)| {
            let by = self.query.by.unwrap_or(By::Agency);
            let records =
                (counted && by == By::Source).then(|| records.get(&key).copied().unwrap_or_default());
            row(name(by, &key), key, &sums, records, flow)
        };
        Report {
            as_of: self.now.to_string(),
            from: self.query.from,
            to: self.query.to,
            by: self.query.by,
            basis: self.query.basis,
            rulebook: rulebook.to_owned(),
            shadow: false,
            records: total_records,
            counts: total.counts,
            partition: total.split,
            classes: self.classes,
            flow: flow.then_some(total.flow),
            figures: figures(&total.counts, unreadable),
            rows: rows.into_iter().map(row).collect(),
        }
    }
}

fn row(name: String, key: String, sums: &Sums, records: Option<Records>, flow: bool) -> Row {
    let unreadable = records.map(|records| records.unreadable());
    let partition = Split {
        unreadable: unreadable.unwrap_or(0),
        ..sums.split
    };
    let figures = figures(&sums.counts, unreadable);
    Row {
        key,
        name,
        records,
        counts: sums.counts,
        partition,
        flow: flow.then_some(sums.flow),
        figures,
    }
}

impl Classes {
    fn add(&mut self, class: Class, counts: &Counts) {
        let line: &mut ClassLine = match class {
            Class::Ordinary => &mut self.ordinary,
            Class::SelfHandled => &mut self.self_handled,
            Class::ClosedAtSource => &mut self.closed_at_source,
        };
        line.clues += counts.clues;
        line.closed += counts.closed;
        line.open += counts.open;
    }
}
