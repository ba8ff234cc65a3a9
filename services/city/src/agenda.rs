//! Who has a turn when. Of turns at the same time the one that was planned first comes first.

use std::collections::BTreeMap;

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::Precedent;
use bihuan_domain::time::Timestamp;

/// Something that somebody does about a clue. Numbers say of which hand or step it was planned: when that is over, nobody does it.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// The source reports the clue.
    Report,
    /// The desk says whose it is.
    Desk {
        hand: u32,
    },
    /// The agency that got it looks at it.
    Look {
        hand: u32,
    },
    /// It is done.
    Finish {
        hand: u32,
    },
    Check,
    /// The coordinator acts on the dispute.
    Forum {
        round: u32,
    },
    /// So does a party.
    Party {
        round: u32,
        agency: AgencyId,
    },
    /// The time of a step may have passed.
    Lapse,
    /// A person takes the precedent over.
    TakeOver(Box<Precedent>),
}

#[derive(Default)]
pub(crate) struct Agenda {
    planned: BTreeMap<(Timestamp, u64), (usize, Turn)>,
    count: u64,
}

impl Agenda {
    pub(crate) fn plan(&mut self, at: Timestamp, clue: usize, turn: Turn) {
        self.count += 1;
        self.planned.insert((at, self.count), (clue, turn));
    }

    /// What comes next, if it comes by `end`.
    pub(crate) fn next(&mut self, end: Timestamp) -> Option<(Timestamp, usize, Turn)> {
        let ((at, _), (clue, turn)) = self.planned.pop_first()?;
        (at <= end).then_some((at, clue, turn))
    }
}
