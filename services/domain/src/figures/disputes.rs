//! Clues that nobody keeps: how often they change hands, go to and fro, are given back and come back, and between whom.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;

use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};

use super::counts::sums;
use super::{DutyReport, Facts, Figure, Passage, Period, Query};
use crate::clue::Class;
use crate::code::{AgencyId, SourceId};
use crate::id::ClueId;
use crate::time::Timestamp;

sums!(
    /// Of the clues that were ours to dispatch: what the reporter's own unit handled and what was closed when first seen is left out.
    DisputeCounts {
        clues,
        /// Clues that an agency ever had.
        dispatched,
        /// Clues that changed hands.
        handed_over,
        /// Times.
        hand_overs,
        /// Clues that went from one agency to another and straight back.
        ping_pong,
        /// Clues that came back after they were closed.
        reopened,
        /// Clues that an agency asked to give back.
        returned,
        /// Times.
        returns,
    }
);

/// The figures about disputes, each a ratio of [`DisputeCounts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisputeKind {
    /// 转手率
    HandOverRate,
    /// 件均转手次数
    HandOversPerClue,
    /// 往返率
    PingPongRate,
    /// 重开率
    ReopenedRate,
    /// 件均退单次数, the same as in the closure report
    ReturnsPerClue,
}

/// Which clues are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disputed {
    HandOver,
    PingPong,
    Reopened,
}

/// A clue that is listed, with its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisputedClue {
    pub id: ClueId,
    pub number: String,
    pub source: SourceId,
    pub source_id: String,
    pub hand_overs: u64,
    pub reopened: u32,
    pub returns: u32,
    /// Through whose hands it went, in order.
    pub holders: Vec<AgencyId>,
}

/// Who gave how often to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandOver {
    pub from: AgencyId,
    pub from_name: String,
    pub to: AgencyId,
    pub to_name: String,
    pub hand_overs: u64,
}

/// The report: keys and their order are a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DisputeReport {
    /// RFC 3339.
    pub as_of: String,
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Version of the rulebook that the names are from.
    pub rulebook: String,
    pub counts: DisputeCounts,
    pub figures: Vec<Figure<DisputeKind>>,
    /// The busiest first.
    pub pairs: Vec<HandOver>,
    /// Of disputes over duty.
    pub duty: DutyReport,
    /// Where they were asked for: those with the most hand-overs first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clues: Option<Vec<DisputedClue>>,
}

/// Counts clues one by one. Memory grows with the pairs of agencies and with what is listed.
#[derive(Debug)]
pub struct Disputes {
    query: Query,
    period: Period,
    counts: DisputeCounts,
    pairs: BTreeMap<(AgencyId, AgencyId), u64>,
    /// Which are listed, and how many at most.
    listing: Option<(Disputed, usize)>,
    clues: Vec<DisputedClue>,
}

impl DisputeKind {
    pub const ALL: [Self; 5] = [
        Self::HandOverRate,
        Self::HandOversPerClue,
        Self::PingPongRate,
        Self::ReopenedRate,
        Self::ReturnsPerClue,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HandOverRate => "hand_over_rate",
            Self::HandOversPerClue => "hand_overs_per_clue",
            Self::PingPongRate => "ping_pong_rate",
            Self::ReopenedRate => "reopened_rate",
            Self::ReturnsPerClue => "returns_per_clue",
        }
    }

    pub const fn version(self) -> u32 {
        1
    }

    /// Whether it is so many a piece, and no share of a whole.
    pub const fn is_multiple(self) -> bool {
        matches!(self, Self::HandOversPerClue | Self::ReturnsPerClue)
    }

    /// Chinese, English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::HandOverRate => ("转手率", "clues handed over"),
            Self::HandOversPerClue => ("件均转手次数", "hand-overs per clue"),
            Self::PingPongRate => ("往返率", "clues that went to and fro"),
            Self::ReopenedRate => ("重开率", "clues reopened"),
            Self::ReturnsPerClue => ("件均退单次数", "returns per clue"),
        }
    }

    const fn formula(self) -> &'static str {
        match self {
            Self::HandOverRate => "handed_over / dispatched",
            Self::HandOversPerClue => "hand_overs / dispatched",
            Self::PingPongRate => "ping_pong / dispatched",
            Self::ReopenedRate => "reopened / dispatched",
            Self::ReturnsPerClue => "returns / dispatched",
        }
    }

    const fn numerator(self, counts: &DisputeCounts) -> u64 {
        match self {
            Self::HandOverRate => counts.handed_over,
            Self::HandOversPerClue => counts.hand_overs,
            Self::PingPongRate => counts.ping_pong,
            Self::ReopenedRate => counts.reopened,
            Self::ReturnsPerClue => counts.returns,
        }
    }

    fn of(self, counts: &DisputeCounts) -> Figure<Self> {
        let (numerator, denominator) = (self.numerator(counts), counts.dispatched);
        Figure {
            id: self,
            version: self.version(),
            numerator,
            denominator,
            value: (denominator > 0).then(|| numerator as f64 / denominator as f64),
            formula: self.formula(),
        }
    }
}

