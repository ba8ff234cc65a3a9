//! What happened to a dispute, in JSON.

use bihuan_domain::dispute::{Event, Occurrence, Position, Then};
use serde_json::{Value, json};

use super::dispute::{
    claim, deadline, document, documents, forum_to_json, interim, jurisdiction, opening, ruling, skipped,
};
use super::parts::{actor, time};

/// `{"dispute", "version", "at", "received_at", "type", "command", "causation", "actor", "text", "deadline", "data"}`, as
/// [`super::occurrence_to_json`] has it of a clue. `deadline`: of the step that is open since, where that is new.
pub fn dispute_occurrence_to_json(it: &Occurrence) -> Value {
    json!({
        "dispute": it.dispute,
        "version": it.version,
        "at": time(it.at),
        "received_at": time(it.received_at),
        "type": it.event.name(),
        "command": it.command,
        "causation": it.causation,
        "actor": actor(&it.actor),
        "text": it.text.map(|digest| digest.to_string()),
        "deadline": it.deadline.as_ref().map(deadline),
        "data": data(&it.event),
    })
}

/// What is particular to the type of the event.
fn data(event: &Event) -> Value {
    match event {
        Event::DisputeOpened {
            opening: it,
            jurisdiction: belongs,
            interim: holder,
        } => json!({
            "clue": it.clue,
            "opening": opening(it),
            "jurisdiction": jurisdiction(belongs),
            "interim": interim(holder),
        }),
        Event::PositionStated {
            agency,
            position,
            duty,
            documents: papers,
        } => json!({
            "agency": agency,
            "position": Position::as_str(*position),
            "duty": duty,
            "documents": documents(papers),
        }),
        Event::MinutesRecorded { agreed, document: it } => {
            json!({"agreed": agreed, "document": document(it)})
        }
        Event::DisputeSettled { agency, by } => json!({"agency": agency, "by": by.as_str()}),
        Event::ApplicationMade {
            by: agency,
            document: it,
        }
        | Event::ReplyGiven { agency, document: it } => {
            json!({"agency": agency, "document": document(it)})
        }
        Event::ApplicationRefused { ground } => json!({"ground": ground.as_str()}),
        Event::MeetingRecorded { document: it } => json!({"document": document(it)}),
        Event::OpinionGiven {
            agency,
            forum: before,
            document: it,
        } => json!({"agency": agency, "forum": forum_to_json(before), "document": document(it)}),
        Event::OpinionAccepted { agency }
        | Event::OpinionDeclined { agency }
        | Event::WithdrawalAgreed { agency }
        | Event::AppealWithdrawn { agency } => json!({"agency": agency}),
        Event::DisputeDecided {
            ruling: it,
            forum: before,
            appealable,
            ..
        } => json!({"ruling": ruling(it), "forum": forum_to_json(before), "appealable": appealable}),
        Event::RulingAppealed {
            agency,
            to,
            skipped: passed,
            document: it,
        } => json!({
            "agency": agency,
            "to": forum_to_json(to),
            "skipped": skipped(passed),
            "document": document(it),
        }),
        Event::PartyAdded {
            claim: it,
            jurisdiction: belongs,
            forum: before,
        } => {
            json!({"party": claim(it), "jurisdiction": jurisdiction(belongs), "forum": forum_to_json(before)})
        }
        Event::LeadNamed {
            agency,
            interim: holder,
        } => json!({"agency": agency, "interim": interim(holder)}),
        Event::RulingTakenUp { agency, late } => json!({"agency": agency, "late": late}),
        Event::ClueEnded { how, carried_out_by } => {
            json!({"how": how.as_str(), "carried_out_by": carried_out_by})
        }
        Event::StepLapsed {
            step,
            due_at,
            then: next,
        } => {
            json!({"step": step.as_str(), "due_at": time(*due_at), "then": then(next)})
        }
        Event::CommandRejected { command, rejection } => json!({
            "command": command,
            "code": rejection.code,
            "field": rejection.field,
            "step": rejection.step,
        }),
        Event::ApplicationAccepted
        | Event::ApplicationForwarded
        | Event::RepliesComplete
        | Event::DisputeWithdrawn
        | Event::DeadlineRevised => json!({}),
    }
}

