//! Which dispute somebody means.

use bihuan_dispute::{Filter, Shown};
use bihuan_domain::id::DisputeId;
use bihuan_domain::lang::Lang;

use crate::failure::Failure;
use crate::session::Reading;

/// A clue has not so many.
const MOST: u32 = 1000;

/// By its own id, or the newest one of the clue that `name` means.
pub(super) async fn find(reading: &Reading, name: &str, lang: Lang) -> Result<Shown, Failure> {
    if let Ok(id) = name.parse::<DisputeId>()
        && let Some(shown) = bihuan_dispute::show(&reading.store, id).await?
    {
        return Ok(shown);
    }
    let filter = Filter {
        clue: Some(reading.clue(name, lang).await?.clue),
        ..Filter::default()
    };
    let all = bihuan_dispute::list(&reading.store, &filter, MOST).await?;
    let newest = all.into_iter().max_by_key(|it| it.dispute.opened_at);
    newest.ok_or_else(|| {
        Failure::usage(
            format!("“{name}”不是争议，也不是有争议的线索"),
            format!("{name:?} is no dispute, and no clue that was in dispute"),
        )
    })
}
