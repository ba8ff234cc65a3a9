//! `bihuan bench city --format json` without the rest of the program: `cargo run -p bihuan-city --example year -- CLUES`.

use bihuan_city::{MEASURES, compare};
use bihuan_domain::lang::Lang;

fn main() -> Result<(), String> {
    let clues = std::env::args()
        .nth(1)
        .and_then(|it| it.parse().ok())
        .unwrap_or(2_000);
    let found = compare(clues, &[1, 2, 3], |setting, seed| {
        eprintln!("{setting:?} · {seed}");
    })?;
    for measure in &MEASURES {
        let cells: Vec<_> = found.settings.iter().map(|it| it.cell(measure)).collect();
        println!("| {} | {} |", measure.words(Lang::En), cells.join(" | "));
        for outcome in &found.settings {
            let years: Vec<_> = outcome
                .years
                .iter()
                .map(|it| measure.of(it).unwrap_or(f64::NAN))
                .collect();
            eprintln!("{:?} {} {years:?}", outcome.setting, measure.words(Lang::En));
        }
    }
    Ok(())
}
