//! Rulebook directories on their way into an installation: read, checked, remembered, activated in every partition.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::command::{self, ActivateRulebook, ClueCommand};
use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::id::CommandId;
use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_rulebook::{Files, Finding, compile};
use bihuan_store::document;

use crate::failure::Failure;
use crate::installation::Installation;
use crate::session::Reading;

/// A rulebook directory, checked.
pub(crate) struct Checked {
    pub(crate) files: Files,
    pub(crate) rulebook: Option<Rulebook>,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn check(directory: &Path) -> Result<Checked, Failure> {
    let files = Files::read_dir(directory).map_err(|error| {
        let directory = directory.display();
        Failure::usage(
            format!("规则库目录 {directory}：{error}"),
            format!("rulebook directory {directory}: {error}"),
        )
    })?;
    let (rulebook, findings) = compile(&files);
    Ok(Checked {
        files,
        rulebook,
        findings,
    })
}

/// The rulebook of the directory, if it has no errors.
pub(crate) fn usable(directory: &Path) -> Result<(Files, Rulebook), Failure> {
    let Checked {
        files,
        rulebook,
        findings,
    } = check(directory)?;
    if let Some(rulebook) = rulebook {
        return Ok((files, rulebook));
    }
    let first = findings.iter().find(|finding| finding.is_error());
    let place = first
        .map(|finding| format!("{}:{}", finding.file, finding.line.unwrap_or(0)))
        .unwrap_or_default();
    let directory = directory.display();
    Err(Failure::usage(
        format!(
            "规则库 {directory} 有错误（{place} {}）；请运行 bihuan rulebook check {directory}",
            first.map_or("", |finding| finding.message_zh.as_str())
        ),
        format!(
            "rulebook {directory} has errors ({place} {}); run bihuan rulebook check {directory}",
            first.map_or("", |finding| finding.message_en.as_str())
        ),
    ))
}

/// The first use names the rulebook: `asked` on the command line, else the configuration. Afterwards the same one may be named
/// again, another only by `rulebook activate`; the configuration, which nobody edits for that, goes on naming the first one.
pub(crate) async fn first_use(installation: &Installation, asked: Option<&Path>) -> Result<(), Failure> {
    let Some(directory) = asked.or(installation.config.rulebook.as_deref()) else {
        return Ok(());
    };
    let (files, rulebook) = usable(directory)?;
    let mut reader = installation.store.read().await?;
    let active = document::active(reader.conn()).await?;
    drop(reader);
    match active {
        // a process that was killed while it activated it may have reached some partitions only
        Some(active) if active == rulebook.version.as_str() => {
            activate_in(installation, &rulebook, &without(installation).await?).await
        }
        Some(active) if asked.is_none() => {
            tracing::info!(active, configured = %rulebook.version, "another rulebook was activated since the first use");
            Ok(())
        }
        Some(active) => Err(another(&active, directory, &rulebook)),
        None => activate(installation, &files, &rulebook).await,
    }
}

/// What the first use would decide by, without using anything: see [`first_use`].
pub(crate) async fn without_use(
    reading: Option<&Reading>,
    asked: Option<&Path>,
    configured: Option<&Path>,
) -> Result<Arc<CompiledRulebook>, Failure> {
    let of = |rulebook| Arc::new(CompiledRulebook::new(Arc::new(rulebook)));
    let active = match reading {
        Some(reading) => document::active(reading.store.read().await?.conn()).await?,
        None => None,
    };
    let (Some(reading), Some(active)) = (reading, active) else {
        return Ok(of(match asked.or(configured) {
            Some(directory) => usable(directory)?.1,
            None => Rulebook::none(),
        }));
    };
    if let Some(directory) = asked {
        let rulebook = usable(directory)?.1;
        if active != rulebook.version.as_str() {
            return Err(another(&active, directory, &rulebook));
        }
    }
    reading.rulebook().await
}

fn another(active: &str, directory: &Path, rulebook: &Rulebook) -> Failure {
    let (directory, version) = (directory.display(), &rulebook.version);
    Failure::usage(
        format!("当前规则库为 {active}，而 {directory} 为 {version}；请用 bihuan rulebook activate 更换"),
        format!(
            "rulebook {active} is active, {directory} is {version}; change it with bihuan rulebook activate"
        ),
    )
}

/// Asks every partition to decide by the rulebook from here on, and waits until each does.
pub(crate) async fn activate(
    installation: &Installation,
    files: &Files,
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let mut tx = installation.store.begin().await?;
    bihuan_rulebook::remember(tx.conn(), files, rulebook).await?;
    tx.commit().await?;
    let partitions: Vec<u32> = (0..installation.config.partitions).collect();
    activate_in(installation, rulebook, &partitions).await
}

/// The partitions in which no rulebook was ever activated.
async fn without(installation: &Installation) -> Result<Vec<u32>, Failure> {
    let mut without = Vec::new();
    for partition in 0..installation.config.partitions {
        if activations(installation, partition).await?.is_empty() {
            without.push(partition);
        }
    }
    Ok(without)
}

async fn activate_in(
    installation: &Installation,
    rulebook: &Rulebook,
    partitions: &[u32],
) -> Result<(), Failure> {
    let now = installation.now();
    let asked = |partition: u32| {
        let cause = format!("{}/{}/{partition}", rulebook.version, now.as_micros());
        let activate = ActivateRulebook {
            id: CommandId::derive(cause.as_bytes(), "operator", partition),
            version: rulebook.version.clone(),
            actor: Actor::service(Role::Operator),
            received_at: now,
        };
        command::message(&ClueCommand::ActivateRulebook(activate), partition, "operator")
    };
    let mut before = Vec::with_capacity(partitions.len());
    for partition in partitions {
        before.push((*partition, activations(installation, *partition).await?.len()));
    }
    installation
        .log
        .publish(partitions.iter().map(|partition| asked(*partition)).collect())
        .await?;
    for (partition, known) in before {
        while !is_active(installation, partition, known, rulebook).await? {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

async fn activations(installation: &Installation, partition: u32) -> Result<Vec<(i64, String)>, Failure> {
    let mut reader = installation.store.read().await?;
    Ok(document::activations(reader.conn(), partition).await?)
}

/// Whether the partition decides by it, or did after it had `known` activations: somebody else may have activated another one
/// since.
async fn is_active(
    installation: &Installation,
    partition: u32,
    known: usize,
    rulebook: &Rulebook,
) -> Result<bool, Failure> {
    let activations = activations(installation, partition).await?;
    let since = activations.get(known.saturating_sub(1)..).unwrap_or_default();
    Ok(since
        .iter()
        .any(|(_, version)| version == rulebook.version.as_str()))
}
