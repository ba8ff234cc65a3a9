//! Whatever is learned is a rulebook, and decides as it was counted.

use std::collections::BTreeSet;

use bihuan_domain::clue::Attribute;
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, SourceId};
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::learn::{Among, LearnedRow, Learner, Options};
use bihuan_domain::routing::{
    Backtesting, Case, CompiledRulebook, Fact, First, Predicate, Rulebook, Schema, Subject,
};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::learned::{self, Finished, Proposal};
use bihuan_rulebook::{Files, compile};
use proptest::prelude::*;

use crate::{DUTIES, sample};

const DECLARED: &str = "[attributes]\n\
    floors = { type = \"integer\" }\nnight = { type = \"boolean\" }\n\
    place_kind = { type = \"text\", values = [\"street\", \"home\"] }\n";

/// The sample with attributes declared; without duties of its own, or with them.
fn base(duties: &str) -> Files {
    let mut files = sample();
    let manifest = String::from_utf8_lossy(files.get("rulebook.toml").expect("a manifest")).into_owned();
    files.insert("rulebook.toml", manifest + DECLARED);
    let areas = String::from_utf8_lossy(files.get("areas.csv").expect("areas")).into_owned();
    files.insert("areas.csv", areas + "330603,柯桥区,,county\n");
    files.insert("duties.csv", duties);
    files
}

fn usable(files: &Files) -> Rulebook {
    let (rulebook, findings) = compile(files);
    let errors: Vec<_> = findings.iter().filter(|it| it.is_error()).collect();
    rulebook.unwrap_or_else(|| panic!("{errors:#?}"))
}

fn propose(files: &Files, cases: &[Case]) -> Finished {
    let known = usable(files);
    let options = Options {
        min_support: 2,
        min_share: 90.0,
        can_name: learned::can_name,
    };
    let mut learner = Learner::new(&known, options);
    loop {
        for case in cases {
            learner.add(case);
        }
        if !learner.end_pass() {
            break;
        }
    }
    let mut proposal = Proposal::new(files, &known, learner.finish(), options).expect("a rulebook");
    loop {
        for case in cases {
            proposal.add(case);
        }
        if !proposal.end_pass().expect("a rulebook") {
            break;
        }
    }
    let basis = |row: &LearnedRow| format!("{} clues, \"so\"", row.support);
    proposal.finish(basis).expect("a rulebook")
}

/// What a clue is made of: matter, area, attributes, and who had it.
type Made = (usize, usize, [usize; 4], usize);

const MATTERS: [&str; 4] = ["010101", "020101", "a, \"new\" one", "占道'经营"];
const AREAS: [&str; 5] = ["3306", "330602", "330602001", "330602002", "330603"];
const AGENCIES: [&str; 4] = ["a", "t", "n, new", "其他\"局\""];
/// What clues say; an empty value: nothing.
const SAID: [(&str, [&str; 5]); 4] = [
    ("kind", ["", "it's", "back\\slash", "a, \"b\"", "new\nline"]),
    ("floors", ["", "1", " 2", "3", "03"]),
    ("night", ["", "1", "true", "false", "0"]),
    ("place_kind", ["", "street", "home", "street", "home"]),
];

/// Who had a clue follows from what it says, with exceptions: else nothing could be learned.
fn made() -> impl Strategy<Value = (Vec<Made>, usize)> {
    let one = (
        0..4_usize,
        0..5_usize,
        [0..5_usize, 0..5, 0..5, 0..5],
        0..40_usize,
    );
    (proptest::collection::vec(one, 1..150), 0..6_usize)
}

fn cases((made, rule): &(Vec<Made>, usize)) -> Vec<Case> {
    let cases = made.iter().enumerate().map(|(at, (matter, area, said, noise))| {
        let holder = match noise {
            0..4 => *noise,
            _ if *rule == 4 => area % 4,
            _ if *rule == 5 => said[1] % 2,
            _ => said[*rule] % 4,
        };
        let source = SourceId::new(["grid", "hotline"][said[1] % 2]).expect("a source");
        let said = SAID.iter().zip(said).map(|((name, values), at)| Attribute {
            name: (*name).to_owned(),
            value: values[*at].to_owned(),
        });
        let word = MATTERS[*matter];
        let known = word.starts_with('0');
        Case {
            clue: ClueId::derive(&source, &at.to_string()),
            number: at.to_string(),
            subject: Subject {
                source,
                reported_at: Timestamp::from_micros(1_770_000_000_000_000),
                is_dated: true,
                matter: MatterCode::new(word).ok().filter(|_| known),
                area: AreaCode::new(AREAS[*area]).ok(),
                severity: None,
                attributes: said.filter(|it| !it.value.is_empty()).collect(),
            },
            source_matter: Some(word.to_owned()).filter(|_| !known),
            source_area: None,
            first: First::Triage,
            right: AgencyId::new(AGENCIES[holder]).ok(),
            recorded: None,
            moves: 0,
        }
    });
    cases.collect()
}

