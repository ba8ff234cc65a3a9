//! Reading disputes: one, a list, and what happened to one.

use bihuan_domain::code::{AgencyId, AreaCode};
use bihuan_domain::dispute::{Dispute, Forum, ForumLevel, Occurrence};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Journal};
use bihuan_store::{Reader, Result, Store};

use crate::aggregate::occurrence;
use crate::rows::{self, Asked, Found};

/// A dispute as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub partition: u32,
    /// Events so far.
    pub version: u32,
    pub dispute: Dispute,
}

/// Which disputes are listed; nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those that are open, or only those that are not.
    pub open: Option<bool>,
    pub clue: Option<ClueId>,
    /// That it is a party of, leads or led, or is named by a ruling of.
    pub agency: Option<AgencyId>,
    /// That are before it now.
    pub forum: Option<Forum>,
    /// That are before a forum of this level now.
    pub level: Option<ForumLevel>,
    /// Whose open step may take no longer than to a time before.
    pub due_before: Option<Timestamp>,
}

/// The dispute; `None`: it is unknown.
pub async fn show(store: &Store, dispute: DisputeId) -> Result<Option<Shown>> {
    let mut reader = store.read().await?;
    match rows::one(reader.conn(), dispute).await? {
        Some(found) => shown(&mut reader, &found).await,
        None => Ok(None),
    }
}

/// A place in a list: what comes after it is listed. Of an open one with until when its step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub due_at: Option<Timestamp>,
    pub dispute: DisputeId,
}

impl From<&Dispute> for Cursor {
    fn from(it: &Dispute) -> Self {
        Self {
            due_at: it.deadline().map(|deadline| deadline.at),
            dispute: it.id,
        }
    }
}

/// The open ones by when they are due, then the others; at most `most`.
pub async fn list(store: &Store, filter: &Filter, most: u32) -> Result<Vec<Shown>> {
    page(store, filter, None, most).await
}

/// The same, of those after `after`.
pub async fn page(store: &Store, filter: &Filter, after: Option<Cursor>, most: u32) -> Result<Vec<Shown>> {
    let forum = filter.forum.as_ref();
    let asked = Asked {
        open: filter.open,
        clue: filter.clue,
        agency: filter.agency.as_ref(),
        forum: forum.map(Forum::level).or(filter.level).map(ForumLevel::as_str),
        county: forum.and_then(Forum::county).map(AreaCode::as_str),
        due_before: filter.due_before,
        after: after.map(|it| (it.due_at, it.dispute)),
        most: i64::from(most),
    };
    let mut reader = store.read().await?;
    let mut all = Vec::new();
    for found in rows::list(reader.conn(), &asked).await? {
        all.extend(shown(&mut reader, &found).await?);
    }
    Ok(all)
}

async fn shown(reader: &mut Reader, found: &Found) -> Result<Option<Shown>> {
    let aggregate = found.aggregate(reader.conn()).await?;
    Ok(aggregate.state.dispute.map(|dispute| Shown {
        partition: found.partition,
        version: aggregate.state.version,
        dispute,
    }))
}

/// Everything that happened to the dispute, oldest first; empty if it is unknown.
pub async fn history(reader: &mut Reader, dispute: DisputeId) -> Result<Vec<Occurrence>> {
    let Some(found) = rows::one(reader.conn(), dispute).await? else {
        return Ok(Vec::new());
    };
    let (partition, newest) = (found.partition, found.sequence);
    let chain = journal::chain(reader.conn(), Journal::Dispute, partition, newest).await?;
    let occurrences = chain.iter().map(occurrence);
    occurrences.filter_map(Result::transpose).collect()
}
