//! Facts as bytes: a format byte, then postcard. A row of another format is not an error: its clue is folded again from the
//! journal, and the row is written in this format with the clue's next event.

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Occurrence;
use bihuan_domain::figures::Facts;
use bihuan_store::Connection;
use bihuan_store::journal::{self, Entry, Journal};

use crate::{Error, Result};

/// Raise it with every change of [`Facts`] or of a type within, an added variant in the middle of an enum included.
const FORMAT: u8 = 10;

pub(crate) fn encode(facts: &Facts) -> Result<Vec<u8>> {
    Ok(postcard::to_extend(facts, vec![FORMAT])?)
}

/// `None`: of another format, or damaged.
pub(crate) fn decode(bytes: &[u8]) -> Option<Facts> {
    let (format, rest) = bytes.split_first()?;
    if *format != FORMAT {
        return None;
    }
    postcard::from_bytes(rest).ok()
}

/// What the journal says of the clue whose newest event is `newest`.
pub(crate) async fn refold(connection: Connection<'_>, partition: u32, newest: i64) -> Result<Option<Facts>> {
    let mut facts = None;
    for occurrence in story(connection, partition, newest).await? {
        Facts::fold(&mut facts, &occurrence);
    }
    Ok(facts)
}

/// The events of the clue whose newest one is `newest`, oldest first.
pub(crate) async fn story(
    connection: Connection<'_>,
    partition: u32,
    newest: i64,
) -> Result<Vec<Occurrence>> {
    let mut events = Vec::new();
    for entry in journal::chain(connection, Journal::Clue, partition, newest).await? {
        events.extend(occurrence(&entry)?);
    }
    Ok(events)
}

/// The event of a clue in this entry; `None` for one of the partition.
pub(crate) fn occurrence(entry: &Entry) -> Result<Option<Occurrence>> {
    match clue_event(entry)? {
        ClueEvent::Clue(occurrence) => Ok(Some(occurrence)),
        ClueEvent::RulebookActivated { .. }
        | ClueEvent::RulebookWithdrawn { .. }
        | ClueEvent::CommandQuarantined { .. }
        | ClueEvent::CommandParked { .. }
        | ClueEvent::ParkedDiscarded { .. } => Ok(None),
    }
}

pub(crate) fn clue_event(entry: &Entry) -> Result<ClueEvent> {
    event::decode(&entry.payload).map_err(|error| unreadable(entry, &error))
}

