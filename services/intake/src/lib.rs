//! Intake: what source platforms send becomes clues, and every record is accounted for.

pub mod format;
pub mod mapping;
