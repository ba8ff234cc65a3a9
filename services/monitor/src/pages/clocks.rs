//! The clocks of a clue as its page shows them: a time line and a table, which say the same.

use bihuan_domain::clue::Running;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;

use super::visitor::Moment;
use crate::Result;
use crate::clocks::drawing::{self, Bar, Dot, Drawing, Flag, Span, Tick};
use crate::clocks::{Course, ShownClock, ShownClocks, shown};
use crate::words::Words;

/// What the page has of clocks.
pub(super) struct Clocks {
    pub(super) drawn: Option<Drawn>,
    pub(super) lines: Vec<Line>,
    pub(super) next_rung: Option<Moment>,
}

/// A drawing with its words: of a clue's clocks, or of the steps of a dispute.
pub(super) struct Drawn {
    pub(super) width: f64,
    pub(super) bar: f64,
    pub(super) height: f64,
    /// Where the rows begin and end.
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) now: Option<f64>,
    /// It has pauses.
    pub(super) hatched: bool,
    pub(super) rows: Vec<Row>,
    /// Who has it from then on.
    pub(super) flags: Vec<(Flag, String)>,
    /// With what is said where somebody points at it.
    pub(super) dots: Vec<(Dot, String)>,
    pub(super) ticks: Vec<(Tick, String)>,
    pub(super) described: String,
}

pub(super) struct Row {
    pub(super) label: String,
    pub(super) y: f64,
    pub(super) text_y: f64,
    pub(super) bars: Vec<DrawnBar>,
}

pub(super) struct DrawnBar {
    pub(super) passed: Span,
    pub(super) left: Option<Span>,
    pub(super) overdue: Option<Span>,
    pub(super) pauses: Vec<Span>,
    pub(super) due: Option<f64>,
    pub(super) title: String,
}

/// A clock that runs.
pub(super) struct Line {
    pub(super) step: &'static str,
    pub(super) since: Moment,
    /// What happened then.
    pub(super) began: &'static str,
    pub(super) limit: String,
    pub(super) row: Option<u32>,
    pub(super) due: Moment,
    pub(super) left: String,
    pub(super) overdue: bool,
    pub(super) provisional: bool,
    pub(super) working: Vec<String>,
}

impl Clocks {
    pub(super) async fn of(
        library: &Library,
        course: &Course,
        words: Words<'_>,
        now: Timestamp,
    ) -> Result<Self> {
        let shown: ShownClocks = shown(library, course, words, now).await?;
        let zone = &words.rulebook.zone;
        let drawing = Drawing::of(course, now, zone);
        Ok(Self {
            drawn: drawing.map(|drawing| Drawn::of(&drawing, course, words, now)),
            lines: shown.running.iter().map(|clock| Line::of(clock, words)).collect(),
            next_rung: course.next_rung.map(|at| Moment::of(at, zone)),
        })
    }
}

impl Line {
    fn of(clock: &ShownClock, words: Words<'_>) -> Self {
        let moment = |text: &str| Moment::of(text.parse().unwrap_or_default(), &words.rulebook.zone);
        Self {
            step: clock.step_words,
            since: moment(&clock.since),
            began: clock.began_words,
            limit: clock.limit_words.clone().unwrap_or_else(|| "—".to_owned()),
            row: clock.row,
            due: moment(&clock.due_at),
            left: words.clock_left(clock.seconds_left, clock.stands_since.is_some()),
            overdue: clock.overdue,
            provisional: clock.provisional,
            working: clock.working.clone(),
        }
    }
}

impl Drawn {
    fn of(drawing: &Drawing, course: &Course, words: Words<'_>, now: Timestamp) -> Self {
        let rows = drawing.rows.iter().map(|row| Row {
            label: words.step(row.step).to_owned(),
            y: row.y,
            text_y: text_y(row.y),
            bars: row
                .bars
                .iter()
                .map(|bar| DrawnBar {
                    passed: bar.passed,
                    left: bar.left,
                    overdue: bar.overdue,
                    pauses: bar.pauses.clone(),
                    due: Some(bar.due),
                    title: title(course, bar, words, now),
                })
                .collect(),
        });
        let flags = drawing
            .handovers
            .iter()
            .map(|it| (it.flag, words.agency(&it.agency)));
        let dots = drawing.ladder.iter().map(|it| {
            let said = format!("{} · {}", words.rung(&it.rung), words.time(it.at));
            (it.dot, said)
        });
        Self {
            width: drawing::WIDTH,
            bar: drawing::BAR,
            height: drawing.height,
            top: drawing.top,
            bottom: drawing.bottom,
            now: drawing.now,
            hatched: true,
            rows: rows.collect(),
            flags: flags.collect(),
            dots: dots.collect(),
            ticks: tick_texts(&drawing.ticks, words),
            described: described(course, words, now),
        }
    }
}

