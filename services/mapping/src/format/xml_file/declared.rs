//! The encoding of a file of XML: by its mark, else as its declaration says, else as any other text.

use encoding_rs::{GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::Encoding;

/// How many first bytes a declaration stands in.
const DECLARATION: usize = 256;

pub(super) fn encoding(said: Encoding, sample: &[u8]) -> &'static encoding_rs::Encoding {
    let found = said.of(sample);
    if said != Encoding::Auto || encoding_rs::Encoding::for_bom(sample).is_some() {
        return found;
    }
    declared(sample).unwrap_or(found)
}

fn declared(sample: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if sample.starts_with(b"<\0") {
        return Some(UTF_16LE);
    }
    if sample.starts_with(b"\0<") {
        return Some(UTF_16BE);
    }
    let start = &sample[..sample.len().min(DECLARATION)];
    let start = String::from_utf8_lossy(start.trim_ascii_start());
    let (declaration, _) = start.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, said) = declaration.split_once("encoding")?;
    let said = said.trim_start().strip_prefix('=')?.trim_start();
    let label = said.get(1..)?.split(['"', '\'']).next()?;
    match encoding_rs::Encoding::for_label(label.as_bytes())? {
        // what a GBK decoder cannot read is GB 18030 in truth
        found if found == GBK => Some(GB18030),
        // the declaration itself shows that it is not; and many a program writes UTF-8 over whatever follows
        found if found == UTF_16LE || found == UTF_16BE || found == UTF_8 => None,
        found => Some(found),
    }
}
