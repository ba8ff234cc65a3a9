//! The parts that commands and events share.

use bihuan_domain::clue::{
    Actor, Assignment, ClosureClass, Codes, Evidence, History, LogRow, Repeat, Resolution, RoutingDecision,
    Suspension, Text,
};
use bihuan_domain::code::AgencyId;
use bihuan_domain::digest::Digest;

use super::{Result, Wire, Word, code, optional_code, optional_digest, parts, time, word, words};
use crate::fields::storable;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::event::Body;

/// The codes as texts, for a repeated field.
pub(super) fn texts(codes: &[AgencyId]) -> Vec<String> {
    codes.iter().map(|code| code.as_str().to_owned()).collect()
}

pub(super) fn codes(it: &Codes) -> proto::ClueRecoded {
    proto::ClueRecoded {
        matter: it.matter.as_ref().map(ToString::to_string),
        area: it.area.as_ref().map(ToString::to_string),
        severity: it.severity.as_ref().map(ToString::to_string),
        cleared: it.cleared.iter().map(|field| field.number()).collect(),
    }
}

pub(super) fn codes_of(it: proto::ClueRecoded) -> Result<Codes> {
    Ok(Codes {
        matter: optional_code(it.matter.as_deref(), "matter")?,
        area: optional_code(it.area.as_deref(), "area")?,
        severity: optional_code(it.severity.as_deref(), "severity")?,
        cleared: words(it.cleared, "cleared")?,
    })
}

pub(super) fn closed(resolution: &Resolution, class: ClosureClass, recorded: bool) -> Body {
    let (resolution, class) = (Some(resolution.to_wire()), class.number());
    Body::ClueClosed(proto::ClueClosed {
        resolution,
        class,
        recorded,
    })
}

pub(super) fn repeated(
    repeat: Repeat,
    digest: &Digest,
    (history, log): (Option<&History>, Option<&LogRow>),
    version: Option<i64>,
) -> Body {
    let (repeat, digest, history) = (repeat.number(), digest.0.to_vec(), history.map(Wire::to_wire));
    Body::ReportRepeated(proto::ReportRepeated {
        repeat,
        digest,
        history,
        version,
        log: log.map(Wire::to_wire),
    })
}

impl Wire for Actor {
    type Message = proto::Actor;

    fn to_wire(&self) -> proto::Actor {
        proto::Actor {
            role: self.role.number(),
            agency: self.agency.as_ref().map(AgencyId::to_string),
            person: self.person.clone(),
        }
    }

    fn from_wire(message: proto::Actor) -> Result<Self> {
        Ok(Self {
            role: word(message.role, "role")?,
            agency: optional_code(message.agency.as_deref(), "agency")?,
            person: message.person,
        })
    }
}

impl Wire for Text {
    type Message = proto::Text;

    fn to_wire(&self) -> proto::Text {
        let Self {
            title,
            description,
            place,
            remark,
        } = self.clone();
        proto::Text {
            title,
            description,
            place,
            remark,
        }
    }

    fn from_wire(message: proto::Text) -> Result<Self> {
        let proto::Text {
            title,
            description,
            place,
            remark,
        } = message;
        let parts = [
            ("title", &title),
            ("description", &description),
            ("place", &place),
            ("remark", &remark),
        ];
        for (field, part) in parts {
            storable(part.as_deref().unwrap_or_default(), field)?;
        }
        Ok(Self {
            title,
            description,
            place,
            remark,
        })
    }
}

impl Wire for RoutingDecision {
    type Message = proto::RoutingDecision;

    fn to_wire(&self) -> proto::RoutingDecision {
        proto::RoutingDecision {
            rulebook: self.rulebook.as_str().to_owned(),
            row: self.row,
            reason: self.reason.clone(),
        }
    }

    fn from_wire(message: proto::RoutingDecision) -> Result<Self> {
        Ok(Self {
            rulebook: code(&message.rulebook, "rulebook")?,
            row: message.row,
            reason: message.reason,
        })
    }
}

impl Wire for Assignment {
    type Message = proto::Assignment;

    fn to_wire(&self) -> proto::Assignment {
        proto::Assignment {
            agency: self.agency.as_str().to_owned(),
            penalty: self.penalty.as_ref().map(AgencyId::to_string),
            assisting: texts(&self.assisting),
        }
    }

    fn from_wire(message: proto::Assignment) -> Result<Self> {
        Ok(Self {
            agency: code(&message.agency, "agency")?,
            penalty: optional_code(message.penalty.as_deref(), "penalty")?,
            assisting: message
                .assisting
                .iter()
                .map(|agency| code(agency, "assisting"))
                .collect::<Result<_>>()?,
        })
    }
}

impl Wire for Suspension {
    type Message = proto::Suspension;

    fn to_wire(&self) -> proto::Suspension {
        proto::Suspension {
            reason: self.reason.clone(),
            approver: self.approver.clone(),
            until_us: Some(self.until.as_micros()),
        }
    }

    fn from_wire(message: proto::Suspension) -> Result<Self> {
        let proto::Suspension {
            reason,
            approver,
            until_us,
        } = message;
        Ok(Self {
            reason,
            approver,
            until: time(until_us, "until_us")?,
        })
    }
}

impl Wire for Evidence {
    type Message = proto::Evidence;

    fn to_wire(&self) -> proto::Evidence {
        proto::Evidence {
            kind: self.kind.number(),
            uri: self.uri.clone(),
            digest: self.digest.map(|digest| digest.0.to_vec()),
        }
    }

    fn from_wire(message: proto::Evidence) -> Result<Self> {
        Ok(Self {
            kind: word(message.kind, "kind")?,
            uri: message.uri,
            digest: optional_digest(message.digest.as_deref(), "digest")?,
        })
    }
}

impl Wire for Resolution {
    type Message = proto::Resolution;

    fn to_wire(&self) -> proto::Resolution {
        proto::Resolution {
            conclusion: self.conclusion.number(),
            measures: self.measures.iter().map(|measure| measure.number()).collect(),
            evidence: self.evidence.iter().map(Wire::to_wire).collect(),
            substantiated: self.substantiated,
            matter: self.matter.as_ref().map(ToString::to_string),
            legal_basis: self.legal_basis.clone(),
            document_number: self.document_number.clone(),
        }
    }

    fn from_wire(message: proto::Resolution) -> Result<Self> {
        Ok(Self {
            conclusion: word(message.conclusion, "conclusion")?,
            measures: words(message.measures, "measures")?,
            evidence: parts(message.evidence, "evidence")?,
            substantiated: message.substantiated,
            matter: optional_code(message.matter.as_deref(), "matter")?,
            legal_basis: message.legal_basis,
            document_number: message.document_number,
        })
    }
}

pub(super) fn return_requested(duty: &str, proposed: &AgencyId, returns: u32) -> Body {
    let (duty, proposed) = (duty.to_owned(), proposed.to_string());
    Body::ReturnRequested(proto::ReturnRequested {
        duty,
        proposed,
        returns,
    })
}

pub(super) fn transferred(
    from: Option<&AgencyId>,
    to: &AgencyId,
    basis: Option<&str>,
    recorded: bool,
) -> Body {
    let (from, to, basis) = (
        from.map(AgencyId::to_string),
        to.to_string(),
        basis.map(ToOwned::to_owned),
    );
    Body::ClueTransferred(proto::ClueTransferred {
        from,
        to,
        basis,
        recorded,
    })
}
