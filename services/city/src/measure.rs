//! What is measured of a year: sums over its clues and disputes.

use bihuan_domain::clue::Stage;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use serde::Serialize;

use crate::life::{End, Life, Settled};
use crate::year::Year;

const DAY: f64 = 86_400_000_000.0;

/// Of one year in one setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measures {
    pub clues: u32,
    pub contested: u32,
    /// Not closed half a year after the last report.
    pub open: u32,
    pub hand_overs: u32,
    pub hand_overs_contested: u32,
    /// From A to B and back to A.
    pub ping_pong: u32,
    pub ping_pong_contested: u32,
    /// Returns that took effect, and returns that a rule barred.
    pub returns: u32,
    pub returns_barred: u32,
    /// In days from the report to closing: the middle one and the ninetieth of a hundred.
    pub days: Days,
    pub days_contested: Days,
    pub days_clear: Days,
    /// Closed by the overall deadline, of those that are contested.
    pub in_time_contested: u32,
    /// Contested clues that another one closed than has the duty.
    pub closed_by_wrong: u32,
    pub disputes: Disputes,
    pub precedents: u32,
    pub precedents_contradicted: u32,
    /// Clues that a precedent routed.
    pub by_precedent: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Days {
    pub median: f64,
    pub p90: f64,
    pub mean: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Disputes {
    pub opened: u32,
    pub by_negotiation: u32,
    pub by_opinion: u32,
    pub by_ruling: u32,
    pub otherwise: u32,
    pub open: u32,
    pub appeals: u32,
    pub breaches: u32,
    /// Until it is agreed or ruled whose duty it is.
    pub days_until_clear: Option<f64>,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    zh: &'static str,
    en: &'static str,
    pub decimals: usize,
    of: fn(&Measures) -> Option<f64>,
}

impl Measure {
    pub const fn words(&self, lang: Lang) -> &'static str {
        lang.choose(self.zh, self.en)
    }

    /// `None`: there is nothing of which it could be said.
    pub fn of(&self, measures: &Measures) -> Option<f64> {
        (self.of)(measures)
    }
}

const fn line(
    zh: &'static str,
    en: &'static str,
    decimals: usize,
    of: fn(&Measures) -> Option<f64>,
) -> Measure {
    Measure { zh, en, decimals, of }
}

/// The table, line by line.
pub const MEASURES: [Measure; 26] = [
    line("线索", "clues", 0, |it| Some(it.clues.into())),
    line("其中有争议", "of these contested", 0, |it| {
        Some(it.contested.into())
    }),
    line("期末未办结", "still open at the end", 0, |it| {
        Some(it.open.into())
    }),
    line("件均转手次数", "hand-overs per clue", 3, |it| {
        ratio(it.hand_overs, it.clues)
    }),
    line(
        "有争议线索件均转手次数",
        "hand-overs per contested clue",
        2,
        |it| ratio(it.hand_overs_contested, it.contested),
    ),
    line("往返率，%", "to and fro (A→B→A), %", 1, |it| {
        percent(it.ping_pong, it.clues)
    }),
    line(
        "有争议线索往返率，%",
        "to and fro of the contested, %",
        1,
        |it| percent(it.ping_pong_contested, it.contested),
    ),
    line("退单", "returns", 0, |it| Some(it.returns.into())),
    line("被规则拒绝的退单", "returns barred by a rule", 0, |it| {
        Some(it.returns_barred.into())
    }),
    line("办结天数，中位", "days to closing, median", 1, |it| {
        Some(it.days.median)
    }),
    line("办结天数，90 分位", "days to closing, p90", 1, |it| {
        Some(it.days.p90)
    }),
    line(
        "有争议线索办结天数，中位",
        "of the contested, median",
        1,
        |it| Some(it.days_contested.median),
    ),
    line(
        "有争议线索办结天数，平均",
        "of the contested, mean",
        1,
        |it| Some(it.days_contested.mean),
    ),
    line(
        "有争议线索办结天数，90 分位",
        "of the contested, p90",
        1,
        |it| Some(it.days_contested.p90),
    ),
    line(
        "有争议线索按时办结，%",
        "contested, closed in time, %",
        1,
        |it| percent(it.in_time_contested, it.contested),
    ),
    line(
        "由非职责单位办结，%",
        "contested, closed by whose duty it is not, %",
        1,
        |it| percent(it.closed_by_wrong, it.contested),
    ),
    line("争议", "disputes", 0, |it| Some(it.disputes.opened.into())),
    line("　协商一致", "  settled by negotiation", 0, |it| {
        Some(it.disputes.by_negotiation.into())
    }),
    line("　接受协调意见", "  settled by opinion", 0, |it| {
        Some(it.disputes.by_opinion.into())
    }),
    line("　裁定并执行", "  ruled and carried out", 0, |it| {
        Some(it.disputes.by_ruling.into())
    }),
    line("　线索先行办结", "  clue ended before", 0, |it| {
        Some(it.disputes.otherwise.into())
    }),
    line("　期末未结", "  open at the end", 0, |it| {
        Some(it.disputes.open.into())
    }),
    line(
        "争议至明确责任天数，中位",
        "days until it is clear whose duty, median",
        1,
        |it| it.disputes.days_until_clear,
    ),
    line("复核", "appeals", 0, |it| Some(it.disputes.appeals.into())),
    line("拒不执行", "breaches", 0, |it| {
        Some(it.disputes.breaches.into())
    }),
    line("按先例派遣，%", "routed by precedent, %", 1, |it| {
        percent(it.by_precedent, it.clues)
    }),
];

