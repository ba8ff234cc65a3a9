//! Who may do what at which step, as a table written independently of the rules: every command is tried by every actor at every
//! step, and whatever the table does not allow must be refused.

use super::super::testing::{
    CITY_GOVERNMENT, COUNTY_GOVERNMENT, Case, OFFICE, appeal, apply, claim, meet, minutes, opine, position,
    refuse, reply, rule, service, sitting, take_up,
};
use super::super::{ClueEnd, Command, InterimRule, Position, Step};
use crate::clue::testing::{CITY, COUNTY, COUNTY_WATER, TOWN, agency, coordinator, of, role};
use crate::clue::{Actor, Role};

const BEFORE_RULING: &[&str] = &[
    "negotiation",
    "application",
    "acceptance",
    "forwarding",
    "replies",
    "opinion",
    "consent",
    "decision",
];
const EVER: &[&str] = &[
    "negotiation",
    "application",
    "acceptance",
    "forwarding",
    "replies",
    "opinion",
    "consent",
    "decision",
    "appeal_window",
    "taking_up",
    "breach",
    "compliance",
];
const PARTIES: &[&str] = &["applicant", "respondent"];

/// Command, steps, actors, rule, source.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    &'static str,
);

const ALLOWED: &[Row] = &[
    (
        "position",
        BEFORE_RULING,
        PARTIES,
        "a party speaks for itself, with the duty it relies on",
        "own default",
    ),
    (
        "minutes",
        &["negotiation"],
        &["applicant", "respondent", "office"],
        "negotiation comes first, with minutes",
        "住房和城乡建设部令 55 art. 6",
    ),
    (
        "agreement",
        &["negotiation"],
        &["respondent", "office"],
        "nobody is agreed on behind its back",
        "own default",
    ),
    (
        "apply",
        &["application"],
        PARTIES,
        "a party applies once negotiation failed",
        "平顶山、汕头、北京某区",
    ),
    (
        "accept",
        &["acceptance"],
        &["office"],
        "the coordinator accepts within 3 working days",
        "平顶山、汕头、北京某区",
    ),
    (
        "refuse",
        &["acceptance"],
        &["office"],
        "what is excluded is not accepted",
        "平顶山、汕头、北京某区",
    ),
    (
        "forward",
        &["forwarding"],
        &["office"],
        "the others get the application",
        "own default",
    ),
    (
        "reply",
        &["replies"],
        &["respondent"],
        "those who did not apply answer",
        "平顶山 art. 10",
    ),
    (
        "meet",
        &["opinion"],
        &["office"],
        "a joint meeting is recorded",
        "平顶山 art. 11",
    ),
    (
        "opine",
        &["opinion"],
        &["office"],
        "an opinion is given whether or not the parties agree",
        "own default",
    ),
    (
        "accept opinion",
        &["consent"],
        PARTIES,
        "each party answers the opinion",
        "own default",
    ),
    (
        "decline opinion",
        &["consent"],
        PARTIES,
        "each party answers the opinion",
        "own default",
    ),
    (
        "rule",
        &["decision"],
        &["government"],
        "the government of the level decides",
        "浙江省综合行政执法条例 art. 17",
    ),
    (
        "appeal",
        &["appeal_window"],
        PARTIES,
        "a ruling is reviewed once, by the next level",
        "own default",
    ),
    (
        "withdraw",
        BEFORE_RULING,
        PARTIES,
        "who applied, or all together",
        "own default",
    ),
    (
        "add party",
        BEFORE_RULING,
        &["office", "bihuan"],
        "whoever is concerned is heard",
        "own default",
    ),
    (
        "name lead",
        BEFORE_RULING,
        &["office"],
        "the coordinator names who leads meanwhile",
        "平顶山 art. 13",
    ),
    (
        "take up",
        &["appeal_window", "taking_up", "breach"],
        &["respondent", "bihuan"],
        "the designated agency carries the ruling out",
        "潍坊、济南 12345 art. 22",
    ),
    (
        "clue ended",
        EVER,
        &["bihuan"],
        "no dispute without a clue",
        "own default",
    ),
];

