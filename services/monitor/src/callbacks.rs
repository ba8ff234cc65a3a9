//! The second account of a source: what it was to be told of its clues, and where that stands.

use std::collections::BTreeMap;

use bihuan_store::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;
use crate::counting::{ACKNOWLEDGED, DUE, FAILED, PENDING};
use crate::tally::{self, Book};

/// Due = acknowledged + pending + failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallbackAccount {
    pub source: String,
    /// What ever became due, counted by step.
    pub due: i64,
    /// The receiver has it.
    pub acknowledged: i64,
    /// Not sent yet, or to be sent again.
    pub pending: i64,
    /// Dead letters.
    pub failed: i64,
}

/// The account of each source that is told anything, by name.
pub async fn accounts(connection: Connection<'_>) -> Result<Vec<CallbackAccount>> {
    let mut accounts: BTreeMap<String, CallbackAccount> = BTreeMap::new();
    for (key, count) in tally::load(connection, Book::Callback).await? {
        let [source, _, state] = key.names;
        let account = accounts.entry(source.clone()).or_insert_with(|| CallbackAccount {
            source,
            ..CallbackAccount::default()
        });
        let cell = match state.as_str() {
            DUE => &mut account.due,
            ACKNOWLEDGED => &mut account.acknowledged,
            PENDING => &mut account.pending,
            FAILED => &mut account.failed,
            _ => continue,
        };
        *cell += count;
    }
    Ok(accounts.into_values().collect())
}
