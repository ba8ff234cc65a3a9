//! Events of clues.

use bihuan_contracts::event::ClueEvent;
use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{
    Actor, Assignment, CallBack, ClosureClass, Codes, Designation, Discrepancy, Event, Field, LogRow,
    Occurrence, Recipient, Rejection, Repeat, Role, RungKind, Suspension,
};
use bihuan_domain::code::{Level, Severity};
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Cause, Interim};
use bihuan_domain::time::Timestamp;

use super::parts::{
    actor, agency, area, at, bare_opening, bare_report, bare_resolution, clocks, clue, command_id, decision,
    deletion, digest, dispute, history, limit, log_row, matter, opening, record_id, report, resolution,
    rulebook, rung, undecided,
};

pub(crate) fn events() -> Vec<Event> {
    [plain_events(), super::task_events()].concat()
}

#[expect(clippy::too_many_lines, reason = "one table")]
fn plain_events() -> Vec<Event> {
    let (one, two) = (agency("综合执法局"), agency("城管局"));
    let some = |text: &str| text.to_owned();
    let assignment = Assignment {
        agency: one.clone(),
        penalty: Some(two.clone()),
        assisting: vec![two.clone()],
    };
    let rejection = Rejection {
        code: some("not_holder"),
        field: Some(some("actor")),
        stage: Some(some("closed")),
    };
    let suspension = Suspension {
        reason: some("weather"),
        approver: some("L-2"),
        until: at(),
    };
    vec![
        Event::ClueReported {
            number: some("330602-20260105-000123"),
            report: report(),
        },
        Event::ClueReported {
            number: String::new(),
            report: bare_report(),
        },
        Event::ReportRepeated {
            repeat: Repeat::Updated,
            digest: digest(),
            history: Some(history()),
            version: Some(i64::MIN),
            log: Some(log_row()),
        },
        Event::ReportRepeated {
            repeat: Repeat::Unchanged,
            digest: Digest::ZERO,
            history: None,
            version: None,
            log: Some(LogRow {
                agency: None,
                step: None,
                ..log_row()
            }),
        },
        Event::ClueLinked { report: report() },
        Event::ClueLinked {
            report: bare_report(),
        },
        Event::LinkRepeated {
            source: report().source,
            source_id: "b-1".to_owned(),
            repeat: Repeat::Stale,
            version: Some(-3),
        },
        Event::SourceDeleted(deletion()),
        Event::UnknownDeleted(deletion()),
        Event::SourceMissing { file: digest() },
        Event::SourceUpdated {
            report: report(),
            changed: Field::ALL.to_vec(),
            same_version: true,
            corrected: Vec::new(),
        },
        Event::SourceUpdated {
            report: bare_report(),
            changed: Vec::new(),
            same_version: false,
            corrected: vec![Field::Matter, Field::Area],
        },
        Event::ClueRecoded(Codes {
            matter: Some(matter()),
            severity: Severity::new("urgent").ok(),
            cleared: vec![Field::Area],
            ..Codes::default()
        }),
        Event::WithdrawalConfirmed,
        Event::DiscrepancySettled {
            discrepancy: Discrepancy::SourceReopened,
            accepted: true,
        },
        Event::ClueAdmitted,
        Event::ClueRejected {
            reason: some("litigation"),
        },
        Event::ClueCorrected(Codes {
            matter: Some(matter()),
            area: Some(area()),
            severity: Severity::new("urgent").ok(),
            cleared: Vec::new(),
        }),
        Event::ClueCorrected(Codes {
            cleared: vec![Field::Matter, Field::Area],
            ..Codes::default()
        }),
        Event::ClueCorrected(Codes::default()),
        Event::ClueHeldForTriage {
            decision: undecided(),
        },
        Event::ClueOffered { rulebook: rulebook() },
        Event::ClueHeldForCoordination {
            level: Level::County,
            returns: 2,
        },
        Event::ClueAssigned {
            assignment: assignment.clone(),
            decision: decision(),
            deadline: Some(at()),
            recorded: true,
        },
        Event::ClueAssigned {
            assignment,
            decision: undecided(),
            deadline: None,
            recorded: false,
        },
        Event::ClueDelegated {
            from: one.clone(),
            to: two.clone(),
        },
        Event::ClueAcknowledged,
        Event::ReturnRequested {
            duty: some("330217A22000"),
            proposed: two.clone(),
            returns: 1,
        },
        Event::ReturnApproved,
        Event::ReturnRefused,
        Event::ClueTransferred {
            from: Some(one),
            to: two.clone(),
            basis: Some(some("ruling 7")),
            recorded: true,
        },
        Event::ClueTransferred {
            from: None,
            to: two,
            basis: None,
            recorded: false,
        },
        Event::HandlingStarted,
        Event::ClueSuspended { suspension },
        Event::ClueResumed,
        Event::ExtensionRequested { limit: limit("3wd") },
        Event::ExtensionGranted {
            limit: limit("30min"),
        },
        Event::ExtensionRefused,
        Event::DeadlineRevised,
        Event::RungReached {
            step: Step::Overall,
            rung: rung(),
            kind: RungKind::Notice,
            due_at: at().plus_days(1),
            late: true,
            to: Recipient {
                agency: Some(agency("1")),
                level: Some(Level::County),
                area: Some(area()),
            },
        },
        Event::RungReached {
            step: Step::Triage,
            rung: rung(),
            kind: RungKind::Reminder,
            due_at: at(),
            late: false,
            to: Recipient::default(),
        },
        Event::NoticeIssued {
            rung: rung(),
            kind: RungKind::Bulletin,
            due_at: at(),
            to: Recipient::default(),
        },
        Event::NoticeDiscarded {
            rung: rung(),
            kind: RungKind::Notice,
            due_at: at(),
            to: Recipient::default(),
        },
        Event::ClueResolved {
            resolution: resolution(),
        },
        Event::CheckPassed,
        Event::CheckFailed,
        Event::CallBackRecorded {
            result: CallBack::Unreachable,
            attempt: 3,
        },
        Event::ClueClosed {
            resolution: bare_resolution(),
            class: ClosureClass::Interim,
            recorded: true,
        },
        Event::ClueReopened { recorded: false },
        Event::ClueReopened { recorded: true },
        Event::ClueVoided { reason: some("test") },
        Event::ClueDisputed {
            dispute: dispute(),
            opening: opening(Cause::ReturnLimit { returns: 2 }),
            interim: Interim::Agency(agency("综合执法局")),
            level: Level::County,
        },
        Event::ClueDisputed {
            dispute: dispute(),
            opening: bare_opening(Cause::Claims),
            interim: Interim::Coordinator,
            level: Level::City,
        },
        Event::ClueHeldForDispute {
            dispute: dispute(),
            interim: Interim::Agency(agency("城管局")),
            level: Level::City,
        },
        Event::ClueHeldForDispute {
            dispute: dispute(),
            interim: Interim::Coordinator,
            level: Level::County,
        },
        Event::ClueDesignated {
            dispute: dispute(),
            assignment: Assignment {
                agency: agency("城管局"),
                penalty: None,
                assisting: vec![agency("综合执法局")],
            },
            basis: some("裁定 7"),
            by: Designation::Ruling,
        },
        Event::ClueDesignated {
            dispute: dispute(),
            assignment: Assignment {
                agency: agency("城管局"),
                penalty: Some(agency("综合执法局")),
                assisting: Vec::new(),
            },
            basis: String::new(),
            by: Designation::Agreement,
        },
        Event::ClueReleasedFromDispute { dispute: dispute() },
        Event::CommandRejected {
            command: some("CloseClue"),
            rejection,
        },
        Event::CommandRejected {
            command: some("CloseClue"),
            rejection: Rejection {
                code: some("a"),
                field: None,
                stage: None,
            },
        },
    ]
}

