//! Disputes.

use bihuan_contracts::dispute::{DisputeCommand, DisputeEvent};
use bihuan_domain::calendar::CalendarVersion;
use bihuan_domain::clue::Text;
use bihuan_domain::code::{AreaCode, Severity};
use bihuan_domain::dispute::{
    Agreement, Cause, Claim, ClueEnd, Command, Deadline, Document, DocumentKind, Envelope, Event, Forum,
    Ground, Interim, Jurisdiction, Occurrence, Opening, Paper, Place, Placed, Position, Reason, Rejection,
    Ruling, Skipped, Step, Then,
};
use bihuan_domain::id::{DisputeId, RecordId};

use super::parts::{actor, agency, area, at, clue, command_id, digest, limit, matter, rulebook};

pub(crate) fn dispute() -> DisputeId {
    DisputeId::derive(clue(), command_id())
}

fn county() -> AreaCode {
    AreaCode::new("330602").expect("valid")
}

fn claim() -> Claim {
    Claim {
        agency: agency("综合执法局"),
        position: Some(Position::Denies),
        duty: Some("330217A22000".to_owned()),
    }
}

fn bare_claim() -> Claim {
    Claim {
        agency: agency("城管局"),
        position: None,
        duty: None,
    }
}

fn opening(cause: Cause) -> Opening {
    Opening {
        clue: clue(),
        matter: Some(matter()),
        area: Some(area()),
        severity: Severity::new("urgent").ok(),
        cause,
        parties: vec![claim(), bare_claim()],
        first_receiver: Some(agency("城管局")),
    }
}

fn bare_opening() -> Opening {
    Opening {
        matter: None,
        area: None,
        severity: None,
        parties: Vec::new(),
        first_receiver: None,
        ..opening(Cause::ByCoordinator)
    }
}

fn paper() -> Paper {
    Paper {
        reference: "越协调〔2026〕1号".to_owned(),
        digest: digest(),
    }
}

fn document() -> Document {
    let Paper { reference, digest } = paper();
    Document {
        kind: DocumentKind::Opinion,
        reference,
        digest,
    }
}

fn ruling() -> Ruling {
    Ruling {
        responsible: agency("综合执法局"),
        assisting: vec![agency("城管局")],
        basis: "浙江省综合行政执法条例 17".to_owned(),
        term: Some(limit("20wd")),
        decision: paper(),
    }
}

fn bare_ruling() -> Ruling {
    Ruling {
        assisting: Vec::new(),
        term: None,
        ..ruling()
    }
}

fn skipped() -> Vec<Skipped> {
    let party = agency("综合执法局");
    let forum = Forum::County(county());
    vec![
        Skipped {
            forum,
            party: party.clone(),
        },
        Skipped {
            forum: Forum::City,
            party,
        },
    ]
}

/// Every reason, with every place among them.
fn jurisdictions() -> Vec<Jurisdiction> {
    let (one, other) = (agency("综合执法局"), agency("城管局"));
    let placed = |party: &bihuan_domain::code::AgencyId, place| Placed {
        party: party.clone(),
        place,
    };
    let all = [
        placed(&one, Place::County(county())),
        placed(&other, Place::City),
        placed(&other, Place::Unplaced),
    ];
    let of = |forum, reason, placed: &[Placed], skipped| Jurisdiction {
        forum,
        reason,
        placed: placed.to_vec(),
        skipped,
    };
    let (two, party) = (
        Reason::TwoCounties {
            one: one.clone(),
            other: other.clone(),
        },
        one,
    );
    vec![
        of(Forum::County(county()), Reason::OneCounty, &all[..1], Vec::new()),
        of(Forum::City, two, &all[..2], skipped()),
        of(
            Forum::CityGovernment,
            Reason::CityAgency { party },
            &all,
            Vec::new(),
        ),
        of(
            Forum::City,
            Reason::Unplaced { party: other },
            &all[2..],
            Vec::new(),
        ),
        of(Forum::City, Reason::NoParty, &[], Vec::new()),
    ]
}

