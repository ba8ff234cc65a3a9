//! How long things take at a load that the machine can sustain: one hop (a command enqueued until its event, which follows the
//! commit, is read back from the journal: an upper bound of enqueue → commit), and inbound → assigned, with its four hops apart:
//! intake's command, lifecycle's report, routing's command, lifecycle's assignment.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use bihuan_contracts::topics;
use bihuan_domain::id::ClueId;
use bihuan_runtime::config::Config;
use bihuan_stream::{Log, Tail};
use clap::Args;
use tokio::sync::mpsc;

use super::installed::Installed;
use super::pipeline::{clue_of, next_step};
use super::samples::Samples;
use super::work::Work;
use super::{Figure, Goal, Result as Measured};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Lifecycles per second: half of what `bench pipeline` sustains
    #[arg(long, default_value_t = 750.0)]
    rate: f64,
    /// For how long
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Seconds at that load before, which are not counted: groups are joined and caches filled in them
    #[arg(long, default_value_t = 5)]
    warm_up: u64,
}

/// Records are sent this often.
const TICK: Duration = Duration::from_millis(5);

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        let installed = Installed::start(config).await?;
        let log = installed.installation.log.clone();
        let of = |seconds: u64| (self.rate * seconds as f64) as u64;
        let (total, cold) = (of(self.warm_up + self.seconds), of(self.warm_up));
        let tail = log.tail(&[topics::CLUE_COMMANDS, topics::CLUE_EVENTS]).await?;
        let (reported, reports) = mpsc::unbounded_channel();
        let watching = tokio::spawn(watch(tail, log.clone(), cold..total, reports));
        let work = Work::new(log.partitions())?;
        let started = Instant::now();
        let mut sent = 0_u64;
        while sent < total {
            let due = ((started.elapsed().as_secs_f64() * self.rate) as u64).min(total);
            if due > sent {
                let now = installed.installation.now();
                let at = Instant::now();
                for i in sent..due {
                    let _ = reported.send((work.clue(i), i, at));
                }
                log.publish((sent..due).map(|i| work.record(i, now)).collect())
                    .await?;
                sent = due;
            }
            tokio::time::sleep(TICK).await;
        }
        let mut seen = watching
            .await
            .map_err(|error| Failure::usage(error.to_string(), error.to_string()))??;
        installed.remove().await?;
        let mut figures = vec![
            Figure::new("load", self.rate, "lifecycles/s"),
            Figure::new("one hop, p50", seen.hop.percentile(0.5), "ms"),
            Figure::new("one hop, p99", seen.hop.percentile(0.99), "ms").with(Goal::AtMost(60.0)),
            Figure::new("inbound → assigned, p50", seen.assigned.percentile(0.5), "ms"),
            Figure::new("inbound → assigned, p99", seen.assigned.percentile(0.99), "ms")
                .with(Goal::AtMost(250.0)),
        ];
        for ((name, _), samples) in STAGES.iter().zip(&mut seen.stages) {
            figures.push(Figure::new(
                format!("  {name}, p50"),
                samples.percentile(0.5),
                "ms",
            ));
            figures.push(Figure::new(
                format!("  {name}, p99"),
                samples.percentile(0.99),
                "ms",
            ));
        }
        figures.push(Figure::new("hops measured", seen.hop.len() as f64, ""));
        figures.push(Figure::new(
            "assignments measured",
            seen.assigned.len() as f64,
            "",
        ));
        Ok(Measured {
            bench: "latency",
            figures,
        })
    }
}

/// What a clue passes on its way to an agency, and the message that ends each stage.
const STAGES: [(&str, &str); 4] = [
    ("intake", "bihuan.clue.v1.ReportClue"),
    ("lifecycle, report", "bihuan.clue.v1.ClueReported"),
    ("routing", "bihuan.clue.v1.AssignClue"),
    ("lifecycle, assignment", ASSIGNED),
];

const ASSIGNED: &str = "bihuan.clue.v1.ClueAssigned";

/// A clue on its way.
struct Underway {
    ordinal: u64,
    sent: Instant,
    /// When it passed the last stage, so far as the topics were read in that order.
    passed: Instant,
}

#[derive(Default)]
struct Seen {
    hop: Samples,
    assigned: Samples,
    stages: [Samples; STAGES.len()],
}

impl Seen {
    fn pass(&mut self, type_name: &str, clue: &mut Underway) {
        let stages = STAGES.iter().zip(&mut self.stages);
        if let Some((_, samples)) = stages.into_iter().find(|((_, ends), _)| *ends == type_name) {
            samples.add(clue.passed.elapsed());
            clue.passed = Instant::now();
        }
        if type_name == ASSIGNED {
            self.assigned.add(clue.sent.elapsed());
        }
    }
}

/// Plays the agencies and notes how long everything took for the clues that are measured.
async fn watch(
    mut tail: Tail,
    log: Log,
    measured: Range<u64>,
    mut reports: mpsc::UnboundedReceiver<(ClueId, u64, Instant)>,
) -> Result<Seen, Failure> {
    let work = Work::new(log.partitions())?;
    let mut clues: HashMap<ClueId, Underway> = HashMap::new();
    let mut asked: HashMap<ClueId, Instant> = HashMap::new();
    let mut seen = Seen::default();
    let mut closed = 0;
    while closed < measured.end {
        let Some(record) = tail.next().await else { break };
        let mut answers = Vec::new();
        let mut next = Some(record);
        while let Some(record) = next.take() {
            while let Ok((clue, ordinal, sent)) = reports.try_recv() {
                let passed = sent;
                clues.insert(
                    clue,
                    Underway {
                        ordinal,
                        sent,
                        passed,
                    },
                );
            }
            next = tail.try_next();
            let Some(id) = clue_of(&record.key) else { continue };
            let Some(clue) = clues.get_mut(&id) else { continue };
            let is_measured = measured.contains(&clue.ordinal);
            if is_measured {
                seen.pass(&record.type_name, clue);
            }
            if &*record.topic != topics::CLUE_EVENTS {
                continue;
            }
            if let Some(at) = asked.remove(&id)
                && is_measured
            {
                seen.hop.add(at.elapsed());
            }
            if let Some(step) = next_step(&record.type_name) {
                asked.insert(id, Instant::now());
                let step = work.step(clue.ordinal, step, bihuan_runtime::Clock::wall().now());
                answers.push(work.message(clue.ordinal, &step));
            } else if &*record.type_name == "bihuan.clue.v1.ClueClosed" {
                closed += 1;
            }
        }
        if !answers.is_empty() {
            // its own task: waiting for the acknowledgement is not part of reading
            let log = log.clone();
            tokio::spawn(async move { log.publish(answers).await });
        }
    }
    Ok(seen)
}
