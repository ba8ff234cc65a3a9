//! Lengths of time as people write them: `30s`, `30min`, `2h`, `1d`.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer};

const UNITS: [(&str, u64); 4] = [("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400)];

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text)
        .map(Some)
        .ok_or_else(|| D::Error::custom(format!("{text:?} is no length of time; say 30s, 30min, 2h or 1d")))
}

fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|it: char| !it.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let seconds = count.parse::<u64>().ok()?.checked_mul(*seconds)?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, seconds) in [
            ("30s", Some(30)),
            ("30min", Some(1_800)),
            ("2h", Some(7_200)),
            ("1d", Some(86_400)),
            ("0min", None),
            ("30", None),
            ("min", None),
            ("-1h", None),
            ("1 h", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(parse(text).map(|it| it.as_secs()), seconds, "{text}");
        }
    }
}
