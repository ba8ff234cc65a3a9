//! What a duty says of the dispute that it comes from: the end of its basis.

use std::fmt;

use crate::clue::Designation;
use crate::id::DisputeId;
use crate::lang::Lang;

/// The basis of a row of `duties.csv` that a dispute proposed: `BASIS; ruling; dispute ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance<'a> {
    /// The law and the paper, without the dispute.
    pub basis: &'a str,
    pub by: Designation,
    pub dispute: DisputeId,
}

const BEFORE: &str = "; ";
const DISPUTE: &str = "; dispute ";

impl<'a> Provenance<'a> {
    /// `None`: the row does not come from a dispute.
    pub fn read(basis: &'a str) -> Option<Self> {
        let (rest, dispute) = basis.rsplit_once(DISPUTE)?;
        let (basis, by) = rest.rsplit_once(BEFORE)?;
        Some(Self {
            basis,
            by: Designation::parse(by)?,
            dispute: dispute.trim().parse().ok()?,
        })
    }

    /// A sentence for the reasons of a decision.
    pub fn words(&self, lang: Lang) -> String {
        let Self { basis, dispute, .. } = self;
        match (self.by, lang) {
            (Designation::Ruling, Lang::Zh) => format!("依据争议 {dispute} 的裁定：{basis}。"),
            (Designation::Ruling, Lang::En) => format!("By ruling {basis} of dispute {dispute}."),
            (Designation::Agreement, Lang::Zh) => format!("依据争议 {dispute} 各方的一致意见：{basis}。"),
            (Designation::Agreement, Lang::En) => format!("By agreement {basis} of dispute {dispute}."),
        }
    }
}

impl fmt::Display for Provenance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{BEFORE}{}{DISPUTE}{}", self.basis, self.by, self.dispute)
    }
}
