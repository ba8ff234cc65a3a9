//! What an import came to: the accounts before and after it, and their difference in words.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::clue::rejection_words;
use bihuan_domain::figures::Records;
use bihuan_domain::lang::Lang;
use bihuan_monitor::ReportQuery;
use serde::Serialize;

use super::complete::Complete;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::output;

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) files: usize,
    /// Records in the files.
    pub(super) read: u64,
    /// Of these, read for the first time.
    pub(super) received: i64,
    /// Read before: nothing changed by them.
    pub(super) repeated: i64,
    pub(super) dispositions: BTreeMap<&'static str, i64>,
    pub(super) quarantined_by_reason: BTreeMap<String, i64>,
    /// Feedback that lifecycle refused, by reason; of `feedback`.
    pub(super) refused_by_reason: BTreeMap<String, i64>,
    /// Feedback that waits for its clue to be dispatched, whenever it was read.
    pub(super) parked: i64,
    /// What the text of the files turned out to be written in.
    pub(super) encoding: BTreeSet<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) complete: Option<Complete>,
    pub(super) seconds: f64,
    pub(super) records_per_second: f64,
    pub(super) peak_memory_bytes: Option<u64>,
}

/// Records by disposition, quarantine and refused feedback by reason, and what is parked.
pub(super) struct Accounts {
    records: Records,
    quarantined: BTreeMap<String, i64>,
    refused: BTreeMap<String, i64>,
    parked: i64,
}

pub(super) async fn accounts(installation: &Installation) -> Result<Accounts, Failure> {
    let rulebook = installation.library.active(installation.now()).await?;
    let report = bihuan_monitor::report::closure(
        &installation.store,
        &ReportQuery::default(),
        installation.now(),
        rulebook.rulebook(),
    )
    .await?;
    let page = bihuan_monitor::quarantine::list(&installation.store, None, None, 0).await?;
    let mut quarantined = BTreeMap::new();
    for total in page
        .totals
        .into_iter()
        .filter(|total| total.service == bihuan_intake::GROUP)
    {
        *quarantined.entry(total.reason).or_default() += total.records;
    }
    let mut refused = BTreeMap::new();
    for ((_, reason), count) in bihuan_monitor::feedback::refused(&installation.store).await? {
        *refused.entry(reason).or_default() += count;
    }
    let waiting = bihuan_lifecycle::parked::waiting(&installation.store, installation.now()).await?;
    Ok(Accounts {
        records: report.records.unwrap_or_default(),
        quarantined,
        refused,
        parked: waiting.total,
    })
}

/// Every one, zeros too: programs look for each.
pub(super) fn dispositions(records: &Records) -> [(&'static str, u64); 8] {
    [
        ("new", records.new),
        ("updated", records.updated),
        ("unchanged", records.unchanged),
        ("stale", records.stale),
        ("feedback", records.feedback),
        ("skipped", records.skipped),
        ("quarantined", records.quarantined),
        ("in_flight", records.in_flight),
    ]
}

/// What came to the counts, where anything did.
fn added(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let since = |(reason, count): (&String, &i64)| {
        let added = count - before.get(reason).copied().unwrap_or(0);
        (added != 0).then(|| (reason.clone(), added))
    };
    after.iter().filter_map(since).collect()
}

impl Summary {
    pub(super) fn between(read: u64, before: &Accounts, after: &Accounts) -> Self {
        let (was, is) = (dispositions(&before.records), dispositions(&after.records));
        let received = after.records.received as i64 - before.records.received as i64;
        Self {
            read,
            received,
            repeated: read as i64 - received,
            dispositions: is
                .iter()
                .zip(was)
                .map(|((name, is), (_, was))| (*name, *is as i64 - was as i64))
                .collect(),
            quarantined_by_reason: added(&before.quarantined, &after.quarantined),
            refused_by_reason: added(&before.refused, &after.refused),
            parked: after.parked,
            ..Self::default()
        }
    }

    /// What became of feedback, where that is not simply that it was carried out.
    fn of_feedback(&self, lang: Lang) -> Vec<[String; 2]> {
        let refused = self.refused_by_reason.iter().map(|(reason, count)| {
            let (zh, en) = rejection_words(reason);
            let word = lang.choose("反馈被驳回", "feedback refused");
            [
                format!("    {word}: {reason}: {}", lang.choose(zh, en)),
                count.to_string(),
            ]
        });
        let mut rows: Vec<_> = refused.collect();
        if self.parked > 0 {
            let word = lang.choose(
                "待线索派遣的反馈（共）",
                "feedback that waits for its clue (in all)",
            );
            rows.push([word.to_owned(), self.parked.to_string()]);
        }
        rows
    }

    pub(super) fn print(&self, lang: Lang) -> Result<(), Failure> {
        let word = |name: &str| {
            match (name, lang) {
                ("new", Lang::Zh) => "新线索",
                ("updated", Lang::Zh) => "更新",
                ("unchanged", Lang::Zh) => "未变",
                ("stale", Lang::Zh) => "过时",
                ("feedback", Lang::Zh) => "反馈",
                ("skipped", Lang::Zh) => "略过",
                ("quarantined", Lang::Zh) => "隔离",
                ("in_flight", Lang::Zh) => "处理中",
                ("in_flight", Lang::En) => "in flight",
                _ => return name.to_owned(),
            }
            .to_owned()
        };
        let mut rows = vec![
            [
                lang.choose("文件中的记录", "records in the files").to_owned(),
                self.read.to_string(),
            ],
            [
                lang.choose("接收", "received").to_owned(),
                self.received.to_string(),
            ],
            [
                lang.choose("重复读取（不计）", "read before (not counted)")
                    .to_owned(),
                self.repeated.to_string(),
            ],
        ];
        rows.extend(
            self.dispositions
                .iter()
                .map(|(name, count)| [format!("  {}", word(name)), count.to_string()]),
        );
        rows.extend(self.quarantined_by_reason.iter().map(|(reason, count)| {
            let (zh, en) = bihuan_intake::words(reason);
            [
                format!("    {reason}: {}", lang.choose(zh, en)),
                count.to_string(),
            ]
        }));
        rows.extend(self.of_feedback(lang));
        if let Some(complete) = &self.complete {
            rows.extend(complete.rows(lang));
        }
        output::line(&output::table(
            [lang.choose("导入", "import"), lang.choose("数量", "count")],
            rows,
        ))?;
        let encoding: Vec<_> = self.encoding.iter().copied().collect();
        if !encoding.is_empty() {
            let words = lang.choose("编码：", "encoding: ");
            output::line(&format!("{words}{}", encoding.join(lang.choose("、", ", "))))?;
        }
        let memory = self
            .peak_memory_bytes
            .map(|bytes| format!(", {} MiB", bytes / (1 << 20)))
            .unwrap_or_default();
        output::line(&format!(
            "{:.1} s, {:.0} {}{memory}",
            self.seconds,
            self.records_per_second,
            lang.choose("条/秒", "records/s")
        ))
    }
}
