//! Tags, comments and the like, told apart in a stream of XML that may be broken.

use std::io::{self, Read};

use crate::format::MAX_RECORD;
use crate::format::window::{Patience, Window};
use crate::format::xml::local;

/// What begins with `<`.
#[derive(Debug)]
pub(super) struct Markup {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Names are without prefix.
#[derive(Debug)]
pub(super) enum Kind {
    Open {
        name: String,
        is_empty: bool,
    },
    Close {
        name: String,
    },
    Doctype,
    /// A comment, an instruction, character data.
    Other,
    /// It does not end, or another begins within it.
    Broken,
}

pub(super) struct Scanner<R> {
    window: Window<R>,
    patience: Patience,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(window: Window<R>) -> Self {
        Self {
            window,
            patience: Patience::default(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.window.bytes()
    }

    pub(super) const fn line(&self) -> u64 {
        self.window.line()
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.patience.earn(count);
        self.window.skip(count);
    }

    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        self.patience.earn(count);
        self.window.take(count)
    }

    /// Whether what is broken may still be looked at to its end.
    pub(super) const fn is_patient(&self) -> bool {
        self.patience.is_left()
    }

    /// So many bytes were looked at in vain.
    pub(super) const fn spend(&mut self, looked: usize) {
        self.patience.spend(looked);
    }

    /// Moves on to the next `<`, or to the end.
    pub(super) fn pass_text(&mut self) -> io::Result<()> {
        loop {
            let text = self.bytes().iter().position(|byte| *byte == b'<');
            let count = text.unwrap_or(self.bytes().len());
            self.skip(count);
            if text.is_some() || !self.window.more()? {
                return Ok(());
            }
        }
    }

    /// The first markup from there on, within what a record may be long; `None`: there is none.
    pub(super) fn markup(&mut self, from: usize) -> io::Result<Option<Markup>> {
        let mut from = from;
        loop {
            let Some(start) = self.find(from, b"<")? else {
                return Ok(None);
            };
            // `<![CDATA[` is the longest beginning
            while self.bytes().len() < start + 9 && self.window.more()? {}
            let rest = &self.bytes()[start..];
            let (kind, end) = match rest {
                [b'<', b'!', b'-', b'-', ..] => self.closed(start + 4, b"-->")?,
                [b'<', b'?', ..] => self.closed(start + 2, b"?>")?,
                _ if rest.starts_with(b"<![CDATA[") => self.closed(start + 9, b"]]>")?,
                [b'<', b'!', ..] => (Kind::Doctype, start + 2),
                [b'<', first, ..] if *first == b'/' || is_name(*first) => self.tag(start)?,
                // a sign of its own, which its reader will complain of
                _ => {
                    from = start + 1;
                    continue;
                }
            };
            return Ok(Some(Markup { kind, start, end }));
        }
    }

    /// What goes on until it is closed.
    fn closed(&mut self, from: usize, by: &[u8]) -> io::Result<(Kind, usize)> {
        if self.patience.is_left() {
            if let Some(at) = self.find(from, by)? {
                return Ok((Kind::Other, at + by.len()));
            }
            self.patience
                .spend(self.bytes().len() - from.min(self.bytes().len()));
        }
        Ok((Kind::Broken, from))
    }

    fn tag(&mut self, start: usize) -> io::Result<(Kind, usize)> {
        let mut at = start + 1;
        let mut quote = None;
        loop {
            let Some(byte) = self.bytes().get(at).copied() else {
                if at > start + MAX_RECORD || !self.window.more()? {
                    return Ok((Kind::Broken, at));
                }
                continue;
            };
            match (quote, byte) {
                // not even a value may hold one
                (_, b'<') => return Ok((Kind::Broken, at)),
                (Some(open), _) if open == byte => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'>') => return Ok((kind(&self.bytes()[start + 1..at]), at + 1)),
                (Some(_) | None, _) => {}
            }
            at += 1;
        }
    }

    fn find(&mut self, from: usize, wanted: &[u8]) -> io::Result<Option<usize>> {
        let mut from = from;
        loop {
            let bytes = self.bytes();
            let rest = bytes.get(from..).unwrap_or_default();
            if let Some(at) = rest.windows(wanted.len()).position(|part| part == wanted) {
                return Ok(Some(from + at));
            }
            from = from.max((bytes.len() + 1).saturating_sub(wanted.len()));
            if bytes.len() > MAX_RECORD || !self.window.more()? {
                return Ok(None);
            }
        }
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || !byte.is_ascii()
}

/// What a tag is, by what stands between its brackets.
fn kind(tag: &[u8]) -> Kind {
    let name = |tag: &[u8]| {
        let tag = String::from_utf8_lossy(tag);
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next();
        local(name.unwrap_or_default()).to_owned()
    };
    match tag {
        [b'/', name_and_space @ ..] => Kind::Close {
            name: name(name_and_space),
        },
        _ => Kind::Open {
            name: name(tag),
            is_empty: tag.ends_with(b"/"),
        },
    }
}
