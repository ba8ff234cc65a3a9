//! The figures: each a ratio with its formula and version.

use serde::{Serialize, Serializer};

use super::Counts;

/// A ratio as it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub id: FigureKind,
    /// Of the formula: another formula is another version.
    pub version: u32,
    pub numerator: u64,
    pub denominator: u64,
    /// `None`: a ratio of nothing.
    pub value: Option<f64>,
    pub formula: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FigureKind {
    /// 闭环率 (the 100 % goal)
    ClosureRateStrict,
    /// 到期闭环率
    ClosureRateDue,
    ClosureRateDueWithoutSuspended,
    /// 按期闭环率
    OnTimeClosure,
    OnTimeClosureWithDeadline,
    /// 首派准确率
    FirstRouteAccuracy,
    /// 推诿
    ReturnsPerClue,
}

impl FigureKind {
    pub const ALL: [Self; 7] = [
        Self::ClosureRateStrict,
        Self::ClosureRateDue,
        Self::ClosureRateDueWithoutSuspended,
        Self::OnTimeClosure,
        Self::OnTimeClosureWithDeadline,
        Self::FirstRouteAccuracy,
        Self::ReturnsPerClue,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClosureRateStrict => "closure_rate_strict",
            Self::ClosureRateDue => "closure_rate_due",
            Self::ClosureRateDueWithoutSuspended => "closure_rate_due_without_suspended",
            Self::OnTimeClosure => "on_time_closure",
            Self::OnTimeClosureWithDeadline => "on_time_closure_with_deadline",
            Self::FirstRouteAccuracy => "first_route_accuracy",
            Self::ReturnsPerClue => "returns_per_clue",
        }
    }

    pub const fn version(self) -> u32 {
        1
    }

    /// Chinese, English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ClosureRateStrict => ("闭环率", "closure rate, strict"),
            Self::ClosureRateDue => ("到期闭环率", "closure rate, due"),
            Self::ClosureRateDueWithoutSuspended => {
                ("到期闭环率（不含挂账）", "closure rate, due, without suspended")
            }
            Self::OnTimeClosure => ("按期闭环率", "on-time closure"),
            Self::OnTimeClosureWithDeadline => (
                "按期闭环率（仅有时限的）",
                "on-time closure, of those with a deadline",
            ),
            Self::FirstRouteAccuracy => ("首派准确率", "first-route accuracy"),
            Self::ReturnsPerClue => ("件均退单次数", "returns per clue"),
        }
    }

    /// In words of [`Counts`]; `quarantined` is what could not be read and was neither replayed nor discarded.
    const fn formula(self, counts_unreadable: bool) -> &'static str {
        match self {
            Self::ClosureRateStrict if counts_unreadable => {
                "closed / (clues - rejected - voided - merged + quarantined)"
            }
            Self::ClosureRateStrict => "closed / (clues - rejected - voided - merged)",
            Self::ClosureRateDue => "closed / (closed + open_overdue)",
            Self::ClosureRateDueWithoutSuspended => "closed / (closed + open_overdue - suspended_overdue)",
            Self::OnTimeClosure => "closed_on_time / (closed + open_overdue)",
            Self::OnTimeClosureWithDeadline => "closed_on_time / (closed_with_deadline + open_overdue)",
            Self::FirstRouteAccuracy => "routed_right / routed_closed",
            Self::ReturnsPerClue => "returns / dispatched",
        }
    }

    fn ratio(self, c: &Counts, unreadable: u64) -> (u64, u64) {
        match self {
            Self::ClosureRateStrict => {
                let outside = c.rejected + c.voided + c.merged;
                (c.closed, c.clues.saturating_sub(outside) + unreadable)
            }
            Self::ClosureRateDue => (c.closed, c.closed + c.open_overdue),
            Self::ClosureRateDueWithoutSuspended => (
                c.closed,
                (c.closed + c.open_overdue).saturating_sub(c.suspended_overdue),
            ),
            Self::OnTimeClosure => (c.closed_on_time, c.closed + c.open_overdue),
            Self::OnTimeClosureWithDeadline => (c.closed_on_time, c.closed_with_deadline + c.open_overdue),
            Self::FirstRouteAccuracy => (c.routed_right, c.routed_closed),
            Self::ReturnsPerClue => (c.returns, c.dispatched),
        }
    }
}

impl Serialize for FigureKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Every figure of `counts`. `unreadable`: records that could not be read and still wait; `None` where records have no place,
/// and then the formula says so.
pub fn figures(counts: &Counts, unreadable: Option<u64>) -> Vec<Figure> {
    let figure = |id: FigureKind| {
        let (numerator, denominator) = id.ratio(counts, unreadable.unwrap_or(0));
        let value = (denominator > 0).then(|| numerator as f64 / denominator as f64);
        let formula = id.formula(unreadable.is_some());
        Figure {
            id,
            version: id.version(),
            numerator,
            denominator,
            value,
            formula,
        }
    };
    FigureKind::ALL.into_iter().map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(counts: &Counts, unreadable: Option<u64>, id: FigureKind) -> Option<f64> {
        let all = figures(counts, unreadable);
        all.iter()
            .find(|figure| figure.id == id)
            .expect("every figure is computed")
            .value
    }

    fn percent(counts: &Counts, id: FigureKind) -> String {
        format!("{:.2}", value(counts, None, id).expect("not of nothing") * 100.0)
    }

    fn vector(filed: u64, due: u64, closed: u64, on_time: u64) -> Counts {
        Counts {
            clues: filed,
            closed,
            open: filed - closed,
            open_overdue: due - closed,
            closed_with_deadline: closed,
            closed_on_time: on_time,
            ..Counts::default()
        }
    }

    /// The published table of 天门's city management.
    #[test]
    fn the_published_table_comes_out() {
        let all = vector(996, 972, 911, 737);
        assert_eq!(percent(&all, FigureKind::ClosureRateDue), "93.72");
        assert_eq!(percent(&all, FigureKind::OnTimeClosure), "75.82");
        assert_eq!(percent(&all, FigureKind::OnTimeClosureWithDeadline), "75.82");
        assert_eq!(
            percent(&vector(956, 956, 902, 0), FigureKind::ClosureRateDue),
            "94.35"
        );
        assert_eq!(
            percent(&vector(16, 16, 9, 0), FigureKind::ClosureRateDue),
            "56.25"
        );
    }

    #[test]
    fn a_ratio_of_nothing_is_no_number() {
        assert!(
            figures(&Counts::default(), Some(0))
                .iter()
                .all(|figure| figure.value.is_none())
        );
    }

    #[test]
    fn what_could_not_be_read_counts_against_closure() {
        let counts = Counts {
            clues: 12,
            rejected: 1,
            voided: 1,
            closed: 9,
            open: 1,
            ..Counts::default()
        };
        assert_eq!(
            value(&counts, Some(10), FigureKind::ClosureRateStrict),
            Some(0.45)
        );
        assert_eq!(value(&counts, None, FigureKind::ClosureRateStrict), Some(0.9));
        let formula = |unreadable| figures(&counts, unreadable)[0].formula;
        assert_ne!(formula(Some(10)), formula(None));
    }

    #[test]
    fn every_figure_has_words() {
        for id in FigureKind::ALL {
            let (zh, en) = id.words();
            assert!(!zh.is_ascii() && en.is_ascii(), "{id:?}");
        }
    }
}
