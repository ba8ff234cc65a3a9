//! The report of a clue.

use bihuan_domain::clue::{Attribute, Deletion, History, Location, LogRow, Origin, Print, Report, Snapshot};
use bihuan_domain::time::Timestamp;

use super::{
    Result, Wire, Word, code, digest, id, id_bytes, optional_code, optional_part, optional_word, part, parts,
    text, time, word, words,
};
use crate::generated::clue::v1 as proto;

impl Wire for Origin {
    type Message = proto::Origin;

    fn to_wire(&self) -> proto::Origin {
        proto::Origin {
            record: id_bytes(self.record),
            topic: self.topic.clone(),
            partition: self.partition,
            offset: self.offset,
            line: self.line,
        }
    }

    fn from_wire(message: proto::Origin) -> Result<Self> {
        let proto::Origin {
            record,
            topic,
            partition,
            offset,
            line,
        } = message;
        Ok(Self {
            record: id(&record, "record")?,
            topic,
            partition,
            offset,
            line,
        })
    }
}

impl Wire for Location {
    type Message = proto::Location;

    fn to_wire(&self) -> proto::Location {
        proto::Location {
            longitude: self.longitude,
            latitude: self.latitude,
            datum: self.datum.number(),
        }
    }

    fn from_wire(message: proto::Location) -> Result<Self> {
        let proto::Location {
            longitude,
            latitude,
            datum,
        } = message;
        Ok(Self {
            longitude,
            latitude,
            datum: word(datum, "datum")?,
        })
    }
}

impl Wire for Attribute {
    type Message = proto::Attribute;

    fn to_wire(&self) -> proto::Attribute {
        proto::Attribute {
            name: self.name.clone(),
            value: self.value.clone(),
        }
    }

    fn from_wire(message: proto::Attribute) -> Result<Self> {
        let proto::Attribute { name, value } = message;
        Ok(Self { name, value })
    }
}

impl Wire for History {
    type Message = proto::History;

    fn to_wire(&self) -> proto::History {
        proto::History {
            agency: self.agency.as_ref().map(ToString::to_string),
            closed_at_us: self.closed_at.map(Timestamp::as_micros),
            conclusion: self.conclusion.number(),
            route: self.route,
        }
    }

    fn from_wire(message: proto::History) -> Result<Self> {
        Ok(Self {
            agency: optional_code(message.agency.as_deref(), "agency")?,
            closed_at: message.closed_at_us.map(Timestamp::from_micros),
            conclusion: word(message.conclusion, "conclusion")?,
            route: message.route,
        })
    }
}

impl Wire for LogRow {
    type Message = proto::LogRow;

    fn to_wire(&self) -> proto::LogRow {
        proto::LogRow {
            at_us: Some(self.at.as_micros()),
            agency: self.agency.as_ref().map(ToString::to_string),
            step: self.step.map_or(0, Word::number),
        }
    }

    fn from_wire(message: proto::LogRow) -> Result<Self> {
        Ok(Self {
            at: time(message.at_us, "at_us")?,
            agency: optional_code(message.agency.as_deref(), "agency")?,
            step: optional_word(message.step, "step")?,
        })
    }
}

impl Wire for Print {
    type Message = proto::Print;

    fn to_wire(&self) -> proto::Print {
        proto::Print {
            field: self.field.number(),
            print: self.print,
        }
    }

    fn from_wire(message: proto::Print) -> Result<Self> {
        let proto::Print { field, print } = message;
        Ok(Self {
            field: word(field, "field")?,
            print,
        })
    }
}

impl Wire for Snapshot {
    type Message = proto::Snapshot;

    fn to_wire(&self) -> proto::Snapshot {
        proto::Snapshot {
            version: self.version,
            status: self.status.map_or(0, Word::number),
            status_at_us: self.status_at.map(Timestamp::as_micros),
            changed_at_us: Some(self.changed_at.as_micros()),
            basis: self.basis.number(),
            agency: self.agency.as_ref().map(ToString::to_string),
            conclusion: self.conclusion.number(),
            prints: self.prints.iter().map(Wire::to_wire).collect(),
        }
    }

    fn from_wire(message: proto::Snapshot) -> Result<Self> {
        Ok(Self {
            version: message.version,
            status: optional_word(message.status, "status")?,
            status_at: message.status_at_us.map(Timestamp::from_micros),
            changed_at: time(message.changed_at_us, "changed_at_us")?,
            basis: word(message.basis, "basis")?,
            agency: optional_code(message.agency.as_deref(), "agency")?,
            conclusion: word(message.conclusion, "conclusion")?,
            prints: parts(message.prints, "prints")?,
        })
    }
}

impl Wire for Deletion {
    type Message = proto::Deletion;

    fn to_wire(&self) -> proto::Deletion {
        proto::Deletion {
            source: self.source.as_str().to_owned(),
            source_id: self.source_id.clone(),
            origin: Some(self.origin.to_wire()),
            snapshot: Some(self.snapshot.to_wire()),
        }
    }

    fn from_wire(message: proto::Deletion) -> Result<Self> {
        Ok(Self {
            source: code(&message.source, "source")?,
            source_id: text(message.source_id, "source_id")?,
            origin: part(message.origin, "origin")?,
            snapshot: part(message.snapshot, "snapshot")?,
        })
    }
}

impl Wire for Report {
    type Message = proto::Report;

    fn to_wire(&self) -> proto::Report {
        proto::Report {
            source: self.source.as_str().to_owned(),
            source_id: self.source_id.clone(),
            origin: Some(self.origin.to_wire()),
            class: self.class.number(),
            reported_at_us: Some(self.reported_at.as_micros()),
            matter: self.matter.as_ref().map(ToString::to_string),
            area: self.area.as_ref().map(ToString::to_string),
            severity: self.severity.as_ref().map(ToString::to_string),
            source_matter: self.source_matter.clone(),
            source_area: self.source_area.clone(),
            location: self.location.as_ref().map(Wire::to_wire),
            attributes: self.attributes.iter().map(Wire::to_wire).collect(),
            source_due_at_us: self.source_due_at.map(Timestamp::as_micros),
            flags: self.flags.iter().map(|flag| flag.number()).collect(),
            digest: self.digest.0.to_vec(),
            history: self.history.as_ref().map(Wire::to_wire),
            snapshot: self.snapshot.as_ref().map(Wire::to_wire),
            attachments: self.attachments.clone(),
            log: self.log.as_ref().map(Wire::to_wire),
        }
    }

    fn from_wire(message: proto::Report) -> Result<Self> {
        Ok(Self {
            source: code(&message.source, "source")?,
            source_id: text(message.source_id, "source_id")?,
            origin: part(message.origin, "origin")?,
            class: word(message.class, "class")?,
            reported_at: time(message.reported_at_us, "reported_at_us")?,
            matter: optional_code(message.matter.as_deref(), "matter")?,
            area: optional_code(message.area.as_deref(), "area")?,
            severity: optional_code(message.severity.as_deref(), "severity")?,
            source_matter: message.source_matter,
            source_area: message.source_area,
            location: optional_part(message.location, "location")?,
            attributes: parts(message.attributes, "attributes")?,
            source_due_at: message.source_due_at_us.map(Timestamp::from_micros),
            flags: words(message.flags, "flags")?,
            digest: digest(&message.digest, "digest")?,
            history: optional_part(message.history, "history")?,
            snapshot: optional_part(message.snapshot, "snapshot")?,
            attachments: message.attachments,
            log: optional_part(message.log, "log")?,
        })
    }
}
