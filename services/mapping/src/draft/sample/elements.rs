//! XML: the elements that are records, by what repeats.

use std::collections::BTreeMap;
use std::io::{self, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::flat::Flat;
use super::{MAX_BYTES, Sample, Shape, Unusable};
use crate::format::encoding::{self, Encoding};
use crate::format::{xml, xml_file};

pub(super) fn read(reader: impl Read, most: usize) -> Result<Sample, Unusable> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64).read_to_end(&mut bytes)?;
    let whole = records(&bytes, None)?.next().transpose()?;
    let whole = whole.map(|frame| frame.raw).unwrap_or_default();
    let rows = repeated(&encoding::text(&whole))?;
    let (mut flat, mut broken) = (Flat::default(), 0);
    for frame in records(&bytes, rows.as_deref())?.take(most) {
        let frame = frame?;
        match xml::values(&encoding::text(&frame.raw)) {
            Ok(values) if frame.broken.is_none() => flat.values(values),
            _ => broken += 1,
        }
    }
    Ok(flat.sample(Shape::Xml, rows, broken))
}

fn records<'b>(
    bytes: &'b [u8],
    rows: Option<&str>,
) -> Result<xml_file::Records<io::Cursor<&'b [u8]>>, Unusable> {
    xml_file::Records::open(io::Cursor::new(bytes), Encoding::Auto, rows).map_err(|error| match error {
        xml_file::Error::Io(error) => Unusable::Io(error),
        other => Unusable::Because(other.say()),
    })
}

/// The path of the outermost elements that repeat and hold something; `None`: the root is the record. What is cut off at the
/// end of the sample does not matter.
fn repeated(text: &str) -> Result<Option<String>, Unusable> {
    let mut counts: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let (mut reader, mut path) = (Reader::from_str(text), Vec::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                path.push(xml::local(start.name().as_ref()).to_owned());
                *counts.entry((path.len(), path.join("/"))).or_default() += 1;
            }
            Ok(Event::Empty(start)) if start.attributes().next().is_some() => {
                let name = xml::local(start.name().as_ref()).to_owned();
                let whole = format!("{}/{name}", path.join("/"));
                *counts.entry((path.len() + 1, whole)).or_default() += 1;
            }
            Ok(Event::End(_)) => drop(path.pop()),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    if counts
        .keys()
        .next()
        .is_some_and(|(_, root)| root.eq_ignore_ascii_case("html"))
    {
        return Err(Unusable::because(
            "这是网页；请向平台要导出文件",
            "this is a web page; ask the platform for an export",
        ));
    }
    let mut several = counts.into_iter().filter(|(_, count)| *count > 1);
    let Some(((depth, path), count)) = several.next() else {
        return Ok(None);
    };
    let best = several.take_while(|((other, _), _)| *other == depth).fold(
        (path, count),
        |best, ((_, path), count)| {
            if count > best.1 { (path, count) } else { best }
        },
    );
    Ok(Some(format!("/{}", best.0)))
}
