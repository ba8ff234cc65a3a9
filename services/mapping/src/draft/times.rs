//! In which form a column writes its times.

use bihuan_domain::time::Timestamp;
use jiff::tz::TimeZone;

use crate::time::Form;

/// How many values decide the form; all of them decide which comes first, the day or the month.
const PROBES: usize = 300;
/// More forms than that are no habit but disorder.
const MAX_FORMS: usize = 3;

/// Forms in which only one reading is possible.
const CLEAR: &[&str] = &[
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S%.f",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H:%M:%S",
    "%Y年%m月%d日%H:%M",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日 %H时%M分",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日 %H时",
    "%Y年%m月%d日%H时",
    "%Y年%m月%d日",
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f %:z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%Y/%m/%d %p %I:%M:%S",
    "%Y/%m/%d %p %I:%M",
    "%Y-%m-%d %p %I:%M:%S",
    "%Y-%m-%d %p %I:%M",
    "%Y年%m月%d日 %p %I:%M:%S",
    "%Y年%m月%d日 %p %I:%M",
    "%Y年%m月%d日 %p %I时%M分",
    "%Y/%m/%d %I:%M:%S %p",
    "%Y/%m/%d %I:%M %p",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y",
    "%B %d, %Y",
];

/// What bare numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// The header speaks of a time.
    MayBeTimes,
    /// Codes, amounts, anything.
    AreNumbers,
}

/// Forms of bare numbers, and how many digits they have.
const NUMERIC: &[(&str, usize)] = &[
    ("unix_ms", 13),
    ("unix", 10),
    ("%Y%m%d%H%M%S", 14),
    ("%Y%m%d%H%M", 12),
    ("%Y%m%d", 8),
    ("excel", 5),
];

/// Which of day and month comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The form leaves no choice.
    Fixed,
    Month,
    Day,
    /// No value decides it.
    Open,
}

/// How the values of a column are read as times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Patterns as a mapping names them; none for ISO 8601.
    pub(crate) forms: Vec<String>,
    /// How many values they read.
    pub(super) read: usize,
    /// Whether a value says nothing about its offset.
    pub(super) is_local: bool,
    pub(super) order: Order,
}

impl Reading {
    /// The instant, to compare two of one record.
    pub(crate) fn at(&self, text: &str) -> Option<Timestamp> {
        let read = |form: &Form| form.read(text, Some(&TimeZone::UTC));
        if self.forms.is_empty() {
            return read(&Form::Iso);
        }
        self.forms.iter().find_map(|form| read(&Form::parse(form)?))
    }

    pub(super) fn is_ambiguous(&self) -> bool {
        self.order == Order::Open
    }

    /// The same with the day and the month in that order; the month comes first where none is given.
    pub(super) fn in_order(mut self, order: Order) -> Self {
        let [from, to] = match order {
            Order::Month | Order::Open | Order::Fixed => ["%d{}%m", "%m{}%d"],
            Order::Day => ["%m{}%d", "%d{}%m"],
        };
        for mark in ["/", "-", "."] {
            let swap = |pattern: &str| pattern.replace("{}", mark);
            for form in self.forms.iter_mut().filter(|form| form.starts_with(&swap(from))) {
                *form = form.replacen(&swap(from), &swap(to), 1);
            }
        }
        self
    }
}

/// How these values are times; `None` if most of them are none.
pub(crate) fn reading(values: &[&str], numbers: Numbers) -> Option<Reading> {
    let step = values.len().div_ceil(PROBES).max(1);
    let probes: Vec<&str> = values.iter().step_by(step).copied().collect();
    if probes.is_empty() {
        return None;
    }
    let read = if probes.iter().all(|text| is_number(text)) {
        (numbers == Numbers::MayBeTimes)
            .then(|| of_numbers(&probes))
            .flatten()
    } else {
        words(&probes)
    }?;
    let forms: Vec<Form> = read.iter().filter_map(|form| Form::parse(form)).collect();
    let forms = if forms.is_empty() { vec![Form::Iso] } else { forms };
    let count = values.iter().filter(|text| reads_any(&forms, text)).count();
    let reading = Reading {
        is_local: is_local(&forms, &probes),
        order: Order::Fixed,
        read: count,
        forms: read,
    };
    (count * 5 >= values.len() * 4).then(|| ordered(reading, values))
}

/// A pattern that reads this text, for advice.
pub(crate) fn pattern_for(text: &str) -> Option<String> {
    let reading = reading(&[text], Numbers::MayBeTimes)?;
    reading.forms.into_iter().next()
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.matches('.').count() <= 1
        && text.starts_with(|c: char| c.is_ascii_digit())
}

