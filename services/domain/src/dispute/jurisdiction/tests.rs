use super::super::{Office, testing::office};
use super::*;
use crate::clue::testing::{CITY, COUNTY, COUNTY_WATER, NOWHERE, OTHER_COUNTY, TOWN, agency, area, rulebook};
use crate::lang::Lang;

const OFFICE: &str = "yuecheng-office";

fn county() -> Forum {
    Forum::County(area("330602"))
}

/// Parties, forum, who forces it, source.
type Row = (
    &'static [&'static str],
    &'static str,
    Option<&'static str>,
    &'static str,
);

const TABLE: &[Row] = &[
    (&[COUNTY, COUNTY_WATER], "county 330602", None, "汕头 2023 art. 5"),
    (
        &[TOWN, COUNTY],
        "county 330602",
        None,
        "浙江省综合行政执法条例 art. 17",
    ),
    (
        &[TOWN, TOWN],
        "county 330602",
        None,
        "浙江省综合行政执法条例 art. 17",
    ),
    (
        &[COUNTY, OTHER_COUNTY],
        "city",
        Some(OTHER_COUNTY),
        "汕头 2023 art. 5",
    ),
    (
        &[TOWN, COUNTY, OTHER_COUNTY],
        "city",
        Some(OTHER_COUNTY),
        "汕头 2023 art. 5",
    ),
    (&[COUNTY, CITY], "city", Some(CITY), "汕头 2023 art. 5"),
    (
        &[OTHER_COUNTY, CITY, COUNTY],
        "city",
        Some(CITY),
        "汕头 2023 art. 5",
    ),
    (&[COUNTY, NOWHERE], "city", Some(NOWHERE), "own default"),
    (&[COUNTY, "unheard of"], "city", Some("unheard of"), "own default"),
    (&[], "city", None, "own default"),
];

fn forced_by(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::TwoCounties { other: party, .. }
        | Reason::CityAgency { party }
        | Reason::Unplaced { party } => Some(party.as_str()),
        Reason::OneCounty | Reason::NoParty => None,
    }
}

fn of(rulebook: &Rulebook, parties: &[&str]) -> Jurisdiction {
    let parties: Vec<_> = parties.iter().copied().map(agency).collect();
    jurisdiction(rulebook, &parties)
}

#[test]
fn the_level_is_the_lowest_that_all_parties_share() {
    for (parties, forum, forced, source) in TABLE {
        let found = of(&rulebook(), parties);
        assert_eq!(found.forum.to_string(), *forum, "{parties:?} by {source}");
        assert_eq!(forced_by(&found.reason), *forced, "{parties:?} by {source}");
        assert_eq!(found.skipped, [], "{parties:?}");
    }
    let mut seated = rulebook();
    let seat = Some(area("330602"));
    seated
        .agencies
        .entry(agency(CITY))
        .and_modify(|it| it.area = seat);
    let found = of(&seated, &[COUNTY, CITY]);
    assert_eq!(found.forum, Forum::City, "the city's, wherever it sits");
    assert_eq!(of(&Rulebook::none(), &[COUNTY, TOWN]).forum, Forum::City);
}

#[test]
fn a_party_is_never_its_own_coordinator() {
    let with = |offices: &[Office]| {
        let mut book = rulebook();
        book.policy.disputes.coordinators = offices.to_vec();
        book
    };
    let here = office("county", Some("330602"), COUNTY);
    let there = office("county", Some("330603"), COUNTY);
    let city = office("city", None, COUNTY_WATER);
    let other = office("county", Some("330602"), OFFICE);
    let decides = Office {
        deciding: Some(agency(COUNTY)),
        ..other.clone()
    };
    let table: [(&[Office], _, usize); 6] = [
        (&[], county(), 0),
        (std::slice::from_ref(&other), county(), 0),
        (std::slice::from_ref(&there), county(), 0),
        (std::slice::from_ref(&here), Forum::City, 1),
        (std::slice::from_ref(&decides), Forum::City, 1),
        (&[here.clone(), city], Forum::CityGovernment, 2),
    ];
    for (offices, forum, skipped) in table {
        let found = of(&with(offices), &[COUNTY, COUNTY_WATER]);
        assert_eq!(found.forum, forum, "{offices:?}");
        assert_eq!(found.skipped.len(), skipped, "{offices:?}");
    }
    let top = [
        here,
        office("city", None, COUNTY_WATER),
        office("city_government", None, COUNTY),
    ];
    let found = of(&with(&top), &[COUNTY, COUNTY_WATER]);
    assert_eq!(found.forum, Forum::CityGovernment, "there is nobody above");
    assert_eq!(found.skipped.len(), 2);
}

#[test]
fn a_coordinator_that_the_policy_does_not_name_is_of_the_level_and_the_county() {
    let table = [
        (COUNTY, county(), true),
        (OTHER_COUNTY, county(), false),
        (TOWN, county(), false),
        (CITY, county(), false),
        (CITY, Forum::City, true),
        (CITY, Forum::CityGovernment, true),
        (COUNTY, Forum::City, false),
        (NOWHERE, Forum::City, false),
        ("unheard of", Forum::City, false),
    ];
    for (name, forum, is) in table {
        assert_eq!(
            is_seated(&rulebook(), &agency(name), &forum),
            is,
            "{name} {forum}"
        );
    }
    assert!(is_seated(&Rulebook::none(), &agency("anybody"), &Forum::City));
}

#[test]
fn why_is_said_in_both_languages() {
    let mut book = rulebook();
    book.policy.disputes.coordinators = vec![office("county", Some("330602"), COUNTY)];
    let words = |parties: &[&str], lang| of(&book, parties).words(lang, &book).join("\n");
    let town = words(&[TOWN, COUNTY_WATER], Lang::En);
    assert!(town.contains("330602") && town.contains(TOWN), "{town}");
    let skipped = words(&[TOWN, COUNTY], Lang::En);
    assert!(
        skipped.contains(COUNTY) && skipped.contains("the city's coordinator"),
        "{skipped}"
    );
    for (parties, ..) in TABLE {
        let (zh, en) = (words(parties, Lang::Zh), words(parties, Lang::En));
        assert!(zh.lines().all(|line| line.ends_with('。')), "{zh}");
        assert!(en.lines().all(|line| line.ends_with('.')), "{en}");
        for party in *parties {
            assert!(zh.contains(party) && en.contains(party), "{party}: {en}");
        }
    }
}
