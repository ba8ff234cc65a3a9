//! A report as gauges, for alerts and dashboards. Labels carry codes, never people.

use std::collections::BTreeMap;

use bihuan_domain::dispute::{self, ForumLevel};
use bihuan_domain::figures::{By, Counts, FigureKind, Report, Task};
use bihuan_domain::time::Timestamp;
use metrics::{describe_gauge, gauge};

use crate::duty::OpenDisputes;
use crate::heard::LastHeard;
use crate::reconcile::{Cause, Run};

/// Says what the gauges mean. Once, when the recorder is installed.
pub fn describe() {
    describe_gauge!("bihuan_clues", "clues by part of the day's partition");
    describe_gauge!("bihuan_clues_open", "open clues");
    describe_gauge!("bihuan_clues_overdue", "open clues past their deadline");
    describe_gauge!(
        "bihuan_clues_triage",
        "clues that wait for a person to say whose duty they are"
    );
    describe_gauge!(
        "bihuan_clues_overdue_by_age",
        "open clues past their deadline, by how many days ago it was; each clue in one band"
    );
    describe_gauge!(
        "bihuan_clocks_overdue",
        "clocks that run and whose time is over, by what is to be done; coordination is what triage is for a clue in dispute"
    );
    describe_gauge!(
        "bihuan_clues_backlog",
        "suspended clues whose suspensions together are longer than the policy's backlog_days"
    );
    describe_gauge!(
        "bihuan_clues_provisional",
        "open clues with a due time that goes by a calendar that is not published"
    );
    describe_gauge!(
        "bihuan_notices_waiting",
        "notices and bulletins that the ladder drafted, for single clues, and that nobody has issued"
    );
    describe_gauge!(
        "bihuan_notices_oldest_seconds",
        "how long ago the oldest of them was drafted; 0 while none waits"
    );
    describe_gauge!(
        "bihuan_disputes_open",
        "open disputes over duty, by the step that they wait for and the level that they are before"
    );
    describe_gauge!(
        "bihuan_disputes_overdue",
        "open disputes over duty whose open step is past its time"
    );
    describe_gauge!(
        "bihuan_disputes_late",
        "open disputes over duty that the last level has not decided in its time"
    );
    describe_gauge!(
        "bihuan_disputes_breached",
        "rulings that the agency they name does not take up: breaches that last"
    );
    describe_gauge!("bihuan_records", "records that were read, by disposition");
    describe_gauge!(
        "bihuan_feedback_refused",
        "feedback that was refused, by the platform that sent it and why"
    );
    describe_gauge!(
        "bihuan_figure",
        "a figure of the closure report; absent while it is a ratio of nothing"
    );
    describe_gauge!("bihuan_agency_clues_open", "open clues by agency");
    describe_gauge!(
        "bihuan_agency_clues_overdue",
        "open clues past their deadline, by agency"
    );
    describe_gauge!(
        "bihuan_source_last_heard_seconds",
        "how long ago a source was heard last: any record of it, heartbeats included"
    );
    describe_gauge!(
        "bihuan_source_silent",
        "1 while a source is silent for longer than its silent_after; absent without one"
    );
    describe_gauge!(
        "bihuan_agency_closure_rate",
        "closed / due, by agency; absent while nothing is due"
    );
    describe_gauge!(
        "bihuan_reconcile_differences",
        "differences between a platform's own list and ours; NaN where the list could not be read"
    );
    describe_gauge!(
        "bihuan_reconcile_failed",
        "1: the last list of the source could not be read"
    );
    describe_gauge!(
        "bihuan_reconcile_last_run_seconds",
        "when the source was reconciled last, in seconds since 1970"
    );
}

/// Sets the gauges from a report; by agency if its rows are.
pub fn record(report: &Report) {
    for (part, clues) in report.partition.entries() {
        gauge!("bihuan_clues", "part" => part).set(clues as f64);
    }
    gauge!("bihuan_clues_open").set(report.counts.open as f64);
    gauge!("bihuan_clues_overdue").set(report.counts.open_overdue as f64);
    gauge!("bihuan_clues_triage").set(report.counts.triage as f64);
    times(&report.counts);
    if let Some(records) = &report.records {
        for (disposition, count) in records.entries() {
            gauge!("bihuan_records", "disposition" => disposition).set(count as f64);
        }
    }
    for figure in &report.figures {
        if let Some(value) = figure.value {
            gauge!("bihuan_figure", "id" => figure.id.as_str()).set(value);
        }
    }
    if report.by == Some(By::Agency) {
        by_agency(report);
    }
}

