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

    /// A withdrawal that came when the time of the activation had come changes nothing: lifecycle refuses it, and the activation
    /// holds, or is replaced, like any other.
    pub fn state(&self, request: &Request, now: Timestamp) -> State {
        let stands = self.stands(request);
        let has_come = request.from.is_none_or(|from| from <= now);
        let missing = !self.missing(request).is_empty();
        match &request.withdrawal {
            Some(_) if !stands && !missing => State::Withdrawn,
            Some(_) if missing || !has_come => State::BeingWithdrawn,
            None if missing => State::UnderWay,
            _ if !has_come => State::Waits,
            _ if self.holds(now).is_some_and(|it| it.number == request.number) => State::Holds,
            _ => State::Replaced,
        }
    }

    /// What decides about clues that are reported now. While a later one is under way it is still this.
    pub fn holds(&self, now: Timestamp) -> Option<&Request> {
        let holds = |it: &&Request| {
            it.from.is_none_or(|from| from <= now) && self.missing(it).is_empty() && self.stands(it)
        };
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
                let stands_in = request.from.is_none() && it.from.is_none() && it.withdrawn.is_none();
                it.number == Some(request.number) || stands_in
            };
            !rows.iter().any(is)
        })
    }

    /// Whether it was journalled anywhere and not withdrawn there.
    fn stands(&self, request: &Request) -> bool {
        self.missing(request).len() < self.partitions(|rows| !is_withdrawn(rows, request)).len()
    }

    pub fn partitions(&self, is: impl Fn(&[Activation]) -> bool) -> Vec<u32> {
        let rows = (0..).zip(&self.journalled);
        rows.filter(|(_, rows)| is(rows))
            .map(|(partition, _)| partition)
            .collect()
    }

    /// Whether nothing was ever activated that was not withdrawn: the next one is the first use.
    pub fn is_unused(&self) -> bool {
        let mut rows = self.journalled.iter().flatten();
        self.requests.iter().all(|it| it.withdrawal.is_some()) && rows.all(|it| it.withdrawn.is_some())
    }
}

pub fn is_withdrawn(rows: &[Activation], request: &Request) -> bool {
    rows.iter()
        .any(|it| it.number == Some(request.number) && it.withdrawn.is_some())
}

#[cfg(test)]
mod tests {
    use bihuan_store::activation::Withdrawal;

    use super::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn request(number: u32, from: Option<i64>, withdrawn: bool) -> Request {
        Request {
            number,
            version: format!("v{number}"),
            from: from.map(at),
            asked_at: at(1),
            by: "7".to_owned(),
            why: "a decree".to_owned(),
            backtest: None,
            withdrawal: withdrawn.then(|| Withdrawal {
                at: at(2),
                by: "8".to_owned(),
                why: "delayed".to_owned(),
            }),
        }
    }

    fn row(request: &Request, withdrawn: bool) -> Activation {
        let sequence = i64::from(request.number) * 10;
        Activation {
            sequence,
            version: request.version.clone(),
            from: request.from,
            number: Some(request.number),
            withdrawn: withdrawn.then_some(sequence + 1),
        }
    }

    /// After a first one that holds everywhere, of two partitions.
    fn known(second: &Request, journalled: [&[Activation]; 2]) -> Activations {
        let first = request(1, None, false);
        let rows = |rows: &[Activation]| [&[row(&first, false)][..], rows].concat();
        Activations {
            journalled: journalled.map(rows).to_vec(),
            requests: vec![first, second.clone()],
        }
    }

    /// What was asked for, what two partitions journalled, now, and the states of the first use and of this.
    type Case<'c> = (&'c Request, [&'c [Activation]; 2], i64, [State; 2]);

    #[test]
    fn how_far_an_activation_has_come() {
        let asked = request(2, Some(100), false);
        let taken_back = request(2, Some(100), true);
        let (stands, withdrawn) = (row(&asked, false), row(&asked, true));
        let never = Activation::never(2, "v2".to_owned(), 21);
        let [stands, withdrawn, never] = [[stands], [withdrawn], [never]];
        let table: [Case<'_>; 12] = [
            (&asked, [&[], &[]], 99, [State::Holds, State::UnderWay]),
            // what holds is what was journalled, not what was asked for
            (&asked, [&[], &[]], 100, [State::Holds, State::UnderWay]),
            (&asked, [&stands, &[]], 100, [State::Holds, State::UnderWay]),
            (&asked, [&stands, &stands], 99, [State::Holds, State::Waits]),
            (&asked, [&stands, &stands], 100, [State::Replaced, State::Holds]),
            (
                &taken_back,
                [&[], &[]],
                100,
                [State::Holds, State::BeingWithdrawn],
            ),
            (
                &taken_back,
                [&never, &never],
                100,
                [State::Holds, State::Withdrawn],
            ),
            (
                &taken_back,
                [&stands, &withdrawn],
                99,
                [State::Holds, State::BeingWithdrawn],
            ),
            (
                &taken_back,
                [&never, &withdrawn],
                99,
                [State::Holds, State::Withdrawn],
            ),
            // its time came first
            (
                &taken_back,
                [&stands, &stands],
                100,
                [State::Replaced, State::Holds],
            ),
            (
                &taken_back,
                [&stands, &withdrawn],
                100,
                [State::Replaced, State::Holds],
            ),
            (
                &taken_back,
                [&stands, &[]],
                100,
                [State::Holds, State::BeingWithdrawn],
            ),
        ];
        for (second, journalled, now, expected) in table {
            let known = known(second, journalled);
            let states = [0, 1].map(|i| known.state(&known.requests[i], at(now)));
            assert_eq!(states, expected, "{second:?} {journalled:?} {now}");
            let pending = matches!(states[1], State::UnderWay | State::Waits | State::BeingWithdrawn);
            assert_eq!(known.pending(at(now)).is_some(), pending, "{states:?}");
            let holds = states
                .iter()
                .position(|it| *it == State::Holds)
                .map(|i| i as u32 + 1);
            assert_eq!(known.holds(at(now)).map(|it| it.number), holds, "{states:?}");
        }
    }

    #[test]
    fn a_first_use_that_was_withdrawn_leaves_no_use() {
        let first = request(1, None, true);
        let mut known = Activations {
            journalled: vec![vec![Activation::never(1, "v1".to_owned(), 1)]],
            requests: vec![first],
        };
        assert!(known.is_unused());
        let next = request(2, None, false);
        assert_eq!(known.missing(&next), [0], "what never came stands in for nothing");
        known.requests.push(next);
        assert!(!known.is_unused());
    }
}
