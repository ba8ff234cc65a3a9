//! The closure report, counted in one snapshot while the clues stream by.

use bihuan_domain::figures::{Basis, By, Query, Report, ReportBuilder};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::{Store, installation};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::records::Ledger;
use crate::streaming::{Which, each};
use crate::{Result, names};

/// What a closure report is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportQuery {
    pub as_of: Option<Timestamp>,
    /// First civil date, in the rulebook's zone.
    pub from: Option<Date>,
    /// First civil date after the period.
    pub to: Option<Date>,
    pub by: Option<By>,
    pub basis: Basis,
    /// Of the names in the rows.
    pub lang: Lang,
}

/// What `as_of` may be: an RFC 3339 time, or a civil date for the last microsecond of that day in `zone`.
pub fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let date: Date = text.parse().ok()?;
    let midnight = date.tomorrow().ok()?.to_zoned_datetime(zone.clone()).ok()?;
    Some(Timestamp::from(midnight.timestamp()).plus_micros(-1))
}

/// Computes the report as things stand in the database at this moment. Memory grows with the rows of the report only.
pub async fn closure(
    store: &Store,
    query: &ReportQuery,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Report> {
    let mut reader = store.snapshot().await?;
    let ledger = Ledger::read(reader.conn()).await?;
    let shadow = installation::is_shadow(reader.conn()).await?;
    let zone = rulebook.zone.clone();
    let ReportQuery {
        as_of,
        from,
        to,
        by,
        basis,
        lang,
    } = *query;
    let mut builder = ReportBuilder::new(Query {
        now,
        as_of,
        from,
        to,
        by,
        basis,
        zone,
        backlog_days: rulebook.policy.suspension.backlog_days,
    });
    each(&mut reader, &Which::All, |facts| builder.add(facts)).await?;
    let name = |by: By, key: &str| names::name(rulebook, lang, by, key);
    let version = rulebook.version.as_str();
    let report = builder.finish(version, &ledger.records(), ledger.received, name);
    Ok(Report { shadow, ..report })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_end_of_its_day_in_the_zone() {
        let zone = TimeZone::get("Asia/Shanghai").expect("bundled");
        let at = |text| moment(text, &zone).expect("a time").to_string();
        assert_eq!(at("2026-04-30"), "2026-04-30T15:59:59.999999Z");
        assert_eq!(at("2026-04-30T12:00:00+08:00"), "2026-04-30T04:00:00Z");
        assert_eq!(moment("yesterday", &zone), None);
    }
}
