//! Which sources are told of their clues, from the configuration: one mapping of a platform suffices, whether it is that of its
//! topic or, for a platform without one, named for delivery.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bihuan_delivery::callback::{Callbacks, Retry, Sender, Settings, Teller};
use bihuan_runtime::config::{Config, Delivery};
use bihuan_stream::Context;

use crate::command::mapping;
use crate::failure::Failure;

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