/// Where the name of a row stands.
pub(super) fn text_y(y: f64) -> f64 {
    y + drawing::BAR - 3.5
}

/// With the year, where the times below are of several.
pub(super) fn tick_texts(ticks: &[Tick], words: Words<'_>) -> Vec<(Tick, String)> {
    let zone = &words.rulebook.zone;
    let year = |tick: &Tick| tick.at.civil_date(zone).year();
    let is_long = ticks.first().map(year) != ticks.last().map(year);
    let text = |tick: &Tick| {
        let format = match (is_long, tick.is_day) {
            (true, _) => "%Y-%m-%d",
            (false, true) => "%m-%d",
            (false, false) => "%m-%d %H:%M",
        };
        zone.to_datetime(tick.at.to_jiff()).strftime(format).to_string()
    };
    ticks.iter().map(|tick| (*tick, text(tick))).collect()
}

/// What one bar says.
fn title(course: &Course, bar: &Bar, words: Words<'_>, now: Timestamp) -> String {
    let Some(run) = course.runs.get(bar.run) else {
        return String::new();
    };
    let (clock, lang) = (&run.clock, words.lang);
    let (since, due) = (words.time(clock.since), words.time(clock.due_at));
    let head = format!(
        "{}{}{since}{}{due}",
        words.step(clock.step),
        lang.choose("：自 ", ": since "),
        lang.choose("，期限 ", ", due ")
    );
    let end = match run.until {
        Some(until) if !clock.is_over(until) => lang.choose("按时完成", "done in time").to_owned(),
        Some(until) => {
            let late = words.length(clock.counted(until).since(clock.due_at) / 1_000_000);
            format!("{}{late}", lang.choose("超时完成，超", "done late, by "))
        }
        None => left(clock, words, now),
    };
    format!("{head}{}{end}", lang.choose("，", ", "))
}

fn left(clock: &Running, words: Words<'_>, now: Timestamp) -> String {
    let seconds = clock.due_at.since(clock.counted(now)).div_euclid(1_000_000);
    words.clock_left(seconds, clock.stands_since.is_some())
}

/// The drawing for those who do not see it.
fn described(course: &Course, words: Words<'_>, now: Timestamp) -> String {
    let running = course.running().into_iter().map(|run| {
        let left = left(&run.clock, words, now);
        format!("{} {left}", words.step(run.clock.step))
    });
    let running: Vec<_> = running.collect();
    if running.is_empty() {
        return words
            .lang
            .choose("没有正在计时的环节。", "No clock runs.")
            .to_owned();
    }
    running.join(words.lang.choose("；", "; "))
}

#[cfg(test)]
mod tests {
    use bihuan_domain::lang::Lang;
    use bihuan_domain::routing::Rulebook;

    use super::*;

    #[test]
    fn times_of_several_years_are_told_with_their_year() {
        let words = Words {
            lang: Lang::Zh,
            rulebook: &Rulebook::none(),
        };
        let tick = |text: &str| Tick {
            at: text.parse().expect("a time"),
            x: 0.0,
            is_day: true,
        };
        let texts = |ticks: &[Tick]| -> Vec<String> {
            let told = tick_texts(ticks, words);
            told.into_iter().map(|(_, text)| text).collect()
        };
        let first = tick("2026-12-30T00:00:00Z");
        assert_eq!(texts(&[first, tick("2026-12-31T00:00:00Z")]), ["12-30", "12-31"]);
        assert_eq!(
            texts(&[first, tick("2027-01-02T00:00:00Z")]),
            ["2026-12-30", "2027-01-02"]
        );
    }
}
