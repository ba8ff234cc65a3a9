//! What the clues are about: most are clearly somebody's, some matters are contested wherever they come up. Both parties deny them.

use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, ParseError};

use crate::draws::{About, Draws};
use crate::habit::Habit;
use crate::place::{BUREAUS, CITY, COUNTIES, MATTERS, TOWNS, UNCOVERED, bureau, county, matter, town};

/// So many of the clues are contested.
const CONTESTED: f64 = 0.15;
/// Contested matters of a county that a row of the duties covers; as many as categories have one of.
const OVERLAPS: usize = 4;

/// A matter that two quarrel about in a county.
struct Quarrel {
    matter: String,
    one: usize,
    other: Other,
    /// The other one has the duty: that is what whoever decides finds.
    other_is_right: bool,
}

/// Against whom the bureau of the county stands.
#[derive(Clone, Copy)]
enum Other {
    Bureau(usize),
    /// The government of the town where it is.
    Town,
    CityBureau(usize),
}

/// The people of a city and what they quarrel about; the same in every setting.
pub(crate) struct City {
    pub(crate) draws: Draws,
    /// By county.
    quarrels: Vec<Vec<Quarrel>>,
}

/// A clue and what is true of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) matter: MatterCode,
    pub(crate) area: AreaCode,
    pub(crate) is_contested: bool,
    /// Who has the duty.
    pub(crate) right: AgencyId,
    /// Whom the right one would send it to.
    pub(crate) wrong: AgencyId,
}

impl City {
    pub(crate) fn new(seed: u64) -> Self {
        let draws = Draws(seed);
        let quarrels = (0..COUNTIES).map(|county| contested(draws, county)).collect();
        Self { draws, quarrels }
    }

    pub(crate) fn habit(&self, agency: &AgencyId) -> &'static Habit {
        let bytes = agency.as_str().bytes();
        let number = bytes.fold(0_usize, |sum, byte| {
            sum.wrapping_mul(131).wrapping_add(byte.into())
        });
        Habit::of(self.draws, number)
    }

    /// The clue with this number.
    pub(crate) fn case(&self, number: usize) -> Result<Case, ParseError> {
        let draw = |about| self.draws.of(number, about, 0);
        let place = draw(About::Place).below(COUNTIES * TOWNS);
        let (county_number, town_number) = (place / TOWNS, place % TOWNS);
        let quarrels = &self.quarrels[county_number];
        let area = town(county_number, town_number);
        let which = draw(About::Which);
        if draw(About::IsContested).happens(CONTESTED) {
            // some come up far more often than others
            let quarrel = &quarrels[which.skewed(0.0, quarrels.len() as f64) as usize];
            let parties = quarrel.parties(&county(county_number), &area);
            let [one, other] = [AgencyId::new(&parties[0])?, AgencyId::new(&parties[1])?];
            let (right, wrong) = if quarrel.other_is_right {
                (other, one)
            } else {
                (one, other)
            };
            return Ok(Case {
                matter: MatterCode::new(&quarrel.matter)?,
                area: AreaCode::new(&area)?,
                is_contested: true,
                right,
                wrong,
            });
        }
        let mut clear = which.below(BUREAUS * MATTERS);
        let code = |it: usize| matter(it / MATTERS, it % MATTERS);
        while quarrels.iter().any(|it| it.matter == code(clear)) {
            clear = (clear + 1) % (BUREAUS * MATTERS);
        }
        let own = clear / MATTERS;
        let foreign = (own + 1 + draw(About::Stranger).below(BUREAUS - 1)) % BUREAUS;
        let of_county = |number| AgencyId::new(&bureau(&county(county_number), number));
        Ok(Case {
            matter: MatterCode::new(&code(clear))?,
            area: AreaCode::new(&area)?,
            is_contested: false,
            right: of_county(own)?,
            wrong: of_county(foreign)?,
        })
    }
}

impl Quarrel {
    /// Whom the duties name, if they name anybody, comes first.
    fn parties(&self, county: &str, town: &str) -> [String; 2] {
        let other = match self.other {
            Other::Bureau(number) => bureau(county, number),
            Other::Town => town.to_owned(),
            Other::CityBureau(number) => bureau(CITY, number),
        };
        [bureau(county, self.one), other]
    }
}

/// One matter of each second category, and those that no category covers.
fn contested(draws: Draws, county: usize) -> Vec<Quarrel> {
    (0..OVERLAPS + UNCOVERED)
        .map(|place| {
            let draw = |about| draws.of(county * 100 + place, about, 0);
            let is_overlap = place < OVERLAPS;
            let (category, number) = if is_overlap {
                (
                    place * BUREAUS / OVERLAPS,
                    draw(About::QuarrelMatter).below(MATTERS),
                )
            } else {
                (BUREAUS, place - OVERLAPS)
            };
            let one = if is_overlap {
                category
            } else {
                draw(About::QuarrelMatter).below(BUREAUS)
            };
            let against = draw(About::QuarrelParty).below(BUREAUS - 1);
            let another = (one + 1 + against) % BUREAUS;
            let kind = draw(About::QuarrelKind).share();
            Quarrel {
                matter: matter(category, number),
                one,
                other: match kind {
                    _ if kind < 0.6 => Other::Bureau(another),
                    _ if kind < 0.9 => Other::Town,
                    _ => Other::CityBureau(another),
                },
                other_is_right: draw(About::QuarrelRight).happens(0.5),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_contested_clues_is_as_assumed_and_nobody_quarrels_with_itself() {
        let city = City::new(1);
        let cases: Vec<_> = (0..4_000).map(|it| city.case(it).expect("a case")).collect();
        let contested = cases.iter().filter(|it| it.is_contested).count();
        assert!((500..700).contains(&contested), "{contested}");
        assert!(cases.iter().all(|it| it.right != it.wrong));
        let right_of = |case: &Case| (case.matter.clone(), case.area.clone());
        for case in cases.iter().filter(|it| it.is_contested).take(50) {
            let same = cases
                .iter()
                .filter(|it| it.is_contested && right_of(it) == right_of(case));
            assert!(
                same.clone().all(|it| it.right == case.right),
                "one quarrel has one answer"
            );
            let clear = cases.iter().filter(|it| !it.is_contested);
            let county = &case.area.as_str()[..6];
            let mut there = clear.filter(|it| it.area.as_str().starts_with(county));
            assert!(
                there.all(|it| it.matter != case.matter),
                "what is contested is so always"
            );
        }
    }
}
