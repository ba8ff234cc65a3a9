//! Which sources are told of their clues, from the configuration: one mapping of a platform suffices, whether it is that of its
//! topic or, for a platform without one, named for delivery.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_delivery::callback::{Callbacks, Retry, Sender, Settings, Teller};
use bihuan_mapping::{Destination, Mapping};
use bihuan_runtime::config::{Config, Delivery};
use bihuan_store::{Connection, Store, installation};
use bihuan_stream::Context;

use crate::command::mapping;
use crate::failure::Failure;
use crate::installation::Installation;

/// In shadow nobody is told, whatever is configured.
pub(crate) fn of(config: &Config, shadow: bool) -> Result<Callbacks, Failure> {
    if shadow {
        return Ok(Callbacks::default());
    }
    // the one that was named for it first
    let named = config.delivery.callback.iter().map(|it| &it.mapping);
    let sources = config.intake.source.iter().map(|it| &it.mapping);
    let mut tellers = Vec::new();
    let mut seen = BTreeMap::new();
    for path in named.chain(sources) {
        let mapping = mapping::read(path)?;
        if mapping.callbacks().next().is_none() {
            continue;
        }
        if let Some(topic) = own_topic(&mapping) {
            let path = path.display();
            return Err(Failure::usage(
                format!("{path}：{topic} 是闭环自己的主题，不能用于回传"),
                format!("{path}: {topic} is a topic of Bihuan's own; callbacks go elsewhere"),
            ));
        }
        let (source, digest) = (mapping.source().clone(), mapping.digest().to_owned());
        if let Some((before, other)) = seen.insert(source.clone(), (path.clone(), digest.clone()))
            && other != digest
        {
            let (before, path) = (before.display(), path.display());
            return Err(Failure::usage(
                format!("来源 {source} 的回传在 {before} 和 {path} 里写得不同：只留一处"),
                format!("{before} and {path} call {source} back in different ways: keep one of them"),
            ));
        }
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let mapping = Arc::new(mapping);
        tellers.push(Teller { mapping, folder });
    }
    Ok(Callbacks::new(tellers))
}

/// A topic that the mapping would write to and only Bihuan may.
fn own_topic(mapping: &Mapping) -> Option<String> {
    mapping
        .callbacks()
        .find_map(|(_, callback)| match &callback.destination {
            Destination::Topic(topic) => {
                let ours =
                    topics::QUEUES.contains(&topic.as_str()) || topics::JOURNALS.contains(&topic.as_str());
                ours.then(|| topic.clone())
            }
            Destination::Url(_) | Destination::File(_) => None,
        })
}

/// The sources that are told of their clues, as the installation remembers them.
const CALLED_BACK: &str = "called_back";

/// Delivery reads each event once: whoever runs it without the mapping of a source that is told would pass its steps over for
/// good. So that is refused, unless a mapping of the source says by having no `[callback]` that it is told no longer.
pub(crate) async fn keep_promises(
    store: &Store,
    config: &Config,
    callbacks: &Callbacks,
) -> Result<(), Failure> {
    let told: BTreeSet<String> = callbacks.sources().map(ToString::to_string).collect();
    let mut tx = store.begin().await?;
    let promised = promised(tx.conn()).await?;
    let forgotten: Vec<_> = promised.difference(&named(config)?).cloned().collect();
    if !forgotten.is_empty() {
        let sources = forgotten.join(", ");
        return Err(Failure::usage(
            format!("来源 {sources} 要得到办理环节的回传，而这次没有其映射：请用写明它的 --config 运行"),
            format!(
                "{sources} is told of the steps of its clues, and its mapping is not named here: run with the --config that does"
            ),
        ));
    }
    if told != promised {
        let sources: Vec<_> = told.into_iter().collect();
        installation::put(tx.conn(), CALLED_BACK, &sources.join(" ")).await?;
    }
    Ok(tx.commit().await?)
}

/// The sources that are told, as whoever ran delivery last said.
async fn promised(connection: Connection<'_>) -> Result<BTreeSet<String>, Failure> {
    let promised = installation::get(connection, CALLED_BACK)
        .await?
        .unwrap_or_default();
    Ok(promised.split_whitespace().map(str::to_owned).collect())
}

/// What whoever imports by a mapping should know whose steps nobody is told of: delivery reads each event once, so what it passes over
/// now is passed over for good. Trying a mapping out is no reason to refuse.
pub(crate) async fn untold(
    installation: &Installation,
    mapping: &Mapping,
) -> Result<Option<[String; 2]>, Failure> {
    let source = mapping.source();
    if installation.shadow || mapping.callbacks().next().is_none() {
        return Ok(None);
    }
    // what is wrong with mappings is for those to say who use them
    let configured = of(&installation.config, false).unwrap_or_default();
    let mut reader = installation.store.read().await?;
    let is_told = configured.sources().any(|told| told == source)
        || promised(reader.conn()).await?.contains(source.as_str());
    Ok((!is_told).then(|| {
        [
            format!(
                "注意：映射中有 [callback]，但配置没有让来源 {source} 得到回传，这次导入的线索的环节不会回传，以后也不补发。\
                 请在配置里写 [[delivery.callback]] mapping = \"…\"，并用 --config 运行"
            ),
            format!(
                "note: the mapping has [callback], but no configuration has {source} told: nobody will be told of the steps of these \
                 clues, now or later. Write [[delivery.callback]] mapping = \"…\" into a configuration, and run with --config"
            ),
        ]
    }))
}

/// The sources whose mappings the configuration names.
fn named(config: &Config) -> Result<BTreeSet<String>, Failure> {
    let named = config.delivery.callback.iter().map(|it| &it.mapping);
    let sources = config.intake.source.iter().map(|it| &it.mapping);
    let paths = named.chain(sources);
    paths
        .map(|path| Ok(mapping::read(path)?.source().to_string()))
        .collect()
}

pub(crate) fn retry(config: &Delivery) -> Retry {
    let retry = config.retry;
    Retry {
        attempts: retry.attempts,
        give_up_after: Duration::from_hours(retry.give_up_after_hours.into()),
        shortest: Duration::from_millis(retry.shortest_ms),
        longest: Duration::from_millis(retry.longest_ms),
    }
}

pub(crate) fn sender(context: Context, callbacks: Callbacks, config: &Delivery) -> Result<Sender, Failure> {
    let settings = Settings {
        allow_private: config.allow_private.clone(),
        files: config.callback_files.clone(),
        concurrency: config.concurrency,
        ..Settings::default()
    };
    Sender::new(context, Arc::new(callbacks), settings).map_err(|error| {
        Failure::usage(
            format!("回传无法启动：{error}"),
            format!("callbacks cannot be sent: {error}"),
        )
    })
}
