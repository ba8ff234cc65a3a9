//! A simulated city's year with the mechanism against bouncing on and off: what it does to hand-overs and to days until closing.

use bihuan_city::{Comparison, MEASURES, compare};
use bihuan_domain::lang::Lang;
use clap::Args;

use crate::cli::Common;
use crate::failure::Failure;
use crate::output::{self, Grid};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Clues of a year
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    clues: u32,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Years, each with the next seed: the spread is that over them
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    years: u64,
}

impl Options {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let lang = common.lang();
        let seeds: Vec<_> = (0..self.years).map(|it| self.seed.wrapping_add(it)).collect();
        let compared = compare(self.clues as usize, &seeds, |setting, seed| {
            eprintln!("{} · seed {seed} …", setting.words(lang));
        });
        let compared = compared.map_err(|error| {
            let zh = format!("模拟城市的规则库有错误：{error}");
            Failure::usage(
                zh,
                format!("the rulebook of the simulated city is wrong: {error}"),
            )
        })?;
        if common.is_json() {
            return output::json(&compared);
        }
        output::line(&grid(&compared, lang).render(common.format)?)
    }
}

/// A column for each setting, a line for each measure: the mean over the years, with the least and the most.
fn grid(compared: &Comparison, lang: Lang) -> Grid {
    let settings = compared.settings.iter();
    let header = [""].into_iter().chain(settings.map(|it| it.setting.words(lang)));
    let rows = MEASURES.iter().map(|measure| {
        let settings = compared.settings.iter();
        let cells = settings.map(|it| it.cell(measure));
        [measure.words(lang).to_owned()]
            .into_iter()
            .chain(cells)
            .collect()
    });
    Grid::new(header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_measure_and_a_column_for_each_setting() {
        let compared = compare(40, &[1, 2], |_, _| {}).expect("compared");
        for lang in [Lang::Zh, Lang::En] {
            let table = grid(&compared, lang)
                .render(crate::cli::Format::Markdown)
                .expect("rendered");
            let lines: Vec<_> = table.lines().collect();
            assert_eq!(lines.len(), MEASURES.len() + 2, "{table}");
            let columns = compared.settings.len() + 1;
            assert!(
                lines.iter().all(|line| line.matches('|').count() == columns + 1),
                "{table}"
            );
            assert!(lines[2].contains("40"), "{table}");
        }
    }
}
