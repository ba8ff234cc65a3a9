//! The rules of Bihuan and nothing else: what a clue is, how it lives, whose duty it is, how each figure is computed.
//!
//! **Architecture Invariant:** nothing here reads a clock, a random source, a file, a socket or a database. Time, rulebook and
//! numbers come in through [`clue::Env`]; the same input gives the same output for ever.

pub mod calendar;
pub mod clue;
pub mod code;
pub mod csv;
pub mod digest;
pub mod dispute;
pub mod figures;
pub mod geo;
pub mod id;
pub mod lang;
pub mod routing;
pub mod time;
