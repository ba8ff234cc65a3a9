//! The files of a rulebook as bytes: read from a directory, or from the one document a store keeps by its digest.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use bihuan_domain::code::RulebookVersion;
use sha2::{Digest, Sha256};

/// The files that make a rulebook; anything else in its directory is not part of it.
pub const FILES: [&str; 10] = [
    "agencies.csv",
    "areas.csv",
    "areas.geojson",
    "crosswalk.csv",
    "duties.csv",
    "holidays.json",
    "hours.csv",
    "limits.csv",
    "matters.csv",
    "rulebook.toml",
];

const MAGIC: &str = "bihuan-rulebook 1\n";

/// File names and their bytes, unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

/// The bytes are no archive that [`Files::to_bytes`] made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rulebook archive: {0}")]
pub struct ArchiveError(&'static str);

impl Files {
    /// Takes the files of [`FILES`] that exist in `directory`; which of them are needed is for [`crate::compile`] to say.
    pub fn read_dir(directory: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if let Some(name) = name.to_str().filter(|name| FILES.contains(name)) {
                files.insert(name.to_owned(), fs::read(entry.path())?);
            }
        }
        Ok(Self(files))
    }

    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// Adds or replaces a file; names outside [`FILES`] are left out.
    pub fn insert(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        if FILES.contains(&name) {
            self.0.insert(name.to_owned(), bytes.into());
        }
    }

    pub fn remove(&mut self, name: &str) -> Option<Vec<u8>> {
        self.0.remove(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The canonical archive: the same files give the same bytes. Each file follows a line with its name and length.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut archive = MAGIC.as_bytes().to_vec();
        for (name, bytes) in &self.0 {
            let mut head = String::new();
            let _ = writeln!(head, "{name} {}", bytes.len());
            archive.extend_from_slice(head.as_bytes());
            archive.extend_from_slice(bytes);
            archive.push(b'\n');
        }
        archive
    }

    pub fn from_bytes(archive: &[u8]) -> Result<Self, ArchiveError> {
        let mut rest = archive
            .strip_prefix(MAGIC.as_bytes())
            .ok_or(ArchiveError("it does not begin as one"))?;
        let mut files = BTreeMap::new();
        while !rest.is_empty() {
            let (name, length, body) = head(rest).ok_or(ArchiveError("the head of a file is broken"))?;
            let (bytes, after) = body
                .split_at_checked(length)
                .ok_or(ArchiveError("it ends within a file"))?;
            rest = after
                .strip_prefix(b"\n")
                .ok_or(ArchiveError("a file is longer than its head says"))?;
            if files.insert(name.to_owned(), bytes.to_vec()).is_some() {
                return Err(ArchiveError("a file occurs twice"));
            }
        }
        Ok(Self(files))
    }

    /// The content address: the first twelve hexadecimal digits of the SHA-256 of the canonical archive. Every byte counts.
    pub fn version(&self) -> RulebookVersion {
        let digest = hex::encode(Sha256::digest(self.to_bytes()));
        RulebookVersion::new(&digest[..12]).unwrap_or_else(|_| RulebookVersion::none())
    }
}

/// The name and length at the beginning, and what follows them.
fn head(archive: &[u8]) -> Option<(&str, usize, &[u8])> {
    let end = archive.iter().position(|byte| *byte == b'\n')?;
    let (name, length) = std::str::from_utf8(&archive[..end]).ok()?.rsplit_once(' ')?;
    let name = FILES.into_iter().find(|known| *known == name)?;
    Some((name, length.parse().ok()?, &archive[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Files {
        let mut files = Files::default();
        files.insert("areas.csv", "code,name\n1,a\n");
        files.insert("duties.csv", vec![0xff, 0, b'\n']);
        files.insert("notes.txt", "not part of it");
        files
    }

    #[test]
    fn an_archive_gives_back_the_same_files() {
        let files = sample();
        assert_eq!(files.names().collect::<Vec<_>>(), ["areas.csv", "duties.csv"]);
        assert_eq!(Files::from_bytes(&files.to_bytes()), Ok(files));
    }

    #[test]
    fn a_damaged_archive_is_refused() {
        let archive = sample().to_bytes();
        for end in 1..archive.len() {
            let cut = Files::from_bytes(&archive[..end]);
            assert!(
                cut.as_ref().is_err() || cut.is_ok_and(|files| files != sample()),
                "cut at {end}"
            );
        }
        assert!(Files::from_bytes(b"bihuan-rulebook 1\n../x 0\n\n").is_err());
        assert!(Files::from_bytes(b"bihuan-rulebook 1\nareas.csv 99999999999999999999\n\n").is_err());
    }

    #[test]
    fn the_version_is_that_of_the_content() {
        let version = sample().version();
        assert_eq!(version.as_str().len(), 12);
        assert_eq!(sample().version(), version);
        let mut other = sample();
        other.insert("areas.csv", "code,name\r\n1,a\n");
        assert_ne!(other.version(), version);
    }
}
