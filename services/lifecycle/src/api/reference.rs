//! Which clue somebody means: by its id, by `source/source-id`, or by its number.

use std::pin::Pin;
use std::sync::Arc;

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;

/// Finds a clue by its number, in whoever's projection knows numbers.
pub type ByNumber = Arc<dyn Fn(String) -> Looking + Send + Sync>;

type Looking = Pin<Box<dyn Future<Output = bihuan_store::Result<Option<ClueId>>> + Send>>;

/// The clue that `text` names; `None`: no clue can have that name. Ids need no look-up and may be of clues that nobody
/// reported.
pub async fn find(text: &str, by_number: &ByNumber) -> bihuan_store::Result<Option<ClueId>> {
    let text = text.trim();
    if let Ok(clue) = text.parse() {
        return Ok(Some(clue));
    }
    match text.split_once('/') {
        Some((_, "")) => Ok(None),
        Some((source, id)) => Ok(SourceId::new(source)
            .ok()
            .map(|source| ClueId::derive(&source, id))),
        None if text.is_empty() => Ok(None),
        None => by_number(text.to_owned()).await,
    }
}
