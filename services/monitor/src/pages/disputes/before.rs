//! How a clue came into dispute: who had it, and who returned it to whom.

use bihuan_dispute::api::Told;
use bihuan_domain::clue::{Event, Occurrence};
use bihuan_store::Store;

use super::one::Happened;
use crate::Result;
use crate::listing::{self, Reading};
use crate::pages::clue;
use crate::words::Words;

/// The clue of a dispute.
pub(super) struct Before {
    /// What people call it: its number and title.
    pub(super) name: String,
    /// Its hand-overs before the dispute was opened, oldest first.
    pub(super) handed: Vec<Happened>,
}

/// `None`: monitor does not know the clue yet.
pub(super) async fn before(store: &Store, told: &Told, reading: Reading<'_>) -> Result<Option<Before>> {
    let id = told.dispute().opening.clue.to_string();
    let Some(found) = listing::find(store, &id, reading).await? else {
        return Ok(None);
    };
    let (events, texts) = clue::read(store, &found).await?;
    let words = Words {
        lang: reading.lang,
        rulebook: reading.rulebook,
    };
    let until = events.iter().take_while(|it| !opens(it, told));
    let handed = until.filter(|it| is_hand_over(&it.event));
    let handed = handed.map(|it| Happened::from(clue::step(words, it, &texts)));
    let title = texts.iter().rev().find_map(|(_, text)| text.title.as_deref());
    let number = [found.listed.number.as_str()];
    Ok(Some(Before {
        name: number.into_iter().chain(title).collect::<Vec<_>>().join(" · "),
        handed: handed.collect(),
    }))
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
