//! One transaction: positions and effects together, or neither. Then the events go to the log.
//!
//! It owns all it needs and runs as a task, so that the next batch can be decided meanwhile.

use bihuan_store::lease::Lease;
use bihuan_store::{Store, journal, lease, quarantine};

use crate::faults::{self, Point};
use crate::local::LocalLog;
use crate::outbox::Outbox;
use crate::{Effects, Error, Handler, Result};

pub(super) struct Commit<R> {
    pub(super) group: &'static str,
    pub(super) store: Store,
    pub(super) outbox: Option<Outbox>,
    /// As they shall be, but for the count of commits.
    pub(super) leases: Vec<Lease>,
    pub(super) effects: Effects,
    pub(super) rows: Option<R>,
}

impl<R> Commit<R> {
    pub(super) async fn run<H: Handler<Rows = R>>(self) -> Result<()> {
        let Self {
            group,
            store,
            outbox,
            leases,
            effects,
            rows,
        } = self;
        let mut tx = store.begin().await?;
        if !lease::advance(tx.conn(), &leases.iter().collect::<Vec<_>>()).await? {
            return Err(Error::Fenced);
        }
        if let Some(outbox) = &outbox {
            journal::append(tx.conn(), outbox.journal(), &effects.events).await?;
        }
        quarantine::put(tx.conn(), &effects.quarantined).await?;
        if let Some(rows) = rows {
            H::persist(rows, &mut tx).await?;
        }
        // on Kafka none is left here
        LocalLog::append(tx.conn(), &effects.commands).await?;
        faults::at(Point::BeforeCommit, group)?;
        tx.commit().await?;
        faults::at(Point::AfterCommit, group)?;
        match outbox {
            Some(outbox) => outbox.publish(effects.events).await,
            None => Ok(()),
        }
    }
}
