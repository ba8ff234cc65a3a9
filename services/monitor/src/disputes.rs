//! The report about disputes, counted in one snapshot while the clues stream by.

use bihuan_domain::code::AgencyId;
use bihuan_domain::figures::{By, DisputeReport, Disputed, Disputes, Query};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use jiff::civil::Date;

use crate::streaming::{Which, each};
use crate::{Result, names};

/// What a report about disputes is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisputeQuery {
    pub as_of: Option<Timestamp>,
    /// First civil date, in the rulebook's zone.
    pub from: Option<Date>,
    /// First civil date after the period.
    pub to: Option<Date>,
    /// Which clues are listed, and how many at most.
    pub listing: Option<(Disputed, usize)>,
    /// Of the agencies' names.
    pub lang: Lang,
}

/// Computes the report as things stand in the database at this moment.
pub async fn disputes(
    store: &Store,
    query: &DisputeQuery,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<DisputeReport> {
    let DisputeQuery {
        as_of,
        from,
        to,
        listing,
        lang,
    } = *query;
    let asked = Query {
        as_of,
        from,
        to,
        ..Query::everything(now, rulebook.zone.clone())
    };
    let mut disputes = Disputes::new(asked, listing);
    let mut reader = store.snapshot().await?;
    each(&mut reader, &Which::All, |facts| disputes.add(facts)).await?;
    let name = |agency: &AgencyId| names::name(rulebook, lang, By::Agency, agency.as_str());
    Ok(disputes.finish(rulebook.version.as_str(), name))
}
