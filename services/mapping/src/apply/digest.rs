//! What makes two records the same: their fields as mapped.

use bihuan_domain::digest::Digest;
use bihuan_domain::time::Timestamp;

/// The fields one after the other, each with what kind it is and how long, so that none runs into the next.
#[derive(Debug, Default)]
pub(super) struct Canonical(Vec<u8>);

impl Canonical {
    pub(super) fn add(&mut self, text: Option<&str>) {
        match text {
            None => self.0.push(0),
            Some(text) => {
                self.0.push(1);
                self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }

    pub(super) fn add_time(&mut self, at: Timestamp) {
        self.0.push(2);
        self.0.extend_from_slice(&at.as_micros().to_be_bytes());
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// What was added since it was that long.
    pub(super) fn since(&self, len: usize) -> &[u8] {
        &self.0[len..]
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of([self.0.as_slice()])
    }
}