fn of_numbers(probes: &[&str]) -> Option<Vec<String>> {
    let fits = |(form, digits): &(&str, usize)| {
        let parsed = Form::parse(form);
        let fit = |text: &&&str| {
            text.split('.').next().is_some_and(|whole| whole.len() == *digits)
                && parsed.as_ref().is_some_and(|form| reads(form, text))
        };
        probes.iter().filter(fit).count() * 5 >= probes.len() * 4
    };
    NUMERIC
        .iter()
        .find(|number| fits(number))
        .map(|(form, _)| vec![(*form).to_owned()])
}

/// No forms: ISO 8601.
fn words(probes: &[&str]) -> Option<Vec<String>> {
    let is_date = |text: &&str| text.len() <= 48 && text.bytes().filter(u8::is_ascii_digit).count() >= 5;
    if !probes.iter().take(20).any(is_date) {
        return None;
    }
    let by_iso = probes
        .iter()
        .filter(|text| !is_number(text) && reads(&Form::Iso, text))
        .count();
    let (forms, by_forms) = if by_iso == probes.len() {
        (Vec::new(), 0)
    } else {
        greedy(probes)
    };
    match (by_iso, by_forms) {
        (0, 0) => None,
        (iso, forms) if iso >= forms => Some(Vec::new()),
        _ => Some(forms),
    }
}

/// The form that reads most, then the one that reads most of the rest.
fn greedy(probes: &[&str]) -> (Vec<String>, usize) {
    let candidates: Vec<(String, Form)> = CLEAR
        .iter()
        .map(|pattern| (*pattern).to_owned())
        .chain(unclear(Order::Month))
        .chain(unclear(Order::Day))
        .filter_map(|pattern| Form::parse(&pattern).map(|form| (pattern, form)))
        .collect();
    let (mut rest, mut forms) = (probes.to_vec(), Vec::new());
    while forms.len() < MAX_FORMS && !rest.is_empty() {
        let count = |form: &Form| rest.iter().filter(|text| reads(form, text)).count();
        let best = candidates
            .iter()
            .filter(|(pattern, _)| may_follow(&forms, pattern))
            .map(|(pattern, form)| (count(form), pattern, form))
            .rev()
            .max_by_key(|(count, ..)| *count)
            .filter(|(count, ..)| *count > 0);
        let Some((_, pattern, form)) = best else { break };
        forms.push(pattern.clone());
        rest.retain(|text| !reads(form, text));
    }
    (forms, probes.len() - rest.len())
}

/// A column has the day first or the month first, not both.
fn may_follow(forms: &[String], pattern: &str) -> bool {
    let order = |pattern: &str| {
        (
            pattern.starts_with("%m"),
            pattern.starts_with("%d") && !pattern.contains("%b"),
        )
    };
    let (month, day) = order(pattern);
    !forms.iter().any(|form| {
        let (other_month, other_day) = order(form);
        (month && other_day) || (day && other_month)
    })
}

/// Every way to write a numeric date with the year behind.
fn unclear(order: Order) -> impl Iterator<Item = String> {
    const CLOCKS: [&str; 6] = [
        " %H:%M:%S%.f",
        " %H:%M",
        "",
        " %I:%M:%S %p",
        " %I:%M %p",
        " %I:%M:%S%p",
    ];
    let [first, second] = match order {
        Order::Day => ["%d", "%m"],
        Order::Month | Order::Open | Order::Fixed => ["%m", "%d"],
    };
    ["/", "-", "."].into_iter().flat_map(move |mark| {
        ["%Y", "%y"]
            .into_iter()
            .flat_map(move |year| CLOCKS.map(|clock| format!("{first}{mark}{second}{mark}{year}{clock}")))
    })
}

/// All values say which comes first.
fn ordered(reading: Reading, values: &[&str]) -> Reading {
    let is_unclear =
        |form: &String| form.starts_with("%m") || (form.starts_with("%d") && !form.contains("%b"));
    if !reading.forms.iter().any(is_unclear) {
        return reading;
    }
    let count = |order| {
        let forms = reading.clone().in_order(order).forms;
        let forms: Vec<Form> = forms.iter().filter_map(|form| Form::parse(form)).collect();
        values.iter().filter(|text| reads_any(&forms, text)).count()
    };
    let (month, day) = (count(Order::Month), count(Order::Day));
    let order = match month.cmp(&day) {
        std::cmp::Ordering::Greater => Order::Month,
        std::cmp::Ordering::Less => Order::Day,
        std::cmp::Ordering::Equal => Order::Open,
    };
    let mut reading = reading.in_order(order);
    reading.order = order;
    reading.read = month.max(day);
    reading
}

