use jiff::civil::date;

use super::super::{DutyRole, Explanation, Layer, Question, Rulebook, Verdict, explain};
use super::{TODAY, area, duty, matter, rulebook, valid, with_role};
use crate::lang::Lang;

fn why(rulebook: &Rulebook) -> Explanation {
    let (about, place) = (matter("m1"), area("330602001"));
    explain(
        rulebook,
        &Question {
            matter: Some(&about),
            area: Some(&place),
            reported_at: TODAY.at(10, 0, 0, 0),
            is_dated: true,
            severity: None,
            source: None,
            attributes: &[],
        },
    )
}

/// One row of every fate, the winner on line 2.
fn all_fates() -> Rulebook {
    let row = |matter, place, layer, holder| duty(matter, place, layer, holder);
    rulebook(vec![
        row("m1", "330602", Layer::County, "county"),
        row("#street", "330602001", Layer::County, "county-b"),
        row("m1", "3306", Layer::County, "city"),
        row("m1", "330602", Layer::City, "city"),
        row("m1", "330602", Layer::County, "county"),
        valid(
            Some(date(2026, 2, 1)),
            None,
            row("m1", "330602001", Layer::County, "city"),
        ),
        valid(
            None,
            Some(TODAY),
            row("m1", "330602001", Layer::Delegation, "tashan"),
        ),
        row("m1", "330603", Layer::County, "city"),
        row("m1", "330602", Layer::Delegation, "fushan"),
        row("m2", "330602", Layer::County, "city"),
        with_role(DutyRole::Penalty, row("*", "3306", Layer::City, "city")),
        with_role(DutyRole::Assisting, row("*", "3306", Layer::City, "fushan")),
    ])
}

#[test]
fn every_row_about_the_matter_is_accounted_for() {
    let explanation = why(&all_fates());
    assert_eq!(
        explanation
            .winner
            .as_ref()
            .map(|row| (row.line, row.verdict.clone())),
        Some((2, Verdict::Won))
    );
    let lost: Vec<_> = explanation
        .lost
        .iter()
        .map(|row| (row.line, row.verdict.clone()))
        .collect();
    assert_eq!(
        lost,
        [
            (3, Verdict::LessSpecificMatter),
            (4, Verdict::ShorterArea),
            (5, Verdict::LowerLayer),
            (6, Verdict::SameAgency),
            (
                7,
                Verdict::NotYetValid {
                    from: Some(date(2026, 2, 1))
                }
            ),
            (8, Verdict::Expired { to: Some(TODAY) }),
            (9, Verdict::OtherArea),
            (10, Verdict::NotCompetent),
        ]
    );
    assert_eq!(explanation.runner_up, Some(5));
    assert_eq!((explanation.penalty, explanation.assisting), (vec![12], vec![13]));
}

#[test]
fn words_name_the_row_and_why_the_others_lost() {
    let book = all_fates();
    let zh = why(&book).words(Lang::Zh, &book);
    assert_eq!(zh[0], "主办：county局 [county]。规则库 sample，版本 abc123。");
    assert_eq!(
        zh[1],
        "依据 duties.csv 第 2 行：事项 m1事项 [m1]，区域 越城区 [330602]，层级 county，有效期 不限；法定依据：样例。"
    );
    assert!(
        zh.contains(&"立案处罚：city局 [city]（第 12 行）。".to_owned()),
        "{zh:#?}"
    );
    assert!(
        zh.contains(&"次选：city局 [city]，第 5 行。".to_owned()),
        "{zh:#?}"
    );
    assert!(
        zh.contains(&"第 8 行（tashan局 [tashan]）未采用：自 2026-01-05 起失效。".to_owned()),
        "{zh:#?}"
    );
    let en = why(&book).words(Lang::En, &book);
    assert_eq!(zh.len(), en.len());
    assert!(
        en[1].starts_with("By duties.csv line 2: matter m1事项 [m1], area Yuecheng [330602], layer county")
    );
    assert!(
        en.iter()
            .any(|line| line.contains("Line 7 ") && line.contains("only from 2026-02-01"))
    );
    assert!(en.last().is_some_and(|line| line.ends_with("other areas: 1.")));
}

#[test]
fn a_tie_says_which_rows() {
    let row = |holder| duty("m1", "330602", Layer::County, holder);
    let book = rulebook(vec![
        row("county"),
        row("county-b"),
        duty("*", "3306", Layer::City, "city"),
    ]);
    let explanation = why(&book);
    assert_eq!((explanation.winner.as_ref(), explanation.runner_up), (None, None));
    let lost: Vec<_> = explanation.lost.iter().map(|row| row.verdict.clone()).collect();
    assert_eq!(lost, [Verdict::Tied, Verdict::Tied, Verdict::LessSpecificMatter]);
    let words = explanation.words(Lang::En, &book);
    assert!(
        words[0].starts_with("Manual triage: rows of equal rank name different agencies"),
        "{words:#?}"
    );
}

#[test]
fn without_a_matter_there_is_one_sentence() {
    let book = all_fates();
    let explanation = explain(
        &book,
        &Question {
            matter: None,
            area: None,
            reported_at: TODAY.at(10, 0, 0, 0),
            is_dated: true,
            severity: None,
            source: None,
            attributes: &[],
        },
    );
    assert_eq!(
        explanation.words(Lang::Zh, &book),
        ["转人工分派：线索没有事项。规则库 sample，版本 abc123。"]
    );
}
