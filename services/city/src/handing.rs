//! Whose hands a clue went through.

use bihuan_domain::code::AgencyId;

/// The agencies that had it, in order; each differs from the one before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands {
    agencies: Vec<AgencyId>,
    returns: u32,
}

impl Hands {
    /// Whether that is another one than before.
    pub(crate) fn come_to(&mut self, agency: &AgencyId) -> bool {
        if self.agencies.last() == Some(agency) {
            return false;
        }
        self.agencies.push(agency.clone());
        true
    }

    /// Whoever has it returns it.
    pub(crate) const fn sent_back(&mut self) {
        self.returns += 1;
    }

    pub(crate) const fn count(&self) -> u32 {
        self.agencies.len() as u32
    }

    /// From one agency to another.
    pub(crate) const fn overs(&self) -> u32 {
        self.count().saturating_sub(1)
    }

    /// A had it, then B, then A again.
    pub(crate) fn is_ping_pong(&self) -> bool {
        self.agencies.windows(3).any(|of| of[0] == of[2])
    }

    pub(crate) const fn returns(&self) -> u32 {
        self.returns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_overs_are_counted_from_agency_to_agency() {
        let mut hands = Hands::default();
        let mut come = |to: &str| hands.come_to(&AgencyId::new(to).expect("an id"));
        assert_eq!(["a", "a", "b"].map(&mut come), [true, false, true]);
        hands.sent_back();
        assert_eq!(
            (hands.overs(), hands.is_ping_pong(), hands.returns()),
            (1, false, 1)
        );
        for (to, is_back) in [("c", false), ("b", true)] {
            hands.come_to(&AgencyId::new(to).expect("an id"));
            assert_eq!(hands.is_ping_pong(), is_back, "{to}");
        }
        assert_eq!((hands.overs(), hands.count()), (3, 4));
    }
}
