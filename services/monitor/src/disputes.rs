//! The report about disputes, counted in one snapshot while the clues and then the journal of disputes stream by.

use bihuan_domain::code::{AgencyId, RulebookVersion};
use bihuan_domain::figures::{By, DisputeReport, Disputed, Disputes, DutyDisputes, Query};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::Store;
use jiff::civil::Date;

use crate::precedents::Origins;
use crate::streaming::{Which, each};
use crate::{Result, duty, names};

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
    library: &Library,
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
    let mut duty = DutyDisputes::new(&asked, rulebook.calendar.clone());
    let mut disputes = Disputes::new(asked, listing);
    let mut reader = store.snapshot().await?;
    each(&mut reader, &Which::All, |facts| {
        disputes.add(facts);
        duty.route(facts);
    })
    .await?;
    duty::count(&mut reader, &mut duty).await?;
    drop(reader);
    let mut origins = Origins::new(library.clone());
    origins.learn(&duty.rulebooks()).await?;
    let is_precedent = |version: &RulebookVersion, line: u32| origins.dispute(version, line).is_some();
    let name = |agency: &AgencyId| names::name(rulebook, lang, By::Agency, agency.as_str());
    let duty = duty.finish(is_precedent, name);
    Ok(disputes.finish(rulebook.version.as_str(), duty, name))
}