pub(crate) fn dispute_commands() -> Vec<Command> {
    let one = agency("综合执法局");
    let causes = [
        Cause::ReturnLimit { returns: 3 },
        Cause::RefusedReturn,
        Cause::Claims,
        Cause::ByAgency,
        Cause::ByCoordinator,
    ];
    let mut all: Vec<_> = causes
        .into_iter()
        .map(|it| Command::OpenDispute(opening(it)))
        .collect();
    all.extend(
        Ground::ALL
            .iter()
            .copied()
            .map(|ground| Command::RefuseApplication { ground }),
    );
    all.extend(
        ClueEnd::ALL
            .iter()
            .copied()
            .map(|how| Command::NoteClueEnded { how }),
    );
    all.extend([
        Command::OpenDispute(bare_opening()),
        Command::StatePosition {
            position: Position::Claims,
            duty: "7".to_owned(),
            papers: vec![paper(), paper()],
        },
        Command::StatePosition {
            position: Position::Denies,
            duty: String::new(),
            papers: Vec::new(),
        },
        Command::RecordMinutes {
            agreed: Some(one.clone()),
            minutes: paper(),
        },
        Command::RecordMinutes {
            agreed: None,
            minutes: paper(),
        },
        Command::Apply { application: paper() },
        Command::AcceptApplication,
        Command::ForwardApplication,
        Command::Reply { reply: paper() },
        Command::RecordMeeting { minutes: paper() },
        Command::GiveOpinion {
            agency: one.clone(),
            opinion: paper(),
        },
        Command::AcceptOpinion,
        Command::DeclineOpinion,
        Command::DecideDispute(ruling()),
        Command::DecideDispute(bare_ruling()),
        Command::WithdrawDispute,
        Command::AppealRuling { application: paper() },
        Command::AddParty(claim()),
        Command::AddParty(bare_claim()),
        Command::NameLead { agency: one.clone() },
        Command::NoteTakenUp { agency: one },
    ]);
    all
}

pub(crate) fn dispute_events() -> Vec<Event> {
    let one = agency("综合执法局");
    let opened = |jurisdiction: Jurisdiction| Event::DisputeOpened {
        opening: opening(Cause::Claims),
        jurisdiction,
        interim: Interim::Agency(one.clone()),
    };
    let mut all: Vec<_> = jurisdictions().into_iter().map(opened).collect();
    all.extend(Step::ALL.iter().copied().map(|step| Event::StepLapsed {
        step,
        due_at: at(),
        then: Then::Next(step),
    }));
    all.extend(Agreement::ALL.iter().copied().map(|by| Event::DisputeSettled {
        agency: one.clone(),
        by,
    }));
    all.extend(
        DocumentKind::ALL
            .iter()
            .copied()
            .map(|kind| Event::MeetingRecorded {
                document: Document { kind, ..document() },
            }),
    );
    all.extend(before_ruling());
    all.extend(ruled());
    all
}

fn before_ruling() -> Vec<Event> {
    let one = agency("综合执法局");
    vec![
        Event::DisputeOpened {
            opening: bare_opening(),
            jurisdiction: jurisdictions().remove(0),
            interim: Interim::Coordinator,
        },
        Event::PositionStated {
            agency: one.clone(),
            position: Position::Claims,
            duty: "7".to_owned(),
            documents: vec![document()],
        },
        Event::MinutesRecorded {
            agreed: Some(one.clone()),
            document: document(),
        },
        Event::MinutesRecorded {
            agreed: None,
            document: document(),
        },
        Event::ApplicationMade {
            by: one.clone(),
            document: document(),
        },
        Event::ApplicationAccepted,
        Event::ApplicationRefused {
            ground: Ground::NotCompetent,
        },
        Event::ApplicationForwarded,
        Event::ReplyGiven {
            agency: one.clone(),
            document: document(),
        },
        Event::RepliesComplete,
        Event::OpinionGiven {
            agency: one.clone(),
            forum: Forum::City,
            document: document(),
        },
        Event::OpinionAccepted { agency: one.clone() },
        Event::OpinionDeclined { agency: one.clone() },
        Event::WithdrawalAgreed { agency: one.clone() },
        Event::DisputeWithdrawn,
        Event::PartyAdded {
            claim: bare_claim(),
            jurisdiction: jurisdictions().remove(1),
            forum: Forum::City,
        },
        Event::LeadNamed {
            agency: one.clone(),
            interim: Interim::Agency(one),
        },
    ]
}

