//! What can be asked of a clue, as options of the command line; written down in the JSON form that HTTP takes too, so that both
//! are read by the same code.

use bihuan_domain::clue::{CallBack, Conclusion, Discrepancy, EvidenceKind, Measure, TaskKind};
use bihuan_domain::dispute::{Cause, Position};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Subcommand, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Action {
    /// Take it into scope (受理)
    #[serde(rename = "admit_clue")]
    Admit,
    /// Out of scope (不予受理)
    #[serde(rename = "reject_clue")]
    Reject {
        #[arg(long, value_name = "CODE")]
        reason: String,
    },
    /// Correct matter or area of a clue that waits for routing or triage
    #[serde(rename = "correct_clue")]
    Correct {
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        matter: Option<String>,
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        area: Option<String>,
    },
    /// Dispatch to the responsible agency (派遣)
    #[serde(rename = "assign_clue")]
    Assign {
        #[arg(long)]
        agency: String,
        #[arg(long, value_name = "AGENCY")]
        #[serde(skip_serializing_if = "Option::is_none")]
        penalty: Option<String>,
        #[arg(long, value_name = "AGENCY")]
        assisting: Vec<String>,
    },
    /// Hand down within the line (下派)
    #[serde(rename = "delegate_clue")]
    Delegate {
        #[arg(long, value_name = "AGENCY")]
        to: String,
    },
    /// Sign for it (签收)
    #[serde(rename = "acknowledge_clue")]
    Acknowledge,
    /// Ask to return it: not our duty (退单)
    RequestReturn {
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The duty that the return relies on
        #[arg(long, value_name = "TEXT")]
        duty: String,
        /// Whose duty it is instead
        #[arg(long, value_name = "AGENCY")]
        #[serde(rename = "proposed")]
        propose: String,
    },
    /// Let the agency go, to another one or to triage
    ApproveReturn {
        #[arg(long, value_name = "AGENCY")]
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Leave it where it is
    RefuseReturn,
    /// Give it to another agency (转办)
    #[serde(rename = "transfer_clue")]
    Transfer {
        #[arg(long, value_name = "AGENCY")]
        to: String,
        #[arg(long, value_name = "TEXT")]
        #[serde(skip_serializing_if = "Option::is_none")]
        basis: Option<String>,
    },
    /// Begin to handle it (处置)
    StartHandling,
    /// Stop its clock until a time (挂账)
    #[serde(rename = "suspend_clue")]
    Suspend {
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// Staff reference
        #[arg(long, value_name = "PERSON")]
        approver: String,
        /// RFC 3339
        #[arg(long, value_name = "TIME")]
        until: String,
    },
    /// Let its clock run again
    #[serde(rename = "resume_clue")]
    Resume,
    /// Ask for more time (延期)
    #[serde(rename = "request_extension")]
    Extend {
        /// How much more: 30min, 3h, 2wh (working hours), 5wd (working days) or 10d
        #[arg(long)]
        limit: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Grant the time that is asked for
    #[serde(rename = "grant_extension")]
    Grant,
    /// Refuse the time that is asked for
    #[serde(rename = "refuse_extension")]
    Refuse {
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Issue a notice or bulletin that the ladder drafted (签发督办)
    IssueNotice {
        /// The step of the ladder, such as overdue_notice
        #[arg(long, value_name = "NAME")]
        rung: String,
        /// Although the clue is over meanwhile
        #[arg(long)]
        ended: bool,
    },
    /// Decide that what the ladder drafted is not issued (弃用督办文稿)
    DiscardNotice {
        /// The step of the ladder, such as overdue_notice
        #[arg(long, value_name = "NAME")]
        rung: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Report conclusion, measures and evidence (处置反馈)
    #[serde(rename = "resolve_clue")]
    Resolve(Resolution),
    /// Confirm on site (核查通过)
    PassCheck,
    /// Send back for rework (返工)
    FailCheck,
    /// Record what the reporter said (回访)
    #[serde(rename = "record_call_back")]
    CallBack {
        #[arg(long, value_parser = words(CallBack::ALL.map(CallBack::as_str)))]
        result: String,
    },
    /// Close it (闭环)
    #[serde(rename = "close_clue")]
    Close,
    /// Open it again
    #[serde(rename = "reopen_clue")]
    Reopen {
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        #[serde(rename = "remark")]
        reason: String,
    },
    /// Say that it is in dispute whose duty it is (提出争议)
    RaiseDispute {
        #[arg(long, value_parser = words(CAUSES))]
        cause: String,
        /// An agency, with what it says of the duty and the duty that it relies on: AGENCY=claims:DUTY, AGENCY=denies:DUTY
        #[arg(long = "party", value_name = "AGENCY", value_parser = party)]
        parties: Vec<Value>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Ask another agency to help, or to come (协办、吹哨)
    AskAssistance {
        #[arg(long)]
        agency: String,
        #[arg(long, value_parser = words(TaskKind::ALL.iter().map(|it| it.as_str())), default_value = "assist")]
        kind: String,
        /// Until it answers, or of a call until somebody is there: 30min, 3h, 2wh, 5wd or 10d
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<String>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Sign for a task (协办签收)
    AcknowledgeTask {
        /// Its number
        #[arg(long, value_name = "NUMBER")]
        task: u32,
    },
    /// Note that somebody is there (到场)
    NoteArrival {
        #[arg(long, value_name = "NUMBER")]
        task: u32,
    },
    /// Answer a task (协办办复)
    ReplyTask {
        #[arg(long, value_name = "NUMBER")]
        task: u32,
        /// What was done
        #[arg(long, value_name = "TEXT")]
        reply: String,
    },
    /// Say why a task cannot be done (不能协办)
    DeclineTask {
        #[arg(long, value_name = "NUMBER")]
        task: u32,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Rate whoever was called (评价)
    RateTask {
        #[arg(long, value_name = "NUMBER")]
        task: u32,
        /// 1 to 5
        #[arg(long)]
        rating: u32,
    },
    /// Take a task back (撤回协办)
    WithdrawTask {
        #[arg(long, value_name = "NUMBER")]
        task: u32,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Put it into a campaign (专项行动)
    TagCampaign {
        #[arg(value_name = "CODE")]
        campaign: String,
    },
    /// Take it out of its campaign
    UntagCampaign,
    /// Decide about what its source says otherwise
    #[serde(rename = "settle_discrepancy")]
    Settle {
        #[arg(value_parser = words(Discrepancy::ALL.iter().map(|it| it.as_str())))]
        discrepancy: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The source is right
        #[arg(long)]
        accept: bool,
    },
    /// Take it out of the accounts (作废)
    #[serde(rename = "void_clue")]
    Void {
        #[arg(long, value_name = "CODE")]
        reason: String,
    },
}

#[derive(Debug, Args, Serialize)]
pub(super) struct Resolution {
    #[arg(long, value_parser = words(Conclusion::ALL.iter().map(|it| it.as_str())))]
    conclusion: String,
    #[arg(long = "measure", value_parser = words(Measure::ALL.iter().map(|it| it.as_str())))]
    measures: Vec<String>,
    /// kind=uri, with #sha256 of its bytes if known; kind: before, after, near, far, reference, document
    #[arg(long = "evidence", value_parser = evidence, value_name = "KIND=URI")]
    evidence: Vec<Value>,
    /// The matter that it turned out to be
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    matter: Option<String>,
    #[arg(long, value_name = "TEXT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<String>,
    #[arg(long = "document", value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    document_number: Option<String>,
    /// Whether what was reported is true
    #[arg(long, value_name = "yes|no", value_parser = truth)]
    #[serde(skip_serializing_if = "Option::is_none")]
    substantiated: Option<bool>,
}

fn words(words: impl IntoIterator<Item = &'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

/// What can be given as the cause of a dispute; too many returns come up by themselves.
const CAUSES: [&str; 4] = [
    Cause::RefusedReturn.as_str(),
    Cause::Claims.as_str(),
    Cause::ByAgency.as_str(),
    Cause::ByCoordinator.as_str(),
];

fn party(text: &str) -> Result<Value, &'static str> {
    const FORM: &str = "write AGENCY, AGENCY=claims:DUTY or AGENCY=denies:DUTY";
    let Some((agency, said)) = text.split_once('=') else {
        return Ok(json!({"agency": text}));
    };
    let (position, duty) = said.split_once(':').ok_or(FORM)?;
    let position = Position::parse(position).ok_or(FORM)?;
    Ok(json!({"agency": agency, "position": position.as_str(), "duty": duty}))
}

fn truth(word: &str) -> Result<bool, &'static str> {
    match word {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("yes or no"),
    }
}

fn evidence(text: &str) -> Result<Value, String> {
    let kinds = || {
        EvidenceKind::ALL
            .iter()
            .map(|it| it.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (kind, rest) = text.split_once('=').ok_or("write kind=uri")?;
    if EvidenceKind::parse(kind).is_none() {
        return Err(format!("the kind is one of {}", kinds()));
    }
    let is_digest = |it: &str| it.len() == 64 && it.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(
        match rest.rsplit_once('#').filter(|(_, digest)| is_digest(digest)) {
            Some((uri, digest)) => json!({"kind": kind, "uri": uri, "digest": digest}),
            None => json!({"kind": kind, "uri": rest}),
        },
    )
}

#[cfg(test)]
mod tests {
    use bihuan_contracts::command::from_json;
    use bihuan_domain::id::ClueId;
    use clap::{Command, FromArgMatches as _};

    use super::*;

    fn read(line: &str) -> Value {
        let command = Action::augment_subcommands(Command::new("act"));
        let matches = command.try_get_matches_from(line.split(' ')).expect(line);
        serde_json::to_value(Action::from_arg_matches(&matches).expect(line)).expect("json")
    }

    #[test]
    fn every_action_is_a_command_that_http_would_take() {
        let clue = ClueId::derive(&"grid".parse().expect("valid"), "1");
        let digest = "ab".repeat(32);
        let lines = [
            "act admit",
            "act reject --reason litigation",
            "act correct --area 330602",
            "act assign --agency a --assisting b --assisting c",
            "act delegate --to b",
            "act acknowledge",
            "act request-return --reason x --duty y --propose z",
            "act approve-return",
            "act refuse-return",
            "act transfer --to b --basis c",
            "act start-handling",
            "act resume",
            "act pass-check",
            "act fail-check",
            "act suspend --reason material --approver p --until 2026-05-01T00:00:00Z",
            "act call-back --result not_done",
            "act close",
            "act reopen --reason again",
            "act void --reason test",
            "act ask-assistance --agency b --kind call --limit 30min --reason x",
            "act ask-assistance --agency b --reason x",
            "act acknowledge-task --task 1",
            "act note-arrival --task 1",
            "act reply-task --task 1 --reply done",
            "act decline-task --task 1 --reason x",
            "act rate-task --task 1 --rating 5",
            "act withdraw-task --task 1 --reason x",
            "act tag-campaign c-1",
            "act untag-campaign",
            "act raise-dispute --cause by_agency --party a=denies:d-7 --party b --reason x",
            &format!(
                "act resolve --conclusion rectified --measure education --evidence after=https://x/a#{digest} --substantiated no"
            ),
        ];
        for line in lines {
            from_json(clue, &read(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn a_fragment_that_is_no_digest_belongs_to_the_uri() {
        assert_eq!(
            evidence("after=s3://b/a#1"),
            Ok(json!({"kind": "after", "uri": "s3://b/a#1"}))
        );
        assert!(evidence("photo=s3://b/a").is_err() && evidence("after").is_err());
    }
}
