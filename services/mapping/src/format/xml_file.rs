//! A file of XML as records: the elements at one path. Only where elements begin and end is looked at here; whether a record is
//! well-formed is for its reader to say, and one that is not takes no other with it: the end of its element, the next element of its
//! name or the end of what it lies in is where reading goes on.

mod declared;
mod markup;

use std::io::{self, Read};

use super::encoding::{Encoding, Utf8Reader};
use super::window::Window;
use super::xml::MAX_DEPTH;
use super::{Frame, MAX_RECORD};
use crate::problem::Bilingual;
use markup::{Kind, Markup, Scanner};

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(
        "it declares a document type (<!DOCTYPE …>), which could declare entities; have it exported without one"
    )]
    Doctype,
    #[error("there is no XML element in it")]
    Empty,
    #[error("its root element is {found}; rows begins with {wanted}")]
    Root { found: String, wanted: String },
}

impl Error {
    /// The same in both languages.
    pub fn say(&self) -> Bilingual {
        let zh = match self {
            Self::Io(error) => error.to_string(),
            Self::Doctype => {
                "文件声明了文档类型（<!DOCTYPE …>），其中可以声明实体；请让来源导出时去掉它".to_owned()
            }
            Self::Empty => "文件中没有 XML 元素".to_owned(),
            Self::Root { found, wanted } => format!("文件的根元素是 {found}；rows 却以 {wanted} 开头"),
        };
        Bilingual {
            zh,
            en: self.to_string(),
        }
    }
}

/// Iterates over the records of a file.
pub struct Records<R> {
    scanner: Scanner<Utf8Reader<R>>,
    encoding: &'static str,
    /// Names from the root to the element that is a record; none: the root is.
    path: Vec<String>,
    /// The elements that are open outside of records, as far as their names are kept.
    open: Vec<String>,
    /// How many more lie in them.
    deeper: usize,
    ordinal: u64,
    /// The front continues a record of this name that was too long.
    within: Option<String>,
}

/// Where a record ends, and why it is none.
struct End {
    at: usize,
    broken: Option<&'static str>,
    /// The rest of it is still to come.
    goes_on: bool,
}

impl End {
    const fn broken(at: usize, reason: &'static str) -> Self {
        Self {
            at,
            broken: Some(reason),
            goes_on: false,
        }
    }
}

/// Follows the elements of a record from tag to tag.
struct Scan<'n> {
    record: &'n str,
    open: Vec<String>,
    broken: Option<&'static str>,
    /// Where another element of the record's name begins right within it: the next record, if this one turns out not to be closed.
    unclosed: Option<usize>,
}

impl<'n> Scan<'n> {
    fn new(record: &'n str) -> Self {
        Self {
            record,
            open: vec![record.to_owned()],
            broken: None,
            unclosed: None,
        }
    }

    /// Where the record ends, if this decides it. `outer` are the elements that it lies in.
    fn step(&mut self, markup: Markup, outer: &[String]) -> Option<End> {
        match markup.kind {
            Kind::Open { name, is_empty } => {
                if name == self.record && self.open.len() == 1 && !outer.is_empty() {
                    self.unclosed = self.unclosed.or(Some(markup.start));
                }
                if self.open.len() == MAX_DEPTH {
                    self.broken = Some("xml_depth");
                } else if !is_empty {
                    self.open.push(name);
                }
            }
            Kind::Close { name } if self.open.last() == Some(&name) => {
                self.open.pop();
                if self.open.is_empty() {
                    return Some(End {
                        at: markup.end,
                        broken: self.broken,
                        goes_on: false,
                    });
                }
            }
            Kind::Close { name } if name == self.record => return Some(self.broken_at(markup.end)),
            Kind::Close { name } if outer.contains(&name) => return Some(self.broken_at(markup.start)),
            Kind::Doctype => self.broken = Some("xml_doctype"),
            Kind::Close { .. } | Kind::Broken => self.broken = self.broken.or(Some("xml")),
            Kind::Other => {}
        }
        None
    }

    fn broken_at(&self, at: usize) -> End {
        End::broken(self.unclosed.unwrap_or(at), self.broken.unwrap_or("xml"))
    }
}

impl<R: Read> Records<R> {
    /// Reads up to the root element.
    pub fn open(reader: R, encoding: Encoding, rows: Option<&str>) -> Result<Self, Error> {
        let reader = Utf8Reader::open_by(reader, |sample| declared::encoding(encoding, sample))?;
        let encoding = reader.encoding();
        let path = rows
            .unwrap_or_default()
            .split('/')
            .filter(|name| !name.is_empty());
        let mut this = Self {
            scanner: Scanner::new(Window::new(reader)),
            encoding,
            path: path.map(|name| super::xml::local(name).to_owned()).collect(),
            open: Vec::new(),
            deeper: 0,
            ordinal: 0,
            within: None,
        };
        this.prologue()?;
        Ok(this)
    }

