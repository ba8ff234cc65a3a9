//! How people and other systems name a clue.

use std::str::FromStr;

use bihuan_domain::code::{ParseError, SourceId};
use bihuan_domain::id::ClueId;

/// A clue as somebody names it: by its id, by `source/source-id`, or by the number shown to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// May be of a clue that nobody reported.
    Id(ClueId),
    /// To be looked up where numbers are known.
    Number(String),
}

/// No clue can have that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("is empty")]
    Empty,
    #[error("names a source, but no id there")]
    NoSourceId,
    #[error(transparent)]
    Source(#[from] ParseError),
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if let Ok(clue) = text.parse() {
            return Ok(Self::Id(clue));
        }
        match text.split_once('/') {
            Some((_, "")) => Err(ReferenceError::NoSourceId),
            Some((source, id)) => Ok(Self::Id(ClueId::derive(&SourceId::new(source)?, id))),
            None => Ok(Self::Number(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clue_has_three_names_and_nothing_else_is_one() {
        let source = SourceId::new("grid").expect("valid");
        let clue = ClueId::derive(&source, "7/1");
        for name in [clue.to_string(), format!(" {clue} "), "grid/7/1".to_owned()] {
            assert_eq!(name.parse(), Ok(Reference::Id(clue)), "{name}");
        }
        assert_eq!(
            " 330602-20260105-000001".parse(),
            Ok(Reference::Number("330602-20260105-000001".to_owned()))
        );
        for (name, error) in [
            (" ", ReferenceError::Empty),
            ("grid/", ReferenceError::NoSourceId),
        ] {
            assert_eq!(name.parse::<Reference>(), Err(error), "{name}");
        }
        for name in ["no source/1", "/", "/1"] {
            assert!(name.parse::<Reference>().is_err(), "{name}");
        }
    }
}
