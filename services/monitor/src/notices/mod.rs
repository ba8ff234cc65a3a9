//! Notices to leaders and bulletins: the ladder drafts one for each clue, and a person issues them, bundled by whom they are about, the
//! step of the ladder and the civil day of the draft.

mod list;
mod rows;

pub use list::{Asked, Bundle, NoticeClue, NoticeKey, Notices, list};
pub use rows::waiting;
pub(crate) use rows::{NoticeRow, of, of_partition, upsert};