impl Serialize for DisputeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Disputed {
    pub const ALL: [Self; 3] = [Self::HandOver, Self::PingPong, Self::Reopened];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HandOver => "handover",
            Self::PingPong => "ping_pong",
            Self::Reopened => "reopened",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    const fn is_one(self, counts: &DisputeCounts) -> bool {
        let counted = match self {
            Self::HandOver => counts.handed_over,
            Self::PingPong => counts.ping_pong,
            Self::Reopened => counts.reopened,
        };
        counted > 0
    }
}

impl DisputeCounts {
    /// One clue, by its way.
    pub fn of(passage: &Passage<'_>) -> Self {
        let hand_overs = passage.holders.len().saturating_sub(1) as u64;
        Self {
            clues: 1,
            dispatched: u64::from(!passage.holders.is_empty()),
            handed_over: u64::from(hand_overs > 0),
            hand_overs,
            ping_pong: u64::from(passage.is_ping_pong()),
            // what no agency had is no share of what agencies had
            reopened: u64::from(passage.reopened > 0 && !passage.holders.is_empty()),
            returned: u64::from(passage.returns > 0),
            returns: u64::from(passage.returns),
        }
    }
}

impl Disputes {
    /// `listing`: which clues are listed, and how many at most.
    pub fn new(query: Query, listing: Option<(Disputed, usize)>) -> Self {
        let period = query.period();
        Self {
            query,
            period,
            counts: DisputeCounts::default(),
            pairs: BTreeMap::new(),
            listing,
            clues: Vec::new(),
        }
    }

    /// Counts the clue, if the query means it.
    pub fn add(&mut self, facts: &Facts) {
        let is_meant = self.period.contains(facts.reported_at) && facts.reported_at < self.period.seen;
        if !is_meant || facts.class != Class::Ordinary {
            return;
        }
        let passage = facts.passage(self.period.seen);
        let counts = DisputeCounts::of(&passage);
        self.counts += counts;
        for (from, to) in passage.hand_overs() {
            *self.pairs.entry((from.clone(), to.clone())).or_default() += 1;
        }
        if let Some((_, most)) = self.listing.filter(|(which, _)| which.is_one(&counts)) {
            self.list(facts, &passage, most);
        }
    }

    fn list(&mut self, facts: &Facts, passage: &Passage<'_>, most: usize) {
        self.clues.push(DisputedClue {
            id: facts.clue,
            number: facts.number.clone(),
            source: facts.source.clone(),
            source_id: facts.source_id.clone(),
            hand_overs: passage.holders.len().saturating_sub(1) as u64,
            reopened: passage.reopened,
            returns: passage.returns,
            holders: passage.holders.iter().copied().cloned().collect(),
        });
        if self.clues.len() >= most.saturating_mul(2) {
            self.rank(most);
        }
    }

    /// The rank of a clue does not depend on when it was counted.
    fn rank(&mut self, most: usize) {
        self.clues.sort_by(|a, b| {
            let rank = |it: &DisputedClue| (Reverse(it.hand_overs), it.source.clone(), it.source_id.clone());
            rank(a).cmp(&rank(b))
        });
        self.clues.truncate(most);
    }

    /// The report. `name`: what people call an agency.
    pub fn finish(
        mut self,
        rulebook: &str,
        duty: DutyReport,
        name: impl Fn(&AgencyId) -> String,
    ) -> DisputeReport {
        let listing = self.listing;
        if let Some((_, most)) = listing {
            self.rank(most);
        }
        let pairs = std::mem::take(&mut self.pairs).into_iter();
        let mut pairs: Vec<_> = pairs
            .map(|((from, to), hand_overs)| HandOver {
                from_name: name(&from),
                to_name: name(&to),
                from,
                to,
                hand_overs,
            })
            .collect();
        pairs.sort_by_key(|pair| Reverse(pair.hand_overs));
        let as_of: Timestamp = self.query.as_of.unwrap_or(self.query.now);
        DisputeReport {
            as_of: as_of.to_string(),
            from: self.query.from,
            to: self.query.to,
            rulebook: rulebook.to_owned(),
            figures: DisputeKind::ALL.map(|kind| kind.of(&self.counts)).to_vec(),
            counts: self.counts,
            pairs,
            duty,
            clues: listing.map(|_| self.clues),
        }
    }
}

#[cfg(test)]
mod tests;
