//! Which event is counted under which name. The projection and its proof count by the same rules.

use bihuan_contracts::delivery::{Callback, DeliveryEvent};
use bihuan_contracts::event::ClueEvent;
use bihuan_contracts::feedback;
use bihuan_contracts::intake::{Became, IntakeEvent};
use bihuan_domain::clue::{Event, Occurrence, Repeat};
use bihuan_domain::code::{AgencyId, SourceId};
use bihuan_domain::figures::Facts;

use crate::tally::{Book, Tallies};

/// Names of dispositions as they are stored. `accepted`: became a command; what that led to is counted when it happened.
pub(crate) const ACCEPTED: &str = "accepted";
/// Became an agency's command.
pub(crate) const FED_BACK: &str = "fed_back";
/// Of the replayed ones: became an agency's command.
pub(crate) const REPLAYED_FEEDBACK: &str = "replayed_feedback";
pub(crate) const SKIPPED: &str = "skipped";
pub(crate) const QUARANTINED: &str = "quarantined";
pub(crate) const REPLAYED: &str = "replayed";
pub(crate) const DISCARDED: &str = "discarded";
pub(crate) const NEW: &str = "new";
pub(crate) const UPDATED: &str = "updated";
pub(crate) const UNCHANGED: &str = "unchanged";
pub(crate) const STALE: &str = "stale";

/// Names of what became of what platforms fed back.
pub(crate) const REFUSED: &str = "refused";
pub(crate) const PARKED: &str = "parked";

/// Names of what happens between Bihuan and agencies' systems.
pub(crate) const ASSIGNED: &str = "assigned";
pub(crate) const PUBLISHED: &str = "published";
pub(crate) const REMINDED: &str = "reminded";
pub(crate) const FEEDBACK: &str = "feedback";
pub(crate) const FEEDBACK_QUARANTINED: &str = "feedback_quarantined";

/// Where callbacks stand; `due` counts what ever became due, and the others what stands there now.
pub(crate) const DUE: &str = "due";
pub(crate) const PENDING: &str = "pending";
pub(crate) const ACKNOWLEDGED: &str = "acknowledged";
pub(crate) const FAILED: &str = "failed";

/// An event of the clue journal; `facts` are the clue's, this event included.
pub(crate) fn clue(tallies: &mut Tallies, partition: u32, event: &ClueEvent, facts: Option<&Facts>) {
    match event {
        ClueEvent::Clue(occurrence) => {
            let source = match (&occurrence.event, facts) {
                (Event::UnknownDeleted(deletion), _) => deletion.source.as_str(),
                (Event::ClueLinked { report }, _) => report.source.as_str(),
                (Event::LinkRepeated { source, .. }, _) => source.as_str(),
                (_, facts) => facts.map_or("", |facts| facts.source.as_str()),
            };
            report(tallies, partition, occurrence, source);
            assignment(tallies, partition, &occurrence.event);
            answer(tallies, partition, occurrence);
        }
        ClueEvent::CommandQuarantined { reason, .. } => {
            tallies.add(Book::Quarantine, partition, ["lifecycle", "", reason], 1);
        }
        ClueEvent::CommandParked { causation, .. } => {
            let source = causation
                .as_deref()
                .and_then(feedback::source)
                .unwrap_or_default();
            tallies.add(Book::Feedback, partition, [source, PARKED, ""], 1);
        }
        ClueEvent::ParkedDiscarded { causation, .. } => {
            let source = causation.as_deref().and_then(feedback::source);
            let names = [source.unwrap_or_default(), DISCARDED, ""];
            tallies.add(Book::Feedback, partition, names, 1);
        }
        ClueEvent::RulebookActivated { .. } | ClueEvent::RulebookWithdrawn { .. } => {}
    }
}

/// What became of a record that intake made a report of. A refused report is on record without effect, as a stale one is.
fn report(tallies: &mut Tallies, partition: u32, occurrence: &Occurrence, source: &str) {
    let disposition = match &occurrence.event {
        Event::ClueReported { .. } => NEW,
        Event::ReportRepeated { repeat, .. } | Event::LinkRepeated { repeat, .. } => match repeat {
            Repeat::Unchanged => UNCHANGED,
            Repeat::Updated => UPDATED,
            Repeat::Stale => STALE,
        },
        Event::SourceUpdated { .. } | Event::SourceDeleted(_) | Event::ClueLinked { .. } => UPDATED,
        Event::UnknownDeleted(_) => STALE,
        Event::CommandRejected { command, .. } if command == "ReportClue" => STALE,
        _ => return,
    };
    tallies.add(Book::Record, partition, [source, "", disposition], 1);
}