pub(crate) fn occurrence(event: Event) -> Occurrence {
    Occurrence {
        clue: clue(),
        version: 3,
        at: at(),
        received_at: at().plus_minutes(1),
        command: command_id(),
        causation: Some("clue.commands.v1/3/8".to_owned()),
        actor: actor(),
        text: Some(digest()),
        clocks: Some(clocks()),
        event,
    }
}

fn bare_occurrence(event: Event) -> Occurrence {
    Occurrence {
        version: u32::MAX,
        at: Timestamp::EPOCH,
        received_at: Timestamp::from_micros(i64::MIN),
        causation: None,
        actor: Actor::service(Role::Clock),
        text: None,
        clocks: None,
        ..occurrence(event)
    }
}

pub(crate) fn clue_events() -> Vec<ClueEvent> {
    let of_clues = events()
        .into_iter()
        .flat_map(|it| [occurrence(it.clone()), bare_occurrence(it)]);
    let activated = ClueEvent::RulebookActivated {
        version: rulebook(),
        from: Some(at()),
        activation: Some(2),
        why: Some("new duties of the town".to_owned()),
        backtest: Some("{}".to_owned()),
        at: at(),
        command: command_id(),
        actor: Actor::service(Role::Operator),
    };
    let first_use = ClueEvent::RulebookActivated {
        version: rulebook(),
        from: None,
        activation: None,
        why: None,
        backtest: None,
        at: at(),
        command: command_id(),
        actor: Actor::service(Role::Operator),
    };
    let withdrawn = ClueEvent::RulebookWithdrawn {
        activation: 2,
        version: rulebook(),
        why: "the town is not ready".to_owned(),
        at: at(),
        command: command_id(),
        actor: actor(),
    };
    let quarantined = ClueEvent::CommandQuarantined {
        id: record_id(),
        topic: "clue.commands.v1".to_owned(),
        partition: 3,
        offset: i64::MAX,
        reason: "field_invalid".to_owned(),
        field: Some("actor.role".to_owned()),
        at: at(),
    };
    let parked = ClueEvent::CommandParked {
        command: command_id(),
        clue: clue(),
        digest: digest(),
        causation: Some("feedback/agency-platform/clue.inbound.v1/3/17".to_owned()),
        at: at(),
    };
    let discarded = ClueEvent::ParkedDiscarded {
        command: command_id(),
        clue: clue(),
        parked: command_id(),
        causation: Some("feedback/agency-platform/clue.inbound.v1/3/17".to_owned()),
        reason: "the clue never comes".to_owned(),
        actor: actor(),
        at: at(),
    };
    of_clues
        .map(ClueEvent::Clue)
        .chain([activated, first_use, withdrawn, quarantined, parked, discarded])
        .collect()
}
