//! How a command that came of a platform's feedback names its cause: whose feedback it was stays with what becomes of it.

use bihuan_domain::code::SourceId;

const PREFIX: &str = "feedback/";

/// The causation of a command that a record of `source` led to; `position` is `topic/partition/offset`, or what else names it.
pub fn causation(source: &SourceId, position: &str) -> String {
    format!("{PREFIX}{source}/{position}")
}

/// The source of the feedback that led to something, if it was feedback.
pub fn source(causation: &str) -> Option<&str> {
    let (source, _) = causation.strip_prefix(PREFIX)?.split_once('/')?;
    Some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_is_known_by_its_cause() {
        let platform = SourceId::new("agency-platform").expect("valid");
        let cause = causation(&platform, "clue.inbound.v1/3/17");
        assert_eq!(source(&cause), Some("agency-platform"));
        for other in ["clue.inbound.v1/3/17", "quarantine/x", "feedback/", "feedback/x"] {
            assert_eq!(source(other), None, "{other}");
        }
    }
}
