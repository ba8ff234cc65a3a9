//! Which activations were asked for, and how far each has come.

use bihuan_domain::time::Timestamp;
use bihuan_store::activation::{self, Activation, Request};
use bihuan_store::{Connection, Result, Store};

/// How far an activation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not journalled in every partition.
    UnderWay,
    /// For its time.
    Waits,
    Holds,
    /// A later one holds.
    Replaced,
    /// Not in every partition yet.
    BeingWithdrawn,
    Withdrawn,
}

/// What is known of the installation's activations.
pub struct Activations {
    pub requests: Vec<Request>,
    /// What each partition journalled.
    pub journalled: Vec<Vec<Activation>>,
}

impl State {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnderWay => "under_way",
            Self::Waits => "waits",
            Self::Holds => "holds",
            Self::Replaced => "replaced",
            Self::BeingWithdrawn => "being_withdrawn",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Activations {
    pub async fn read(mut connection: Connection<'_>, partitions: u32) -> Result<Self> {
        let requests = activation::requests(connection.reborrow()).await?;
        let mut journalled = Vec::new();
        for partition in 0..partitions {
            journalled.push(activation::of_partition(connection.reborrow(), partition).await?);
        }
        Ok(Self { requests, journalled })
    }

    pub async fn of(store: &Store, partitions: u32) -> Result<Self> {
        Self::read(store.snapshot().await?.conn(), partitions).await
    }

    pub fn state(&self, request: &Request, now: Timestamp) -> State {
        if request.withdrawal.is_some() {
            let left = self.partitions(|it| !is_withdrawn(it, request));
            return if left.is_empty() {
                State::Withdrawn
            } else {
                State::BeingWithdrawn
            };
        }
        if !self.missing(request).is_empty() {
            return State::UnderWay;
        }
        if request.from.is_some_and(|from| from > now) {
            return State::Waits;
        }
        if self.holds(now).is_some_and(|it| it.number == request.number) {
            State::Holds
        } else {
            State::Replaced
        }
    }

    /// What is asked for about clues that are reported now.
    pub fn holds(&self, now: Timestamp) -> Option<&Request> {
        let holds = |it: &&Request| it.withdrawal.is_none() && it.from.is_none_or(|from| from <= now);
        self.requests
            .iter()
            .filter(holds)
            .max_by_key(|it| (it.from, it.number))
    }

    /// The one that must come to its end, or whose time must come, before there can be another.
    pub fn pending(&self, now: Timestamp) -> Option<(&Request, State)> {
        let mut states = self.requests.iter().map(|it| (it, self.state(it, now)));
        states.find(|(_, state)| matches!(state, State::UnderWay | State::Waits | State::BeingWithdrawn))
    }

    /// Partitions that have not journalled it. What holds about all clues is there already where anything does: of old the first
    /// use was not counted.
    pub fn missing(&self, request: &Request) -> Vec<u32> {
        self.partitions(|rows| {
            let is = |it: &Activation| {
                it.number == Some(request.number) || (request.from.is_none() && it.from.is_none())
            };
            !rows.iter().any(is)
        })
    }

    pub fn partitions(&self, is: impl Fn(&[Activation]) -> bool) -> Vec<u32> {
        let rows = (0..).zip(&self.journalled);
        rows.filter(|(_, rows)| is(rows))
            .map(|(partition, _)| partition)
            .collect()
    }

    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.journalled.iter().all(Vec::is_empty)
    }
}

pub fn is_withdrawn(rows: &[Activation], request: &Request) -> bool {
    rows.iter()
        .any(|it| it.number == Some(request.number) && it.withdrawn.is_some())
}
