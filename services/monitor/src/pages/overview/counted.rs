//! What the first page shows, counted while the clues stream by once.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_domain::figures::{Basis, By, Facts, HolderKind, Query, Report, ReportBuilder};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use tokio::sync::Mutex;

use crate::ladder::{self, Climbed};
use crate::quarantine::{self, Total};
use crate::records::Ledger;
use crate::routes::Api;
use crate::streaming::{self, Which};
use crate::trend::{Day, Trend};
use crate::{Result, accounts, names};

/// Days of the trend.
const DAYS: usize = 30;
/// How many times as long as the counting took the page may show what was counted.
const SHOWN: i64 = 5;

pub(crate) type Holdings = BTreeMap<(HolderKind, Option<String>), Holding>;

/// What one holder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) open: u64,
    pub(crate) overdue: u64,
    /// The longest.
    pub(crate) since: Timestamp,
}

pub(crate) struct Counted {
    pub(crate) now: Timestamp,
    pub(crate) by_agency: Report,
    pub(crate) by_area: Report,
    pub(crate) days: Vec<Day>,
    pub(crate) holdings: Holdings,
    pub(crate) balanced: bool,
    pub(crate) settled: bool,
    /// Open clues that nobody answers for.
    pub(crate) nobody: u64,
    pub(crate) quarantine: Vec<Total>,
    pub(crate) climbed: Climbed,
}

/// The last count. Counting a large store takes a while: those who ask meanwhile wait for one count, and the answer is shown
/// for a few times as long as it took.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<Last>>);

struct Last {
    counted: Arc<Counted>,
    rulebook: Arc<Rulebook>,
    until: Timestamp,
}

impl Cache {
    pub(crate) async fn get(&self, api: &Api, rulebook: &Arc<Rulebook>) -> Result<Arc<Counted>> {
        let mut last = self.0.lock().await;
        let now = api.clock.now();
        if let Some(last) = &*last
            && now < last.until
            && Arc::ptr_eq(&last.rulebook, rulebook)
        {
            return Ok(last.counted.clone());
        }
        let counted = Arc::new(Counted::now(api, rulebook, now).await?);
        let took = api.clock.now().since(now);
        *last = Some(Last {
            counted: counted.clone(),
            rulebook: rulebook.clone(),
            until: now.plus_micros(took * SHOWN),
        });
        Ok(counted)
    }
}

impl Counted {
    async fn now(api: &Api, rulebook: &Rulebook, now: Timestamp) -> Result<Self> {
        let mut reader = api.store.snapshot().await?;
        let ledger = Ledger::read(reader.conn()).await?;
        let mut agencies = builder(By::Agency, now, rulebook);
        let mut areas = builder(By::Area, now, rulebook);
        let mut trend = Trend::new(rulebook.zone.clone());
        let mut holdings = Holdings::new();
        streaming::each(&mut reader, &Which::All, |facts| {
            agencies.add(facts);
            areas.add(facts);
            trend.add(facts);
            hold(&mut holdings, facts, now);
        })
        .await?;
        let climbed = ladder::climbed(reader.conn()).await?;
        drop(reader);
        let finish = |builder: ReportBuilder| {
            let version = rulebook.version.as_str();
            builder.finish(version, &ledger.records(), ledger.received, |by, key| {
                names::name(rulebook, Lang::Zh, by, key)
            })
        };
        let accounts = accounts::accounts(&api.store, now).await?;
        let holders = accounts.equations.iter().find(|it| it.id == "open_has_holder");
        Ok(Self {
            now,
            by_agency: finish(agencies),
            by_area: finish(areas),
            days: trend.finish(DAYS),
            holdings,
            balanced: accounts.balanced,
            settled: accounts.settled,
            nobody: holders.map_or(0, |equation| equation.difference.unsigned_abs()),
            climbed,
            quarantine: quarantine::list(&api.store, None, None, 0).await?.totals,
        })
    }
}

fn builder(by: By, now: Timestamp, rulebook: &Rulebook) -> ReportBuilder {
    ReportBuilder::new(Query {
        by: Some(by),
        basis: Basis::Cohort,
        backlog_days: rulebook.policy.suspension.backlog_days,
        ..Query::everything(now, rulebook.zone.clone())
    })
}

fn hold(holdings: &mut Holdings, facts: &Facts, now: Timestamp) {
    let condition = facts.latest();
    let Some(kind) = condition.standing.holder() else {
        return;
    };
    let agency = condition.agency.filter(|_| kind == HolderKind::Agency);
    let holding = holdings
        .entry((kind, agency.map(ToString::to_string)))
        .or_insert(Holding {
            open: 0,
            overdue: 0,
            since: condition.held_since,
        });
    holding.open += 1;
    holding.overdue += u64::from(condition.is_overdue(now));
    holding.since = holding.since.min(condition.held_since);
}
