//! The running proof: each identity of the accounts as an equation with both sides.

use std::collections::BTreeMap;

use bihuan_contracts::topics;
use bihuan_domain::figures::{HolderKind, Standing};
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Journal};
use bihuan_store::{Connection, Reader, Store, lease, sql};
use serde::Serialize;
use utoipa::ToSchema;

use crate::callbacks::{self, CallbackAccount};
use crate::counting::{DISCARDED, REPLAYED};
use crate::heard::{self, LastHeard};
use crate::quarantine::{self, Total};
use crate::records::{Ledger, READER, Raw};
use crate::verify::reached;
use crate::{GROUP, Result};

/// All equations, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Accounts {
    /// RFC 3339.
    pub as_of: String,
    /// Every equation balances.
    pub balanced: bool,
    /// Nothing is in flight and everything that was journalled has been counted; until then an equation may be out of balance
    /// for a moment.
    pub settled: bool,
    pub in_flight: u64,
    /// Journalled events that are not counted yet, by topic.
    pub behind: BTreeMap<&'static str, i64>,
    pub equations: Vec<Equation>,
    /// When each source was heard last.
    pub sources: Vec<LastHeard>,
    /// What sources were to be told, by source.
    pub callbacks: Vec<CallbackAccount>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Equation {
    /// Stable code.
    pub id: &'static str,
    pub title_zh: &'static str,
    pub title_en: &'static str,
    pub left: Side,
    pub right: Side,
    /// Left less right.
    pub difference: i64,
    pub balanced: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Side {
    pub terms: Vec<Term>,
    pub sum: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Term {
    pub name: String,
    pub value: i64,
}

impl Side {
    fn of<'a>(terms: impl IntoIterator<Item = (&'a str, i64)>) -> Self {
        let terms = terms.into_iter().map(|(name, value)| Term {
            name: name.to_owned(),
            value,
        });
        let terms: Vec<_> = terms.collect();
        Self {
            sum: terms.iter().map(|term| term.value).sum(),
            terms,
        }
    }
}

impl Equation {
    fn new(
        id: &'static str,
        (title_zh, title_en): (&'static str, &'static str),
        left: Side,
        right: Side,
    ) -> Self {
        let difference = left.sum - right.sum;
        Self {
            id,
            title_zh,
            title_en,
            left,
            right,
            difference,
            balanced: difference == 0,
        }
    }
}

/// How many rows there are, by stage and by holder.
struct Rows {
    total: i64,
    by_stage: BTreeMap<String, i64>,
    by_holder: BTreeMap<String, i64>,
    /// In quarantine.
    put_away: Vec<Total>,
}

/// The services other than intake that put away what they cannot read.
const OTHERS: [&str; 2] = ["lifecycle", "delivery"];

/// The accounts at this moment.
pub async fn accounts(store: &Store, now: Timestamp) -> Result<Accounts> {
    let mut reader = store.snapshot().await?;
    let ledger = Ledger::read(reader.conn()).await?;
    let rows = Rows::read(&mut reader).await?;
    let behind = behind(reader.conn()).await?;
    let sources = heard::sources(reader.conn(), now).await?;
    let callbacks = callbacks::accounts(reader.conn()).await?;
    let mut equations = equations(&ledger, &rows);
    equations.push(callbacks_are_settled(&callbacks));
    let raw = ledger.total();
    let received = i64::try_from(ledger.received).unwrap_or(i64::MAX);
    let in_flight = received - raw.feedback() - raw.skipped - raw.quarantined + raw.replayed - raw.decided();
    Ok(Accounts {
        as_of: now.to_string(),
        balanced: equations.iter().all(|equation| equation.balanced),
        settled: in_flight == 0 && behind.values().all(|events| *events == 0),
        in_flight: u64::try_from(in_flight).unwrap_or(0),
        behind,
        equations,
        sources,
        callbacks,
    })
}

impl Rows {
    async fn read(reader: &mut Reader) -> Result<Self> {
        let groups: Vec<(String, Option<String>, i64)> = sql!(reader.conn(), c => sqlx::query_as(
            "SELECT stage, holder, count(*) FROM monitor_clue GROUP BY stage, holder"
        ).fetch_all(c).await)?;
        let total = sql!(reader.conn(), c => sqlx::query_scalar("SELECT count(*) FROM monitor_clue")
            .fetch_one(c).await)?;
        let put_away = quarantine::totals(reader.conn()).await?;
        let (mut by_stage, mut by_holder) = (BTreeMap::new(), BTreeMap::new());
        for (stage, holder, count) in groups {
            *by_stage.entry(stage).or_default() += count;
            *by_holder.entry(holder.unwrap_or_default()).or_default() += count;
        }
        Ok(Self {
            total,
            by_stage,
            by_holder,
            put_away,
        })
    }

    /// Records in quarantine.
    fn put_away(&self, services: &[&str], fate: &str) -> i64 {
        self.put_away
            .iter()
            .filter(|total| services.contains(&total.service.as_str()) && total.fate == fate)
            .map(|total| total.records)
            .sum()
    }

    fn at(&self, standing: Standing) -> i64 {
        self.by_stage.get(standing.as_str()).copied().unwrap_or(0)
    }

    fn with(&self, holder: HolderKind) -> i64 {
        self.by_holder.get(holder.as_str()).copied().unwrap_or(0)
    }

    fn open(&self) -> i64 {
        Standing::ALL
            .into_iter()
            .filter(|it| it.is_open())
            .map(|it| self.at(it))
            .sum()
    }
}

