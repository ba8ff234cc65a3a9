//! The same years in every setting, with the spread over the seeds.

use serde::Serialize;

use crate::measure::{Measure, Measures};
use crate::quarrel::City;
use crate::setting::Setting;
use crate::year::Year;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub clues: usize,
    pub seeds: Vec<u64>,
    pub settings: Vec<Outcome>,
}

/// What came of a setting, by seed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    pub setting: Setting,
    pub years: Vec<Measures>,
}

/// The mean over the seeds, and the ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    pub mean: f64,
    pub least: f64,
    pub most: f64,
}

impl Outcome {
    /// `None`: no year has anything of which it could be said.
    pub fn spread(&self, measure: &Measure) -> Option<Spread> {
        let values: Vec<_> = self.years.iter().filter_map(|it| measure.of(it)).collect();
        (!values.is_empty()).then(|| Spread {
            mean: values.iter().sum::<f64>() / values.len() as f64,
            least: values.iter().copied().fold(f64::INFINITY, f64::min),
            most: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }

    /// The spread as a cell of a table.
    pub fn cell(&self, measure: &Measure) -> String {
        let spread = self.spread(measure);
        spread.map_or_else(|| "–".to_owned(), |it| it.text(measure.decimals))
    }
}

impl Spread {
    /// `12.3 (11.9–12.8)`; without the ends where they are the same.
    pub fn text(&self, decimals: usize) -> String {
        let number = |value: f64| format!("{value:.decimals$}");
        let (mean, least, most) = (number(self.mean), number(self.least), number(self.most));
        if least == most {
            mean
        } else {
            format!("{mean} ({least}–{most})")
        }
    }
}

/// A year of so many clues for each seed and setting; `progress` hears of each that is done. An error means that the city's own
/// rulebook is wrong.
pub fn compare(
    clues: usize,
    seeds: &[u64],
    mut progress: impl FnMut(Setting, u64),
) -> Result<Comparison, String> {
    let mut settings = Setting::ALL.map(|setting| Outcome {
        setting,
        years: Vec::new(),
    });
    for seed in seeds {
        let city = City::new(*seed);
        for outcome in &mut settings {
            let mut year = Year::new(&city, outcome.setting, clues)?;
            year.run()?;
            outcome.years.push(Measures::of(&year));
            progress(outcome.setting, *seed);
        }
    }
    Ok(Comparison {
        clues,
        seeds: seeds.to_vec(),
        settings: settings.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_shows_its_ends_where_they_differ() {
        let of = |mean, least, most| Spread { mean, least, most };
        assert_eq!(of(1.25, 1.0, 1.5).text(2), "1.25 (1.00–1.50)");
        assert_eq!(of(3.0, 3.0, 3.0).text(0), "3");
    }
}