fn ruled() -> Vec<Event> {
    let one = agency("综合执法局");
    vec![
        Event::DisputeDecided {
            ruling: ruling(),
            forum: Forum::County(county()),
            document: document(),
            appealable: true,
        },
        Event::DisputeDecided {
            ruling: bare_ruling(),
            forum: Forum::CityGovernment,
            document: document(),
            appealable: false,
        },
        Event::AppealWithdrawn { agency: one.clone() },
        Event::RulingAppealed {
            agency: one.clone(),
            to: Forum::CityGovernment,
            skipped: skipped(),
            document: document(),
        },
        Event::RulingTakenUp {
            agency: one.clone(),
            late: true,
        },
        Event::ClueEnded {
            how: ClueEnd::Closed,
            carried_out_by: Some(one),
        },
        Event::ClueEnded {
            how: ClueEnd::Merged,
            carried_out_by: None,
        },
        Event::StepLapsed {
            step: Step::Decision,
            due_at: at(),
            then: Then::Raised {
                to: Forum::City,
                step: Step::Opinion,
                skipped: skipped(),
            },
        },
        Event::StepLapsed {
            step: Step::Breach,
            due_at: at(),
            then: Then::Escalated,
        },
        Event::DeadlineRevised,
        Event::CommandRejected {
            command: "Apply".to_owned(),
            rejection: Rejection {
                code: "wrong_step".to_owned(),
                field: Some("application".to_owned()),
                step: Some("replies".to_owned()),
            },
        },
        Event::CommandRejected {
            command: "Apply".to_owned(),
            rejection: Rejection {
                code: "not_party".to_owned(),
                field: None,
                step: None,
            },
        },
    ]
}

/// With everything that may stand around a command.
fn asked(command: Command) -> DisputeCommand {
    DisputeCommand {
        clue: clue(),
        envelope: Envelope {
            id: command_id(),
            dispute: dispute(),
            causation: Some("clue.events.v1/3/7".to_owned()),
            actor: actor(),
            expected_version: Some(4),
            occurred_at: Some(at()),
            received_at: at().plus_minutes(1),
            command,
            text: Some(Text::remark("不是我们的".to_owned())),
        },
    }
}

fn bare(mut asked: DisputeCommand) -> DisputeCommand {
    let envelope = &mut asked.envelope;
    (envelope.causation, envelope.expected_version) = (None, None);
    (envelope.occurred_at, envelope.text) = (None, None);
    asked
}

pub(crate) fn disputed_commands() -> Vec<DisputeCommand> {
    let commands = dispute_commands().into_iter();
    let mut all: Vec<_> = commands.map(asked).collect();
    all.push(bare(asked(Command::AcceptOpinion)));
    all
}

fn happened(event: Event) -> Occurrence {
    Occurrence {
        dispute: dispute(),
        version: 3,
        at: at(),
        received_at: at().plus_minutes(1),
        command: command_id(),
        causation: Some("dispute.commands.v1/3/7".to_owned()),
        actor: actor(),
        text: Some(digest()),
        deadline: Some(Deadline {
            at: at().plus_days(5),
            since: at(),
            limit: Some(limit("5wd")),
            provisional: true,
            limits_by: rulebook(),
            calendar: CalendarVersion::new("abc").expect("valid"),
        }),
        event,
    }
}

pub(crate) fn disputed_events() -> Vec<DisputeEvent> {
    let of = |occurrence| DisputeEvent::Dispute {
        clue: clue(),
        occurrence,
    };
    let mut all: Vec<_> = dispute_events().into_iter().map(happened).map(of).collect();
    let mut at_once = happened(Event::RepliesComplete);
    at_once.deadline = at_once.deadline.map(|it| Deadline {
        limit: None,
        provisional: false,
        ..it
    });
    all.push(of(at_once));
    all.push(of(Occurrence {
        causation: None,
        text: None,
        deadline: None,
        ..happened(Event::DeadlineRevised)
    }));
    all.push(DisputeEvent::CommandQuarantined {
        id: RecordId::of_cloud_event("test", "1"),
        topic: "dispute.commands.v1".to_owned(),
        partition: 1,
        offset: 2,
        reason: "not_protobuf".to_owned(),
        field: Some("id".to_owned()),
        at: at(),
    });
    all
}
