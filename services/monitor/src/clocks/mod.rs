//! The clocks of one clue over its whole life: which run and ran, what moved them, which steps of the ladder were reached; told with the
//! working, and drawn.

mod began;
mod course;
pub(crate) mod drawing;
mod shown;
pub(crate) mod sittings;
mod working;

pub use began::Began;
pub use course::{By, Course, Extension, ReachedRung, Run, Stretch};
pub use shown::{EndedClock, ShownClock, ShownClocks, ShownExtension, ShownRung, ShownSuspension, shown};
