//! Clocks, limits and the steps of the ladder.

use bihuan_domain::calendar::{CalendarVersion, Limit, Step};
use bihuan_domain::clue::{Clocks, Event, Recipient, RungKind, Running};
use bihuan_domain::code::{RulebookVersion, Rung};
use bihuan_domain::time::Timestamp;

use super::{Result, Wire, Word, code, optional_code, optional_word, part, time, word};
use crate::DecodeError;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::event::Body;

/// A mandatory limit.
pub(super) fn limit(text: &str, field: &'static str) -> Result<Limit> {
    if text.is_empty() {
        return Err(DecodeError::missing(field));
    }
    text.parse()
        .map_err(|error| DecodeError::invalid(field, format!("{error}")))
}

impl Wire for Clocks {
    type Message = proto::Clocks;

    fn to_wire(&self) -> proto::Clocks {
        proto::Clocks {
            limits_by: self.limits_by.to_string(),
            calendar_by: self.calendar_by.to_string(),
            calendar: self.calendar.to_string(),
            running: self.running.iter().map(|it| clock(it, self)).collect(),
            next_rung_us: self.next_rung.map(Timestamp::as_micros),
        }
    }

    fn from_wire(message: proto::Clocks) -> Result<Self> {
        let calendar_by = code(&message.calendar_by, "calendar_by")?;
        let calendar = code(&message.calendar, "calendar")?;
        let running = message.running.into_iter();
        Ok(Self {
            limits_by: code(&message.limits_by, "limits_by")?,
            running: running
                .map(|it| running_of(it, &calendar_by, &calendar))
                .collect::<Result<_>>()?,
            calendar_by,
            calendar,
            next_rung: message.next_rung_us.map(Timestamp::from_micros),
        })
    }
}

/// Its calendar is written where it is not that of the others.
fn clock(running: &Running, clocks: &Clocks) -> proto::Clock {
    let other = |it: &str, of_clocks: &str| (it != of_clocks).then(|| it.to_owned());
    proto::Clock {
        step: running.step.number(),
        since_us: Some(running.since.as_micros()),
        due_at_us: Some(running.due_at.as_micros()),
        own_due_at_us: running.own_due_at.map(Timestamp::as_micros),
        limit: running.limit.map(|limit| limit.to_string()),
        row: running.row,
        provisional: running.provisional,
        known_at_us: Some(running.known_at.as_micros()),
        silent: running.silent,
        calendar_by: other(running.calendar_by.as_str(), clocks.calendar_by.as_str()),
        calendar: other(running.calendar.as_str(), clocks.calendar.as_str()),
        stands_since_us: running.stands_since.map(Timestamp::as_micros),
    }
}

fn running_of(
    message: proto::Clock,
    calendar_by: &RulebookVersion,
    calendar: &CalendarVersion,
) -> Result<Running> {
    Ok(Running {
        step: word(message.step, "step")?,
        since: time(message.since_us, "since_us")?,
        due_at: time(message.due_at_us, "due_at_us")?,
        own_due_at: message.own_due_at_us.map(Timestamp::from_micros),
        limit: message.limit.map(|text| limit(&text, "limit")).transpose()?,
        row: message.row,
        provisional: message.provisional,
        known_at: time(message.known_at_us, "known_at_us")?,
        silent: message.silent,
        calendar_by: optional_code(message.calendar_by.as_deref(), "calendar_by")?
            .unwrap_or_else(|| calendar_by.clone()),
        calendar: optional_code(message.calendar.as_deref(), "calendar")?.unwrap_or_else(|| calendar.clone()),
        stands_since: message.stands_since_us.map(Timestamp::from_micros),
    })
}

impl Wire for Recipient {
    type Message = proto::Recipient;

    fn to_wire(&self) -> proto::Recipient {
        proto::Recipient {
            agency: self.agency.as_ref().map(ToString::to_string),
            level: self.level.map_or(0, Word::number),
            area: self.area.as_ref().map(ToString::to_string),
        }
    }

    fn from_wire(message: proto::Recipient) -> Result<Self> {
        Ok(Self {
            agency: optional_code(message.agency.as_deref(), "agency")?,
            level: optional_word(message.level, "level")?,
            area: optional_code(message.area.as_deref(), "area")?,
        })
    }
}

pub(super) fn extension_requested(limit: Limit) -> Body {
    let limit = limit.to_string();
    Body::ExtensionRequested(proto::ExtensionRequested { limit })
}

pub(super) fn extension_granted(limit: Limit) -> Body {
    let limit = limit.to_string();
    Body::ExtensionGranted(proto::ExtensionGranted { limit })
}

pub(super) fn rung_reached(
    (step, rung, kind): (Step, &Rung, RungKind),
    due_at: Timestamp,
    late: bool,
    to: &Recipient,
) -> Body {
    Body::RungReached(proto::RungReached {
        step: step.number(),
        rung: rung.to_string(),
        kind: kind.number(),
        due_at_us: Some(due_at.as_micros()),
        late,
        to: Some(to.to_wire()),
    })
}

pub(super) fn rung(message: proto::RungReached) -> Result<Event> {
    Ok(Event::RungReached {
        step: word(message.step, "step")?,
        rung: code(&message.rung, "rung")?,
        kind: word(message.kind, "kind")?,
        due_at: time(message.due_at_us, "due_at_us")?,
        late: message.late,
        to: part(message.to, "to")?,
    })
}

pub(super) fn notice_issued(rung: &Rung, kind: RungKind, due_at: Timestamp, to: &Recipient) -> Body {
    Body::NoticeIssued(proto::NoticeIssued {
        kind: kind.number(),
        to: Some(to.to_wire()),
        rung: rung.to_string(),
        due_at_us: Some(due_at.as_micros()),
    })
}

pub(super) fn notice_discarded(rung: &Rung, kind: RungKind, due_at: Timestamp, to: &Recipient) -> Body {
    Body::NoticeDiscarded(proto::NoticeDiscarded {
        kind: kind.number(),
        to: Some(to.to_wire()),
        rung: rung.to_string(),
        due_at_us: Some(due_at.as_micros()),
    })
}

pub(super) fn discarded(message: proto::NoticeDiscarded) -> Result<Event> {
    Ok(Event::NoticeDiscarded {
        kind: word(message.kind, "kind")?,
        to: part(message.to, "to")?,
        rung: code(&message.rung, "rung")?,
        due_at: time(message.due_at_us, "due_at_us")?,
    })
}

pub(super) fn notice(message: proto::NoticeIssued) -> Result<Event> {
    Ok(Event::NoticeIssued {
        kind: word(message.kind, "kind")?,
        to: part(message.to, "to")?,
        rung: code(&message.rung, "rung")?,
        due_at: time(message.due_at_us, "due_at_us")?,
    })
}