/// `what`: `next`, `raised` or `escalated`; the step that is open then, and before whom it is raised.
fn then(next: &Then) -> Value {
    match next {
        Then::Next(step) => json!({"what": "next", "step": step.as_str()}),
        Then::Raised {
            to,
            step,
            skipped: passed,
        } => {
            json!({"what": "raised", "step": step.as_str(), "to": forum_to_json(to), "skipped": skipped(passed)})
        }
        Then::Escalated => json!({"what": "escalated"}),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bihuan_domain::clue::{Actor, Role};
    use bihuan_domain::code::AgencyId;
    use bihuan_domain::digest::Digest;
    use bihuan_domain::dispute::{
        Cause, Document, DocumentKind, Forum, Interim, Jurisdiction, Opening, Paper, Reason, Ruling, State,
        Step, evolve,
    };
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use bihuan_domain::time::Timestamp;
    use utoipa::PartialSchema as _;
    use utoipa::openapi::{RefOr, Schema};
    use uuid::Uuid;

    use super::*;
    use crate::json::dispute_to_json;
    use crate::schema;

    fn shown(event: Event) -> Value {
        dispute_occurrence_to_json(&Occurrence {
            dispute: DisputeId::derive(ClueId(Uuid::nil()), CommandId(Uuid::nil())),
            version: 7,
            at: Timestamp::EPOCH,
            received_at: Timestamp::EPOCH,
            command: CommandId(Uuid::nil()),
            causation: None,
            actor: Actor::service(Role::Dispute),
            text: None,
            deadline: None,
            event,
        })
    }

    /// What OpenAPI says of them.
    fn described(schema: &RefOr<Schema>) -> BTreeSet<String> {
        let schema = serde_json::to_value(schema).expect("json");
        let required = schema["required"].as_array().expect("a list").iter();
        required
            .map(|it| it.as_str().expect("a name").to_owned())
            .collect()
    }

    fn names(value: &Value) -> BTreeSet<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    }

    #[test]
    fn a_dispute_and_its_events_are_as_they_are_described() {
        let clue = ClueId(Uuid::nil());
        let opened = Occurrence {
            dispute: DisputeId::derive(clue, CommandId(Uuid::nil())),
            version: 1,
            at: Timestamp::EPOCH,
            received_at: Timestamp::EPOCH,
            command: CommandId(Uuid::nil()),
            causation: None,
            actor: Actor::service(Role::Dispute),
            text: None,
            deadline: None,
            event: Event::DisputeOpened {
                opening: Opening {
                    clue,
                    matter: None,
                    area: None,
                    severity: None,
                    cause: Cause::ReturnLimit { returns: 2 },
                    parties: Vec::new(),
                    first_receiver: None,
                },
                jurisdiction: Jurisdiction {
                    forum: Forum::City,
                    reason: Reason::NoParty,
                    placed: Vec::new(),
                    skipped: Vec::new(),
                },
                interim: Interim::Coordinator,
            },
        };
        let event = dispute_occurrence_to_json(&opened);
        assert_eq!(names(&event), described(&schema::DisputeEvent::schema()));
        let mut state = State::default();
        evolve(&mut state, &opened);
        let shown = dispute_to_json(&state.dispute.expect("opened"));
        assert_eq!(names(&shown), described(&schema::Dispute::schema()));
        assert_eq!(
            (
                &shown["standing"],
                &shown["opening"]["returns"],
                &shown["holder"]["forum"]["level"]
            ),
            (&"negotiation".into(), &2.into(), &"city".into())
        );
    }

    #[test]
    fn an_event_has_the_names_that_people_outside_read() {
        let ruling = Ruling {
            responsible: AgencyId::new("A").expect("valid"),
            assisting: vec![AgencyId::new("B").expect("valid")],
            basis: "条例第 17 条".to_owned(),
            term: Some("5wd".parse().expect("a limit")),
            decision: Paper {
                reference: "越裁〔2026〕1 号".to_owned(),
                digest: Digest::ZERO,
            },
        };
        let decided = shown(Event::DisputeDecided {
            document: Document {
                kind: DocumentKind::Decision,
                reference: ruling.decision.reference.clone(),
                digest: ruling.decision.digest,
            },
            ruling,
            forum: Forum::County("330602".parse().expect("valid")),
            appealable: true,
        });
        assert_eq!(
            (&decided["type"], &decided["version"]),
            (&"DisputeDecided".into(), &7.into())
        );
        assert_eq!(
            decided["data"],
            json!({
                "ruling": {
                    "responsible": "A",
                    "assisting": ["B"],
                    "basis": "条例第 17 条",
                    "term": "5wd",
                    "decision": {"reference": "越裁〔2026〕1 号", "digest": Digest::ZERO.to_string()},
                },
                "forum": {"level": "county", "county": "330602"},
                "appealable": true,
            })
        );
        let lapsed = shown(Event::StepLapsed {
            step: Step::Decision,
            due_at: Timestamp::EPOCH,
            then: Then::Raised {
                to: Forum::City,
                step: Step::Opinion,
                skipped: Vec::new(),
            },
        });
        assert_eq!(
            lapsed["data"]["then"],
            json!({"what": "raised", "step": "opinion", "to": {"level": "city", "county": null}, "skipped": []})
        );
    }
}
