//! One reconciliation a day and source, however many processes there are: whoever claims the day makes it. A list that comes late
//! is waited for until the day ends, and a newer one on the same day is reconciled too; a list of yesterday is not today's.

use bihuan_domain::code::SourceId;
use bihuan_domain::time::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::kept::{self, Claim, Daily, MANIFEST_MISSING, MAPPING_MISSING, Unread};
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

/// After so long it is tried again whether a mapping can be read by now.
const RETRY_MINUTES: i64 = 10;

/// Where the lists are; how they are read is no concern of this.
pub trait Lists: Sync {
    /// When the newest list of a source was made; `None`: there is none. Asked again and again, all day.
    fn newest(&self, source: &SourceId) -> impl Future<Output = Option<Timestamp>> + Send;

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
        let day = day.to_string();
        let newest = lists.newest(&plan.source).await;
        let known = kept::daily(store, &plan.source).await?;
        let task = task(known.as_ref(), &day, newest, now());
        if task == Task::Nothing {
            continue;
        }
        let before = known.as_ref().and_then(|run| run.list);
        // one that is under way is nobody else's, even when it ends just now
        let over = known.filter(|run| run.run == day && !run.is_running);
        let over = over.map(|run| run.started_at);
        let Some(claim) = kept::claim(store, &plan.source, &day, over, now()).await? else {
            continue;
        };
        let outcome = match task {
            Task::Read | Task::Nothing => run(store, lists, (plan, newest, before), &claim, now).await,
            Task::Wait(seen) => unread(store, plan, &claim, no_new(seen), now()).await,
        };
        match outcome {
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

/// What is to be done about a source just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Nothing,
    Read,
    /// The day has begun, and the newest list is one that was reconciled before it.
    Wait(Timestamp),
}

/// `known`: the newest daily run; `newest`: when the newest list was made.
fn task(known: Option<&Daily>, day: &str, newest: Option<Timestamp>, now: Timestamp) -> Task {
    let Some(known) = known else { return Task::Read };
    let is_new = newest.is_some() && newest > known.list;
    let unmapped = known.code.as_deref() == Some(MAPPING_MISSING);
    match (known.run == day, newest) {
        // the same list again needs a mapping, not haste
        (true, _) if unmapped && newest.is_none_or(|newest| newest <= known.started_at) => {
            let again = known.started_at.plus_minutes(RETRY_MINUTES);
            if now < again { Task::Nothing } else { Task::Read }
        }
        (true, _) if is_new => Task::Read,
        // whoever claimed it may be gone
        (true, _) if known.is_running => Task::Read,
        (true, _) => Task::Nothing,
        (false, Some(newest)) if !is_new => Task::Wait(newest),
        (false, _) => Task::Read,
    }
}

fn no_new(seen: Timestamp) -> Unread {
    Unread {
        code: MANIFEST_MISSING.to_owned(),
        words_zh: format!("还没有新的清单：最新一份生成于 {seen}，已经核对过"),
        words_en: format!("no new list yet: the newest was made {seen} and has been reconciled"),
        list: Some(seen.to_string()),
    }
}

async fn run<L: Lists>(
    store: &bihuan_store::Store,
    lists: &L,
    (plan, newest, before): (&Plan, Option<Timestamp>, Option<Timestamp>),
    claim: &Claim,
    now: &(dyn Fn() -> Timestamp + Sync),
) -> Result<bool> {
    match lists.read(&plan.source).await? {
        Ok((manifest, put_away)) => {
            let done = reconcile(store, manifest, plan.coverage, &put_away, now()).await?;
            tracing::info!(source = %plan.source, differences = done.summary.counts.differences, "reconciled");
            kept::finish(store, claim, Ok(&done), now()).await
        }
        Err(problem) => {
            // what is wrong with a mapping says nothing of the list: it is still to be read
            let seen = if problem.code == MAPPING_MISSING {
                None
            } else {
                newest
            };
            let list = seen.or(before);
            let list = list.map(|list| list.to_string());
            unread(store, plan, claim, Unread { list, ..problem }, now()).await
        }
    }
}

async fn unread(
    store: &bihuan_store::Store,
    plan: &Plan,
    claim: &Claim,
    problem: Unread,
    now: Timestamp,
) -> Result<bool> {
    tracing::warn!(source = %plan.source, code = problem.code, reason = problem.words_en, "not reconciled");
    kept::finish(store, claim, Err(&problem), now).await
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
