//! What the sources of a clue say of it, beside what became of it here.

use super::{Condition, Standing, Step};
use crate::clue::{Discrepancy, Flag, Here, Said, SourceStatus};
use crate::code::SourceId;
use crate::time::Timestamp;

/// What another record of the clue says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCondition<'a> {
    pub source: &'a SourceId,
    pub source_id: &'a str,
    pub said: Option<Said>,
    pub(super) flags: &'a [Flag],
}

impl<'a> Condition<'a> {
    /// Where its source says otherwise, and nobody has decided about that yet.
    pub fn discrepancies(&self) -> Vec<Discrepancy> {
        Said::all_discrepancies(self.all_said(), self.here())
    }

    /// By any of its sources, how often.
    pub fn urged(&self) -> u32 {
        self.all_said()
            .fold(0, |sum, said| sum.saturating_add(said.urged))
    }

    /// What is wrong with the record that was applied last, and whether another one stands for another clue by its own word.
    pub fn flags(&self) -> Vec<Flag> {
        let links = self.links.iter().flat_map(|link| link.flags);
        let mut all: Vec<_> = self.own_flags.iter().chain(links).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn all_said(&self) -> impl Iterator<Item = &Said> {
        let links = self.links.iter().filter_map(|link| link.said.as_ref());
        self.said.iter().chain(links)
    }

    /// What became of the clue, as far as its source can say otherwise.
    pub const fn here(&self) -> Here {
        match self.standing {
            Standing::Closed => Here::Closed,
            Standing::Voided if self.withdrawn => Here::Withdrawn,
            Standing::Voided | Standing::Rejected => Here::Ended,
            _ => Here::Open,
        }
    }

    /// The steps that its sources make.
    pub(super) fn told(&mut self, step: &'a Step) {
        match step {
            Step::SourceUpdated {
                status,
                status_at,
                corrected,
                due_at,
                flags,
            } => {
                self.source_due_at = *due_at;
                self.own_flags = flags;
                let here = self.here();
                let new = || Said::new(*status, *status_at);
                let said = self.said.get_or_insert_with(new);
                said.update((*status, *status_at), corrected.clone(), here);
            }
            Step::SourceDeleted => self.source_deleted(),
            Step::SourceMissing => self.source_says().miss(),
            Step::SourceHeard => self.source_says().hear(),
            Step::Linked {
                source,
                source_id,
                told,
                flags,
            } => self.linked((source, source_id), *told, flags),
            Step::Settled(discrepancy) => self.settled(*discrepancy),
            _ => {}
        }
    }

    fn source_deleted(&mut self) {
        let here = self.here();
        let said = self.source_says();
        let corrected = std::mem::take(&mut said.corrected);
        said.update((SourceStatus::Deleted, None), corrected, here);
    }

    fn settled(&mut self, discrepancy: Discrepancy) {
        let here = self.here();
        let links = self.links.iter_mut().filter_map(|link| link.said.as_mut());
        links.for_each(|said| said.settle_standing(discrepancy, here));
        if let Some(said) = &mut self.said {
            said.settle(discrepancy);
        }
    }

    fn linked(
        &mut self,
        name: (&'a SourceId, &'a str),
        told: Option<(SourceStatus, Option<Timestamp>)>,
        flags: &'a [Flag],
    ) {
        let here = self.here();
        if let Some(said) = &mut self.said {
            said.hear();
        }
        let at = self.links.iter().position(|it| (it.source, it.source_id) == name);
        let at = at.unwrap_or_else(|| {
            self.links.push(LinkCondition {
                source: name.0,
                source_id: name.1,
                said: None,
                flags,
            });
            self.links.len() - 1
        });
        let link = &mut self.links[at];
        link.flags = flags;
        match (&mut link.said, told) {
            (Some(said), Some(told)) => said.update(told, Vec::new(), here),
            (None, Some((status, at))) => link.said = Some(Said::new(status, at)),
            (_, None) => {}
        }
    }

    /// Of a clue that came in another mode nothing but that it was open there.
    fn source_says(&mut self) -> &mut Said {
        self.said
            .get_or_insert_with(|| Said::new(SourceStatus::Open, None))
    }
}
