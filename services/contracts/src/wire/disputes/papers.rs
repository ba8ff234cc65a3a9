//! Papers, and the ruling.

use bihuan_domain::dispute::{Document, Paper, Ruling};

use crate::generated::dispute::v1 as proto;
use crate::wire::clocks::limit;
use crate::wire::parts::texts;
use crate::wire::{Result, Wire, Word, code, digest, part, word};

impl Wire for Paper {
    type Message = proto::Paper;

    fn to_wire(&self) -> proto::Paper {
        proto::Paper {
            reference: self.reference.clone(),
            digest: self.digest.0.to_vec(),
        }
    }

    fn from_wire(message: proto::Paper) -> Result<Self> {
        Ok(Self {
            reference: message.reference,
            digest: digest(&message.digest, "digest")?,
        })
    }
}

impl Wire for Document {
    type Message = proto::Document;

    fn to_wire(&self) -> proto::Document {
        proto::Document {
            kind: self.kind.number(),
            reference: self.reference.clone(),
            digest: self.digest.0.to_vec(),
        }
    }

    fn from_wire(message: proto::Document) -> Result<Self> {
        Ok(Self {
            kind: word(message.kind, "kind")?,
            reference: message.reference,
            digest: digest(&message.digest, "digest")?,
        })
    }
}

impl Wire for Ruling {
    type Message = proto::Ruling;

    fn to_wire(&self) -> proto::Ruling {
        proto::Ruling {
            responsible: self.responsible.to_string(),
            assisting: texts(&self.assisting),
            basis: self.basis.clone(),
            term: self.term.map(|limit| limit.to_string()),
            decision: Some(self.decision.to_wire()),
        }
    }

    fn from_wire(message: proto::Ruling) -> Result<Self> {
        let assisting = message.assisting.iter();
        Ok(Self {
            responsible: code(&message.responsible, "responsible")?,
            assisting: assisting.map(|it| code(it, "assisting")).collect::<Result<_>>()?,
            basis: message.basis,
            term: message.term.map(|text| limit(&text, "term")).transpose()?,
            decision: part(message.decision, "decision")?,
        })
    }
}
