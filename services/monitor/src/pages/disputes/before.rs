//! How a clue came into dispute: who had it, and who returned it to whom.

use bihuan_dispute::api::Told;
use bihuan_domain::clue::{Event, Occurrence};
use bihuan_store::Store;

use super::one::Happened;
use crate::Result;
use crate::listing::{self, Reading};
use crate::pages::clue;
use crate::words::Words;

/// The number of the clue, and its hand-overs before the dispute was opened, oldest first; `None`: monitor does not know it yet.
pub(super) async fn before(
    store: &Store,
    told: &Told,
    reading: Reading<'_>,
) -> Result<Option<(String, Vec<Happened>)>> {
    let id = told.dispute().opening.clue.to_string();
    let Some(found) = listing::find(store, &id, reading).await? else {
        return Ok(None);
    };
    let (story, texts) = clue::read(store, &found).await?;
    let words = Words {
        lang: reading.lang,
        rulebook: reading.rulebook,
    };
    let until = story.iter().take_while(|it| !opens(it, told));
    let handed = until.filter(|it| is_hand_over(&it.event));
    let handed = handed.map(|it| Happened::from(clue::step(words, it, &texts)));
    let handed = handed.collect();
    Ok(Some((found.listed.number, handed)))
}

fn opens(it: &Occurrence, told: &Told) -> bool {
    matches!(&it.event, Event::ClueDisputed { dispute, .. } if *dispute == told.dispute().id)
}

const fn is_hand_over(event: &Event) -> bool {
    matches!(
        event,
        Event::ClueAssigned { .. }
            | Event::ClueDelegated { .. }
            | Event::ClueTransferred { .. }
            | Event::ReturnRequested { .. }
            | Event::ReturnApproved
            | Event::ReturnRefused
            | Event::ClueHeldForTriage { .. }
            | Event::ClueDesignated { .. }
    )
}
