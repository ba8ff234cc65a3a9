//! Tasks of the agencies that assist: what each still has to do, the earliest due first, and what it did.

mod list;
mod rows;

pub use list::{Asked, ShownTask, State, Tasks, list};
pub(crate) use rows::{TaskRow, of, of_partition, upsert};
