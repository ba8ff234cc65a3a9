//! A dispute as the store keeps it: its folded state and where its newest event lies. The bytes are a cache: state of another format
//! is folded again from the dispute's events.

use bihuan_contracts::dispute::event::{self, DisputeEvent};
use bihuan_domain::dispute::{Dispute, Occurrence, State, evolve};
use bihuan_domain::id::ClueId;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Connection, Error, Result};

/// Changes with every change of [`State`]'s shape.
const FORMAT: u8 = 1;

/// What is held of one dispute id.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    /// The clue that it is about. Of one that was never opened: what whoever asked for it said.
    pub(crate) clue: ClueId,
    pub(crate) state: State,
    /// Sequence of the newest event; 0 = none.
    pub(crate) sequence: i64,
}

impl Aggregate {
    pub(crate) fn new(clue: ClueId) -> Self {
        Self {
            clue,
            state: State::default(),
            sequence: 0,
        }
    }

    pub(crate) fn open(&self) -> Option<&Dispute> {
        self.state.dispute.as_ref().filter(|it| it.is_open())
    }

    /// As `dispute` keeps it.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut buffer = Vec::with_capacity(512);
        buffer.push(FORMAT);
        // fails only on types that this state does not have
        postcard::to_extend(&self.state, buffer).unwrap_or_default()
    }

    /// `None`: written by a program with another format, or not by us: not one byte may be left over.
    pub(crate) fn state_from_bytes(bytes: &[u8]) -> Option<State> {
        let (format, bytes) = bytes.split_first()?;
        if *format != FORMAT {
            return None;
        }
        let (state, rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(state)
    }

    /// Folds the dispute's events, which are chained backwards from `newest`.
    pub(crate) async fn refold(
        connection: Connection<'_>,
        partition: u32,
        clue: ClueId,
        newest: i64,
    ) -> Result<Self> {
        let mut aggregate = Self::new(clue);
        for entry in journal::chain(connection, Journal::Dispute, partition, newest).await? {
            if let Some(occurrence) = occurrence(&entry)? {
                aggregate.apply(entry.sequence, &occurrence);
            }
        }
        Ok(aggregate)
    }

    /// Folds one event. A dispute that is opened is over the clue that it was opened for, whatever was said of it before.
    pub(crate) fn apply(&mut self, sequence: i64, occurrence: &Occurrence) {
        evolve(&mut self.state, occurrence);
        self.sequence = sequence;
        if let Some(dispute) = &self.state.dispute {
            self.clue = dispute.opening.clue;
        }
    }
}

