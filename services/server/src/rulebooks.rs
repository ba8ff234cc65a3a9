//! Rulebook directories on their way into an installation: read, checked, and for the first use activated.

use std::path::Path;
use std::sync::Arc;

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_rulebook::{Files, Finding, compile};
use bihuan_store::activation;

use crate::failure::Failure;
use crate::installation::Installation;
use crate::session::Reading;

/// A rulebook directory, checked.
pub(crate) struct Checked {
    pub(crate) files: Files,
    pub(crate) rulebook: Option<Rulebook>,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn files(directory: &Path) -> Result<Files, Failure> {
    Files::read_dir(directory).map_err(|error| {
        let directory = directory.display();
        Failure::usage(
            format!("规则库目录 {directory}：{error}"),
            format!("rulebook directory {directory}: {error}"),
        )
    })
}

pub(crate) fn check(directory: &Path) -> Result<Checked, Failure> {
    let files = files(directory)?;
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
    let [zh, en] = first_error(&findings);
    let directory = directory.display();
    Err(Failure::usage(
        format!("规则库 {directory} 有错误（{zh}）；请运行 bihuan rulebook check {directory}"),
        format!("rulebook {directory} has errors ({en}); run bihuan rulebook check {directory}"),
    ))
}

/// The first error with its place, in Chinese and in English.
pub(crate) fn first_error(findings: &[Finding]) -> [String; 2] {
    let first = findings.iter().find(|finding| finding.is_error());
    let told = |lang| {
        first.map_or_else(String::new, |it| {
            format!("{}:{} {}", it.file, it.line.unwrap_or(0), it.message(lang))
        })
    };
    [told(Lang::Zh), told(Lang::En)]
}

/// The first use names the rulebook: `asked` on the command line, else the configuration. Afterwards the same one may be named
/// again, another only by `rulebook activate`; the configuration, which nobody edits for that, goes on naming the first one.
pub(crate) async fn first_use(installation: &Installation, asked: Option<&Path>) -> Result<(), Failure> {
    let Some(directory) = asked.or(installation.config.rulebook.as_deref()) else {
        return Ok(());
    };
    let mut reader = installation.store.read().await?;
    let active = activation::active(reader.conn(), installation.now()).await?;
    drop(reader);
    let (files, rulebook) = match (usable(directory), &active) {
        (Ok(usable), _) => usable,
        // the store keeps what was activated, and nobody named the directory now
        (Err(failure), Some(active)) if asked.is_none() => {
            tracing::warn!(active, %failure, "the configured rulebook of the first use cannot be used, and is not needed");
            return Ok(());
        }
        (Err(failure), _) => return Err(failure),
    };
    match active {
        Some(active) if active != rulebook.version.as_str() => {
            if asked.is_some() {
                return Err(another(&active, directory, &rulebook));
            }
            tracing::info!(active, configured = %rulebook.version, "another rulebook was activated since the first use");
            Ok(())
        }
        // a process that was killed while it activated it may have reached some partitions only
        active => {
            let first = crate::activation::first(installation, &files, &rulebook).await?;
            if active.is_none() && first.version != rulebook.version.as_str() {
                return Err(another(&first.version, directory, &rulebook));
            }
            Ok(())
        }
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
        Some(reading) => activation::active(reading.store.read().await?.conn(), reading.now()).await?,
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