pub(super) fn actors() -> [(&'static str, Actor); 12] {
    [
        ("applicant", of(COUNTY)),
        ("respondent", of(TOWN)),
        ("stranger", of(COUNTY_WATER)),
        ("office", sitting(OFFICE)),
        ("government", sitting(COUNTY_GOVERNMENT)),
        ("city", sitting(CITY)),
        ("city government", sitting(CITY_GOVERNMENT)),
        ("party as coordinator", sitting(COUNTY)),
        ("coordinator of nowhere", coordinator()),
        ("bihuan", service()),
        ("source", role(Role::Source)),
        ("checker", role(Role::Checker)),
    ]
}

pub(super) fn commands() -> [(&'static str, Command); 19] {
    [
        ("position", position(Position::Denies)),
        ("minutes", minutes(None)),
        ("agreement", minutes(Some(TOWN))),
        ("apply", apply()),
        ("accept", Command::AcceptApplication),
        ("refuse", refuse()),
        ("forward", Command::ForwardApplication),
        ("reply", reply()),
        ("meet", meet()),
        ("opine", opine(TOWN)),
        ("accept opinion", Command::AcceptOpinion),
        ("decline opinion", Command::DeclineOpinion),
        ("rule", rule(TOWN)),
        ("appeal", appeal()),
        ("withdraw", Command::WithdrawDispute),
        ("add party", Command::AddParty(claim(COUNTY_WATER))),
        ("name lead", Command::NameLead { agency: agency(TOWN) }),
        ("take up", take_up(TOWN)),
        ("clue ended", Command::NoteClueEnded { how: ClueEnd::Voided }),
    ]
}

#[test]
fn only_what_the_table_allows_is_done() {
    let mut tried = 0;
    for step in Step::ALL {
        let case = Case::new()
            .with(|policy| policy.interim_holder = InterimRule::DesignatedLead)
            .brought_to(*step);
        for (who, actor) in actors() {
            for (what, command) in commands() {
                let mut case = case.clone();
                let row = ALLOWED.iter().find(|row| row.0 == what).expect("a row");
                let is_allowed = row.1.contains(&step.as_str()) && row.2.contains(&who);
                let before = case.dispute().clone();
                let code = case.refusal(actor.clone(), command);
                let (rule, source) = (row.3, row.4);
                assert_eq!(
                    code.is_empty(),
                    is_allowed,
                    "{what} by {who} at {step}: {code} ({rule}; {source})"
                );
                if !is_allowed {
                    assert_eq!(*case.dispute(), before, "{what} by {who} at {step}");
                }
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 12 * 12 * 19);
}

#[test]
fn every_row_is_used_and_says_where_it_is_from() {
    let known: Vec<_> = commands().into_iter().map(|(name, _)| name).collect();
    let people: Vec<_> = actors().into_iter().map(|(name, _)| name).collect();
    assert_eq!(ALLOWED.len(), known.len());
    for (what, steps, who, rule, source) in ALLOWED {
        assert!(
            known.contains(what) && !rule.is_empty() && !source.is_empty(),
            "{what}"
        );
        assert!(steps.iter().all(|step| Step::parse(step).is_some()), "{what}");
        assert!(who.iter().all(|who| people.contains(who)), "{what}");
    }
}

/// Why, of those before whom it is not, or who are no party.
#[test]
fn a_refusal_says_what_stands_in_the_way() {
    let table = [
        (
            Step::Acceptance,
            coordinator(),
            Command::AcceptApplication,
            "office_missing",
        ),
        (
            Step::Acceptance,
            sitting(COUNTY),
            Command::AcceptApplication,
            "own_coordinator",
        ),
        (
            Step::Acceptance,
            sitting(CITY),
            Command::AcceptApplication,
            "wrong_coordinator",
        ),
        (
            Step::Acceptance,
            of(TOWN),
            Command::AcceptApplication,
            "not_entitled",
        ),
        (Step::Decision, sitting(OFFICE), rule(TOWN), "not_deciding"),
        (Step::Decision, sitting(TOWN), rule(TOWN), "own_coordinator"),
        (Step::Negotiation, of(COUNTY), apply(), "minutes_missing"),
        (
            Step::Negotiation,
            of(COUNTY),
            minutes(Some(TOWN)),
            "agreed_behind_back",
        ),
        (
            Step::Negotiation,
            of(COUNTY),
            minutes(Some(COUNTY_WATER)),
            "named_not_party",
        ),
        (Step::Negotiation, of(COUNTY_WATER), apply(), "not_party"),
        (Step::Replies, of(COUNTY), reply(), "already_replied"),
        (Step::TakingUp, of(TOWN), appeal(), "no_appeal_left"),
        (Step::TakingUp, of(COUNTY), take_up(COUNTY), "not_responsible"),
        (Step::TakingUp, of(COUNTY), take_up(TOWN), "not_entitled"),
        (Step::Compliance, of(TOWN), take_up(TOWN), "already_taken_up"),
        (
            Step::Opinion,
            sitting(OFFICE),
            Command::AddParty(claim(TOWN)),
            "already_party",
        ),
        (
            Step::Opinion,
            sitting(OFFICE),
            Command::NameLead { agency: agency(TOWN) },
            "lead_not_used",
        ),
        (
            Step::Opinion,
            sitting(OFFICE),
            opine(COUNTY_WATER),
            "named_not_party",
        ),
    ];
    for (step, actor, command, code) in table {
        let name = command.name();
        assert_eq!(Case::at(step).refusal(actor, command), code, "{name} at {step}");
    }
    let mut case = Case::at(Step::Opinion);
    let outcome = case.when(of(TOWN), reply());
    assert_eq!(
        outcome.rejection().and_then(|it| it.step.as_deref()),
        Some("opinion")
    );
}
