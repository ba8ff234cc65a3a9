//! Which clue somebody means.

use std::pin::Pin;
use std::sync::Arc;

use bihuan_contracts::Reference;
use bihuan_domain::id::ClueId;

/// Finds a clue by its number, or by what a platform calls it, in whoever's projection knows that.
pub type LookUp = Arc<dyn Fn(String) -> Looking + Send + Sync>;

type Looking = Pin<Box<dyn Future<Output = bihuan_store::Result<Option<ClueId>>> + Send>>;

/// The clue that `text` names; `None`: no clue can have that name. Ids need no look-up and may be of clues that nobody
/// reported.
pub async fn find(text: &str, look_up: &LookUp) -> bihuan_store::Result<Option<ClueId>> {
    match text.parse() {
        // another record may stand for the clue that a platform means
        Ok(Reference::Id(clue)) if text.contains('/') => {
            Ok(look_up(text.trim().to_owned()).await?.or(Some(clue)))
        }
        Ok(Reference::Id(clue)) => Ok(Some(clue)),
        Ok(Reference::Number(number)) => look_up(number).await,
        Err(_) => Ok(None),
    }
}
