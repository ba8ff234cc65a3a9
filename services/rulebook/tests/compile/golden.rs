//! Decisions of the Shaoxing sample that must never change, each with the rule it follows, in `golden.csv`.

use std::path::Path;
use std::sync::Arc;

use bihuan_domain::code::{AreaCode, MatterCode};
use bihuan_domain::routing::{Answer, CompiledRulebook, Question};
use bihuan_rulebook::{Files, compile};
use jiff::civil::Date;

/// What the sample has no case of: a team of the county that is stationed in a town, a delegation that was withdrawn, a tie between
/// two roles' rows that only predicates could part, a predicate.
const TEAM: &str = "330603003-zd,华舍中队（样例）,Huashe team (sample),county,330603003,,team\n";
const MORE: &str = "06005,330603003,first_handler,330603003-zd,2026-01-01,,county,,\n\
    06005,330603003,first_handler,330603003-zf,2026-01-01,2026-07-01,delegation,,\n\
    06006,330603003,first_handler,330603-ga,2026-01-01,,county,,weekday <= 5\n\
    06006,330603003,first_handler,330603-jj,2026-01-01,,county,,weekday <= 5 && month <= 12\n\
    06008,330603003,first_handler,330603-ga,2026-01-01,,county,,hour >= 22\n\
    06008,330603003,first_handler,330603-zhzf,2026-01-01,,county,,\n";

/// All of these were reported then.
const HOUR: i8 = 23;

fn sample() -> CompiledRulebook {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rulebooks/shaoxing");
    let mut files = Files::read_dir(&directory).expect("the sample");
    for (name, more) in [("agencies.csv", TEAM), ("duties.csv", MORE)] {
        let mut bytes = files.get(name).expect("a file").to_vec();
        bytes.extend_from_slice(more.as_bytes());
        files.insert(name, bytes);
    }
    let (rulebook, findings) = compile(&files);
    let rulebook = rulebook.unwrap_or_else(|| panic!("{findings:#?}"));
    CompiledRulebook::new(Arc::new(rulebook))
}

#[test]
fn the_shaoxing_sample_decides_as_its_rules_say() {
    let compiled = sample();
    let mut golden =
        csv::Reader::from_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile/golden.csv"))
            .expect("the golden decisions");
    let mut seen = 0;
    for row in golden.records() {
        let row = row.expect("a row");
        let (matter, area) = (MatterCode::new(&row[0]), AreaCode::new(&row[1]));
        let (matter, area) = (matter.expect("a matter"), area.expect("an area"));
        let on: Date = row[2].parse().expect("a date");
        let question = Question {
            matter: Some(&matter),
            area: Some(&area),
            reported_at: on.at(HOUR, 0, 0, 0),
            is_dated: true,
            severity: None,
            source: None,
            attributes: &[],
        };
        let answer = compiled.decide(&question);
        let said = match &answer {
            Answer::Assigned { assignment, row } => {
                let penalty = assignment.penalty.as_ref().map(ToString::to_string);
                [
                    assignment.agency.to_string(),
                    penalty.unwrap_or_default(),
                    row.to_string(),
                ]
            }
            Answer::Triage { reason } => [String::new(), String::new(), reason.as_str().to_owned()],
        };
        assert_eq!(
            said,
            [&row[3], &row[4], &row[5]],
            "{}: {}",
            row[0].to_owned(),
            &row[6]
        );
        // the same version, the same clue, the same date
        let again = sample();
        if seen == 0 {
            assert_eq!(again.rulebook().version, compiled.rulebook().version);
            assert_eq!(again.decide(&question), answer);
        }
        seen += 1;
    }
    assert_eq!(seen, 18);
}