fn reads(form: &Form, text: &str) -> bool {
    form.read(text, Some(&TimeZone::UTC)).is_some()
}

fn reads_any(forms: &[Form], text: &str) -> bool {
    forms.iter().any(|form| reads(form, text))
}

fn is_local(forms: &[Form], probes: &[&str]) -> bool {
    forms.iter().any(Form::is_local)
        || (forms == [Form::Iso]
            && probes
                .iter()
                .any(|text| reads(&Form::Iso, text) && Form::Iso.read(text, None).is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(values: &[&str]) -> Option<Vec<String>> {
        reading(values, Numbers::MayBeTimes).map(|reading| reading.forms)
    }

    #[test]
    fn each_habit_of_writing_a_time_is_found() {
        for (values, expected) in [
            (&["2026-04-13T02:01:27.000"][..], &[][..]),
            (&["2026-04-13T02:01:27+08:00"], &[]),
            (&["2026-04-13 02:01:27"], &[]),
            (
                &["2026-4-3 2:01:27", "2026-04-13 02:01:27"],
                &["%Y-%m-%d %H:%M:%S%.f"],
            ),
            (&["2019/4/24 15:07:30"], &["%Y/%m/%d %H:%M:%S%.f"]),
            (&["2026/5/3 8:05"], &["%Y/%m/%d %H:%M"]),
            (&["01/19/2015 11:05:56 AM"], &["%m/%d/%Y %I:%M:%S %p"]),
            (&["19/01/2015 11:05", "01/02/2015 09:00"], &["%d/%m/%Y %H:%M"]),
            (&["2026年5月3日 8时5分"], &["%Y年%m月%d日 %H时%M分"]),
            (&["2026年5月3日"], &["%Y年%m月%d日"]),
            (&["2026/1/5 下午 3:04"], &["%Y/%m/%d %p %I:%M"]),
            (&["2026/1/5 上午9:04:00"], &["%Y/%m/%d %p %I:%M:%S"]),
            (&["2026-01-05 03:04 PM"], &["%Y-%m-%d %I:%M %p"]),
            (&["01/19/2026 3:04 p.m."], &["%m/%d/%Y %I:%M %p"]),
            (&["1767571200"], &["unix"]),
            (&["1767571200123"], &["unix_ms"]),
            (&["20260503080500"], &["%Y%m%d%H%M%S"]),
            (&["20260503"], &["%Y%m%d"]),
            (&["46027.25", "46028"], &["excel"]),
            (&["03.05.2026 08:05", "23.05.2026 08:05"], &["%d.%m.%Y %H:%M"]),
            (
                &["2026/5/3 8:05", "2026年5月3日 8时5分"],
                &["%Y/%m/%d %H:%M", "%Y年%m月%d日 %H时%M分"],
            ),
        ] {
            let expected: Vec<String> = expected.iter().map(|form| (*form).to_owned()).collect();
            let mut found = forms(values).unwrap_or_else(|| panic!("{values:?}"));
            found.sort();
            assert_eq!(found, expected, "{values:?}");
        }
        for nothing in [
            &["占道经营"][..],
            &["15-00021669"],
            &["40.579123"],
            &["10000"],
            &["11224", "10455"],
        ] {
            assert_eq!(reading(nothing, Numbers::AreNumbers), None, "{nothing:?}");
        }
    }

    #[test]
    fn only_a_value_above_twelve_says_whether_day_or_month_comes_first() {
        let of = |values: &[&str]| reading(values, Numbers::MayBeTimes).map(|reading| reading.order);
        assert_eq!(of(&["01/02/2026 10:00", "03/04/2026 11:00"]), Some(Order::Open));
        assert_eq!(of(&["01/02/2026", "13/02/2026"]), Some(Order::Day));
        assert_eq!(of(&["01/02/2026", "02/13/2026"]), Some(Order::Month));
        assert_eq!(of(&["2026/01/02"]), Some(Order::Fixed), "it cannot be otherwise");
    }

    #[test]
    fn a_time_without_offset_needs_a_zone() {
        let is_local = |text| reading(&[text], Numbers::MayBeTimes).map(|reading| reading.is_local);
        assert_eq!(is_local("2026-04-13T02:01:27"), Some(true));
        assert_eq!(is_local("2026-04-13T02:01:27Z"), Some(false));
        assert_eq!(is_local("1767571200"), Some(false));
        assert_eq!(is_local("2026/5/3 8:05"), Some(true));
    }
}
