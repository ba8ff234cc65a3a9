//! Commands.

use bihuan_contracts::command::{ActivateRulebook, ClueCommand, DiscardParked, WithdrawRulebook};
use bihuan_domain::clue::{Actor, CallBack, Command, Designation, Discrepancy, Envelope, Role, Text};
use bihuan_domain::code::Level;
use bihuan_domain::dispute::{Cause, Interim};
use bihuan_domain::time::Timestamp;

use super::parts::{
    actor, agency, area, at, bare_report, bare_resolution, claims, clue, command_id, decision, deletion,
    digest, dispute, limit, matter, report, resolution, rulebook, rung, undecided,
};

fn raise(cause: Cause) -> Command {
    Command::RaiseDispute {
        cause,
        parties: claims(),
    }
}

pub(crate) fn commands() -> Vec<Command> {
    [plain_commands(), super::task_commands()].concat()
}

fn plain_commands() -> Vec<Command> {
    let (one, two) = (agency("综合执法局"), agency("城管局"));
    let some = |text: &str| text.to_owned();
    let mut all = vec![
        Command::ReportClue(report()),
        Command::ReportClue(bare_report()),
        Command::NoteDeleted(deletion()),
        Command::NoteMissing { file: digest() },
        Command::SettleDiscrepancy {
            discrepancy: Discrepancy::SourceWithdrawn,
            accept: true,
        },
        Command::OfferClue { rulebook: rulebook() },
        raise(Cause::ReturnLimit { returns: 2 }),
        raise(Cause::RefusedReturn),
        raise(Cause::Claims),
        raise(Cause::ByAgency),
        raise(Cause::ByCoordinator),
        Command::AdmitClue,
        Command::RejectClue {
            reason: some("litigation"),
        },
        Command::HoldForTriage {
            decision: undecided(),
        },
        Command::AssignClue {
            agency: one.clone(),
            penalty: Some(two.clone()),
            assisting: vec![two.clone(), one.clone()],
            decision: decision(),
        },
        Command::AssignClue {
            agency: one.clone(),
            penalty: None,
            assisting: Vec::new(),
            decision: undecided(),
        },
        Command::DelegateClue { to: two.clone() },
        Command::AcknowledgeClue,
        Command::RequestReturn {
            duty: some("330217A22000"),
            proposed: two.clone(),
        },
        Command::ApproveReturn {
            to: Some(two.clone()),
        },
        Command::ApproveReturn { to: None },
        Command::RefuseReturn,
        Command::TransferClue {
            to: two.clone(),
            basis: Some(some("ruling 7")),
        },
        Command::TransferClue { to: two, basis: None },
        Command::StartHandling,
        Command::SuspendClue {
            reason: some("weather"),
            approver: some("L-2"),
            until: at().plus_days(5),
        },
        Command::ResumeClue,
        Command::RequestExtension { limit: limit("3wd") },
        Command::GrantExtension,
        Command::RefuseExtension,
        Command::IssueNotice {
            rung: rung(),
            ended: false,
        },
        Command::IssueNotice {
            rung: rung(),
            ended: true,
        },
        Command::DiscardNotice { rung: rung() },
        Command::ResolveClue(resolution()),
        Command::ResolveClue(bare_resolution()),
        Command::PassCheck,
        Command::FailCheck,
        Command::RecordCallBack {
            result: CallBack::NotApplicable,
        },
        Command::CloseClue,
        Command::ReopenClue,
        Command::VoidClue {
            reason: String::new(),
        },
        Command::CorrectClue {
            matter: Some(matter()),
            area: Some(area()),
            category: Some("市容".parse().expect("valid")),
        },
        Command::CorrectClue {
            matter: None,
            area: None,
            category: None,
        },
    ];
    all.extend(of_disputes());
    all
}

/// What the service that settles disputes asks.
fn of_disputes() -> Vec<Command> {
    let (one, two) = (agency("综合执法局"), agency("城管局"));
    let some = |text: &str| text.to_owned();
    vec![
        Command::HoldForDispute {
            dispute: dispute(),
            interim: Interim::Agency(one.clone()),
            level: Level::County,
        },
        Command::HoldForDispute {
            dispute: dispute(),
            interim: Interim::Coordinator,
            level: Level::City,
        },
        Command::DesignateAgency {
            dispute: dispute(),
            agency: one.clone(),
            assisting: vec![two.clone()],
            basis: some("裁定 7"),
            by: Designation::Ruling,
        },
        Command::DesignateAgency {
            dispute: dispute(),
            agency: two.clone(),
            assisting: Vec::new(),
            basis: String::new(),
            by: Designation::Agreement,
        },
        Command::ReleaseFromDispute { dispute: dispute() },
    ]
}

/// With everything that may travel around a command.
pub(crate) fn envelope(command: Command) -> Envelope {
    Envelope {
        id: command_id(),
        clue: clue(),
        causation: Some("clue.inbound.v1/3/7".to_owned()),
        actor: actor(),
        expected_version: Some(0),
        occurred_at: Some(at()),
        received_at: at().plus_minutes(1),
        command,
        text: Some(Text {
            title: Some("占道".to_owned()),
            place: Some(String::new()),
            ..Text::remark("不是我们的")
        }),
    }
}

/// With nothing that need not.
pub(crate) fn bare_envelope(command: Command) -> Envelope {
    Envelope {
        causation: None,
        actor: Actor::service(Role::Routing),
        expected_version: None,
        occurred_at: None,
        received_at: Timestamp::EPOCH,
        text: None,
        ..envelope(command)
    }
}

pub(crate) fn clue_commands() -> Vec<ClueCommand> {
    let of_clues = commands()
        .into_iter()
        .flat_map(|it| [envelope(it.clone()), bare_envelope(it)]);
    let activate = ActivateRulebook {
        id: command_id(),
        version: rulebook(),
        from: Some(at()),
        activation: Some(2),
        why: Some("new duties of the town".to_owned()),
        backtest: Some("{}".to_owned()),
        actor: Actor::service(Role::Operator),
        received_at: at(),
    };
    let first_use = ActivateRulebook {
        from: None,
        activation: None,
        why: None,
        backtest: None,
        ..activate.clone()
    };
    let withdraw = WithdrawRulebook {
        id: command_id(),
        activation: 2,
        version: rulebook(),
        why: "the town is not ready".to_owned(),
        actor: actor(),
        received_at: at(),
    };
    let discard = DiscardParked {
        id: command_id(),
        clue: clue(),
        parked: command_id(),
        reason: "the clue never comes".to_owned(),
        actor: actor(),
        received_at: at(),
    };
    let feedback = ClueCommand::Feedback(envelope(Command::AcknowledgeClue));
    of_clues
        .map(ClueCommand::Clue)
        .chain([
            feedback,
            ClueCommand::DiscardParked(discard),
            ClueCommand::WithdrawRulebook(withdraw),
            ClueCommand::ActivateRulebook(first_use),
            ClueCommand::ActivateRulebook(activate),
        ])
        .collect()
}
