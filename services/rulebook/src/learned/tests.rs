//! What becomes of the rows of a base when duties are learned from records of it.

use bihuan_domain::clue::Attribute;
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, SourceId};
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::learn::{Learner, Options, Unsure};
use bihuan_domain::routing::{Case, First, Subject};
use bihuan_domain::time::Timestamp;

use super::*;
use crate::{Severity, compile};

const HEADER: &str = "matter,area,role,agency,from,to,layer,basis,when\n";

/// A city of two counties and a town, and duties about the matter `m`.
fn base(duties: &[&str]) -> Files {
    let mut files = Files::default();
    let manifest = "label = \"t\"\ntime_zone = \"Asia/Shanghai\"\n[attributes]\nkind = { type = \"text\" }\n";
    files.insert("rulebook.toml", manifest);
    let areas =
        "code,name,level\n3306,绍兴,city\n330602,越城,county\n330603,柯桥,county\n330602001,府山,town\n";
    files.insert("areas.csv", areas);
    let agencies = "id,name,level,area\na,甲,,\nb,乙,,\nc,丙,,\nt,府山街道,town,330602001\n";
    files.insert("agencies.csv", agencies);
    files.insert("matters.csv", "code,name\nm,事项\n");
    let duties: Vec<_> = duties.iter().map(|it| format!("{it}\n")).collect();
    files.insert("duties.csv", HEADER.to_owned() + &duties.concat());
    files
}

/// So many clues of a day in 2026, at the place, of the kind, that the agency had.
fn clues(kinds: &[(usize, &str, &str, &str)]) -> Vec<Case> {
    let mut all = Vec::new();
    for (count, place, kind, agency) in kinds {
        for _ in 0..*count {
            let source = SourceId::new("s").expect("a source");
            let number = format!("{:04}", all.len());
            all.push(Case {
                clue: ClueId::derive(&source, &number),
                number,
                subject: Subject {
                    source,
                    reported_at: Timestamp::from_micros(1_775_000_000_000_000),
                    is_dated: true,
                    matter: Some(MatterCode::new("m").expect("a matter")),
                    area: Some(AreaCode::new(place).expect("an area")),
                    severity: None,
                    attributes: vec![Attribute {
                        name: "kind".to_owned(),
                        value: (*kind).to_owned(),
                    }],
                },
                source_matter: None,
                source_area: None,
                first: First::Triage,
                right: None,
                recorded: Some(AgencyId::new(agency).expect("an agency")),
                moves: 0,
            });
        }
    }
    all
}

fn propose(files: &Files, cases: &[Case]) -> Finished {
    let (base, findings) = compile(files);
    let base = base.unwrap_or_else(|| panic!("{findings:?}"));
    let options = Options {
        min_support: 2,
        min_share: 90.0,
        can_name,
    };
    let mut learner = Learner::new(&base, options);
    loop {
        for case in cases {
            learner.add(case);
        }
        if !learner.end_pass() {
            break;
        }
    }
    let mut proposal = Proposal::new(files, &base, learner.finish(), options).expect("a rulebook");
    loop {
        for case in cases {
            proposal.add(case);
        }
        if !proposal.end_pass().expect("a rulebook") {
            break;
        }
    }
    let settled = proposal.finish(|_| "learned".to_owned()).expect("a rulebook");
    let bad = settled.findings.iter().filter(|it| it.severity != Severity::Note);
    assert_eq!(bad.collect::<Vec<_>>(), Vec::<&crate::Finding>::new());
    settled
}