fn right(rulebook: &CompiledRulebook, cases: &[Case]) -> u64 {
    let mut routing = Backtesting::new(rulebook);
    for case in cases {
        routing.add(case);
    }
    routing.finish().right_after
}

proptest! {
    #[test]
    fn what_is_learned_compiles_and_decides_as_it_was_counted(made in made()) {
        let cases = cases(&made);
        let header = DUTIES.lines().next().expect("a header").to_owned() + "\n";
        let base = base(&header);
        let settled = propose(&base, &cases);
        let caused = settled.findings.iter().filter(|it| it.file == "duties.csv").collect::<Vec<_>>();
        prop_assert!(caused.is_empty(), "{caused:#?}");
        let rulebook = settled.rulebook.rulebook();
        let lines: Vec<_> = rulebook.duties.iter().map(|it| (it.line, it.agency.clone())).collect();
        let expected = (2..).zip(settled.learned.rows.iter().map(|row| row.agency.clone()));
        prop_assert_eq!(lines, expected.collect::<Vec<_>>());
        prop_assert_eq!(right(&settled.rulebook, &cases), settled.learned.right);
    }

    /// What the base says stays where the records do not contradict it, and what is counted is what is decided.
    #[test]
    fn what_is_learned_stands_beside_what_was_known(made in made()) {
        let cases = cases(&made);
        let base = base(&(DUTIES.to_owned() + "010101,330603,penalty,a,,,,,\n010101,330603,,a,,,,,night\n"));
        let settled = propose(&base, &cases);
        let duties = &settled.rulebook.rulebook().duties;
        let kept = duties.len() - settled.learned.rows.len() + settled.learned.contradicted.len();
        prop_assert_eq!(kept, usable(&base).duties.len());
        prop_assert_eq!(duties.iter().filter(|it| it.role.as_str() == "penalty").count(), 1);
        prop_assert_eq!(right(&settled.rulebook, &cases), settled.learned.right);
    }

    /// Whatever a value holds, the predicate means it and nothing else.
    #[test]
    fn values_are_written_so_that_they_are_read_again(
        values in proptest::collection::btree_set("[^\\p{Cc}]{0,12}", 1..5),
        missing in any::<bool>(),
        negated in any::<bool>(),
    ) {
        let among = Among {
            fact: Fact::Attribute("kind".to_owned()),
            values: values.clone(),
            missing,
            negated,
        };
        let when = learned::when(&among, &Schema::new());
        let cell = format!("\"{}\"", when.replace('"', "\"\""));
        let mut files = base(&format!("matter,area,agency,when\n010101,3306,a,{cell}\n"));
        let manifest = String::from_utf8_lossy(files.get("rulebook.toml").expect("a manifest")).into_owned();
        files.insert("rulebook.toml", manifest + "[attributes.kind]\ntype = \"text\"\n");
        let rulebook = usable(&files);
        let read = &rulebook.duties[0].when.as_ref().expect("a predicate").predicate;
        prop_assert_eq!(texts(read), values);
    }
}

/// The constants of a predicate.
fn texts(predicate: &Predicate) -> BTreeSet<String> {
    use bihuan_domain::routing::{Literal, Operand};
    let text = |literal: &Literal| match literal {
        Literal::Text(text) => Some(text.clone()),
        _ => None,
    };
    match predicate {
        Predicate::Not(inner) => texts(inner),
        Predicate::And(left, right) | Predicate::Or(left, right) => &texts(left) | &texts(right),
        Predicate::In { among, .. } => among.iter().filter_map(text).collect(),
        Predicate::Compare {
            right: Operand::Literal(literal),
            ..
        } => text(literal).into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn a_predicate_says_what_it_does_where_a_clue_says_nothing() {
    let among = |values: &[&str], missing, negated| Among {
        fact: Fact::Attribute("kind".to_owned()),
        values: values.iter().map(|it| (*it).to_owned()).collect(),
        missing,
        negated,
    };
    let when = |it: &Among| learned::when(it, &Schema::new());
    for (it, expected) in [
        (among(&["x"], false, false), "has(attributes.kind) && kind == 'x'"),
        (
            among(&["x", "y'"], false, true),
            "!(has(attributes.kind) && kind in ['x', 'y\\''])",
        ),
        (among(&[], true, false), "!has(attributes.kind)"),
        (among(&["x"], true, false), "!has(attributes.kind) || kind == 'x'"),
    ] {
        assert_eq!(when(&it), expected);
    }
    let of_source = Among {
        fact: Fact::Source,
        ..among(&["grid"], false, false)
    };
    assert_eq!(when(&of_source), "source == 'grid'");
}

#[test]
fn only_names_that_a_predicate_can_read_are_learned_from() {
    for name in ["kind", "place_kind", "_x9"] {
        assert!(learned::can_name(name), "{name}");
    }
    for name in ["类别", "in", "hour", "attributes", "a b", "x-y", "9", "", "true"] {
        assert!(!learned::can_name(name), "{name}");
    }
}
