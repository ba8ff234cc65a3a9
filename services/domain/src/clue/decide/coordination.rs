//! Which coordinator must settle whose duty a clue is, from who has been quarrelling over it.

use crate::code::{AgencyId, AreaCode, Level};
use crate::routing::Rulebook;

/// The county, if every party is of the same county (a town against a county agency included); else the city. A party that
/// cannot be placed counts as the city's: the higher coordinator can always hear both.
pub(super) fn level<'a>(rulebook: &Rulebook, parties: impl IntoIterator<Item = &'a AgencyId>) -> Level {
    let mut common = None;
    for party in parties {
        let county = county_of(rulebook, party);
        if county.is_none() || common.is_some_and(|common| county != Some(common)) {
            return Level::City;
        }
        common = county;
    }
    if common.is_some() {
        Level::County
    } else {
        Level::City
    }
}

/// The county that an agency belongs to; `None` for the city's own and for those that cannot be placed.
fn county_of<'a>(rulebook: &'a Rulebook, agency: &AgencyId) -> Option<&'a AreaCode> {
    let agency = rulebook
        .agencies
        .get(agency)
        .filter(|agency| agency.level != Some(Level::City))?;
    let area = agency.area.as_ref()?.as_str();
    let parents = (1..=area.len()).rev().filter_map(|end| area.get(..end));
    let known = parents.filter_map(|code| rulebook.areas.get(code));
    known
        .into_iter()
        .find(|area| area.level == Level::County)
        .map(|area| &area.code)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CITY, COUNTY, COUNTY_WATER, NOWHERE, OTHER_COUNTY, TOWN, agency, area, rulebook,
    };
    use super::*;

    #[test]
    fn the_level_is_the_lowest_that_all_parties_share() {
        let table: [(&[&str], _); 8] = [
            (&[COUNTY, COUNTY_WATER], Level::County),
            (&[TOWN, COUNTY], Level::County),
            (&[TOWN, TOWN], Level::County),
            (&[COUNTY, OTHER_COUNTY], Level::City),
            (&[TOWN, COUNTY, OTHER_COUNTY], Level::City),
            (&[COUNTY, CITY], Level::City),
            (&[COUNTY, NOWHERE], Level::City),
            (&[COUNTY, "unheard of"], Level::City),
        ];
        for (parties, expected) in table {
            let parties: Vec<_> = parties.iter().copied().map(agency).collect();
            assert_eq!(level(&rulebook(), &parties), expected, "{parties:?}");
        }
        let mut seated = rulebook();
        let seat = Some(area("330602"));
        seated
            .agencies
            .entry(agency(CITY))
            .and_modify(|it| it.area = seat);
        let parties = [agency(COUNTY), agency(CITY)];
        assert_eq!(
            level(&seated, &parties),
            Level::City,
            "the city's, wherever it sits"
        );
        assert_eq!(
            level(&Rulebook::none(), &[agency(COUNTY), agency(TOWN)]),
            Level::City
        );
    }
}
