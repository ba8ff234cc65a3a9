//! The laws of a year, on a small city.

use std::sync::LazyLock;

use bihuan_domain::dispute::Wait;

use crate::books::Books;
use crate::compare::compare;
use crate::life::Life;
use crate::measure::{MEASURES, Measures, closed_at, settled};
use crate::quarrel::City;
use crate::setting::Setting;
use crate::year::Year;

const CLUES: usize = 500;
const SEED: u64 = 3;

static CITY: LazyLock<City> = LazyLock::new(|| City::new(SEED));

/// A year in each setting.
static YEARS: LazyLock<Vec<Year<'_>>> = LazyLock::new(|| {
    let year = |setting| {
        let mut year = Year::new(&CITY, setting, CLUES).expect("the city's rulebook is right");
        year.run().expect("and stays so");
        year
    };
    Setting::ALL.into_iter().map(year).collect()
});

fn each(check: impl Fn(&Year<'_>, &Life)) {
    for year in YEARS.iter() {
        for life in &year.lives {
            check(year, life);
        }
    }
}

#[test]
fn every_clue_is_closed_or_has_one_holder_and_what_is_closed_is_not_in_dispute() {
    each(|year, life| {
        let setting = year.setting;
        let clue = life.clue.clue.as_ref().expect("reported");
        assert_ne!(
            clue.is_open(),
            closed_at(life).is_some(),
            "{setting:?}: {:?}",
            clue.stage
        );
        assert!(clue.holder().is_some() == clue.is_open());
        if closed_at(life).is_some() {
            assert!(
                clue.dispute.is_none() && life.open_dispute().is_none(),
                "{setting:?}"
            );
        }
        let id = life.dispute.as_ref().map(|(id, _)| *id);
        assert_eq!(
            clue.dispute, id,
            "{setting:?}: both say the same of the open dispute"
        );
    });
}

#[test]
fn what_is_counted_here_is_what_the_clue_counts() {
    each(|year, life| {
        let tally = life.clue.clue.as_ref().expect("reported").tally;
        assert_eq!(life.hands.overs(), tally.transfers, "{:?}", year.setting);
        assert_eq!(life.hands.returns(), tally.returns, "{:?}", year.setting);
    });
}

#[test]
fn the_sums_of_a_year_are_those_of_its_clues() {
    for year in YEARS.iter() {
        let it = Measures::of(year);
        let lives = || year.lives.iter();
        let sum = |what: fn(&Life) -> u32| lives().map(what).sum::<u32>();
        assert_eq!(it.clues as usize, CLUES);
        assert_eq!(it.hand_overs, sum(|life| life.hands.overs()));
        let clear = lives().filter(|life| !life.case.is_contested);
        let of_clear: u32 = clear.map(|life| life.hands.overs()).sum();
        assert_eq!(it.hand_overs, it.hand_overs_contested + of_clear);
        assert_eq!(it.open + sum(|life| closed_at(life).is_some().into()), it.clues);
        let all = &it.disputes;
        let ends = [
            all.by_negotiation,
            all.by_opinion,
            all.by_ruling,
            all.otherwise,
            all.open,
        ];
        assert_eq!(
            all.opened,
            ends.iter().sum::<u32>(),
            "each ended in one way or is open"
        );
        assert_eq!(all.opened, sum(|life| settled(life).len() as u32));
        assert_eq!(
            all.breaches,
            sum(|life| settled(life).iter().map(|it| it.breaches).sum())
        );
    }
}

#[test]
fn a_mechanism_that_is_on_means_fewer_hand_overs_of_what_is_contested() {
    let per_clue = |year: &Year<'_>| {
        let it = Measures::of(year);
        f64::from(it.hand_overs_contested) / f64::from(it.contested)
    };
    let found: Vec<_> = YEARS.iter().map(per_clue).collect();
    let [nothing, on @ ..] = found.as_slice() else {
        panic!("no settings")
    };
    assert!(on.iter().all(|it| it < nothing), "{found:?}");
}

#[test]
fn only_what_is_on_has_an_effect() {
    for year in YEARS.iter() {
        let (it, setting) = (Measures::of(year), year.setting);
        assert_eq!(it.disputes.opened > 0, setting.has_disputes(), "{setting:?}");
        assert_eq!(
            it.precedents > 0,
            matches!(setting, Setting::Precedents | Setting::Swift),
            "{setting:?}"
        );
        assert_eq!(
            it.by_precedent > 0,
            matches!(setting, Setting::Precedents | Setting::Swift),
            "{setting:?}"
        );
        if setting == Setting::Nothing {
            assert_eq!(it.returns_barred, 0);
        } else {
            assert!(it.returns_barred > 0, "{setting:?}");
        }
    }
}

#[test]
fn every_setting_is_a_policy_that_a_rulebook_expresses() {
    for setting in Setting::ALL {
        let book = Books::new(setting).expect("a rulebook").current();
        let policy = &book.rulebook().policy;
        assert_eq!(policy.returns.limit == 2, setting.has_disputes(), "{setting:?}");
        let Wait::For(window) = policy.disputes.limits.return_window else {
            panic!("at once")
        };
        assert_eq!(window.to_string() == "2wd", setting.has_window(), "{setting:?}");
        let is_short = policy.disputes.limits.negotiation.to_string() == "2wd";
        assert_eq!(is_short, setting == Setting::Swift);
    }
}

#[test]
fn the_same_clues_come_in_every_setting_and_a_year_repeats_itself() {
    let reported = |year: &Year<'_>| -> Vec<_> {
        let case = |life: &Life| {
            (
                life.id,
                life.reported_at,
                life.case.matter.clone(),
                life.case.area.clone(),
            )
        };
        year.lives.iter().map(case).collect()
    };
    assert!(YEARS.iter().all(|year| reported(year) == reported(&YEARS[0])));
    let compared = compare(CLUES, &[SEED, SEED + 1], |_, _| {}).expect("compared");
    for (outcome, year) in compared.settings.iter().zip(YEARS.iter()) {
        assert_eq!(outcome.years[0], Measures::of(year), "{:?}", outcome.setting);
        assert_ne!(outcome.years[0], outcome.years[1], "another seed is another year");
        for measure in &MEASURES {
            let Some(spread) = outcome.spread(measure) else {
                assert!(!outcome.setting.has_disputes(), "{measure:?}");
                continue;
            };
            assert!(
                spread.least <= spread.mean && spread.mean <= spread.most,
                "{measure:?}"
            );
        }
    }
    assert_eq!(
        serde_json::to_value(&compared).expect("JSON")["settings"][0]["setting"],
        "nothing"
    );
}
