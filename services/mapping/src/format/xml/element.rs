//! The events of one well-formed element, with what stands where it may not named.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::MAX_DEPTH;
use crate::format::Bad;

/// Says where, and nothing of what stands there: it may be personal.
pub(super) fn bad(error: &quick_xml::Error) -> Bad {
    let what = match error {
        quick_xml::Error::IllFormed(_) => "a tag is not closed, or closed by another",
        quick_xml::Error::InvalidAttr(_) => "an attribute is not well-formed",
        quick_xml::Error::Escape(_) => "an entity is not known",
        _ => "is not XML",
    };
    Bad::new("xml", what)
}

/// Reads a message that is one element; a declaration and comments may surround it.
pub(super) struct Element<'a> {
    reader: Reader<&'a [u8]>,
    at: usize,
    depth: usize,
    /// The element was closed.
    closed: bool,
}

impl<'a> Element<'a> {
    pub(super) fn new(message: &'a str) -> Self {
        // a mark of the encoding may stand before everything
        let start = message.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
        Self {
            reader: Reader::from_str(start.trim_end()),
            // events are told by where they stand in the message
            at: message.len() - start.len(),
            depth: 0,
            closed: false,
        }
    }

    /// The next event within the element and where it stands in the message; `None` once all of the message is read.
    pub(super) fn next(&mut self) -> Result<Option<(Event<'a>, Range<usize>)>, Bad> {
        loop {
            let from = self.position();
            let event = self.reader.read_event().map_err(|error| bad(&error))?;
            let span = self.at + from..self.at + self.position();
            match &event {
                Event::Eof if self.closed => return Ok(None),
                Event::Eof => return Err(Bad::new("xml", "ends too early")),
                Event::Text(text) if self.depth == 0 && text.trim_ascii().is_empty() => continue,
                event => self.step(event)?,
            }
            return Ok(Some((event, span)));
        }
    }

    /// Follows the element, and says what may not stand there.
    fn step(&mut self, event: &Event<'_>) -> Result<(), Bad> {
        match event {
            Event::DocType(_) => return Err(Bad::new("xml_doctype", "a document type is not read")),
            Event::Start(_) | Event::Empty(_) if self.closed => {
                return Err(Bad::new("xml", "a second element follows"));
            }
            Event::Start(_) if self.depth == MAX_DEPTH => {
                return Err(Bad::new(
                    "xml_depth",
                    format!("more than {MAX_DEPTH} elements deep"),
                ));
            }
            Event::Start(_) => self.depth += 1,
            Event::Empty(_) => self.closed = self.depth == 0,
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.closed = self.depth == 0;
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => {
                return Err(Bad::new("xml", "text stands outside of an element"));
            }
            // wherever it stands: what it would be replaced by is not known
            Event::GeneralRef(_) => content(event, &mut String::new())?,
            _ => {}
        }
        Ok(())
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

/// Adds what an event says of the text of its element.
pub(super) fn content(event: &Event<'_>, text: &mut String) -> Result<(), Bad> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content()),
        Event::CData(part) => text.push_str(&part.xml10_content()),
        Event::GeneralRef(entity) => {
            if let Some(character) = entity.resolve_char_ref().map_err(|error| bad(&error))? {
                text.push(character);
            } else {
                let known = resolve_predefined_entity(entity);
                text.push_str(known.ok_or_else(|| Bad::new("xml", "an entity is not known"))?);
            }
        }
        _ => {}
    }
    Ok(())
}