fn equations(ledger: &Ledger, rows: &Rows) -> Vec<Equation> {
    let raw = ledger.total();
    let received = i64::try_from(ledger.received).unwrap_or(i64::MAX);
    let in_quarantine = raw.quarantined - raw.replayed;
    let in_flight = (received - raw.feedback() - raw.skipped - in_quarantine - raw.decided()).max(0);
    let replayed = raw.replayed - raw.replayed_feedback;
    let undecided = (raw.accepted + replayed - raw.decided()).max(0);
    let decided = [
        ("new", raw.new),
        ("updated", raw.updated),
        ("unchanged", raw.unchanged),
        ("stale", raw.stale),
    ];
    let disposed = decided.into_iter().chain([
        ("feedback", raw.feedback()),
        ("skipped", raw.skipped),
        ("quarantined", in_quarantine),
        ("in_flight", in_flight),
    ]);
    let journalled = [
        ("accepted", raw.accepted),
        ("feedback", raw.fed_back),
        ("skipped", raw.skipped),
        ("quarantined", raw.quarantined),
    ];
    let stages = [
        ("rejected", rows.at(Standing::Rejected)),
        ("voided", rows.at(Standing::Voided)),
        ("merged", 0),
        ("closed", rows.at(Standing::Closed)),
        ("open", rows.open()),
    ];
    let holders = [
        HolderKind::Routing,
        HolderKind::Triage,
        HolderKind::Coordinator,
        HolderKind::Agency,
        HolderKind::Verification,
    ];
    vec![
        Equation::new(
            "received_is_disposed",
            (
                "读取的每条记录都有去向",
                "every record that was read has a disposition",
            ),
            Side::of([("received", received)]),
            Side::of(disposed),
        ),
        Equation::new(
            "read_is_journalled",
            (
                "按位点计数与接收日志一致",
                "the count by position agrees with intake's journal",
            ),
            Side::of([("received", received)]),
            Side::of(journalled),
        ),
        Equation::new(
            "accepted_is_decided",
            ("接收的每条记录都有处理结果", "every accepted record was decided"),
            Side::of([("accepted", raw.accepted), ("replayed", replayed)]),
            Side::of(decided.into_iter().chain([("in_flight", undecided)])),
        ),
        Equation::new(
            "new_is_clues",
            ("每条新记录都是一条线索", "every new record is a clue"),
            Side::of([("new", raw.new)]),
            Side::of([("clues", rows.total)]),
        ),
        Equation::new(
            "clues_are_somewhere",
            ("每条线索都有阶段", "every clue is in one stage"),
            Side::of([("clues", rows.total)]),
            Side::of(stages),
        ),
        Equation::new(
            "open_has_holder",
            ("每条在办线索都有责任方", "every open clue has one holder"),
            Side::of([("open", rows.open())]),
            Side::of(holders.map(|holder| (holder.as_str(), rows.with(holder)))),
        ),
        quarantine_is_kept(&raw, rows),
        put_away_is_kept(ledger, rows),
    ]
}

fn quarantine_is_kept(raw: &Raw, rows: &Rows) -> Equation {
    Equation::new(
        "quarantine_is_kept",
        (
            "无法读取的记录都在隔离区",
            "everything that could not be read is in quarantine",
        ),
        Side::of([
            ("quarantined", raw.quarantined),
            ("less replayed", -raw.replayed),
            ("less discarded", -raw.discarded),
        ]),
        Side::of([("waiting in quarantine", rows.put_away(&[READER], "waiting"))]),
    )
}

/// Their messages are settled in the table alone, so that the table says what became of each.
fn put_away_is_kept(ledger: &Ledger, rows: &Rows) -> Equation {
    Equation::new(
        "put_away_is_kept",
        (
            "其他环节无法读取的消息都在隔离区",
            "every message that another service could not read is in quarantine",
        ),
        Side::of(OTHERS.map(|service| (service, ledger.put_away(service)))),
        Side::of([
            ("waiting in quarantine", rows.put_away(&OTHERS, "waiting")),
            (REPLAYED, rows.put_away(&OTHERS, REPLAYED)),
            (DISCARDED, rows.put_away(&OTHERS, DISCARDED)),
        ]),
    )
}

/// Of each source by itself: one that was told too much does not make up for another.
fn callbacks_are_settled(accounts: &[CallbackAccount]) -> Equation {
    let sum = |of: fn(&CallbackAccount) -> i64| accounts.iter().map(of).sum::<i64>();
    let equation = Equation::new(
        "callbacks_are_settled",
        (
            "应回传来源的每个环节都有着落",
            "every step that a source is to be told of is acknowledged, pending or failed",
        ),
        Side::of([("due", sum(|it| it.due))]),
        Side::of([
            ("acknowledged", sum(|it| it.acknowledged)),
            ("pending", sum(|it| it.pending)),
            ("failed", sum(|it| it.failed)),
        ]),
    );
    let balanced = accounts
        .iter()
        .all(|it| it.due == it.acknowledged + it.pending + it.failed && it.pending >= 0 && it.failed >= 0);
    Equation { balanced, ..equation }
}

/// How many events each journal holds beyond what was counted.
async fn behind(mut connection: Connection<'_>) -> Result<BTreeMap<&'static str, i64>> {
    let leases = lease::list(connection.reborrow(), GROUP).await?;
    let mut behind = BTreeMap::new();
    let journals = [
        (Journal::Clue, topics::CLUE_EVENTS),
        (Journal::Intake, topics::INTAKE_EVENTS),
        (Journal::Delivery, topics::DELIVERY_EVENTS),
    ];
    for (journal, topic) in journals {
        let mut events = 0;
        for (partition, end) in journal::ends(connection.reborrow(), journal).await? {
            let lease = leases.iter().find(|lease| lease.partition == partition);
            events += (end - lease.map_or(0, |lease| reached(lease, topic))).max(0);
        }
        behind.insert(topic, events);
    }
    Ok(behind)
}
