//! Who is told, and how patiently.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bihuan_domain::code::SourceId;
use bihuan_mapping::{Destination, Mapping, Step};
use bihuan_runtime::Backoff;
use ipnet::IpNet;

/// The mapping of a source that wants to be told.
#[derive(Clone, Debug)]
pub struct Teller {
    pub mapping: Arc<Mapping>,
    /// Where files that it names lie.
    pub folder: PathBuf,
}

/// The sources that want to be told of steps.
#[derive(Clone, Debug, Default)]
pub struct Callbacks(BTreeMap<SourceId, Teller>);

impl Callbacks {
    /// Of several mappings of one source the first that has callbacks counts. A mapping without any wants nothing.
    pub fn new(tellers: impl IntoIterator<Item = Teller>) -> Self {
        let mut callbacks = BTreeMap::new();
        for teller in tellers {
            if teller.mapping.callbacks().next().is_some() {
                let source = teller.mapping.source().clone();
                callbacks.entry(source).or_insert(teller);
            }
        }
        Self(callbacks)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.0.keys()
    }

    pub(crate) fn of(&self, source: &str) -> Option<&Teller> {
        self.0.get(source)
    }

    /// Whether the source is told of such a step.
    pub(crate) fn tells(&self, source: &SourceId, step: Step) -> bool {
        self.of(source.as_str())
            .is_some_and(|teller| teller.mapping.callback(step).is_some())
    }

    /// The topics that sources are told on: they must exist, with as many partitions as our own.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        let all = self.0.values().flat_map(|teller| teller.mapping.callbacks());
        all.filter_map(|(_, callback)| match &callback.destination {
            Destination::Topic(topic) => Some(topic.as_str()),
            Destination::Url(_) | Destination::File(_) => None,
        })
    }
}

/// How often to try, and when to give up: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub attempts: u32,
    /// After the step, or after somebody had it sent again.
    pub give_up_after: Duration,
    pub shortest: Duration,
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 100,
            give_up_after: Duration::from_hours(72),
            shortest: Duration::from_secs(1),
            longest: Duration::from_hours(1),
        }
    }
}

impl Retry {
    /// Before the attempt that follows `attempts` failed ones.
    pub(crate) fn delay(&self, attempts: u32) -> Duration {
        Backoff::new(self.shortest, self.longest)
            .after(attempts.saturating_sub(1))
            .delay()
    }
}

/// What the sender may do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Networks that may be called though they are not public.
    pub allow_private: Vec<IpNet>,
    /// Where callbacks to files are written; `None`: nowhere.
    pub files: Option<PathBuf>,
    /// Calls at the same time.
    pub concurrency: usize,
    /// Of a call, where its mapping says nothing.
    pub timeout: Duration,
    /// Failures in a row after which a receiver is left alone for a while.
    pub breaker: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            files: None,
            concurrency: 16,
            timeout: Duration::from_secs(10),
            breaker: 5,
        }
    }
}
