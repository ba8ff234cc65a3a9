//! Until when a step may take, and what happens when that has passed.

use bihuan_domain::dispute::{Deadline, Step, Then};

use crate::DecodeError;
use crate::generated::dispute::v1 as proto;
use crate::generated::dispute::v1::step_lapsed;
use crate::wire::clocks::limit;
use crate::wire::{Result, Wire, Word, code, part, parts, time, word};

impl Wire for Deadline {
    type Message = proto::Deadline;

    fn to_wire(&self) -> proto::Deadline {
        proto::Deadline {
            at_us: Some(self.at.as_micros()),
            since_us: Some(self.since.as_micros()),
            limit: self.limit.map(|limit| limit.to_string()),
            provisional: self.provisional,
            limits_by: self.limits_by.to_string(),
            calendar: self.calendar.to_string(),
        }
    }

    fn from_wire(message: proto::Deadline) -> Result<Self> {
        Ok(Self {
            at: time(message.at_us, "at_us")?,
            since: time(message.since_us, "since_us")?,
            limit: message.limit.map(|text| limit(&text, "limit")).transpose()?,
            provisional: message.provisional,
            limits_by: code(&message.limits_by, "limits_by")?,
            calendar: code(&message.calendar, "calendar")?,
        })
    }
}

pub(super) fn then_to_wire(then: &Then) -> step_lapsed::Then {
    match then {
        Then::Next(step) => step_lapsed::Then::Next(step.number()),
        Then::Raised { to, step, skipped } => step_lapsed::Then::Raised(proto::Raised {
            to: Some(to.to_wire()),
            step: step.number(),
            skipped: skipped.iter().map(Wire::to_wire).collect(),
        }),
        Then::Escalated => step_lapsed::Then::Escalated(proto::Escalated {}),
    }
}

pub(super) fn then_from_wire(then: Option<step_lapsed::Then>) -> Result<Then> {
    match then {
        None => Err(DecodeError::type_unknown(
            "then",
            "nothing, or something that this program does not know",
        )),
        Some(step_lapsed::Then::Next(step)) => Ok(Then::Next(word::<Step>(step, "next")?)),
        Some(step_lapsed::Then::Raised(it)) => Ok(Then::Raised {
            to: part(it.to, "to")?,
            step: word(it.step, "step")?,
            skipped: parts(it.skipped, "skipped")?,
        }),
        Some(step_lapsed::Then::Escalated(_)) => Ok(Then::Escalated),
    }
}