/// What lifecycle refused of what a platform fed back. What it accepted shows on the clue.
fn answer(tallies: &mut Tallies, partition: u32, occurrence: &Occurrence) {
    let Event::CommandRejected { rejection, .. } = &occurrence.event else {
        return;
    };
    if let Some(source) = occurrence.causation.as_deref().and_then(feedback::source) {
        tallies.add(Book::Feedback, partition, [source, REFUSED, &rejection.code], 1);
    }
}

/// How often Bihuan gave a clue to an agency; what the source recorded it did not give. No other side of `published`: delivery
/// tells an agency again after a failed check or a reopening, and not at all where the clue was over before.
fn assignment(tallies: &mut Tallies, partition: u32, event: &Event) {
    let mut told = |agency: &AgencyId| {
        tallies.add(Book::Delivery, partition, [agency.as_str(), "", ASSIGNED], 1);
    };
    match event {
        Event::ClueAssigned {
            assignment,
            recorded: false,
            ..
        } => {
            told(&assignment.agency);
            assignment
                .penalty
                .iter()
                .chain(&assignment.assisting)
                .for_each(told);
        }
        Event::ClueTransferred {
            to, recorded: false, ..
        }
        | Event::ClueDelegated { to, .. } => told(to),
        _ => {}
    }
}

pub(crate) fn intake(tallies: &mut Tallies, partition: u32, event: &IntakeEvent) {
    let name = |source: &Option<SourceId>| source.as_ref().map_or_else(String::new, SourceId::to_string);
    let mut record = |source: &str, topic: &str, disposition: &str, count: i64| {
        tallies.add(Book::Record, partition, [source, topic, disposition], count);
    };
    match event {
        IntakeEvent::RecordsAccepted {
            source, topic, count, ..
        } => {
            record(source.as_str(), topic, ACCEPTED, i64::from(*count));
        }
        IntakeEvent::RecordsFedBack {
            source, topic, count, ..
        } => {
            record(source.as_str(), topic, FED_BACK, i64::from(*count));
        }
        IntakeEvent::RecordsSkipped {
            source, topic, count, ..
        } => {
            record(source.as_str(), topic, SKIPPED, i64::from(*count));
        }
        IntakeEvent::RecordQuarantined {
            source,
            topic,
            reason,
            ..
        } => {
            let source = name(source);
            record(&source, topic, QUARANTINED, 1);
            tallies.add(Book::Quarantine, partition, ["intake", &source, reason], 1);
        }
        IntakeEvent::QuarantineReplayed { source, became, .. } => {
            record(&name(source), "", REPLAYED, 1);
            if *became == Became::Feedback {
                record(&name(source), "", REPLAYED_FEEDBACK, 1);
            }
        }
        IntakeEvent::QuarantineDiscarded { source, .. } => record(&name(source), "", DISCARDED, 1),
    }
}

pub(crate) fn delivery(tallies: &mut Tallies, partition: u32, event: &DeliveryEvent) {
    let mut outcome = |agency: &str, topic: &str, outcome: &str| {
        tallies.add(Book::Delivery, partition, [agency, topic, outcome], 1);
    };
    match event {
        DeliveryEvent::AssignmentPublished { agency, topic, .. } => {
            outcome(agency.as_str(), topic, PUBLISHED);
        }
        DeliveryEvent::ReminderPublished { agency, topic, .. } => {
            outcome(agency.as_str(), topic, REMINDED);
        }
        DeliveryEvent::FeedbackAccepted { topic, .. } => outcome("", topic, FEEDBACK),
        DeliveryEvent::FeedbackQuarantined { topic, reason, .. } => {
            outcome("", topic, FEEDBACK_QUARANTINED);
            tallies.add(Book::Quarantine, partition, ["delivery", "", reason], 1);
        }
        DeliveryEvent::CallbackDue { callback, event, .. } => {
            let names = [callback.source.as_str(), event, DUE];
            tallies.add(Book::Callback, partition, names, 1);
            moved(tallies, partition, callback, None, PENDING);
        }
        DeliveryEvent::CallbackAcknowledged { callback, .. } => {
            moved(tallies, partition, callback, Some(PENDING), ACKNOWLEDGED);
        }
        DeliveryEvent::CallbackFailed { callback, .. } => {
            moved(tallies, partition, callback, Some(PENDING), FAILED);
        }
        DeliveryEvent::CallbackResent { callback, .. } => {
            moved(tallies, partition, callback, Some(FAILED), PENDING);
        }
        DeliveryEvent::CallbackEchoed { callback, before, .. } => {
            moved(tallies, partition, callback, Some(before.as_str()), ACKNOWLEDGED);
        }
    }
}

fn moved(tallies: &mut Tallies, partition: u32, callback: &Callback, from: Option<&str>, to: &str) {
    let source = callback.source.as_str();
    if let Some(from) = from {
        tallies.add(Book::Callback, partition, [source, "", from], -1);
    }
    tallies.add(Book::Callback, partition, [source, "", to], 1);
}