pub(crate) fn unreadable(entry: &Entry, error: &bihuan_contracts::DecodeError) -> Error {
    Error::Event {
        partition: entry.partition,
        sequence: entry.sequence,
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::calendar;
    use bihuan_domain::clue::{
        Attribute, Class, ClosureClass, Codes, Conclusion, Discrepancy, Field, Flag, RungKind, SourceStatus,
    };
    use bihuan_domain::code::{
        AgencyId, AreaCode, CampaignCode, Level, MatterCode, RulebookVersion, Rung, Severity, SourceId,
    };
    use bihuan_domain::digest::Digest;
    use bihuan_domain::figures::{Assisting, Linked, Mark, RunningClock, Step};
    use bihuan_domain::id::ClueId;
    use bihuan_domain::time::Timestamp;

    use super::*;

    fn flags() -> Vec<Flag> {
        vec![
            Flag::MatterMissing,
            Flag::MatterUnknown,
            Flag::AreaMissing,
            Flag::AreaUnknown,
            Flag::AgencyUnknown,
            Flag::ConclusionUnknown,
            Flag::ReportedAtMissing,
            Flag::ReportedAtUnreadable,
            Flag::ReportedInFuture,
            Flag::ClosedAtUnreadable,
            Flag::DueAtUnreadable,
            Flag::ClosedBeforeReported,
            Flag::LocationUnreadable,
            Flag::ValueUnknown,
            Flag::ValueUnreadable,
            Flag::VersionUnreadable,
            Flag::SourceStatusUnknown,
            Flag::AreaAmbiguous,
            Flag::AreaDisagrees,
            Flag::IdImprecise,
            Flag::SameAsDisagrees,
        ]
    }

    fn steps() -> Vec<Step> {
        let agency = AgencyId::new("north").expect("valid");
        let area = AreaCode::new("330602").ok();
        let closed = |conclusion: &Conclusion| Step::Closed {
            conclusion: *conclusion,
            class: conclusion.class(),
            recorded: true,
        };
        let mut steps = vec![
            Step::Admitted,
            Step::Rejected,
            Step::Corrected(Codes {
                matter: MatterCode::new("stall").ok(),
                area,
                ..Codes::default()
            }),
            Step::HeldForTriage,
            Step::HeldForCoordination,
            Step::Assigned {
                agency: agency.clone(),
                deadline: Some(Timestamp::EPOCH),
                recorded: true,
                rule: Some((RulebookVersion::none(), 7)),
            },
            Step::Delegated { to: agency.clone() },
            Step::Acknowledged,
            Step::ReturnRequested,
            Step::ReturnRefused,
            Step::Transferred {
                to: agency,
                away: true,
                recorded: false,
            },
            Step::HandlingStarted,
            Step::Suspended,
            Step::Resumed,
            Step::Resolved,
            Step::SentBack,
            Step::Reopened,
            Step::Voided,
            Step::Withdrawn,
            Step::Recoded(Codes {
                area: AreaCode::new("330603").ok(),
                cleared: vec![Field::Matter],
                ..Codes::default()
            }),
        ];
        steps.extend(SourceStatus::ALL.iter().map(|status| Step::SourceUpdated {
            status: *status,
            status_at: Some(Timestamp::EPOCH),
            corrected: vec![Field::Matter],
            due_at: Some(Timestamp::EPOCH),
            flags: flags(),
        }));
        steps.extend(Discrepancy::ALL.iter().map(|it| Step::Settled(*it)));
        steps.extend(Conclusion::ALL.iter().map(closed));
        steps.extend([Step::SourceDeleted, Step::SourceMissing, Step::SourceHeard]);
        steps.push(Step::Linked {
            source: SourceId::new("hotline").expect("valid"),
            source_id: "H-1".to_owned(),
            told: Some((SourceStatus::Withdrawn, Some(Timestamp::EPOCH))),
            flags: vec![Flag::SameAsDisagrees],
        });
        steps.extend(times());
        steps.extend(disputes());
        steps
    }

    fn disputes() -> Vec<Step> {
        let agency = AgencyId::new("north").expect("valid");
        let mut steps = vec![Step::ReleasedFromDispute];
        for interim in [Some(agency.clone()), None] {
            steps.push(Step::Disputed {
                interim: interim.clone(),
            });
            steps.push(Step::HeldForDispute { interim });
        }
        steps.extend([true, false].map(|settles| Step::Designated {
            agency: agency.clone(),
            settles,
        }));
        steps
    }

    fn times() -> Vec<Step> {
        let rung = Rung::new("overdue_notice").expect("valid");
        let clock = |(number, step): (i64, calendar::Step)| RunningClock {
            known_at: Timestamp::from_micros(number + 100),
            step,
            since: Timestamp::EPOCH,
            due_at: Timestamp::from_micros(number),
            provisional: number % 2 == 0,
            stands_since: (number % 2 == 0).then_some(Timestamp::from_micros(number + 200)),
        };
        let drafted = |(number, kind): (usize, RungKind)| Step::Drafted {
            rung: rung.clone(),
            kind,
            due_at: Timestamp::EPOCH,
            agency: number
                .is_multiple_of(2)
                .then(|| AgencyId::new("north").expect("valid")),
        };
        let mut steps = vec![
            Step::Clocks((0..).zip(calendar::Step::ALL).map(clock).collect()),
            Step::Clocks(Vec::new()),
            Step::Extended,
        ];
        steps.extend(RungKind::ALL.into_iter().enumerate().map(drafted));
        steps.push(Step::Issued {
            rung: rung.clone(),
            due_at: Timestamp::EPOCH,
        });
        steps.push(Step::Discarded {
            rung: rung.clone(),
            due_at: Timestamp::EPOCH,
        });
        let levels = Level::ALL.into_iter().map(Some).chain([None]);
        steps.extend(levels.map(|level| Step::Shown {
            rung: rung.clone(),
            kind: if level.is_some() {
                RungKind::Escalation
            } else {
                RungKind::Colour
            },
            clock: calendar::Step::Overall,
            due_at: Timestamp::EPOCH,
            level,
        }));
        let agency = AgencyId::new("east").expect("valid");
        let tasks = [
            Assisting::Asked {
                task: 1,
                agency,
                due_at: Some(Timestamp::EPOCH),
                arrival_at: None,
            },
            Assisting::Arrived { task: 1 },
            Assisting::Answered { task: 1 },
            Assisting::Withdrawn { task: 2 },
            Assisting::Rated { task: 1, rating: 5 },
        ];
        steps.extend(tasks.map(Step::Assisting));
        steps.extend([
            Step::Campaign(CampaignCode::new("c-1").ok()),
            Step::Campaign(None),
        ]);
        steps
    }

    fn facts(class: Class) -> Facts {
        let mark = |step| Mark {
            at: Timestamp::from_micros(7),
            step,
        };
        let source = SourceId::new("grid").expect("valid");
        Facts {
            clue: ClueId::derive(&source, "1"),
            version: 3,
            number: "330602-20260105-000001".to_owned(),
            source,
            source_id: "1".to_owned(),
            links: vec![Linked {
                source: SourceId::new("hotline").expect("valid"),
                source_id: "H-1".to_owned(),
                status: Some(SourceStatus::Deleted),
            }],
            class,
            reported_at: Timestamp::EPOCH,
            matter: MatterCode::new("stall").ok(),
            area: None,
            severity: Severity::new("urgent").ok(),
            attributes: vec![Attribute {
                name: "place_kind".to_owned(),
                value: "street".to_owned(),
            }],
            held_attributes: Some(Vec::new()),
            source_matter: None,
            source_area: Some("Unspecified".to_owned()),
            source_due_at: Some(Timestamp::from_micros(-1)),
            flags: flags(),
            source_status: Some((SourceStatus::Urged, Some(Timestamp::EPOCH))),
            history: steps().into_iter().map(mark).collect(),
        }
    }

    /// Rows of years are read by this. If it fails, raise [`FORMAT`] and put the new digest here.
    #[test]
    fn the_bytes_of_a_format_never_change() {
        assert_eq!(ClosureClass::ALL.len(), 3);
        let classes = [Class::Ordinary, Class::SelfHandled, Class::ClosedAtSource];
        let bytes = classes.map(|class| encode(&facts(class)).expect("encodes"));
        for (bytes, class) in bytes.iter().zip(classes) {
            assert_eq!(decode(bytes), Some(facts(class)));
        }
        let digest = Digest::of(bytes.iter().map(Vec::as_slice));
        assert_eq!(
            (FORMAT, digest.to_string()),
            (
                10,
                "603f53bdcacc93e846d3279849955427901db1b2d58810fe0146a22683d499dd".to_owned()
            )
        );
    }

    #[test]
    fn other_formats_and_damage_are_told_apart_from_facts() {
        let bytes = encode(&facts(Class::Ordinary)).expect("encodes");
        assert_eq!(decode(&[&[FORMAT + 1], &bytes[1..]].concat()), None);
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(&[]), None);
    }
}
