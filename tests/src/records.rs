//! Records as platforms send them, good and bad, and what must become of each: counted while they are made, independently of the
//! program.

use std::collections::BTreeSet;

use bihuan_contracts::record::ClueRecord;
use serde_json::{Value, json};

use crate::kafka::{PARTITIONS, Sent};
use crate::random::Random;
use crate::rulebook::{EAST, MATTERS, NOWHERE, ORPHAN, WEST};

/// What the accounts must come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Each record once, however often it was sent.
    pub received: u64,
    /// Distinct (source, id).
    pub clues: u64,
    /// The same (source, id) again, with the same content.
    pub unchanged: u64,
    pub quarantined: u64,
    /// Clues that nobody can be found for.
    pub triage: u64,
    /// Clues that somebody handles, and that are closed in the end.
    pub closed: u64,
}

/// What a record is.
enum Kind {
    Good,
    /// Its area is not known.
    Nowhere,
    /// Nobody has the duty.
    Orphan,
    Garbage,
    WithoutId,
}

/// Makes records one after the other.
pub struct Maker {
    random: Random,
    source: String,
    made: Vec<Value>,
    ids: BTreeSet<String>,
    next: usize,
    pub expected: Expected,
}

impl Maker {
    pub fn new(source: &str, random: Random) -> Self {
        Self {
            random,
            source: source.to_owned(),
            made: Vec::new(),
            ids: BTreeSet::new(),
            next: 0,
            expected: Expected::default(),
        }
    }

    /// The next record: a JSON object, or bytes that are none.
    fn record(&mut self) -> Result<Value, Vec<u8>> {
        self.expected.received += 1;
        if !self.made.is_empty() && self.random.percent(4) {
            self.expected.unchanged += 1;
            let again = self.random.below(self.made.len());
            return Ok(self.made[again].clone());
        }
        let kind = match self.random.below(100) {
            0..2 => Kind::Garbage,
            2..3 => Kind::WithoutId,
            3..6 => Kind::Nowhere,
            6..8 => Kind::Orphan,
            _ => Kind::Good,
        };
        match kind {
            Kind::Garbage => {
                self.expected.quarantined += 1;
                // neither JSON nor a protobuf message, and no line end, so that it can stand in a file
                Err(vec![b'{', 0xff, 0xfe, b'"', 0x07])
            }
            Kind::WithoutId => {
                self.expected.quarantined += 1;
                Ok(json!({"source": self.source, "matter": "noise", "area": EAST}))
            }
            Kind::Good | Kind::Nowhere | Kind::Orphan => {
                let record = self.clue(&kind);
                self.made.push(record.clone());
                Ok(record)
            }
        }
    }

    fn clue(&mut self, kind: &Kind) -> Value {
        let number = self.next;
        self.next += 1;
        self.expected.clues += 1;
        let id = format!("R{number:06}");
        assert!(self.ids.insert(id.clone()), "ids are distinct");
        let good = matches!(kind, Kind::Good);
        self.expected.closed += u64::from(good);
        self.expected.triage += u64::from(!good);
        let matter = if matches!(kind, Kind::Orphan) {
            ORPHAN
        } else {
            MATTERS[self.random.below(3)]
        };
        let area = match kind {
            Kind::Nowhere => NOWHERE,
            _ => [EAST, WEST][self.random.below(2)],
        };
        json!({
            "source": self.source, "id": id, "matter": matter, "area": area,
            "reported_at": format!("2026-01-{:02}T{:02}:00:00+08:00", 1 + number % 28, number % 24),
            "title": format!("线索 {number}"), "description": "测试", "place": "测试路",
        })
    }

    /// The next record as a message on Bihuan's own topic, in one of the forms that it may have. Now and then twice: the same
    /// CloudEvent is one record.
    pub fn messages(&mut self) -> Vec<Sent> {
        let record = self.record();
        let partition = self.random.below(PARTITIONS as usize) as u32;
        let number = self.expected.received;
        let ce = format!("ce-{number}");
        let headers = |list: &[(&str, &str)]| -> Vec<(String, Vec<u8>)> {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
            list.iter().map(owned).collect()
        };
        let binary = |kind: &str| {
            headers(&[
                ("ce_specversion", "1.0"),
                ("ce_id", &ce),
                ("ce_source", "/e2e"),
                ("ce_type", "e2e.record"),
                ("content-type", kind),
            ])
        };
        let message = |headers, payload| Sent {
            topic: "clue.inbound.v1".to_owned(),
            partition,
            key: String::new(),
            headers,
            payload,
        };
        let record = match record {
            Ok(record) => record,
            Err(garbage) => return vec![message(Vec::new(), garbage)],
        };
        let whole = record["id"].is_string();
        let (sent, is_event) = match self.random.below(4) {
            // protobuf has no way to leave the id out other than leaving it empty
            0 if whole => (message(Vec::new(), protobuf(&record)), false),
            1 => (
                message(binary("application/json"), record.to_string().into_bytes()),
                true,
            ),
            2 => {
                let event = json!({"specversion": "1.0", "id": ce, "source": "/e2e", "type": "e2e.record",
                    "datacontenttype": "application/json", "data": record});
                let kind = headers(&[("content-type", "application/cloudevents+json")]);
                (message(kind, event.to_string().into_bytes()), true)
            }
            _ => {
                let kind = headers(&[("content-type", "application/json")]);
                (message(kind, record.to_string().into_bytes()), false)
            }
        };
        if is_event && self.random.percent(10) {
            return vec![sent.clone(), sent];
        }
        vec![sent]
    }

    /// The next record as a line of a file.
    pub fn line(&mut self) -> Vec<u8> {
        let mut line = match self.record() {
            Ok(record) => record.to_string().into_bytes(),
            Err(garbage) => garbage,
        };
        line.push(b'\n');
        line
    }
}

/// The mapping that reads the lines.
pub fn mapping(source: &str) -> String {
    format!(
        r#"source = {source:?}
kind = "clue"
mode = "event"
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "/id"
reported_at = "/reported_at"
matter = "/matter"
area = "/area"
title = "/title"
description = "/description"
place = "/place"
"#
    )
}

/// The record in Bihuan's own protobuf.
pub fn protobuf(record: &Value) -> Vec<u8> {
    ClueRecord::from_value(record).expect("a record").encode()
}
