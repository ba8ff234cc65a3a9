//! Codes: what places, agencies, matters and sources are called. They are parsed once, at the edge, and trusted afterwards.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// The text cannot be such a code.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{kind} {value:?}: {problem}")]
pub struct ParseError {
    pub kind: &'static str,
    pub value: String,
    pub problem: &'static str,
}

/// Reads a code where it lies: a clue has some thirty, and none of them becomes a `String` first.
struct Parsed<T>(PhantomData<T>);

impl<T: FromStr<Err = ParseError>> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $ok:expr, $problem:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Parses `text` after trimming white space.
            pub fn new(text: &str) -> Result<Self, ParseError> {
                let text = text.trim();
                let allowed: fn(char) -> bool = $ok;
                let problem = if text.is_empty() {
                    Some("is empty")
                } else if text.len() > $max {
                    Some("is too long")
                } else if !text.chars().all(allowed) {
                    Some($problem)
                } else {
                    None
                };
                match problem {
                    None => Ok(Self(text.into())),
                    Some(problem) => Err(ParseError { kind: $kind, value: text.chars().take(80).collect(), problem }),
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(text: &str) -> Result<Self, ParseError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseError;
            fn try_from(text: String) -> Result<Self, ParseError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0.into()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Parsed(PhantomData))
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

code!(
    /// A place: GB/T 2260 and its extensions (6 digits county, 9 town, 12 village, longer for a grid), or another country's
    /// hierarchical code. A code's prefix is its parent: 330602001 lies in 330602, which lies in 3306.
    AreaCode, "area", 24, |c| c.is_ascii_alphanumeric(), "may hold only letters and digits"
);
code!(
    /// An agency or a town government as the rulebook calls it.
    AgencyId, "agency", 128, |c| !c.is_control(), "may not hold control characters"
);
code!(
    /// A matter (事项): the kind of violation, by the catalogue's item code or the source's own category.
    MatterCode, "matter", 160, |c| !c.is_control(), "may not hold control characters"
);
code!(
    /// A category of matters (大类).
    CategoryCode, "category", 160, |c| !c.is_control(), "may not hold control characters"
);
code!(
    /// A source platform.
    SourceId, "source", 64, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'), "may hold only letters, digits, - _ ."
);
code!(
    /// A campaign (专项行动) that clues are reported by.
    CampaignCode, "campaign", 64, |c| !c.is_control(), "may not hold control characters"
);
code!(
    /// The rulebook's own severity code.
    Severity, "severity", 32, |c| !c.is_control(), "may not hold control characters"
);
code!(
    /// The content address of a rulebook: a short hash.
    RulebookVersion, "rulebook version", 64, |c| c.is_ascii_hexdigit(), "may hold only hexadecimal digits"
);
code!(
    /// The content address of a calendar: a short hash.
    CalendarVersion, "calendar version", 64, |c| c.is_ascii_hexdigit(), "may hold only hexadecimal digits"
);

code!(
    /// A step of the ladder, as the policy names it.
    Rung, "step of the ladder", 32, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_', "may hold only small letters, digits and _"
);

impl AreaCode {
    /// Whether `self` is `other` or lies in it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&*other.0)
    }
}

impl RulebookVersion {
    /// The version before any rulebook was activated: no duties, default policy.
    pub fn none() -> Self {
        Self("0".into())
    }
}

impl CalendarVersion {
    /// The first twelve digits.
    pub(crate) fn of_digest(digest: crate::digest::Digest) -> Self {
        Self(SmolStr::new(&digest.to_string()[..12]))
    }
}

/// An administrative level, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Grid,
    Village,
    Town,
    County,
    City,
}

impl Level {
    pub const ALL: [Self; 5] = [Self::Grid, Self::Village, Self::Town, Self::County, Self::City];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Village => "village",
            Self::Town => "town",
            Self::County => "county",
            Self::City => "city",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| ParseError {
                kind: "level",
                value: text.to_owned(),
                problem: "is not one of city, county, town, village, grid",
            })
    }
}

/// A unified social credit code, GB 32100-2015: 18 characters, the last a check character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(Arc<str>);

impl CreditCode {
    const ALPHABET: &'static [u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

    pub fn new(text: &str) -> Result<Self, ParseError> {
        let fail = |problem| {
            Err(ParseError {
                kind: "credit code",
                value: text.chars().take(40).collect(),
                problem,
            })
        };
        if text.len() != 18 {
            return fail("does not have 18 characters");
        }
        let mut sum = 0;
        let mut weight = 1;
        let mut last = 0;
        for (i, c) in text.bytes().enumerate() {
            let Some(value) = Self::ALPHABET.iter().position(|a| *a == c) else {
                return fail("holds a character that GB 32100 does not use");
            };
            if i < 17 {
                sum += value * weight;
                weight = weight * 3 % 31;
            } else {
                last = value;
            }
        }
        if (31 - sum % 31) % 31 == last {
            Ok(Self(text.into()))
        } else {
            fail("has a wrong check character")
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CreditCode {
    type Error = ParseError;
    fn try_from(text: String) -> Result<Self, ParseError> {
        Self::new(&text)
    }
}

impl From<CreditCode> for String {
    fn from(code: CreditCode) -> Self {
        code.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_lies_in_its_prefix() {
        let area = |text| AreaCode::new(text).expect("valid");
        assert!(area("330602001").is_within(&area("330602")));
        assert!(area("330602").is_within(&area("330602")));
        assert!(!area("330602").is_within(&area("330603")));
    }

    #[test]
    fn codes_say_what_is_wrong_with_them() {
        assert_eq!(AreaCode::new(" ").expect_err("empty").problem, "is empty");
        assert!(SourceId::new("a b").is_err());
        assert!(AgencyId::new("a\u{0}b").is_err());
        assert_eq!(AgencyId::new(" NYPD ").expect("trimmed").as_str(), "NYPD");
    }

    #[test]
    fn a_code_is_read_as_it_was_written_and_what_is_none_is_not_read() {
        let long = "a matter whose code takes more than a value has room for";
        for text in ["06001", long] {
            let matter = MatterCode::new(text).expect("valid");
            let json = serde_json::to_value(&matter).expect("data");
            assert_eq!(json, text);
            assert_eq!(serde_json::from_value::<MatterCode>(json).expect("read"), matter);
        }
        let refused = |json: &str| serde_json::from_str::<AreaCode>(json).map_err(|error| error.to_string());
        let said = refused("\"33-06\"").expect_err("no code");
        assert!(said.contains("may hold only letters and digits"), "{said}");
        assert!(refused("330602").is_err(), "a number is no text");
    }

    #[test]
    fn the_check_character_of_a_credit_code_is_checked() {
        assert!(CreditCode::new("11330600002577014T").is_ok());
        assert!(CreditCode::new("113306000025775248").is_ok());
        for wrong in [
            "11330600002577014A",
            "113306000025775247",
            "1133060000257701",
            "I1330600002577014T",
        ] {
            assert!(CreditCode::new(wrong).is_err(), "{wrong}");
        }
    }
}
