//! XML messages: one element is a record, its fields are paths within it.
//!
//! A record stays the bytes that the source wrote, as in every other format, so that what is quarantined is what was sent and can
//! be read again; it is not turned into JSON first. Names are compared without their namespace prefixes. **Architecture
//! Invariant:** nothing outside the message is ever fetched and no entity but XML's own five is replaced: a message with a document
//! type is refused, for its only use here would be to declare entities.

mod blank;
mod element;
mod values;

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};

use super::{Bad, Value};
pub use blank::{Hidden, blanked};
use element::{Element, bad, content};
pub(crate) use values::values;

/// How deep elements may lie in one another.
pub const MAX_DEPTH: usize = 64;

/// What a path leads to, last of all.
pub(crate) fn last_name(path: &str) -> String {
    let last = path.rsplit('/').find(|token| token.parse::<usize>().is_err());
    last.unwrap_or(path).trim_start_matches('@').to_owned()
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Several paths at once, so that one pass over a record finds them all. `/a/b` is an element, `/a/0/b` lies in the first `a`,
/// `/@id` is an attribute; the leading slash may be left out.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    root: Node,
    count: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Which of the paths end here.
    ends: Vec<usize>,
    attributes: Vec<(String, usize)>,
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    name: String,
    /// Which of the elements of this name.
    index: usize,
    node: Node,
}

impl Paths {
    pub fn new<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut this = Self::default();
        for path in paths {
            this.root.lead(
                &mut path.split('/').filter(|token| !token.is_empty()).peekable(),
                this.count,
            );
            this.count += 1;
        }
        this
    }

    /// The values, in the order of the paths.
    ///
    /// # Errors
    /// `xml`: the message is not one well-formed element; `xml_doctype`, `xml_depth`.
    pub fn read<'a>(&self, message: &str) -> Result<Vec<Option<Value<'a>>>, Bad> {
        let mut element = Element::new(message);
        let mut walk = Walk {
            found: vec![None; self.count],
            open: Vec::new(),
        };
        while let Some((event, _)) = element.next()? {
            match event {
                Event::Start(start) => walk.start(&self.root, &start)?,
                Event::Empty(start) => {
                    walk.start(&self.root, &start)?;
                    walk.end();
                }
                Event::End(_) => walk.end(),
                other => walk.text(&other)?,
            }
        }
        Ok(walk.found)
    }
}

impl Node {
    fn lead<'a>(&mut self, tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, end: usize) {
        let Some(name) = tokens.next() else {
            self.ends.push(end);
            return;
        };
        if let Some(attribute) = name.strip_prefix('@') {
            self.attributes.push((local(attribute).to_owned(), end));
            return;
        }
        let index = tokens.peek().and_then(|token| token.parse().ok());
        if index.is_some() {
            tokens.next();
        }
        let (name, index) = (local(name), index.unwrap_or(0));
        let at = self
            .children
            .iter()
            .position(|child| child.name == name && child.index == index)
            .unwrap_or_else(|| {
                self.children.push(Child {
                    name: name.to_owned(),
                    index,
                    node: Self::default(),
                });
                self.children.len() - 1
            });
        self.children[at].node.lead(tokens, end);
    }
}

/// Walks down a record along the paths.
struct Walk<'p, 'a> {
    found: Vec<Option<Value<'a>>>,
    open: Vec<Open<'p>>,
}

/// An element that is not closed yet.
struct Open<'p> {
    /// `None`: no path leads here.
    node: Option<&'p Node>,
    /// How many elements of its name came before, for each child of the node.
    seen: Vec<usize>,
    text: String,
}

impl<'p> Walk<'p, '_> {
    fn start(&mut self, root: &'p Node, start: &BytesStart<'_>) -> Result<(), Bad> {
        let node = match self.open.last_mut() {
            None => Some(root),
            Some(parent) => parent.child(local(start.name().as_ref())),
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| bad(&error.into()))?;
            let name = local(attribute.key.as_ref());
            let ends = node.into_iter().flat_map(|node| &node.attributes);
            for (_, end) in ends.filter(|(known, _)| known == name) {
                let value = attribute
                    .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                    .map_err(|error| bad(&error))?;
                self.found[*end] = Some(Value::text(Cow::Owned(value.into_owned())));
            }
        }
        self.open.push(Open {
            node,
            seen: vec![0; node.map_or(0, |node| node.children.len())],
            text: String::new(),
        });
        Ok(())
    }

    fn text(&mut self, event: &Event<'_>) -> Result<(), Bad> {
        if let Some(open) = self.open.last_mut()
            && open.node.is_some_and(|node| !node.ends.is_empty())
        {
            content(event, &mut open.text)?;
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(Open { node, text, .. }) = self.open.pop() else {
            return;
        };
        for end in node.into_iter().flat_map(|node| &node.ends) {
            self.found[*end] = Some(Value::text(text.clone()));
        }
    }
}

impl<'p> Open<'p> {
    /// Where the paths lead on into the next element of this name.
    fn child(&mut self, name: &str) -> Option<&'p Node> {
        let mut found = None;
        for (child, seen) in self.node?.children.iter().zip(&mut self.seen) {
            if child.name == name {
                if child.index == *seen {
                    found = Some(&child.node);
                }
                *seen += 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
