//! A deadline told to a clerk, in both languages.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::explain::{Part, Working};
use super::limit::Unit;
use crate::lang::Lang;
use crate::time::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What time runs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// 派遣
    pub zh: &'static str,
    /// dispatched
    pub en: &'static str,
    /// the day of dispatch
    pub day: &'static str,
}

impl Start {
    /// As long as nobody says what it was.
    pub const RECEIVED: Self = Self {
        zh: "收到",
        en: "received",
        day: "the day of receipt",
    };
}

impl Working {
    /// From receipt to deadline, what was counted and what was not.
    pub fn words(&self, lang: Lang) -> String {
        self.words_from(Start::RECEIVED, lang)
    }

    /// The same of time that runs from something else.
    pub fn words_from(&self, from: Start, lang: Lang) -> String {
        let start = self.clock(self.start);
        let mut teller = Teller {
            lang,
            from,
            year: start.year(),
        };
        let limit = self.limit.words(lang);
        let mut told = match lang {
            Lang::Zh => vec![
                format!("{} {}", moment(start, lang), from.zh),
                format!("时限{limit}"),
            ],
            Lang::En => vec![format!("{} {}", from.en, moment(start, lang)), limit],
        };
        told.extend(self.parts.iter().map(|part| teller.part(part, self.limit.unit())));
        if self.due.provisional {
            let years: Vec<_> = self.unpublished.iter().map(i16::to_string).collect();
            told.push(match lang {
                Lang::Zh => format!("{}年节假日尚未公布，期限暂定", years.join("、")),
                Lang::En => format!(
                    "provisional: the holidays of {} are not published",
                    years.join(", ")
                ),
            });
        }
        let due = moment(self.clock(self.due.at), lang);
        told.push(match lang {
            Lang::Zh => format!("截止 {due}"),
            Lang::En => format!("due {due}"),
        });
        told.join(lang.choose("；", "; "))
    }

    fn clock(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at.to_jiff())
    }
}

/// Days are said without their year until it changes.
struct Teller {
    lang: Lang,
    from: Start,
    year: i16,
}

impl Teller {
    fn part(&mut self, part: &Part, unit: Unit) -> String {
        let lang = self.lang;
        match part {
            Part::Passes => match (lang, unit) {
                (Lang::Zh, Unit::Days) => "按自然日计，节假日不扣除，到期为同一时刻".to_owned(),
                (Lang::En, Unit::Days) => "every day counts, to the same time of day".to_owned(),
                (Lang::Zh, _) => "连续计时，不分昼夜和节假日".to_owned(),
                (Lang::En, _) => "time runs day and night, on every day".to_owned(),
            },
            Part::Receipt { day } => {
                let day = self.day(*day);
                match lang {
                    Lang::Zh => format!("{}当日（{day}）不计", self.from.zh),
                    Lang::En => format!("{day}, {}, does not count", self.from.day),
                }
            }
            Part::Closed { day } => {
                let (name, day) = (weekday(day.weekday(), lang), self.day(*day));
                match lang {
                    Lang::Zh => format!("{day}（{name}）不上班"),
                    Lang::En => format!("{day}, a {name}, is not worked"),
                }
            }
            Part::Hours {
                day,
                from,
                to,
                micros,
            } => {
                let (day, from, to) = (self.day(*day), time(*from), time(*to));
                let length = length(*micros, lang);
                match lang {
                    Lang::Zh => format!("{day} {from}–{to} 计{length}"),
                    Lang::En => format!("{day} {from}–{to} counts {length}"),
                }
            }
            Part::WorkingDays {
                from,
                to,
                days,
                micros,
            } => {
                let stretch = self.stretch(*from, *to);
                let said = match (lang, days) {
                    (Lang::En, 1) => format!("{stretch} is 1 working day"),
                    (Lang::Zh, _) => format!("{stretch}计{days}个工作日"),
                    (Lang::En, _) => format!("{stretch} are {days} working days"),
                };
                match lang {
                    _ if unit != Unit::WorkingHours => said,
                    Lang::Zh => format!("{said}共{}", length(*micros, lang)),
                    Lang::En => format!("{said} of {} in all", length(*micros, lang)),
                }
            }
            Part::Holiday { from, to, name } => {
                let (stretch, name) = (self.stretch(*from, *to), name.of(lang));
                match lang {
                    Lang::Zh => format!("{stretch}{name}放假"),
                    Lang::En if from == to => format!("{stretch} is a holiday ({name})"),
                    Lang::En => format!("{stretch} are holidays ({name})"),
                }
            }
            Part::MakeUp { day, name } => {
                let (day, name) = (self.day(*day), name.of(lang));
                match lang {
                    Lang::Zh => format!("{day}{name}调休上班"),
                    Lang::En => format!("{day} is a make-up working day ({name})"),
                }
            }
        }
    }

