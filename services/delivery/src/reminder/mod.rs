//! Agencies are reminded of what became due, many clues in one message, each of them once.
//!
//! What an agency is to be told becomes a row, in the transaction that moves the lane past the event. From there it goes in two
//! steps, each a batch of the lane and each its own transaction:
//!
//! 1. **Sealed**: what an agency is to be told of one step of the ladder, from the oldest row to [`WINDOW_MINUTES`] after it by the
//!    time at which lifecycle learned of it, becomes a bundle, once the lane has heard of everything up to then, or as soon as there
//!    are [`MOST`]. Nothing is published yet.
//! 2. **Sent**: the message of a bundle is published, and its rows go in the transaction that journals it.
//!
//! A bundle that is sealed never changes, and its id and all that the message says are functions of its rows. So a crash between
//! publishing and committing repeats the same message under the same id, by which its reader knows it; a crash at any other place
//! repeats nothing. No event is in two bundles, and none in no bundle, since a row has one `bundle` and is there until it was sent.
//!
//! A message is of one lane: an agency whose clues lie in several partitions hears of each.

mod bundle;
mod rows;

use bihuan_contracts::delivery::RemindedClue;
use bihuan_domain::clue::{Event, Occurrence, RungKind};
use bihuan_domain::code::{AgencyId, Rung};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{Reader, Store, Tx};
use bihuan_stream::{Due, Effects, Error};

use self::rows::{Sealed, Waiting};
use crate::Config;
use crate::facts::Facts;
use crate::handler::journalled;

/// What comes within this time of the first goes out with it.
const WINDOW_MINUTES: i64 = 1;
/// The most clues of one message.
const MOST: usize = 500;
/// The most bundles that a batch seals of one lane.
const AT_ONCE: usize = 50;

/// By what clues are bundled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    agency: AgencyId,
    rung: Rung,
    kind: RungKind,
}

/// What an agency is to be reminded of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reminder {
    group: Group,
    clue: RemindedClue,
    /// When lifecycle learned that it is due.
    heard_at: Timestamp,
}

/// What a batch changes of reminders.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    heard: Vec<(u32, Reminder)>,
    sealed: Vec<Sealed>,
    sent: Vec<(u32, uuid::Uuid)>,
}

impl Reminder {
    /// `None`: the event reminds no agency that has a topic. A notice goes out once a person has issued it.
    pub(crate) fn of(config: &Config, it: &Occurrence, facts: &Facts) -> Option<Self> {
        let (agency, rung, kind, due_at, late) = match &it.event {
            Event::RungReached {
                rung,
                kind: RungKind::Reminder,
                due_at,
                late,
                to,
                ..
            } => (to.agency.clone()?, rung, RungKind::Reminder, *due_at, *late),
            Event::NoticeIssued {
                rung,
                kind,
                due_at,
                to,
            } => (to.agency.clone()?, rung, *kind, *due_at, false),
            _ => return None,
        };
        config.notices_for(&agency)?;
        Some(Self {
            group: Group {
                agency,
                rung: rung.clone(),
                kind,
            },
            clue: RemindedClue {
                clue: it.clue,
                version: it.version,
                number: facts.number.clone(),
                due_at,
                late,
            },
            heard_at: it.received_at,
        })
    }
}

impl Rows {
    pub(crate) fn hear(&mut self, partition: u32, reminders: Vec<Reminder>) {
        self.heard.extend(reminders.into_iter().map(|it| (partition, it)));
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.heard.extend(other.heard);
        self.sealed.extend(other.sealed);
        self.sent.extend(other.sent);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.heard.is_empty() && self.sealed.is_empty() && self.sent.is_empty()
    }
}

/// Of these lanes, each with its watermark, those of which something is to be sealed or sent: one of its clues stands for it.
pub(crate) async fn due(store: &Store, lanes: &[(u32, Timestamp)]) -> Result<Due, Error> {
    let mut reader = store.read().await?;
    let waiting = rows::waiting(reader.conn()).await?;
    let mut due = Due::default();
    for (partition, watermark) in lanes {
        let mut of_lane = waiting.iter().filter(|it| it.partition == *partition);
        if let Some(it) = of_lane.find(|it| it.is_due(*watermark))
            && let Some(clue) = rows::one(reader.conn(), it).await?
        {
            due.clues.push((*partition, vec![clue]));
        }
    }
    Ok(due)
}

/// Sends what of the lane is sealed, and seals what is due up to the watermark.
pub(crate) async fn work(
    store: &Store,
    config: &Config,
    partition: u32,
    (watermark, now): (Timestamp, Timestamp),
    effects: &mut Effects,
) -> Result<Rows, Error> {
    let mut reader = store.read().await?;
    let mut rows = Rows::default();
    for (id, bundle) in rows::sealed(reader.conn(), partition).await? {
        if let Some((message, published)) = bundle::told(config, partition, (id, &bundle), now) {
            effects.command(message);
            effects.event(partition, journalled(None, &published));
        }
        rows.sent.push((partition, id));
    }
    rows.sealed = ripe(&mut reader, partition, watermark).await?;
    Ok(rows)
}

/// What is to be sealed.
async fn ripe(reader: &mut Reader, partition: u32, watermark: Timestamp) -> Result<Vec<Sealed>, Error> {
    let waiting = rows::waiting(reader.conn()).await?;
    let of_lane = waiting.iter().filter(|it| it.partition == partition);
    let mut all = Vec::new();
    for it in of_lane.filter(|it| it.is_ripe(watermark)).take(AT_ONCE) {
        let until = it.oldest.plus_minutes(WINDOW_MINUTES);
        let members = rows::members(reader.conn(), it, until).await?;
        all.push(Sealed {
            partition,
            bundle: bundle::id(&it.group, &members),
            members,
        });
    }
    Ok(all)
}

impl Waiting {
    fn is_due(&self, watermark: Timestamp) -> bool {
        self.sealed > 0 || self.is_ripe(watermark)
    }

    /// Everything that belongs to its next bundle was heard of.
    fn is_ripe(&self, watermark: Timestamp) -> bool {
        self.open >= MOST || self.open > 0 && self.oldest.plus_minutes(WINDOW_MINUTES) <= watermark
    }
}

pub(crate) async fn persist(rows: Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
    rows::insert(tx.conn(), &rows.heard).await?;
    for sealed in &rows.sealed {
        rows::seal(tx.conn(), sealed).await?;
    }
    for (partition, bundle) in &rows.sent {
        rows::remove(tx.conn(), *partition, *bundle).await?;
    }
    Ok(())
}

/// An event of a clue: which one is told.
type Told = (ClueId, u32);

#[cfg(test)]
mod tests;
