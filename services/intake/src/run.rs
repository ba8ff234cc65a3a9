//! Records that a batch accepted, fed back or skipped, as one event for each run of them.

use std::sync::Arc;

use bihuan_contracts::intake::{Became, IntakeEvent};
use bihuan_domain::code::SourceId;
use bihuan_domain::time::Timestamp;
use bihuan_stream::{NewEvent, Record};

use crate::handler::journalled;

/// What became of the records of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Reports of clues.
    Accepted,
    /// Commands of agencies.
    FedBack,
    Skipped,
}

impl From<Became> for Fate {
    fn from(became: Became) -> Self {
        match became {
            Became::Report => Self::Accepted,
            Became::Feedback => Self::FedBack,
        }
    }
}

/// Records of one source and topic partition with one fate.
pub(crate) struct Run {
    source: SourceId,
    topic: Arc<str>,
    partition: u32,
    fate: Fate,
    first: i64,
    last: i64,
    count: u32,
}

impl Run {
    pub(crate) fn count(runs: &mut Vec<Self>, source: SourceId, record: &Record, fate: Fate) {
        Self::add(
            runs,
            source,
            (&record.topic, record.partition, record.offset),
            fate,
        );
    }

    /// Of a record at this place: topic, partition, offset.
    pub(crate) fn add(
        runs: &mut Vec<Self>,
        source: SourceId,
        (topic, partition, offset): (&Arc<str>, u32, i64),
        fate: Fate,
    ) {
        let same = |run: &&mut Self| {
            run.fate == fate && run.partition == partition && run.source == source && run.topic == *topic
        };
        if let Some(run) = runs.iter_mut().find(same) {
            run.last = offset;
            run.count += 1;
            return;
        }
        runs.push(Self {
            source,
            topic: topic.clone(),
            partition,
            fate,
            first: offset,
            last: offset,
            count: 1,
        });
    }

    pub(crate) fn event(self, at: Timestamp) -> NewEvent {
        let Self {
            source,
            topic,
            partition,
            fate,
            first: first_offset,
            last: last_offset,
            count,
        } = self;
        let topic = topic.to_string();
        let event = match fate {
            Fate::Accepted => IntakeEvent::RecordsAccepted {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
                at,
            },
            Fate::FedBack => IntakeEvent::RecordsFedBack {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
                at,
            },
            Fate::Skipped => IntakeEvent::RecordsSkipped {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
                at,
            },
        };
        journalled(None, &event)
    }
}
