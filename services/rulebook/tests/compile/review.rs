//! What a review finds in a usable rulebook, on a day.

use std::sync::Arc;

use bihuan_domain::routing::{CompiledRulebook, GapKind};
use bihuan_rulebook::{Finding, Review, compile, review};
use jiff::civil::{Date, date};

use crate::{TOML, sample};

const TODAY: Date = date(2026, 6, 1);
const HEAD: &str = "matter,area,role,agency,from,to,layer,when\n";
const AGENCIES: &str = "id,name,level,area\na,甲局,county,330602\nb,乙局,county,330602\nc,市局,city,3306\n\
    t,塔山街道办,town,330602001\n";

fn reviewed(duties: &str) -> (Vec<(&'static str, u32)>, Review) {
    let mut files = sample();
    files.remove("crosswalk.csv");
    files.remove("limits.csv");
    files.insert("agencies.csv", AGENCIES);
    files.insert("duties.csv", format!("{HEAD}{duties}"));
    let (rulebook, findings) = compile(&files);
    let rulebook = rulebook.unwrap_or_else(|| panic!("{findings:#?}"));
    let review = review(&CompiledRulebook::new(Arc::new(rulebook)), TODAY);
    let told = |finding: &Finding| {
        assert_eq!(finding.file, "duties.csv");
        let texts = [
            &finding.message_zh,
            &finding.message_en,
            &finding.advice_zh,
            &finding.advice_en,
        ];
        assert!(texts.iter().all(|text| !text.is_empty()), "{finding:?}");
        (finding.code, finding.line.expect("a line"))
    };
    (review.findings.iter().map(told).collect(), review)
}

#[test]
fn a_rulebook_in_which_every_row_decides_somewhere_is_left_alone() {
    let (findings, review) = reviewed(
        "*,3306,first_handler,c,,,city,\n010101,330602,first_handler,a,,,county,\n\
         010101,330602001,first_handler,t,,,delegation,\n010101,330602,first_handler,b,,,county,hour < 6\n",
    );
    assert_eq!(findings, []);
    assert_eq!((review.gaps.open, review.gaps.rows.len()), (0, 0));
    assert_eq!((review.gaps.matters, review.gaps.places), (3, 3));
}

#[test]
fn rows_whose_days_are_over_or_have_not_come() {
    let (findings, _) = reviewed(
        "*,3306,first_handler,c,,,city,\n010101,330602,first_handler,a,,2026-06-01,county,\n\
         010101,330602,first_handler,b,2026-06-02,,county,\n",
    );
    assert_eq!(findings, [("duty_expired", 3), ("duty_not_yet_valid", 4)]);
}

#[test]
fn a_row_that_a_stronger_one_hides_everywhere() {
    // the town's row and the county's leave nothing of the category's
    let (findings, review) = reviewed(
        "*,3306,first_handler,c,,,city,\n010101,330602,first_handler,a,,,county,\n\
         01,330602001,first_handler,b,,,county,\n010102,330602001,first_handler,a,,,county,\n",
    );
    assert_eq!(findings, [("duty_hidden", 4)]);
    let hidden = &review.findings[0];
    assert!(hidden.message_en.contains("line 3 (a)"), "{}", hidden.message_en);
    // on one day a week it decides
    let (findings, _) = reviewed(
        "*,3306,first_handler,c,,,city,\n01,330602001,first_handler,b,,,county,\n\
         010101,330602001,first_handler,a,2026-07-01,,county,\n010102,330602001,first_handler,a,,,county,\n",
    );
    assert_eq!(findings, [("duty_not_yet_valid", 4)]);
}

#[test]
fn the_other_roles_are_looked_at_too_and_a_weaker_row_is_never_blamed() {
    let (findings, _) = reviewed(
        "*,3306,first_handler,c,,,city,\n010101,330602,penalty,a,,,county,\n01,330602001,penalty,b,,,county,\n\
         010102,330602001,penalty,a,,,county,\n*,3306,penalty,c,,,city,\n",
    );
    assert_eq!(findings, [("duty_hidden", 4)]);
    // a delegation that never holds is no matter of stronger rows
    let (findings, _) =
        reviewed("*,3306,first_handler,c,,,city,\n010101,330602,first_handler,a,,,delegation,\n");
    assert_eq!(findings, []);
}

#[test]
fn predicates_that_leave_no_clue_out_leave_no_gap() {
    let (_, review) = reviewed(
        "010101,3306,first_handler,c,,,city,hour < 12\n010101,3306,first_handler,c,,,city,hour >= 12\n\
         010102,3306,first_handler,c,,,city,hour < 12\n020101,3306,first_handler,c,,,city,\n",
    );
    let open: Vec<_> = review.gaps.rows.iter().flat_map(|gap| &gap.matters).collect();
    assert_eq!(
        open.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["010102"]
    );
}

#[test]
fn agencies_outside_their_area_and_delegations_of_what_nobody_has() {
    let (findings, _) = reviewed(
        "010101,3306,first_handler,a,,,city,\n010102,330602001,first_handler,t,,,delegation,\n\
         020101,330602,first_handler,b,,,county,\n020101,330602001,first_handler,t,,,delegation,\n",
    );
    assert_eq!(
        findings,
        [("agency_outside_area", 2), ("delegation_unfounded", 3)]
    );
}

#[test]
fn gaps_are_counted_the_worst_first() {
    let (_, review) = reviewed(
        "010101,330602,first_handler,a,,,county,\n010102,3306,first_handler,c,,,city,\n\
         020101,330602001,first_handler,b,,,county,hour < 6\n",
    );
    let gaps = review.gaps;
    let told: Vec<_> = gaps
        .rows
        .iter()
        .map(|gap| {
            (
                gap.matters.len(),
                gap.places,
                gap.kind,
                gap.extents[0].area.to_string(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, 2, GapKind::Nobody, "3306".to_owned()),
            (1, 1, GapKind::Nobody, "3306".to_owned()),
            (1, 1, GapKind::OnlyConditional, "330602001".to_owned()),
        ]
    );
    assert_eq!(gaps.open, 4);
    assert!(
        gaps.rows[1].extents[0].alone,
        "only what was reported without a county"
    );
}

#[test]
fn a_ladder_whose_steps_cannot_be_told_apart_or_are_never_reached() {
    let compiled = |rungs: &str| {
        let mut files = sample();
        files.insert(
            "limits.csv",
            "matter,severity,source,area,step,limit\n*,,,,handle,5d\n",
        );
        files.insert("rulebook.toml", format!("{TOML}{rungs}"));
        compile(&files)
    };
    let told = |rungs: &str| {
        let (rulebook, findings) = compiled(rungs);
        let rulebook = rulebook.unwrap_or_else(|| panic!("{findings:#?}"));
        let found = review(&CompiledRulebook::new(Arc::new(rulebook)), TODAY).findings;
        let of_the_ladder = found.into_iter().filter(|it| it.file == "rulebook.toml");
        let named = of_the_ladder.map(|it| (it.code, it.value.unwrap_or_default()));
        named.collect::<Vec<_>>()
    };
    let rung = |name: &str, clock: &str| {
        format!(
            "[[policy.ladder.rungs]]\nrung = \"{name}\"\nkind = \"reminder\"\nclock = \"{clock}\"\nused = 100\n"
        )
    };
    assert_eq!(told(""), [], "the usual one");
    let good = [rung("soon", "handle"), rung("whole", "overall")].concat();
    assert_eq!(told(&good), []);
    let never = [rung("soon", "handle"), rung("signed", "acknowledge")].concat();
    assert_eq!(told(&never), [("rung_unreached", "signed".to_owned())]);
    let (rulebook, findings) = compiled(&[rung("soon", "handle"), rung("soon", "overall")].concat());
    let found: Vec<_> = findings.iter().map(|it| (it.code, it.value.as_deref())).collect();
    assert!(rulebook.is_none() && findings[0].is_error());
    assert_eq!(found, [("rung_repeated", Some("soon"))]);
}

#[test]
fn offices_are_known() {
    let compiled = |disputes: &str| {
        let mut files = sample();
        files.insert("rulebook.toml", format!("{TOML}{disputes}"));
        compile(&files)
    };
    let known = compiled("").0.expect("usable");
    let known = known.agencies.keys().next().expect("an agency");
    let office = |agency: &str| {
        format!(
            "[[policy.disputes.coordinators]]\nlevel = \"city\"\nagency = \"{known}\"\ndeciding = \"{agency}\"\n"
        )
    };
    assert!(compiled(&office(known.as_str())).0.is_some());
    let (rulebook, findings) = compiled(&office("nobody"));
    let found: Vec<_> = findings.iter().map(|it| (it.code, it.value.as_deref())).collect();
    assert!(rulebook.is_none() && findings[0].is_error());
    assert_eq!(found, [("office_unknown", Some("nobody"))]);
}
