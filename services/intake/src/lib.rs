//! Intake: what source platforms send becomes clues, and every record is accounted for.
//!
//! **Architecture Invariant:** a record is never dropped. It becomes a command, or it is counted as skipped, or it is
//! quarantined with its bytes, its origin and a reason.

pub mod api;

mod cutting;
mod feedback;
mod handler;
mod identity;
pub mod import;

mod mappings;
mod names;
mod own;
mod putting_away;
mod quarantining;
mod reading;
mod reasons;
mod repeats;
mod replaying;
mod run;
mod told;
mod unknown_codes;

use bihuan_store::Migration;

pub use handler::{Intake, Source};
pub use identity::source_id;
pub use mappings::{Mappings, remember};
pub use names::elsewhere;
pub use quarantining::{discard, is_outline, replay};
pub use reasons::words;
pub use repeats::next_ordinal;
pub use unknown_codes::{OTHERS, Seen, unknown_codes};

pub const GROUP: &str = "intake";

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        service: GROUP,
        number: 1,
        sql: include_str!("../migrations/0001_intake.sql"),
    },
    Migration {
        service: GROUP,
        number: 2,
        sql: include_str!("../migrations/0002_unknown_code.sql"),
    },
    Migration {
        service: GROUP,
        number: 3,
        sql: include_str!("../migrations/0003_name.sql"),
    },
];
