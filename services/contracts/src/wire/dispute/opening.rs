//! What a dispute is about, who quarrels, and who holds the clue meanwhile.

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Cause, Claim, Interim, Opening};

use crate::DecodeError;
use crate::generated::dispute::v1 as proto;
use crate::wire::{Result, Wire, Word, code, id, id_bytes, optional_code, optional_word, part, parts};

impl Wire for Cause {
    type Message = proto::Cause;

    fn to_wire(&self) -> proto::Cause {
        use proto::CauseKind as K;
        let (kind, returns) = match self {
            Self::ReturnLimit { returns } => (K::ReturnLimit, Some(*returns)),
            Self::RefusedReturn => (K::RefusedReturn, None),
            Self::Claims => (K::Claims, None),
            Self::ByAgency => (K::ByAgency, None),
            Self::ByCoordinator => (K::ByCoordinator, None),
        };
        proto::Cause {
            kind: kind as i32,
            returns,
        }
    }

    fn from_wire(message: proto::Cause) -> Result<Self> {
        use proto::CauseKind as K;
        match K::try_from(message.kind) {
            Ok(K::Unspecified) => Err(DecodeError::missing("kind")),
            Ok(K::ReturnLimit) => Ok(Self::ReturnLimit {
                returns: message.returns.ok_or_else(|| DecodeError::missing("returns"))?,
            }),
            Ok(K::RefusedReturn) => Ok(Self::RefusedReturn),
            Ok(K::Claims) => Ok(Self::Claims),
            Ok(K::ByAgency) => Ok(Self::ByAgency),
            Ok(K::ByCoordinator) => Ok(Self::ByCoordinator),
            Err(_) => Err(super::unknown("kind", message.kind)),
        }
    }
}

impl Wire for Claim {
    type Message = proto::Claim;

    fn to_wire(&self) -> proto::Claim {
        proto::Claim {
            agency: self.agency.to_string(),
            position: self.position.map_or(0, Word::number),
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
    type Message = proto::Opening;

    fn to_wire(&self) -> proto::Opening {
        proto::Opening {
            clue: id_bytes(self.clue),
            matter: self.matter.as_ref().map(ToString::to_string),
            area: self.area.as_ref().map(ToString::to_string),
            severity: self.severity.as_ref().map(ToString::to_string),
            cause: Some(self.cause.to_wire()),
            parties: self.parties.iter().map(Wire::to_wire).collect(),
            first_receiver: self.first_receiver.as_ref().map(ToString::to_string),
        }
    }

    fn from_wire(message: proto::Opening) -> Result<Self> {
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            matter: optional_code(message.matter.as_deref(), "matter")?,
            area: optional_code(message.area.as_deref(), "area")?,
            severity: optional_code(message.severity.as_deref(), "severity")?,
            cause: part(message.cause, "cause")?,
            parties: parts(message.parties, "parties")?,
            first_receiver: optional_code(message.first_receiver.as_deref(), "first_receiver")?,
        })
    }
}

impl Wire for Interim {
    type Message = proto::Interim;

    fn to_wire(&self) -> proto::Interim {
        let agency = match self {
            Self::Agency(agency) => Some(agency),
            Self::Coordinator => None,
        };
        proto::Interim {
            agency: agency.map(AgencyId::to_string),
        }
    }

    fn from_wire(message: proto::Interim) -> Result<Self> {
        let agency = optional_code(message.agency.as_deref(), "agency")?;
        Ok(agency.map_or(Self::Coordinator, Self::Agency))
    }
}
