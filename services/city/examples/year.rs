//! The table of `bihuan bench city`, without the rest of the program.
use bihuan_city::{MEASURES, Setting, compare};
use bihuan_domain::lang::Lang;
fn main() {
    let clues = std::env::args()
        .nth(1)
        .map_or(2000, |it| it.parse().expect("a number"));
    let found = compare(clues, &[1, 2, 3], |s, n| eprintln!("{s:?} {n}")).expect("compared");
    println!("| | {} |", Setting::ALL.map(|it| it.words(Lang::En)).join(" | "));
    println!("| --- | --- | --- | --- | --- | --- |");
    for m in &MEASURES {
        let cells: Vec<_> = found.settings.iter().map(|it| it.cell(m)).collect();
        println!("| {} | {} |", m.words(Lang::En), cells.join(" | "));
    }
}
