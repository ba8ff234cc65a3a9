//! What commands and events of a clue say of its dispute.

use bihuan_domain::clue::{Assignment, Command, Designation, Event};
use bihuan_domain::code::{AgencyId, Level};
use bihuan_domain::dispute::{Cause, Claim, Interim, Opening};
use bihuan_domain::id::DisputeId;

use super::parts::texts;
use super::{Result, Wire, Word as _, code, id, id_bytes, optional_code, optional_word, part, parts, word};
use crate::DecodeError;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::{command, event};

pub(super) fn raise(cause: Cause, parties: &[Claim]) -> command::Body {
    let (cause, returns) = cause_to_wire(cause);
    command::Body::RaiseDispute(proto::RaiseDispute {
        cause: cause.into(),
        returns,
        parties: parties.iter().map(Wire::to_wire).collect(),
    })
}

pub(super) fn hold(dispute: DisputeId, interim: &Interim, level: Level) -> command::Body {
    command::Body::HoldForDispute(proto::HoldForDispute {
        dispute: id_bytes(dispute),
        interim: Some(interim.to_wire()),
        level: level.number(),
    })
}

pub(super) fn designate(
    dispute: DisputeId,
    agency: &AgencyId,
    assisting: &[AgencyId],
    basis: &str,
    by: Designation,
) -> command::Body {
    command::Body::DesignateAgency(proto::DesignateAgency {
        dispute: id_bytes(dispute),
        agency: agency.to_string(),
        assisting: texts(assisting),
        basis: basis.to_owned(),
        by: by.number(),
    })
}

pub(super) fn release(dispute: DisputeId) -> command::Body {
    command::Body::ReleaseFromDispute(proto::ReleaseFromDispute {
        dispute: id_bytes(dispute),
    })
}

pub(super) fn raised(it: proto::RaiseDispute) -> Result<Command> {
    Ok(Command::RaiseDispute {
        cause: cause_from_wire(it.cause, it.returns)?,
        parties: parts(it.parties, "parties")?,
    })
}

pub(super) fn to_be_held(it: proto::HoldForDispute) -> Result<Command> {
    Ok(Command::HoldForDispute {
        dispute: id(&it.dispute, "dispute")?,
        interim: part(it.interim, "interim")?,
        level: word(it.level, "level")?,
    })
}

pub(super) fn to_be_designated(it: proto::DesignateAgency) -> Result<Command> {
    let assisting = it.assisting.iter().map(|agency| code(agency, "assisting"));
    Ok(Command::DesignateAgency {
        dispute: id(&it.dispute, "dispute")?,
        agency: code(&it.agency, "agency")?,
        assisting: assisting.collect::<Result<_>>()?,
        basis: it.basis,
        by: word(it.by, "by")?,
    })
}

pub(super) fn to_be_released(it: &proto::ReleaseFromDispute) -> Result<Command> {
    Ok(Command::ReleaseFromDispute {
        dispute: id(&it.dispute, "dispute")?,
    })
}

pub(super) fn disputed(
    dispute: DisputeId,
    opening: &Opening,
    interim: &Interim,
    level: Level,
) -> event::Body {
    event::Body::ClueDisputed(proto::ClueDisputed {
        dispute: id_bytes(dispute),
        opening: Some(opening.to_wire()),
        interim: Some(interim.to_wire()),
        level: level.number(),
    })
}

pub(super) fn held(dispute: DisputeId, interim: &Interim, level: Level) -> event::Body {
    event::Body::ClueHeldForDispute(proto::ClueHeldForDispute {
        dispute: id_bytes(dispute),
        interim: Some(interim.to_wire()),
        level: level.number(),
    })
}

pub(super) fn designated(
    dispute: DisputeId,
    assignment: &Assignment,
    basis: &str,
    by: Designation,
) -> event::Body {
    event::Body::ClueDesignated(proto::ClueDesignated {
        dispute: id_bytes(dispute),
        assignment: Some(assignment.to_wire()),
        basis: basis.to_owned(),
        by: by.number(),
    })
}

pub(super) fn released(dispute: DisputeId) -> event::Body {
    event::Body::ClueReleasedFromDispute(proto::ClueReleasedFromDispute {
        dispute: id_bytes(dispute),
    })
}

pub(super) fn clue_disputed(it: proto::ClueDisputed) -> Result<Event> {
    Ok(Event::ClueDisputed {
        dispute: id(&it.dispute, "dispute")?,
        opening: part(it.opening, "opening")?,
        interim: part(it.interim, "interim")?,
        level: word(it.level, "level")?,
    })
}

