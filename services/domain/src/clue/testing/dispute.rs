//! Builders for what is asked of a clue in dispute.

use super::agency;
use crate::clue::{Command, Designation};
use crate::code::Level;
use crate::dispute::{Cause, Claim, Interim, Position};
use crate::id::DisputeId;

pub(crate) fn party(name: &str, position: Option<Position>) -> Claim {
    Claim {
        agency: agency(name),
        position,
        duty: position.map(|_| "duty-7".to_owned()),
    }
}

pub(crate) fn raise(cause: Cause, parties: &[Claim]) -> Command {
    Command::RaiseDispute {
        cause,
        parties: parties.to_vec(),
    }
}

pub(crate) fn designate(dispute: DisputeId, to: &str, by: Designation) -> Command {
    Command::DesignateAgency {
        dispute,
        agency: agency(to),
        assisting: Vec::new(),
        basis: "裁定 7".to_owned(),
        by,
    }
}

pub(crate) fn hold(dispute: DisputeId, interim: Option<&str>, level: Level) -> Command {
    Command::HoldForDispute {
        dispute,
        interim: interim.map_or(Interim::Coordinator, |it| Interim::Agency(agency(it))),
        level,
    }
}

pub(crate) fn release(dispute: DisputeId) -> Command {
    Command::ReleaseFromDispute { dispute }
}