fn ratio(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part) / f64::from(of))
}

fn percent(part: u32, of: u32) -> Option<f64> {
    ratio(part, of).map(|it| 100.0 * it)
}

impl Measures {
    pub(crate) fn of(year: &Year<'_>) -> Self {
        let lives = &year.lives;
        let contested: Vec<&Life> = lives.iter().filter(|it| it.case.is_contested).collect();
        let all: Vec<&Life> = lives.iter().collect();
        let clear: Vec<&Life> = lives.iter().filter(|it| !it.case.is_contested).collect();
        let number = |of: &[&Life], is: fn(&Life) -> bool| of.iter().filter(|it| is(it)).count() as u32;
        let sum = |of: &[&Life], what: fn(&Life) -> u32| of.iter().map(|it| what(it)).sum::<u32>();
        Self {
            clues: all.len() as u32,
            contested: contested.len() as u32,
            open: number(&all, |it| closed_at(it).is_none()),
            hand_overs: sum(&all, |it| it.hands.overs()),
            hand_overs_contested: sum(&contested, |it| it.hands.overs()),
            ping_pong: number(&all, |it| it.hands.is_ping_pong()),
            ping_pong_contested: number(&contested, |it| it.hands.is_ping_pong()),
            returns: sum(&all, |it| it.hands.returns()),
            returns_barred: sum(&all, |it| it.tally.barred),
            days: days(&all),
            days_contested: days(&contested),
            days_clear: days(&clear),
            in_time_contested: number(&contested, is_in_time),
            closed_by_wrong: number(&contested, is_closed_by_wrong),
            disputes: disputes(&all),
            precedents: year.books.precedents(),
            precedents_contradicted: year.books.contradicted,
            by_precedent: number(&all, |it| it.tally.by_precedent),
        }
    }
}

pub(crate) fn closed_at(life: &Life) -> Option<Timestamp> {
    match &life.clue.clue.as_ref()?.stage {
        Stage::Closed { at, .. } => Some(*at),
        _ => None,
    }
}

fn is_in_time(life: &Life) -> bool {
    let deadline = life.clue.clue.as_ref().and_then(|it| it.deadline);
    closed_at(life)
        .zip(deadline)
        .is_some_and(|(at, deadline)| at <= deadline)
}

fn is_closed_by_wrong(life: &Life) -> bool {
    closed_at(life).is_some() && life.holder().is_some_and(|it| *it != life.case.right)
}

/// Of those that were closed.
fn days(lives: &[&Life]) -> Days {
    let mut days: Vec<_> = lives
        .iter()
        .filter_map(|it| Some(closed_at(it)?.since(it.reported_at) as f64 / DAY))
        .collect();
    days.sort_by(f64::total_cmp);
    Days {
        median: part(&days, 0.5).unwrap_or(0.0),
        p90: part(&days, 0.9).unwrap_or(0.0),
        mean: days.iter().sum::<f64>() / days.len().max(1) as f64,
    }
}

/// The value that so many of the sorted ones do not exceed.
fn part(sorted: &[f64], part: f64) -> Option<f64> {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied()
}

/// What came of each dispute of a clue, those that are open included.
pub(crate) fn settled(life: &Life) -> Vec<Settled> {
    let open = life.open_dispute().map(Settled::of);
    life.tally.disputes.iter().copied().chain(open).collect()
}

fn disputes(lives: &[&Life]) -> Disputes {
    let all: Vec<_> = lives.iter().flat_map(|it| settled(it)).collect();
    let ended = |end| all.iter().filter(|it| it.end == end).count() as u32;
    let clear = all
        .iter()
        .filter_map(|it| Some(it.clear_at?.since(it.opened_at) as f64 / DAY));
    let mut clear: Vec<_> = clear.collect();
    clear.sort_by(f64::total_cmp);
    Disputes {
        opened: all.len() as u32,
        by_negotiation: ended(End::Negotiation),
        by_opinion: ended(End::Opinion),
        by_ruling: ended(End::Ruling),
        otherwise: ended(End::Otherwise),
        open: ended(End::Open),
        appeals: all.iter().map(|it| it.appeals).sum(),
        breaches: all.iter().map(|it| it.breaches).sum(),
        days_until_clear: part(&clear, 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_sorted_values_is_the_one_that_so_many_do_not_exceed() {
        let values: Vec<_> = (1..=10).map(f64::from).collect();
        assert_eq!(part(&values, 0.5), Some(5.0));
        assert_eq!(part(&values, 0.9), Some(9.0));
        assert_eq!((part(&values[..1], 0.9), part(&[], 0.5)), (Some(1.0), None));
    }
}