fn times(counts: &Counts) {
    for (key, clues) in counts.overdue_by_age() {
        let days = match key {
            "overdue_within_1_day" => "0-1",
            "overdue_within_3_days" => "1-3",
            "overdue_within_10_days" => "3-10",
            "overdue_within_30_days" => "10-30",
            _ => "30+",
        };
        gauge!("bihuan_clues_overdue_by_age", "days" => days).set(clues as f64);
    }
    for task in Task::ALL {
        let overdue = counts.task(task).overdue;
        gauge!("bihuan_clocks_overdue", "step" => task.as_str()).set(overdue as f64);
    }
    gauge!("bihuan_clues_backlog").set(counts.backlog as f64);
    gauge!("bihuan_clues_provisional").set(counts.provisional as f64);
}

/// Sets the gauges of drafts that wait for a person: how many, and since when the oldest does.
pub fn notices((waiting, oldest): (u64, Option<Timestamp>), now: Timestamp) {
    gauge!("bihuan_notices_waiting").set(waiting as f64);
    let seconds = oldest.map_or(0, |oldest| now.since(oldest).max(0) / 1_000_000);
    gauge!("bihuan_notices_oldest_seconds").set(seconds as f64);
}

/// Sets the gauges of open disputes over duty; of a step and a level without any, to nought.
pub fn disputes(open: &OpenDisputes) {
    for step in dispute::Step::ALL {
        for level in ForumLevel::ALL {
            let labels = [("step", step.as_str()), ("level", level.as_str())];
            let disputes = open.by.get(&(*step, *level)).copied().unwrap_or_default();
            gauge!("bihuan_disputes_open", &labels).set(disputes as f64);
        }
    }
    gauge!("bihuan_disputes_overdue").set(open.overdue as f64);
    gauge!("bihuan_disputes_late").set(open.late as f64);
    gauge!("bihuan_disputes_breached").set(open.breached as f64);
}

/// Sets the gauges from the newest run of each source.
pub fn reconciled(runs: &[Run]) {
    for run in runs {
        let source = || run.source.clone();
        let failed = run.summary.is_none();
        gauge!("bihuan_reconcile_failed", "source" => source()).set(f64::from(u8::from(failed)));
        let seconds = run.finished_at.as_micros() / 1_000_000;
        gauge!("bihuan_reconcile_last_run_seconds", "source" => source()).set(seconds as f64);
        for cause in Cause::ALL {
            let gauge =
                gauge!("bihuan_reconcile_differences", "source" => source(), "cause" => cause.as_str());
            gauge.set(run.differences(cause).map_or(f64::NAN, |count| count as f64));
        }
    }
}

/// Sets the gauges of refused feedback, by (platform, reason).
pub fn feedback(refused: &BTreeMap<(String, String), i64>) {
    for ((source, reason), count) in refused {
        let labels = [("source", source.clone()), ("reason", reason.clone())];
        gauge!("bihuan_feedback_refused", &labels).set(*count as f64);
    }
}

/// Sets the gauges of when each source was heard last.
pub fn record_heard(sources: &[LastHeard]) {
    for LastHeard { source, seconds, .. } in sources {
        gauge!("bihuan_source_last_heard_seconds", "source" => source.clone()).set(*seconds as f64);
    }
}

/// A source for which silence means something. One that was never heard is silent, too.
pub fn record_silence(source: &str, silent_after: std::time::Duration, sources: &[LastHeard]) {
    let heard = sources.iter().find(|it| it.source == source);
    let is_silent = heard.is_none_or(|it| it.seconds > silent_after.as_secs());
    gauge!("bihuan_source_silent", "source" => source.to_owned()).set(f64::from(u8::from(is_silent)));
}

fn by_agency(report: &Report) {
    for row in report.rows.iter().filter(|row| !row.key.is_empty()) {
        let agency = || row.key.clone();
        gauge!("bihuan_agency_clues_open", "agency" => agency()).set(row.counts.open as f64);
        gauge!("bihuan_agency_clues_overdue", "agency" => agency()).set(row.counts.open_overdue as f64);
        let due = row
            .figures
            .iter()
            .find(|figure| figure.id == FigureKind::ClosureRateDue);
        if let Some(value) = due.and_then(|figure| figure.value) {
            gauge!("bihuan_agency_closure_rate", "agency" => agency()).set(value);
        }
    }
}
