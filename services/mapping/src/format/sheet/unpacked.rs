//! How large the parts of a workbook are once they are unpacked, before any of them is: a file of a few megabytes can hold gigabytes.
//! The directory says it, and nobody reads further than it says: a part that goes on is damaged.

use std::io::{BufReader, Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::Error;

const MB: u64 = 1 << 20;
/// A part that is held as a whole, such as the texts of all cells; in memory it takes about three times that.
const MAX_HELD: u64 = 256 * MB;
/// A sheet is read row by row.
const MAX_SHEET: u64 = 4096 * MB;
/// All parts together.
const MAX_TOTAL: u64 = 6144 * MB;
/// What is written by people and programs shrinks to a tenth, or a thirtieth. Small parts may be anything.
const MAX_RATIO: u64 = 100;
const SMALL: u64 = 16 * MB;

/// Where the root of a part stands.
const HEAD: u64 = 4 << 10;
/// `<si/>`
const SHORTEST_TEXT: u64 = 5;
/// Some programs say how many cells there are instead of how many texts: so many may be said whatever there is.
const FEW_TEXTS: u64 = 4 << 20;

/// # Errors
/// [`Error::TooLarge`]; [`Error::Damaged`] for what cannot be unpacked.
pub(super) fn check(reader: &mut (impl Read + Seek)) -> Result<(), Error> {
    let mut archive = ZipArchive::new(reader).map_err(|error| damaged(&error))?;
    let mut total = 0;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|error| damaged(&error))?;
        let name = part.name().map_err(|error| damaged(&error))?.into_owned();
        let most = most(&name, part.compressed_size()).min(MAX_TOTAL - total);
        let length = part.size();
        if length > most {
            return Err(Error::TooLarge {
                part: name,
                most: most / MB,
            });
        }
        if is_texts(&name) && promised(&mut part) > FEW_TEXTS.max(length / SHORTEST_TEXT) {
            return Err(Error::Damaged(format!("{name} promises more texts than it has")));
        }
        total += length;
    }
    Ok(())
}

fn most(name: &str, packed: u64) -> u64 {
    let is_sheet = name.to_ascii_lowercase().contains("/worksheets/") && !is_texts(name);
    let whole = if is_sheet { MAX_SHEET } else { MAX_HELD };
    whole.min(packed.saturating_mul(MAX_RATIO).max(SMALL))
}

/// Those that are kept once for all cells.
fn is_texts(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("sharedstrings.xml")
}

/// How many texts a table of them says it has: room for them is taken at once. Whoever hides it says too many.
fn promised(part: &mut impl Read) -> u64 {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part.take(HEAD)));
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(root) | Event::Empty(root)) if root.local_name().as_ref() == "sst" => {
                let count = root.try_get_attribute("uniqueCount").ok().flatten();
                return count.map_or(0, |count| count.value.trim().parse().unwrap_or(u64::MAX));
            }
            Ok(Event::Start(_) | Event::Empty(_) | Event::Eof) | Err(_) => return u64::MAX,
            Ok(_) => buffer.clear(),
        }
    }
}

fn damaged(error: &zip::result::ZipError) -> Error {
    Error::Damaged(error.to_string())
}
