//! A clue as the store keeps it: its folded state and where its newest event lies. The bytes are a cache: state of another
//! format is folded again from the clue's events.

use std::collections::HashMap;

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::{State, evolve};
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Connection, Error, Result};

/// Changes with every change of [`State`]'s shape.
const FORMAT: u8 = 10;

/// What lifecycle holds of one clue id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate {
    pub state: State,
    /// Sequence of the newest event; 0 = none.
    pub sequence: i64,
    /// When the clue wakes by its row of `clue_wakeup`, which is written with the state's.
    pub wakeup: Option<Timestamp>,
    /// The calendar of its row of `clue_provisional`, which is written with the state's too.
    pub provisional: Option<String>,
}

impl Aggregate {
    /// As `clue_state` keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let buffer = Vec::with_capacity(512);
        let mut buffer = buffer;
        buffer.push(FORMAT);
        // fails only on types that this state does not have
        postcard::to_extend(&self.state, buffer).unwrap_or_default()
    }

    /// `None`: written by a program with another format, or not by us: not one byte may be left over.
    pub(crate) fn state_from_bytes(bytes: &[u8]) -> Option<State> {
        if Self::is_foreign(bytes) {
            return None;
        }
        let (state, rest) = postcard::take_from_bytes(bytes.get(1..)?).ok()?;
        rest.is_empty().then_some(state)
    }

    /// Whether the bytes are of another format, which another version of the program may write.
    pub(crate) fn is_foreign(bytes: &[u8]) -> bool {
        bytes.first().is_none_or(|format| *format != FORMAT)
    }

    /// Folds the clue's events, which are chained backwards from `newest`.
    pub(crate) async fn refold(connection: Connection<'_>, partition: u32, newest: i64) -> Result<Self> {
        Self::fold(&journal::chain(connection, Journal::Clue, partition, newest).await?)
    }

    /// The same for several clues at once, each by its partition and newest event.
    pub(crate) async fn refold_all(
        connection: Connection<'_>,
        newest: &[(u32, i64)],
    ) -> Result<HashMap<(u32, i64), Self>> {
        let chains = journal::chains(connection, Journal::Clue, newest).await?;
        let folded = chains.into_iter();
        folded
            .map(|(newest, entries)| Ok((newest, Self::fold(&entries)?)))
            .collect()
    }

    fn fold(entries: &[Entry]) -> Result<Self> {
        let mut aggregate = Self::default();
        for entry in entries {
            aggregate.apply(entry)?;
        }
        Ok(aggregate)
    }

    /// Folds one journal entry. `false`: it does not follow what was folded before.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Result<bool> {
        let event = event::decode(&entry.payload).map_err(|error| Error::Corrupt {
            what: "clue event",
            detail: format!("{}/{}: {error}", entry.partition, entry.sequence),
        })?;
        let ClueEvent::Clue(occurrence) = event else {
            return Ok(true);
        };
        let follows =
            entry.previous.unwrap_or(0) == self.sequence && occurrence.version == self.state.version + 1;
        evolve(&mut self.state, &occurrence);
        self.sequence = entry.sequence;
        Ok(follows)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use bihuan_domain::calendar::{CalendarVersion, Limit, Pause, Step};
    use bihuan_domain::clue::{
        Actor, Assignment, Clocks, Clue, Conclusion, ExtensionRequest, Field, Grant, History, LinkedRecord,
        NoticeState, Print, Progress, Reached, Recipient, ReturnRequest, Role, RungKind, Running, Said,
        SourceRecord, SourceStatus, Stage, Tally, Task, TaskDue, TaskKind, TaskStanding, Timing,
    };
    use bihuan_domain::code::{
        AreaCode, CampaignCode, MatterCode, RulebookVersion, Rung, Severity, SourceId,
    };
    use bihuan_domain::digest::Digest;
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use bihuan_domain::time::Timestamp;

    use super::*;

    fn timing() -> Timing {
        let limit: Limit = "5wd".parse().expect("a limit");
        let at = Timestamp::from_micros;
        let rulebook = || RulebookVersion::new("abc").expect("valid");
        Timing {
            step_since: at(1),
            handle_since: Some(at(2)),
            overall_since: Some(at(3)),
            pauses: vec![Pause {
                from: at(4),
                to: at(5),
            }],
            suspended_at: Some(at(6)),
            disputes: vec![Pause {
                from: at(22),
                to: at(23),
            }],
            disputed_at: Some(at(24)),
            extension: Some(ExtensionRequest {
                limit,
                person: Some("A1".to_owned()),
            }),
            grants: vec![Grant { limit, at: at(7) }],
            imported: true,
            moved: true,
            clocks: Some(Clocks {
                limits_by: rulebook(),
                calendar_by: rulebook(),
                calendar: CalendarVersion::new("def").expect("valid"),
                running: vec![Running {
                    step: Step::Overall,
                    since: at(8),
                    due_at: at(9),
                    own_due_at: Some(at(10)),
                    limit: Some(limit),
                    row: Some(2),
                    provisional: true,
                    known_at: at(11),
                    silent: true,
                    calendar_by: rulebook(),
                    calendar: CalendarVersion::new("def").expect("valid"),
                    stands_since: Some(at(21)),
                }],
                next_rung: Some(at(12)),
            }),
            reached: vec![Reached {
                step: Step::Check,
                rung: Rung::new("red").expect("valid"),
                due_at: at(13),
                kind: RungKind::Notice,
                to: Some(Recipient::default()),
                notice: NoticeState::Drafted,
            }],
        }
    }

    fn task(asked_by: Actor) -> Task {
        let due = |row| TaskDue {
            at: Timestamp::from_micros(15),
            limit: "3wd".parse().expect("a limit"),
            row,
            provisional: true,
            limits_by: RulebookVersion::new("abc").expect("valid"),
            calendar_by: RulebookVersion::new("abd").expect("valid"),
            calendar: CalendarVersion::new("def").expect("valid"),
        };
        Task {
            number: 1,
            agency: "south".parse().expect("valid"),
            kind: TaskKind::Call,
            asked_by,
            asked_at: Timestamp::from_micros(16),
            due: Some(due(Some(2))),
            arrival: Some(due(None)),
            standing: TaskStanding::Replied,
            arrived_at: Some(Timestamp::from_micros(17)),
            over_at: Some(Timestamp::from_micros(18)),
            rating: Some(5),
        }
    }

    /// Something in every part.
    fn full() -> State {
        let actor = || Actor {
            role: Role::Agency,
            agency: "north".parse().ok(),
            person: Some("A1".to_owned()),
        };
        let source: SourceId = "grid".parse().expect("valid");
        let by = Assignment {
            agency: "north".parse().expect("valid"),
            penalty: "south".parse().ok(),
            assisting: vec!["east".parse().expect("valid")],
        };
        let (matter, area) = (MatterCode::new("06001").ok(), AreaCode::new("330603").ok());
        let severity = Severity::new("high").ok();
        State {
            version: 7,
            last_at: Timestamp::from_micros(5),
            handled: vec![1, u64::MAX],
            heard: VecDeque::from([2, 3]),
            removed: None,
            clue: Some(Clue {
                id: ClueId::derive(&source, "1"),
                source: source.clone(),
                source_id: "1".to_owned(),
                links: vec![LinkedRecord {
                    source,
                    source_id: "2".to_owned(),
                    version: Some(7),
                    digest: Digest::ZERO,
                    said: Some(Said::new(SourceStatus::Closed, None)),
                }],
                matter: matter.clone(),
                area: area.clone(),
                severity: severity.clone(),
                reported_at: Timestamp::EPOCH,
                source_due_at: Some(Timestamp::from_micros(9)),
                digest: Digest::ZERO,
                attachments: vec![u64::MAX],
                log: VecDeque::from([4]),
                source_record: Some(SourceRecord {
                    version: Some(-1),
                    digest: Digest::ZERO,
                    said: Said::new(SourceStatus::Urged, Some(Timestamp::from_micros(8))),
                    matter,
                    area,
                    severity,
                    prints: vec![Print::of(Field::Title, b"x")],
                    confirmed_by: Some(actor()),
                }),
                routed_since: 3,
                pending_history: Some(History {
                    agency: None,
                    closed_at: Some(Timestamp::EPOCH),
                    conclusion: Conclusion::Rectified,
                    route: true,
                }),
                first_agency: Some(by.agency.clone()),
                returned_by: vec![by.agency.clone()],
                held_since: Timestamp::from_micros(14),
                designated: true,
                refused_return: Some(ReturnRequest {
                    duty: "duty-7".to_owned(),
                    proposed: by.agency.clone(),
                }),
                dispute: Some(DisputeId::derive(
                    ClueId::derive(&"grid".parse().expect("valid"), "1"),
                    CommandId::derive(b"cause", "test", 0),
                )),
                tasks: vec![task(actor())],
                campaign: CampaignCode::new("2026-1").ok(),
                deadline: Some(Timestamp::EPOCH),
                timing: timing(),
                tally: Tally {
                    returns: 1,
                    transfers: 2,
                    reworks: 3,
                    reopened: 4,
                    call_back_attempts: 5,
                },
                stage: Stage::Held {
                    by,
                    progress: Progress::Handling,
                },
            }),
        }
    }

    /// Rows of every store are read by this. If it fails, raise [`FORMAT`] and put the new digest here.
    #[test]
    fn the_bytes_of_a_format_never_change() {
        let state = full();
        let bytes = Aggregate {
            state,
            ..Aggregate::default()
        }
        .to_bytes();
        assert_eq!(Aggregate::state_from_bytes(&bytes), Some(full()));
        let digest = Digest::of([bytes.as_slice()]);
        assert_eq!(
            (FORMAT, digest.to_string()),
            (
                10,
                "b51247a499804fdea18a007b5386e947b4f4ae977fa5af6e4654612fe0d9bbc8".to_owned()
            )
        );
    }

    #[test]
    fn state_of_another_format_is_not_read() {
        let bytes = Aggregate::default().to_bytes();
        assert_eq!(Aggregate::state_from_bytes(&bytes), Some(State::default()));
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Aggregate::state_from_bytes(&longer), None);
        let mut other = bytes;
        other[0] = FORMAT + 1;
        assert_eq!(Aggregate::state_from_bytes(&other), None);
        assert_eq!(Aggregate::state_from_bytes(&[]), None);
    }
}