/// The event of a dispute in the entry; `None`: it is of the partition.
pub(crate) fn occurrence(entry: &Entry) -> Result<Option<Occurrence>> {
    match event::decode(&entry.payload) {
        Ok(DisputeEvent::Dispute { occurrence, .. }) => Ok(Some(occurrence)),
        Ok(DisputeEvent::CommandQuarantined { .. }) => Ok(None),
        Err(error) => Err(Error::Corrupt {
            what: "event of a dispute",
            detail: format!("{}/{}: {error}", entry.partition, entry.sequence),
        }),
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::calendar::CalendarVersion;
    use bihuan_domain::clue::{Actor, Role};
    use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, RulebookVersion, Severity};
    use bihuan_domain::digest::Digest;
    use bihuan_domain::dispute::{
        Breach, Cause, Claim, Deadline, Document, DocumentKind, Forum, Interim, Jurisdiction, Opening,
        Opinion, Outcome, Paper, Party, Place, Placed, Position, Reason, Ruled, Ruling, Skipped, Standing,
        Step,
    };
    use bihuan_domain::id::{CommandId, DisputeId};
    use bihuan_domain::time::Timestamp;

    use super::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn agency() -> AgencyId {
        AgencyId::new("north").expect("valid")
    }

    fn clue() -> ClueId {
        ClueId::derive(&"grid".parse().expect("valid"), "1")
    }

    fn party() -> Party {
        Party {
            agency: agency(),
            position: Some(Position::Denies),
            duty: Some("7".to_owned()),
            replied_at: Some(at(1)),
            consent: Some(true),
            withdraws: true,
        }
    }

    fn jurisdiction(county: &AreaCode) -> Jurisdiction {
        Jurisdiction {
            forum: Forum::County(county.clone()),
            reason: Reason::TwoCounties {
                one: agency(),
                other: agency(),
            },
            placed: vec![Placed {
                party: agency(),
                place: Place::County(county.clone()),
            }],
            skipped: vec![Skipped {
                forum: Forum::City,
                party: agency(),
            }],
        }
    }

    fn ruled() -> Ruled {
        Ruled {
            ruling: Ruling {
                responsible: agency(),
                assisting: vec![agency()],
                basis: "17".to_owned(),
                term: "20wd".parse().ok(),
                decision: Paper {
                    reference: "1".to_owned(),
                    digest: Digest::ZERO,
                },
            },
            forum: Forum::CityGovernment,
            at: at(6),
        }
    }

    fn standing() -> Standing {
        Standing::Open {
            step: Step::Breach,
            since: at(10),
            escalations: 2,
            deadline: Some(Deadline {
                at: at(11),
                since: at(10),
                limit: "5wd".parse().ok(),
                provisional: true,
                limits_by: RulebookVersion::new("abc").expect("valid"),
                calendar: CalendarVersion::new("def").expect("valid"),
            }),
        }
    }

    /// Something in every part.
    fn full() -> State {
        let county = AreaCode::new("330602").expect("valid");
        let opening = Opening {
            clue: clue(),
            matter: MatterCode::new("06001").ok(),
            area: Some(county.clone()),
            severity: Severity::new("urgent").ok(),
            cause: Cause::ReturnLimit { returns: 3 },
            parties: vec![Claim {
                agency: agency(),
                position: Some(Position::Claims),
                duty: Some("7".to_owned()),
            }],
            first_receiver: Some(agency()),
        };
        State {
            version: 9,
            last_at: at(12),
            handled: vec![1, u64::MAX],
            dispute: Some(Dispute {
                id: DisputeId::derive(clue(), CommandId::derive(b"1", "test", 0)),
                opening,
                opened_by: Actor {
                    role: Role::Dispute,
                    agency: Some(agency()),
                    person: Some("A1".to_owned()),
                },
                opened_at: at(2),
                parties: vec![party()],
                jurisdiction: jurisdiction(&county),
                forum: Forum::City,
                interim: Interim::Agency(agency()),
                lead: Some(agency()),
                applicant: Some(agency()),
                opinion: Some(Opinion {
                    agency: agency(),
                    forum: Forum::City,
                    at: at(5),
                }),
                rulings: vec![ruled()],
                appeals: 1,
                appellant: Some(agency()),
                taken_up_at: Some(at(7)),
                breaches: vec![Breach {
                    agency: agency(),
                    since: at(8),
                    ended: Some(at(9)),
                }],
                documents: vec![Document {
                    kind: DocumentKind::Opinion,
                    reference: "2".to_owned(),
                    digest: Digest::ZERO,
                }],
                standing: standing(),
            }),
        }
    }

    fn bytes(state: State) -> Vec<u8> {
        let aggregate = Aggregate {
            state,
            ..Aggregate::new(clue())
        };
        aggregate.to_bytes()
    }

    /// Rows of every store are read by this. If it fails, raise [`FORMAT`] and put the new digest here.
    #[test]
    fn the_bytes_of_a_format_never_change() {
        let open = bytes(full());
        assert_eq!(Aggregate::state_from_bytes(&open), Some(full()));
        let mut ended = full();
        if let Some(dispute) = &mut ended.dispute {
            let outcome = Outcome::CarriedOut { agency: agency() };
            dispute.standing = Standing::Ended { outcome, at: at(13) };
        }
        let ended_bytes = bytes(ended.clone());
        assert_eq!(Aggregate::state_from_bytes(&ended_bytes), Some(ended));
        let digest = Digest::of([open.as_slice(), ended_bytes.as_slice()]);
        assert_eq!(
            (FORMAT, digest.to_string()),
            (
                1,
                "2bdbd0661ec60bee3729a027cd41597269a0d5c0220c95349852a31c33e8300b".to_owned()
            )
        );
    }

    #[test]
    fn state_of_another_format_is_not_read() {
        let bytes = bytes(State::default());
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
