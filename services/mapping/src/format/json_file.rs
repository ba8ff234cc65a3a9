//! A file of JSON as messages: one object a line, the elements of one array, or one object that fills the file.
//!
//! A line or element that is cut off is broken by itself; reading goes on at the next line.

use std::io::{self, Read};

use super::encoding::{Encoding, Utf8Reader};
use super::window::{Patience, Window};
use super::{Frame, MAX_RECORD};

/// The longest file that is read as one message, in bytes.
const MAX_WHOLE: usize = 256 << 20;

/// How far the end of an element is looked for once too much was looked at in vain, in bytes.
const IMPATIENT: usize = 256 << 10;

/// Iterates over the messages of a file. [`super::json::records`] says which records a message holds.
pub struct Messages<R> {
    window: Window<Utf8Reader<R>>,
    patience: Patience,
    shape: Shape,
    ordinal: u64,
    /// The front of the window continues something that was too long.
    within: bool,
    encoding: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Lines,
    /// Behind the opening bracket of an array.
    Array,
    /// Behind the closing bracket, where nothing should follow.
    Done,
    Whole,
}

/// Bytes at the front, and of what: of nothing, of a message, of a broken one.
type Piece = (usize, Option<Option<&'static str>>);

impl<R: Read> Messages<R> {
    /// Reads the first bytes to see which shape the file has.
    pub fn open(reader: R, encoding: Encoding) -> io::Result<Self> {
        let reader = Utf8Reader::open(reader, encoding)?;
        let mut this = Self {
            encoding: reader.encoding(),
            window: Window::new(reader),
            patience: Patience::default(),
            shape: Shape::Lines,
            ordinal: 0,
            within: false,
        };
        this.skip_space()?;
        this.shape = match this.window.bytes().first().copied() {
            Some(b'[') => {
                this.window.skip(1);
                Shape::Array
            }
            Some(b'{') if this.is_one_object()? => Shape::Whole,
            _ => Shape::Lines,
        };
        Ok(this)
    }

    /// What the file turned out to be written in.
    pub const fn encoding(&self) -> &'static str {
        self.encoding
    }

    fn skip_space(&mut self) -> io::Result<()> {
        loop {
            let space = self
                .window
                .bytes()
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            self.window.skip(space);
            if !self.window.bytes().is_empty() || !self.window.more()? {
                return Ok(());
            }
        }
    }

    /// An object that goes on behind its line, unless the next line starts another: then the first line is merely cut off.
    fn is_one_object(&mut self) -> io::Result<bool> {
        let Some(first) = self.window.line_end(0, MAX_RECORD)? else {
            return Ok(false);
        };
        if element_end(self.window.bytes().get(..first).unwrap_or_default()).is_some() {
            return Ok(false);
        }
        let Some(second) = self.window.line_end(first, MAX_RECORD)? else {
            return Ok(false);
        };
        Ok(self.window.bytes()[first..second].first() != Some(&b'{'))
    }

    fn line(&mut self) -> io::Result<Option<Piece>> {
        let Some(end) = self.window.line_end(0, MAX_RECORD)? else {
            return Ok(None);
        };
        let line = &self.window.bytes()[..end];
        let whole = line.ends_with(b"\n") || end < MAX_RECORD;
        let kind = if std::mem::replace(&mut self.within, !whole) || line.trim_ascii().is_empty() {
            None
        } else {
            Some((!whole).then_some("record_too_long"))
        };
        Ok(Some((end, kind)))
    }

    /// What stands between two elements, or behind the last.
    fn between(&mut self) -> io::Result<Option<Piece>> {
        let is_between = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
        let count = self.window.bytes().iter().take_while(is_between).count();
        if count > 0 || (self.window.bytes().is_empty() && self.window.more()?) {
            return Ok(Some((count, None)));
        }
        if self.window.bytes().first() != Some(&b']') {
            return Ok(None);
        }
        self.shape = Shape::Done;
        Ok(Some((1, None)))
    }

    fn element(&mut self) -> io::Result<Option<Piece>> {
        if let Some(piece) = self.between()? {
            return Ok(Some(piece));
        }
        if self.window.bytes().is_empty() {
            return Ok(None);
        }
        let mut scan = Scan::default();
        let mut seen = 0;
        loop {
            if let Some(end) = scan.find_end(&self.window.bytes()[seen..]) {
                return Ok(Some((seen + end, Some(None))));
            }
            seen = self.window.bytes().len();
            let most = if self.patience.is_left() {
                MAX_RECORD
            } else {
                IMPATIENT
            };
            if seen > most || !self.window.more()? {
                break;
            }
        }
        self.patience.spend(seen);
        let end = self.window.line_end(0, MAX_RECORD)?.unwrap_or(seen);
        let reason = if end < MAX_RECORD {
            "json"
        } else {
            "record_too_long"
        };
        Ok(Some((end, Some(Some(reason)))))
    }

    fn whole(&mut self) -> io::Result<Option<Piece>> {
        while self.window.bytes().len() <= MAX_WHOLE && self.window.more()? {}
        let length = self.window.bytes().len();
        let too_long = length > MAX_WHOLE;
        let first = !std::mem::replace(&mut self.within, true);
        Ok((length > 0).then_some((length, first.then_some(too_long.then_some("record_too_long")))))
    }

    fn piece(&mut self) -> io::Result<Option<Piece>> {
        match self.shape {
            Shape::Lines | Shape::Done => self.line(),
            Shape::Array => self.element(),
            Shape::Whole => self.whole(),
        }
    }
}

