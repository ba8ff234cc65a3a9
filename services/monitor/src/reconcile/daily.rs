//! One reconciliation a day and source, however many processes there are: whoever claims the day makes it.

use bihuan_domain::code::SourceId;
use bihuan_domain::time::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::kept::{self, Claim, Unread};
use super::{Coverage, Manifest, PutAway, reconcile};
use crate::Result;

/// What is to be reconciled every day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub source: SourceId,
    /// From this time of day on, in the rulebook's zone.
    pub at: Time,
    pub coverage: Coverage,
}

/// Where the lists are; how they are read is no concern of this.
pub trait Lists: Sync {
    /// The newest list of a source, and which of its records lie in quarantine.
    ///
    /// # Errors
    /// Only what passes, so that it is tried again; a list that cannot be read is an answer.
    fn read(
        &self,
        source: &SourceId,
    ) -> impl Future<Output = Result<std::result::Result<(Manifest, PutAway), Unread>>> + Send;
}

/// The day whose run is due: `None` before the time of day.
pub fn due(now: Timestamp, zone: &TimeZone, at: Time) -> Option<Date> {
    let local = zone.to_datetime(now.to_jiff());
    (local.time() >= at).then(|| local.date())
}

/// Makes the runs that are due and that nobody has made. `now` tells the time; the runs that were made.
pub async fn tick<L: Lists>(
    store: &bihuan_store::Store,
    lists: &L,
    plans: &[Plan],
    zone: &TimeZone,
    now: &(dyn Fn() -> Timestamp + Sync),
) -> Result<usize> {
    let mut made = 0;
    for plan in plans {
        let Some(day) = due(now(), zone, plan.at) else {
            continue;
        };
        let Some(claim) = kept::claim(store, &plan.source, &day.to_string(), now()).await? else {
            continue;
        };
        match run(store, lists, plan, &claim, now).await {
            Ok(held) => made += usize::from(held),
            Err(error) => {
                // the outage may be over by the next look
                let _ = kept::release(store, &claim).await;
                return Err(error);
            }
        }
    }
    Ok(made)
}

async fn run<L: Lists>(
    store: &bihuan_store::Store,
    lists: &L,
    plan: &Plan,
    claim: &Claim,
    now: &(dyn Fn() -> Timestamp + Sync),
) -> Result<bool> {
    match lists.read(&plan.source).await? {
        Ok((manifest, put_away)) => {
            let done = reconcile(store, manifest, plan.coverage, &put_away, now()).await?;
            tracing::info!(source = %plan.source, differences = done.summary.counts.differences, "reconciled");
            kept::finish(store, claim, Ok(&done), now()).await
        }
        Err(unread) => {
            tracing::warn!(source = %plan.source, code = unread.code, reason = unread.words_en, "not reconciled");
            kept::finish(store, claim, Err(&unread), now()).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_due_from_its_time_on_in_the_rulebooks_zone() {
        let zone = TimeZone::get("Asia/Shanghai").expect("bundled");
        let at: Time = "06:30".parse().expect("a time");
        for (now, expected) in [
            ("2026-01-05T06:29:59+08:00", None),
            ("2026-01-05T06:30:00+08:00", Some("2026-01-05")),
            ("2026-01-05T23:59:59+08:00", Some("2026-01-05")),
            ("2026-01-05T23:00:00Z", Some("2026-01-06")),
        ] {
            let now: Timestamp = now.parse().expect("a time");
            let day = due(now, &zone, at).map(|day| day.to_string());
            assert_eq!(day.as_deref(), expected, "{now}");
        }
    }
}
