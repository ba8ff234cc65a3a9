//! Which clue somebody means.

use std::pin::Pin;
use std::sync::Arc;

use bihuan_contracts::Reference;
use bihuan_domain::id::ClueId;

/// Finds a clue by its number, in whoever's projection knows numbers.
pub type ByNumber = Arc<dyn Fn(String) -> Looking + Send + Sync>;

type Looking = Pin<Box<dyn Future<Output = bihuan_store::Result<Option<ClueId>>> + Send>>;

/// The clue that `text` names; `None`: no clue can have that name. Ids need no look-up and may be of clues that nobody
/// reported.
pub async fn find(text: &str, by_number: &ByNumber) -> bihuan_store::Result<Option<ClueId>> {
    match text.parse() {
        Ok(Reference::Id(clue)) => Ok(Some(clue)),
        Ok(Reference::Number(number)) => by_number(number).await,
        Err(_) => Ok(None),
    }
}