    fn day(&mut self, day: Date) -> String {
        let said = match self.lang {
            Lang::Zh => format!("{}月{}日", day.month(), day.day()),
            Lang::En => format!("{} {}", day.day(), month(day)),
        };
        if std::mem::replace(&mut self.year, day.year()) == day.year() {
            return said;
        }
        match self.lang {
            Lang::Zh => format!("{}年{said}", day.year()),
            Lang::En => format!("{said} {}", day.year()),
        }
    }

    fn stretch(&mut self, from: Date, to: Date) -> String {
        let alike = (from.year(), from.month()) == (to.year(), to.month());
        if from == to {
            self.day(from)
        } else if !alike {
            let from = self.day(from);
            let to = self.day(to);
            match self.lang {
                Lang::Zh => format!("{from}至{to}"),
                Lang::En => format!("{from} to {to}"),
            }
        } else if self.lang == Lang::Zh {
            format!("{}至{}日", self.day(from), to.day())
        } else {
            format!("{}–{}", from.day(), self.day(to))
        }
    }
}

fn moment(at: DateTime, lang: Lang) -> String {
    let (date, name) = (at.date(), weekday(at.weekday(), lang));
    let time = time(at.time());
    match lang {
        Lang::Zh => format!("{date}（{name}）{time}"),
        Lang::En => format!("{} {date} {time}", &name[..3]),
    }
}

/// To the second, where there is one.
fn time(at: Time) -> String {
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    }
}

fn length(micros: i64, lang: Lang) -> String {
    let seconds = micros / 1_000_000;
    let mut said = String::new();
    let parts = [
        (seconds / 3600, lang.choose("小时", "h")),
        (seconds / 60 % 60, lang.choose("分", "min")),
        (seconds % 60, lang.choose("秒", "s")),
    ];
    for (amount, unit) in parts.into_iter().filter(|(amount, _)| *amount > 0) {
        let _ = match lang {
            Lang::Zh => write!(said, "{amount}{unit}"),
            Lang::En if said.is_empty() => write!(said, "{amount} {unit}"),
            Lang::En => write!(said, " {amount} {unit}"),
        };
    }
    if said.is_empty() {
        said.push_str(lang.choose("不足1秒", "less than a second"));
    }
    said
}

fn month(day: Date) -> &'static str {
    MONTHS[day.month() as usize - 1]
}

const fn weekday(day: Weekday, lang: Lang) -> &'static str {
    match day {
        Weekday::Monday => lang.choose("周一", "Monday"),
        Weekday::Tuesday => lang.choose("周二", "Tuesday"),
        Weekday::Wednesday => lang.choose("周三", "Wednesday"),
        Weekday::Thursday => lang.choose("周四", "Thursday"),
        Weekday::Friday => lang.choose("周五", "Friday"),
        Weekday::Saturday => lang.choose("周六", "Saturday"),
        Weekday::Sunday => lang.choose("周日", "Sunday"),
    }
}