impl<R: Read> Iterator for Messages<R> {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (count, kind) = match self.piece().transpose()? {
                Ok(piece) => piece,
                Err(error) => return Some(Err(error)),
            };
            let line = self.window.line();
            self.patience.earn(count);
            let Some(broken) = kind else {
                self.window.skip(count);
                continue;
            };
            let ordinal = self.ordinal;
            self.ordinal += 1;
            return Some(Ok(Frame {
                line,
                ordinal,
                raw: self.window.take(count),
                broken,
            }));
        }
    }
}

fn element_end(bytes: &[u8]) -> Option<usize> {
    Scan::default().find_end(bytes)
}

/// Follows brackets and strings to the end of a value; whether it is valid is for the parser to say.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Where the value ends in these bytes, which follow those of the call before.
    fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                // scalars end where something else begins
                b',' | b']' | b'}' if self.depth == 0 => return Some(at),
                b']' | b'}' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(file: &str) -> Vec<(u64, String, Option<&'static str>)> {
        Messages::open(file.as_bytes(), Encoding::Auto)
            .expect("opens")
            .map(|frame| frame.expect("no IO"))
            .map(|frame| {
                (
                    frame.line,
                    String::from_utf8(frame.raw).expect("text").trim().to_owned(),
                    frame.broken,
                )
            })
            .collect()
    }

    fn whole(line: u64, text: &str) -> (u64, String, Option<&'static str>) {
        (line, text.to_owned(), None)
    }

    #[test]
    fn each_shape_of_a_file_gives_its_messages() {
        let one = whole(1, r#"{"a":1}"#);
        for (file, expected) in [
            ("", vec![]),
            ("\n \n", vec![]),
            ("[]", vec![]),
            (r#"{"a":1}"#, vec![one.clone()]),
            (
                "{\"a\":1}\n\n{\"a\":2}\n",
                vec![one.clone(), whole(3, r#"{"a":2}"#)],
            ),
            (r#"[{"a":1},{"a":2}]"#, vec![one.clone(), whole(1, r#"{"a":2}"#)]),
            (
                "[\n{\"a\":\"]}\\\"\"},\n2,\n\"x\"]\n",
                vec![whole(2, r#"{"a":"]}\""}"#), whole(3, "2"), whole(4, "\"x\"")],
            ),
            ("{\n \"a\": 1\n}\n", vec![whole(1, "{\n \"a\": 1\n}")]),
            ("[{\"a\":1}]\nmore", vec![one, whole(2, "more")]),
        ] {
            assert_eq!(messages(file), expected, "{file}");
        }
    }

    #[test]
    fn what_is_cut_off_does_not_take_the_rest_with_it() {
        let lines = messages("{\"a\":\n{\"a\":2}\n{\"a\":3}");
        assert_eq!(
            lines,
            [whole(1, "{\"a\":"), whole(2, "{\"a\":2}"), whole(3, "{\"a\":3}")]
        );
        let elements = messages("[\n{\"a\":\"x},\n{\"a\":2},\n{\"a\":3}\n]");
        assert_eq!(elements[0], (2, "{\"a\":\"x},".to_owned(), Some("json")));
        assert_eq!(elements[1..], [whole(3, "{\"a\":2}"), whole(4, "{\"a\":3}")]);
    }
}
