//! A simulated city's year: the same clues, people and chance under different policies of returns and disputes, by the rules that
//! Bihuan runs by: routing, the life of a clue, disputes. In memory, without a log; time is simulated.
//!
//! What the people do is assumed, not measured: `habit`, what they quarrel about, and the shares in the files that say who has a turn.

mod agenda;
mod books;
mod clue_turns;
mod compare;
mod dispute_turns;
mod draws;
mod habit;
mod handing;
mod life;
mod measure;
mod place;
mod quarrel;
mod setting;
mod year;

#[cfg(test)]
mod tests;

pub use compare::{Comparison, Outcome, Spread, compare};
pub use measure::{MEASURES, Measure, Measures};
pub use setting::Setting;
