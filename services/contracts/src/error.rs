//! Why bytes are not a message.

/// Why bytes are not such a message. `code` is stable and for programs, `field` is a path such as `actor.role`, `detail` is for
/// people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}{}: {detail}", .field.as_deref().map(|field| format!(" ({field})")).unwrap_or_default())]
pub struct DecodeError {
    /// `not_protobuf`, `not_json`, `field_missing`, `field_invalid`, `type_unknown` or `version_unknown`.
    pub code: &'static str,
    pub field: Option<String>,
    pub detail: String,
}

impl DecodeError {
    pub(crate) fn not_protobuf(error: &prost::DecodeError) -> Self {
        Self {
            code: "not_protobuf",
            field: None,
            detail: error.to_string(),
        }
    }

    pub(crate) fn not_json(detail: impl Into<String>) -> Self {
        Self {
            code: "not_json",
            field: None,
            detail: detail.into(),
        }
    }

    pub(crate) fn missing(field: impl Into<String>) -> Self {
        Self {
            code: "field_missing",
            field: Some(field.into()),
            detail: "is mandatory".to_owned(),
        }
    }

    /// The name of the field may be the sender's: it is kept, so it must be fit to be.
    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let field: String = field.into().chars().take(200).collect();
        Self {
            code: "field_invalid",
            field: Some(field.replace(char::is_control, "\u{fffd}")),
            detail: detail.into(),
        }
    }

    pub(crate) fn type_unknown(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: "type_unknown",
            field: Some(field.into()),
            detail: detail.into(),
        }
    }

    pub(crate) fn version_unknown(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: "version_unknown",
            field: Some(field.into()),
            detail: detail.into(),
        }
    }

    /// The same error, of a field that lies in `outer`.
    #[must_use]
    pub(crate) fn within(mut self, outer: &str) -> Self {
        self.field = Some(
            self.field
                .map_or_else(|| outer.to_owned(), |field| format!("{outer}.{field}")),
        );
        self
    }
}