pub(super) fn clue_held(it: proto::ClueHeldForDispute) -> Result<Event> {
    Ok(Event::ClueHeldForDispute {
        dispute: id(&it.dispute, "dispute")?,
        interim: part(it.interim, "interim")?,
        level: word(it.level, "level")?,
    })
}

pub(super) fn clue_designated(it: proto::ClueDesignated) -> Result<Event> {
    Ok(Event::ClueDesignated {
        dispute: id(&it.dispute, "dispute")?,
        assignment: part(it.assignment, "assignment")?,
        basis: it.basis,
        by: word(it.by, "by")?,
    })
}

pub(super) fn clue_released(it: &proto::ClueReleasedFromDispute) -> Result<Event> {
    Ok(Event::ClueReleasedFromDispute {
        dispute: id(&it.dispute, "dispute")?,
    })
}

const fn cause_to_wire(cause: Cause) -> (proto::Cause, u32) {
    match cause {
        Cause::ReturnLimit { returns } => (proto::Cause::ReturnLimit, returns),
        Cause::RefusedReturn => (proto::Cause::RefusedReturn, 0),
        Cause::Claims => (proto::Cause::Claims, 0),
        Cause::ByAgency => (proto::Cause::ByAgency, 0),
        Cause::ByCoordinator => (proto::Cause::ByCoordinator, 0),
    }
}

fn cause_from_wire(cause: i32, returns: u32) -> Result<Cause> {
    let known = proto::Cause::try_from(cause);
    let unknown = |_| DecodeError::invalid("cause", format!("{cause} is no value of this enumeration"));
    Ok(match known.map_err(unknown)? {
        proto::Cause::Unspecified => return Err(DecodeError::missing("cause")),
        proto::Cause::ReturnLimit => Cause::ReturnLimit { returns },
        proto::Cause::RefusedReturn => Cause::RefusedReturn,
        proto::Cause::Claims => Cause::Claims,
        proto::Cause::ByAgency => Cause::ByAgency,
        proto::Cause::ByCoordinator => Cause::ByCoordinator,
    })
}

impl Wire for Claim {
    type Message = proto::Claim;

    fn to_wire(&self) -> proto::Claim {
        proto::Claim {
            agency: self.agency.to_string(),
            position: self.position.map_or(0, super::Word::number),
            duty: self.duty.clone(),
        }
    }

    fn from_wire(message: proto::Claim) -> Result<Self> {
        Ok(Self {
            agency: code(&message.agency, "agency")?,
            position: optional_word(message.position, "position")?,
            duty: message.duty,
        })
    }
}

impl Wire for Opening {
    type Message = proto::DisputeOpening;

    fn to_wire(&self) -> proto::DisputeOpening {
        let (cause, returns) = cause_to_wire(self.cause);
        proto::DisputeOpening {
            clue: id_bytes(self.clue),
            matter: self.matter.as_ref().map(ToString::to_string),
            area: self.area.as_ref().map(ToString::to_string),
            severity: self.severity.as_ref().map(ToString::to_string),
            cause: cause.into(),
            returns,
            parties: self.parties.iter().map(Wire::to_wire).collect(),
            first_receiver: self.first_receiver.as_ref().map(ToString::to_string),
        }
    }

    fn from_wire(message: proto::DisputeOpening) -> Result<Self> {
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            matter: optional_code(message.matter.as_deref(), "matter")?,
            area: optional_code(message.area.as_deref(), "area")?,
            severity: optional_code(message.severity.as_deref(), "severity")?,
            cause: cause_from_wire(message.cause, message.returns)?,
            parties: parts(message.parties, "parties")?,
            first_receiver: optional_code(message.first_receiver.as_deref(), "first_receiver")?,
        })
    }
}

impl Wire for Interim {
    type Message = proto::InterimHolder;

    fn to_wire(&self) -> proto::InterimHolder {
        let agency = match self {
            Self::Agency(agency) => Some(agency.to_string()),
            Self::Coordinator => None,
        };
        proto::InterimHolder { agency }
    }

    fn from_wire(message: proto::InterimHolder) -> Result<Self> {
        let agency = optional_code(message.agency.as_deref(), "agency")?;
        Ok(agency.map_or(Self::Coordinator, Self::Agency))
    }
}
