//! The figures: each a ratio with its formula and version.

use serde::{Serialize, Serializer};

use super::{Counts, Task};

/// A ratio as it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure<K = FigureKind> {
    pub id: K,
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
    /// 按时派遣率
    OnTimeDispatch,
    /// 按时人工分派率
    OnTimeTriage,
    /// 按时签收率
    OnTimeAcknowledge,
    /// 按时处置率
    OnTimeHandling,
    /// 按时核查率
    OnTimeCheck,
    /// 按期闭环率, as if no extension and no suspension had moved a deadline
    OnTimeClosureRaw,
    /// 延期率
    ExtensionRate,
    /// 挂账率
    SuspensionRate,
    /// 超时倍数
    OverdueFactor,
    /// 按时协调率
    OnTimeCoordination,
    /// 协办及时率
    OnTimeAssistance,
    /// 吹哨到场及时率
    OnTimeArrival,
    /// 吹哨评价均分
    CallRating,
}

impl FigureKind {
    pub const ALL: [Self; 20] = [
        Self::ClosureRateStrict,
        Self::ClosureRateDue,
        Self::ClosureRateDueWithoutSuspended,
        Self::OnTimeClosure,
        Self::OnTimeClosureWithDeadline,
        Self::FirstRouteAccuracy,
        Self::ReturnsPerClue,
        Self::OnTimeDispatch,
        Self::OnTimeTriage,
        Self::OnTimeAcknowledge,
        Self::OnTimeHandling,
        Self::OnTimeCheck,
        Self::OnTimeClosureRaw,
        Self::ExtensionRate,
        Self::SuspensionRate,
        Self::OverdueFactor,
        Self::OnTimeCoordination,
        Self::OnTimeAssistance,
        Self::OnTimeArrival,
        Self::CallRating,
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
            Self::OnTimeDispatch => "on_time_dispatch",
            Self::OnTimeTriage => "on_time_triage",
            Self::OnTimeAcknowledge => "on_time_acknowledge",
            Self::OnTimeHandling => "on_time_handling",
            Self::OnTimeCheck => "on_time_check",
            Self::OnTimeClosureRaw => "on_time_closure_raw",
            Self::ExtensionRate => "extension_rate",
            Self::SuspensionRate => "suspension_rate",
            Self::OverdueFactor => "overdue_factor",
            Self::OnTimeCoordination => "on_time_coordination",
            Self::OnTimeAssistance => "on_time_assistance",
            Self::OnTimeArrival => "on_time_arrival",
            Self::CallRating => "call_rating",
        }
    }

    /// How many of a task's clocks ended in time.
    pub const fn of_task(task: Task) -> Self {
        match task {
            Task::Dispatch => Self::OnTimeDispatch,
            Task::Triage => Self::OnTimeTriage,
            Task::Coordination => Self::OnTimeCoordination,
            Task::Acknowledge => Self::OnTimeAcknowledge,
            Task::Handle => Self::OnTimeHandling,
            Task::Check => Self::OnTimeCheck,
        }
    }

    /// Whether it is so many a piece or so many times as much, and no share of a whole.
    pub const fn is_multiple(self) -> bool {
        matches!(
            self,
            Self::ReturnsPerClue | Self::OverdueFactor | Self::CallRating
        )
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
            Self::OnTimeClosure => (
                "按期闭环率（期限含延期、挂账顺延）",
                "on-time closure, by deadlines with extensions and suspensions",
            ),
            Self::OnTimeClosureWithDeadline => (
                "按期闭环率（仅有时限的）",
                "on-time closure, of those with a deadline",
            ),
            Self::FirstRouteAccuracy => ("首派准确率", "first-route accuracy"),
            Self::ReturnsPerClue => ("件均退单次数", "returns per clue"),
            Self::OnTimeDispatch => ("按时派遣率", "on-time dispatch"),
            Self::OnTimeTriage => ("按时人工分派率", "on-time triage"),
            Self::OnTimeAcknowledge => ("按时签收率", "on-time acknowledgement"),
            Self::OnTimeHandling => ("按时处置率", "on-time handling"),
            Self::OnTimeCheck => ("按时核查率", "on-time check"),
            Self::OnTimeClosureRaw => (
                "按期闭环率（不计延期、挂账）",
                "on-time closure, by deadlines without extensions and suspensions",
            ),
            Self::ExtensionRate => ("延期率", "extension rate"),
            Self::SuspensionRate => ("挂账率", "suspension rate"),
            Self::OverdueFactor => ("超时倍数", "overdue factor"),
            Self::OnTimeCoordination => ("按时协调率", "on-time coordination"),
            Self::OnTimeAssistance => ("协办及时率", "on-time assistance"),
            Self::OnTimeArrival => ("吹哨到场及时率", "on-time arrival"),
            Self::CallRating => ("吹哨评价均分", "mean rating of calls"),
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
            Self::OnTimeDispatch => "dispatch_in_time / (dispatch_ended + dispatch_overdue)",
            Self::OnTimeTriage => "triage_in_time / (triage_ended + triage_overdue)",
            Self::OnTimeAcknowledge => "acknowledge_in_time / (acknowledge_ended + acknowledge_overdue)",
            Self::OnTimeHandling => "handle_in_time / (handle_ended + handle_overdue)",
            Self::OnTimeCheck => "check_in_time / (check_ended + check_overdue)",
            Self::OnTimeClosureRaw => "closed_on_time_raw / (closed + open_overdue_raw)",
            Self::ExtensionRate => "extended / (closed + open_overdue)",
            Self::SuspensionRate => "ever_suspended / (closed + open_overdue)",
            Self::OverdueFactor => "(used_seconds_late - limit_seconds_late) / limit_seconds_late",
            Self::OnTimeCoordination => "coordination_in_time / (coordination_ended + coordination_overdue)",
            Self::OnTimeAssistance => "assist_in_time / (assist_answered + assist_overdue)",
            Self::OnTimeArrival => "arrive_in_time / (arrive_ended + arrive_overdue)",
            Self::CallRating => "rating_points / calls_rated",
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
            Self::OnTimeDispatch => on_time(c, Task::Dispatch),
            Self::OnTimeTriage => on_time(c, Task::Triage),
            Self::OnTimeAcknowledge => on_time(c, Task::Acknowledge),
            Self::OnTimeHandling => on_time(c, Task::Handle),
            Self::OnTimeCheck => on_time(c, Task::Check),
            Self::OnTimeClosureRaw => (c.closed_on_time_raw, c.closed + c.open_overdue_raw),
            Self::ExtensionRate => (c.extended, c.closed + c.open_overdue),
            Self::SuspensionRate => (c.ever_suspended, c.closed + c.open_overdue),
            Self::OverdueFactor => (
                c.used_seconds_late.saturating_sub(c.limit_seconds_late),
                c.limit_seconds_late,
            ),
            Self::OnTimeCoordination => on_time(c, Task::Coordination),
            Self::OnTimeAssistance => (c.assist_in_time, c.assist_answered + c.assist_overdue),
            Self::OnTimeArrival => (c.arrive_in_time, c.arrive_ended + c.arrive_overdue),
            Self::CallRating => (c.rating_points, c.calls_rated),
        }
    }
}

fn on_time(counts: &Counts, task: Task) -> (u64, u64) {
    let clocks = counts.task(task);
    (clocks.in_time, clocks.ended + clocks.overdue)
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
