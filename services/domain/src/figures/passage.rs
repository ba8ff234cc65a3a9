//! Through whose hands a clue went.

use super::{Facts, Step};
use crate::code::AgencyId;
use crate::time::Timestamp;

/// The agencies that a clue was given to, in order, each named once until another one got it. Handing down a line does not count:
/// whoever it was given to stands for its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage<'a> {
    pub holders: Vec<&'a AgencyId>,
    /// Times that it came back after it was closed.
    pub reopened: u32,
    /// Times that an agency asked to give it back.
    pub returns: u32,
}

impl Facts {
    /// Through whose hands it went before `end`.
    pub fn passage(&self, end: Timestamp) -> Passage<'_> {
        let mut passage = Passage::default();
        let mut holder = None;
        for mark in self.history.iter().take_while(|mark| mark.at < end) {
            match &mark.step {
                Step::Assigned { agency: to, .. } | Step::Transferred { to, .. } => {
                    passage.given(to);
                    holder = Some(to);
                }
                // whoever has it down the line of another one keeps it
                Step::Disputed { interim: Some(to) }
                | Step::HeldForDispute { interim: Some(to) }
                | Step::Designated { agency: to, .. }
                    if holder != Some(to) =>
                {
                    passage.given(to);
                    holder = Some(to);
                }
                Step::Delegated { to } => holder = Some(to),
                Step::HeldForTriage
                | Step::HeldForCoordination
                | Step::Corrected(_)
                | Step::Disputed { interim: None }
                | Step::HeldForDispute { interim: None } => holder = None,
                Step::Reopened => passage.reopened += 1,
                Step::ReturnRequested => passage.returns += 1,
                _ => {}
            }
        }
        passage
    }
}

impl<'a> Passage<'a> {
    fn given(&mut self, to: &'a AgencyId) {
        if self.holders.last() != Some(&to) {
            self.holders.push(to);
        }
    }

    /// Who gave it to whom.
    pub fn hand_overs(&self) -> impl Iterator<Item = (&'a AgencyId, &'a AgencyId)> {
        self.holders.windows(2).filter_map(|pair| match pair {
            [from, to] => Some((*from, *to)),
            _ => None,
        })
    }

    /// Whether it came straight back to whoever had given it away: A → B → A.
    pub fn is_ping_pong(&self) -> bool {
        self.holders.windows(3).any(|three| three.first() == three.last())
    }
}
