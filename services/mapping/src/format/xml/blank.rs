//! A record of XML without what is personal in it.

use quick_xml::events::{BytesStart, Event};

use super::element::{Element, bad};
use super::local;
use crate::format::Bad;

/// Which elements and attributes are personal, at any depth: `phone` is both, `@phone` an attribute only.
pub struct Hidden<'h> {
    names: &'h [String],
}

impl<'h> Hidden<'h> {
    pub const fn new(names: &'h [String]) -> Self {
        Self { names }
    }

    fn has_element(&self, name: &str) -> bool {
        self.names.iter().any(|hidden| local(hidden) == local(name))
    }

    fn has_attribute(&self, name: &str) -> bool {
        let is_named = |hidden: &String| local(hidden.strip_prefix('@').unwrap_or(hidden)) == local(name);
        self.names.iter().any(is_named)
    }
}

/// The message with `***` for what is personal. Comments and instructions go, for nobody knows what they hold.
///
/// # Errors
/// It is not one well-formed element, so nobody knows where anything in it begins or ends.
pub fn blanked(message: &str, hidden: &Hidden<'_>) -> Result<String, Bad> {
    let mut element = Element::new(message);
    let mut copy = Copy {
        message,
        from: 0,
        shown: String::with_capacity(message.len()),
    };
    // how many elements are open within the personal one, itself included
    let mut within = 0_usize;
    while let Some((event, span)) = element.next()? {
        match &event {
            Event::Start(_) if within > 0 => within += 1,
            Event::Start(start) if hidden.has_element(start.name().as_ref()) => {
                copy.until(span.start);
                copy.open(start);
                within = 1;
            }
            Event::Empty(start) if within == 0 && hidden.has_element(start.name().as_ref()) => {
                copy.until(span.start);
                copy.open(start);
                copy.shown.extend(["</", start.name().as_ref(), ">"]);
                copy.from = span.end;
            }
            Event::Start(start) | Event::Empty(start) if within == 0 => copy.attributes(start, hidden)?,
            Event::End(_) if within > 0 => {
                within -= 1;
                if within == 0 {
                    copy.from = span.start;
                }
            }
            Event::Comment(_) | Event::PI(_) if within == 0 => {
                copy.until(span.start);
                copy.from = span.end;
            }
            _ => {}
        }
    }
    copy.until(message.len());
    Ok(copy.shown)
}

/// What was copied of a message so far.
struct Copy<'a> {
    message: &'a str,
    from: usize,
    shown: String,
}

impl Copy<'_> {
    fn until(&mut self, end: usize) {
        self.shown.push_str(&self.message[self.from..end]);
        self.from = end;
    }

    /// A personal element, without its attributes, and what stands for its content.
    fn open(&mut self, start: &BytesStart<'_>) {
        self.shown.extend(["<", start.name().as_ref(), ">***"]);
    }

    fn attributes(&mut self, start: &BytesStart<'_>, hidden: &Hidden<'_>) -> Result<(), Bad> {
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| bad(&error.into()))?;
            if !hidden.has_attribute(attribute.key.as_ref()) {
                continue;
            }
            // the value is a slice of the message, so its address says where it stands in it
            let at = attribute.value.as_ptr().addr() - self.message.as_ptr().addr();
            self.until(at);
            self.shown.push_str("***");
            self.from = at + attribute.value.len();
        }
        Ok(())
    }
}
