//! Every value of a record under the path that a mapping would name it by: for whoever does not know yet what there is.

use quick_xml::events::{BytesStart, Event};

use super::element::{Element, bad, content};
use super::local;
use crate::format::Bad;

/// Attributes and texts of the first element of each name, in their order.
///
/// # Errors
/// The message is not one well-formed element.
pub(crate) fn values(message: &str) -> Result<Vec<(String, String)>, Bad> {
    let mut element = Element::new(message);
    let (mut found, mut open): (Vec<(String, String)>, Vec<Open>) = (Vec::new(), Vec::new());
    while let Some((event, _)) = element.next()? {
        match event {
            Event::Start(start) => {
                let inner = Open::below(open.last_mut(), &start);
                inner.attributes(&start, &mut found)?;
                open.push(inner);
            }
            Event::Empty(start) => Open::below(open.last_mut(), &start).attributes(&start, &mut found)?,
            Event::End(_) => found.extend(open.pop().and_then(Open::text)),
            other => {
                if let Some(inner) = open.last_mut() {
                    content(&other, &mut inner.text)?;
                }
            }
        }
    }
    Ok(found)
}

/// An element that is not closed yet.
struct Open {
    path: String,
    text: String,
    /// Names of the elements in it so far.
    seen: Vec<String>,
    /// Another element of its name came before, here or further out.
    is_repeated: bool,
}

impl Open {
    fn below(outer: Option<&mut Self>, start: &BytesStart<'_>) -> Self {
        let name = local(start.name().as_ref()).to_owned();
        let Some(outer) = outer else {
            // the record itself
            return Self::new(String::new(), false);
        };
        let is_repeated = outer.is_repeated || outer.seen.contains(&name);
        let path = format!("{}/{name}", outer.path);
        outer.seen.push(name);
        Self::new(path, is_repeated)
    }

    const fn new(path: String, is_repeated: bool) -> Self {
        Self {
            path,
            text: String::new(),
            seen: Vec::new(),
            is_repeated,
        }
    }

    fn attributes(&self, start: &BytesStart<'_>, found: &mut Vec<(String, String)>) -> Result<(), Bad> {
        if self.is_repeated {
            return Ok(());
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| bad(&error.into()))?;
            let name = attribute.key.as_ref();
            if name != "xmlns" && !name.starts_with("xmlns:") {
                let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
                let value = value.map_err(|error| bad(&error))?;
                found.push((format!("{}/@{}", self.path, local(name)), value.into_owned()));
            }
        }
        Ok(())
    }

    fn text(self) -> Option<(String, String)> {
        let is_value = !self.is_repeated && !self.path.is_empty() && !self.text.trim().is_empty();
        is_value.then_some((self.path, self.text))
    }
}