    /// What the file turned out to be written in.
    pub const fn encoding(&self) -> &'static str {
        self.encoding
    }

    fn prologue(&mut self) -> Result<(), Error> {
        loop {
            self.scanner.pass_text()?;
            let Some(markup) = self.scanner.markup(0)? else {
                return Err(Error::Empty);
            };
            match markup.kind {
                Kind::Open { name, .. } => {
                    return match self.path.first() {
                        Some(wanted) if *wanted != name => Err(Error::Root {
                            found: name,
                            wanted: wanted.clone(),
                        }),
                        _ => Ok(()),
                    };
                }
                Kind::Doctype => return Err(Error::Doctype),
                Kind::Close { .. } | Kind::Other | Kind::Broken => self.scanner.skip(markup.end),
            }
        }
    }

    fn is_record(&self, name: &str) -> bool {
        let names = self.open.iter().map(String::as_str).chain([name]);
        if self.path.is_empty() {
            return self.open.is_empty();
        }
        self.deeper == 0 && names.eq(self.path.iter().map(String::as_str))
    }

    /// Goes on to the next record and leaves it at the front.
    fn seek(&mut self) -> io::Result<Option<Markup>> {
        loop {
            self.scanner.pass_text()?;
            let Some(markup) = self.scanner.markup(0)? else {
                return Ok(None);
            };
            match &markup.kind {
                Kind::Open { name, .. } if self.is_record(name) => return Ok(Some(markup)),
                Kind::Open {
                    name,
                    is_empty: false,
                    ..
                } => self.enter(name.clone()),
                Kind::Close { name } => self.leave(name),
                Kind::Open { .. } | Kind::Doctype | Kind::Other | Kind::Broken => {}
            }
            self.scanner.skip(markup.end);
        }
    }

    fn enter(&mut self, name: String) {
        if self.deeper > 0 || self.open.len() == MAX_DEPTH {
            self.deeper += 1;
        } else {
            self.open.push(name);
        }
    }

    fn leave(&mut self, name: &str) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(at) = self.open.iter().rposition(|open| open == name) {
            self.open.truncate(at);
        }
    }

    /// Where the record at the front ends.
    fn end(&mut self, record: &str, start: usize) -> io::Result<End> {
        let mut scan = Scan::new(record);
        let mut at = start;
        while at <= MAX_RECORD {
            let Some(markup) = self.scanner.markup(at)? else {
                break;
            };
            at = markup.end;
            if let Some(end) = scan.step(markup, &self.open) {
                return Ok(self.judge(end, at));
            }
            if scan.unclosed.is_some() && !self.scanner.is_patient() {
                break;
            }
        }
        let length = self.scanner.bytes().len();
        let end = match scan.unclosed {
            Some(next) => End::broken(next, "xml"),
            None if length > MAX_RECORD => End {
                goes_on: true,
                ..End::broken(MAX_RECORD, "record_too_long")
            },
            None => End::broken(length, "xml"),
        };
        Ok(self.judge(end, at))
    }

    /// What was looked at beyond the end is looked at again.
    fn judge(&mut self, end: End, looked: usize) -> End {
        self.scanner.spend(looked.saturating_sub(end.at));
        if end.at > MAX_RECORD {
            return End::broken(end.at, "record_too_long");
        }
        end
    }

    /// Passes over the rest of a record that was too long.
    fn pass_rest(&mut self, record: &str) -> io::Result<()> {
        loop {
            self.scanner.pass_text()?;
            let Some(markup) = self.scanner.markup(0)? else {
                return Ok(());
            };
            match &markup.kind {
                Kind::Open { name, .. } if name == record => return Ok(()),
                Kind::Close { name } if self.open.contains(name) => return Ok(()),
                _ => self.scanner.skip(markup.end),
            }
            if matches!(&markup.kind, Kind::Close { name } if name == record) {
                return Ok(());
            }
        }
    }

    fn frame(&mut self) -> io::Result<Option<Frame>> {
        if let Some(record) = self.within.take() {
            self.pass_rest(&record)?;
        }
        let Some(markup) = self.seek()? else {
            return Ok(None);
        };
        let Kind::Open { name, is_empty } = markup.kind else {
            return Ok(None);
        };
        let line = self.scanner.line();
        let end = if is_empty {
            End {
                at: markup.end,
                broken: None,
                goes_on: false,
            }
        } else {
            self.end(&name, markup.end)?
        };
        if end.goes_on {
            self.within = Some(name);
        }
        let ordinal = self.ordinal;
        self.ordinal += 1;
        Ok(Some(Frame {
            line,
            ordinal,
            raw: self.scanner.take(end.at),
            broken: end.broken,
        }))
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        self.frame().transpose()
    }
}

#[cfg(test)]
mod tests;
