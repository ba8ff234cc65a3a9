//! Papers of a dispute, by reference and digest: never the bytes.

use serde::{Deserialize, Serialize};

use crate::clue::words;
use crate::digest::Digest;

words!(
    /// What a document is.
    DocumentKind {
        /// 协商记录、会议纪要
        Minutes = "minutes",
        /// 申请书
        Application = "application",
        /// 答辩意见
        Reply = "reply",
        /// 协调意见书
        Opinion = "opinion",
        /// 裁定书
        Decision = "decision",
        /// 其他
        Other = "other",
    }
);

/// A paper that comes with a command, which says by itself what kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Where it lies, or its document number.
    pub reference: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// A paper that is on file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub kind: DocumentKind,
    pub reference: String,
    pub digest: Digest,
}

impl Paper {
    pub(super) fn filed_as(&self, kind: DocumentKind) -> Document {
        Document {
            kind,
            reference: self.reference.clone(),
            digest: self.digest,
        }
    }
}
