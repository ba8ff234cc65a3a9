//! Notices to leaders and bulletins: the ladder drafts one for each clue, and a person issues or discards them, bundled by whom they are
//! about, the step of the ladder and the civil day of the draft. Beside them stand the reminders of desks, which have no system that they
//! could be sent to: a desk sees them here until it has done what it was reminded of.

mod list;
mod rows;

pub use list::{Asked, Bundle, Fate, NoticeClue, NoticeKey, Notices, list};
pub use rows::waiting;
pub(crate) use rows::{NoticeRow, of, of_partition, upsert};