/// The rows of the proposal.
fn rows(settled: &Finished) -> Vec<String> {
    let duties = settled.files.get("duties.csv").expect("duties");
    let duties = String::from_utf8_lossy(duties).into_owned();
    duties.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn rows_of_the_base_of_which_the_records_say_nothing_or_the_same_stay() {
    let duties = [
        "m,3306,first_handler,a,2020-01-01,,city,§ 1,",
        // no clue lies there
        "m,330603,first_handler,b,,,county,§ 2,",
        "m,330602001,first_handler,t,2021-01-01,,delegation,§ 3,",
        // not yet valid
        "m,330602,first_handler,c,2030-01-01,,county,§ 4,",
        // no clue of the kind
        "m,330602,first_handler,b,,,county,§ 5,has(attributes.kind) && kind == 'y'",
        "m,3306,penalty,c,,,city,§ 6,",
    ];
    let settled = propose(&base(&duties), &clues(&[(10, "330602", "x", "a")]));
    assert_eq!(rows(&settled), duties);
    assert_eq!((settled.learned.right, settled.learned.decided), (10, 0));
    assert_eq!(settled.learned.contradicted.len(), 0);
}

#[test]
fn a_row_of_the_base_that_its_own_clues_contradict_goes_and_is_named() {
    let duties = [
        "m,330602,first_handler,b,2020-01-01,,county,§ 1,",
        // hidden by the one above
        "m,330602,first_handler,c,,,province,§ 2,",
    ];
    let settled = propose(&base(&duties), &clues(&[(10, "330602", "x", "a")]));
    assert_eq!(rows(&settled), ["m,3306,first_handler,a,,,city,learned,"]);
    let contradicted = Unsure::Contradicted {
        line: 2,
        matter: MatterCode::new("m").expect("a matter"),
        area: AreaCode::new("330602").expect("an area"),
        agency: AgencyId::new("b").expect("an agency"),
        clues: 10,
        right: 0,
    };
    assert!(
        settled.learned.unsure.contains(&contradicted),
        "{:?}",
        settled.learned.unsure
    );
    assert_eq!(settled.learned.contradicted, BTreeSet::from([2, 3]));
    assert_eq!((settled.learned.right, settled.learned.decided), (10, 10));
    // one clue contradicts nothing
    let settled = propose(
        &base(&duties[..1]),
        &clues(&[(10, "330603", "x", "a"), (1, "330602", "x", "a")]),
    );
    assert_eq!(
        rows(&settled),
        ["m,3306,first_handler,a,,,city,learned,", duties[0]]
    );
    assert_eq!((settled.learned.right, settled.learned.decided), (10, 10));
}

#[test]
fn what_was_learned_holds_on_the_days_that_the_base_leaves_to_it() {
    let duties = [
        "m,3306,first_handler,c,2030-01-01,2031-01-01,city,§ 1,",
        "m,3306,first_handler,b,2019-01-01,2020-01-01,city,§ 2,",
    ];
    let settled = propose(&base(&duties), &clues(&[(10, "330602", "x", "a")]));
    let expected = [
        "m,3306,first_handler,a,2020-01-01,2030-01-01,city,learned,",
        "m,3306,first_handler,a,2031-01-01,,city,learned,",
        duties[0],
        duties[1],
    ];
    assert_eq!(rows(&settled), expected);
    assert_eq!(settled.learned.right, 10);
}

#[test]
fn what_an_attribute_tells_apart_is_so_also_where_the_base_names_an_agency_for_less() {
    let duties = ["m,330602,first_handler,a,2020-01-01,,county,§ 1,"];
    let cases = clues(&[
        (30, "330602", "day", "a"),
        (10, "330602", "night", "b"),
        (30, "330603", "day", "a"),
        (10, "330603", "night", "b"),
    ]);
    let settled = propose(&base(&duties), &cases);
    let night = "has(attributes.kind) && kind == 'night'";
    let expected = [
        "m,3306,first_handler,a,,,city,learned,".to_owned(),
        format!("m,3306,first_handler,b,,,city,learned,{night}"),
        format!("m,330602,first_handler,b,,,county,learned,{night}"),
        duties[0].to_owned(),
    ];
    assert_eq!(rows(&settled), expected);
    assert_eq!((settled.learned.right, settled.learned.learned_from), (80, 80));
    assert_eq!(settled.learned.right_by_matter, 60);
}

#[test]
fn a_predicate_of_the_base_that_clues_contradict_goes_and_one_that_they_confirm_stays() {
    let cases = clues(&[
        (30, "330602", "day", "a"),
        (10, "330602", "night", "b"),
        (10, "330602", "dawn", "b"),
    ]);
    let confirmed = [
        "m,3306,first_handler,a,,,city,§ 1,",
        "m,3306,first_handler,b,2020-01-01,,city,§ 2,\"has(attributes.kind) && kind in ['dawn', 'night']\"",
    ];
    assert_eq!(rows(&propose(&base(&confirmed), &cases)), confirmed);
    let contradicted = [
        confirmed[0],
        "m,3306,first_handler,c,,,city,§ 2,has(attributes.kind) && kind == 'night'",
    ];
    let settled = propose(&base(&contradicted), &cases);
    assert_eq!(settled.learned.contradicted, BTreeSet::from([3]));
    assert_eq!(settled.learned.right, 50);
    let learned =
        "m,3306,first_handler,b,,,city,learned,\"has(attributes.kind) && kind in ['dawn', 'night']\"";
    assert_eq!(rows(&settled), [learned, confirmed[0]]);
}
