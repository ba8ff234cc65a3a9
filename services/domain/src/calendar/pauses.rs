//! Times in which a limit does not run.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// From a moment until before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pause {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Pause {
    /// In order and apart; those of no length are none.
    pub(crate) fn merged(pauses: &[Self]) -> Vec<Self> {
        let mut pauses: Vec<_> = pauses.iter().copied().filter(|it| it.from < it.to).collect();
        pauses.sort_unstable();
        pauses.dedup_by(|next, before| {
            let joined = next.from <= before.to;
            if joined {
                before.to = before.to.max(next.to);
            }
            joined
        });
        pauses
    }
}

/// What of the pauses lies after `start` and before `end`.
pub(super) fn within(pauses: &[Pause], start: i64, end: i64) -> impl Iterator<Item = (i64, i64)> {
    let clipped = move |pause: &Pause| {
        let (from, to) = (pause.from.as_micros(), pause.to.as_micros());
        (from.max(start), to.min(end))
    };
    pauses.iter().map(clipped).filter(|(from, to)| from < to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_that_touch_are_one() {
        let pause = |from, to| Pause {
            from: Timestamp::from_micros(from),
            to: Timestamp::from_micros(to),
        };
        let all = [
            pause(7, 9),
            pause(1, 3),
            pause(2, 5),
            pause(5, 6),
            pause(8, 8),
            pause(4, 2),
        ];
        assert_eq!(Pause::merged(&all), [pause(1, 6), pause(7, 9)]);
        let cut: Vec<_> = within(&Pause::merged(&all), 2, 8).collect();
        assert_eq!(cut, [(2, 6), (7, 8)]);
    }
}
