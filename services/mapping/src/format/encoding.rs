//! What a file's bytes say: UTF-8 as it stands; UTF-16, GB 18030 and others turned into UTF-8 while they stream through.

mod guess;

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, GB18030, UTF_8, UTF_16LE};

/// How many first bytes decide when nothing was declared.
pub const SAMPLE: usize = 256 << 10;

/// The encoding that a mapping declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// By byte order mark; else UTF-16 by its NULs; else UTF-8 if the first bytes are that, but perhaps for a few; else GB 18030.
    Auto,
    Is(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// By its name, as the web knows it (`utf-8`, `gb18030`, `gbk`, `utf-16le`, `big5` …).
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "auto" => Some(Self::Auto),
            // the mark decides the byte order if there is one, else the text
            "utf-16" | "utf16" => Some(Self::Is(UTF_16LE)),
            "utf8" => Some(Self::Is(UTF_8)),
            other => encoding_rs::Encoding::for_label_no_replacement(other.as_bytes()).map(Self::Is),
        }
    }

    /// The encoding of a file that starts with `sample`; one that is shorter than [`SAMPLE`] is all of the file.
    pub(super) fn of(self, sample: &[u8]) -> &'static encoding_rs::Encoding {
        match (self, encoding_rs::Encoding::for_bom(sample)) {
            (_, Some((marked, _))) => marked,
            (Self::Is(declared), None) if declared == UTF_16LE => {
                guess::utf16(sample, 16).unwrap_or(declared)
            }
            (Self::Is(declared), None) => declared,
            (Self::Auto, None) => guess::encoding(sample, sample.len() < SAMPLE),
        }
    }
}

/// The encoding that a file which starts so is in, by itself.
pub fn found(sample: &[u8]) -> &'static encoding_rs::Encoding {
    Encoding::Auto.of(sample)
}

/// The text of a record cut out of a stream of UTF-8. A line in another hand is read as GB 18030 if it can be, unless it is UTF-8
/// but for a few bytes; what makes no sense becomes U+FFFD, which the mapping flags: a record is not lost over a garbled character.
pub fn text(raw: &[u8]) -> Cow<'_, str> {
    match encoding_rs::Encoding::for_bom(raw) {
        Some((marked, length)) if marked != UTF_8 => marked.decode_without_bom_handling(&raw[length..]).0,
        _ => unmarked(raw),
    }
}

fn unmarked(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if guess::is_mostly_utf8(raw) => String::from_utf8_lossy(raw),
        Err(_) => GB18030
            .decode_without_bom_handling_and_without_replacement(raw)
            .unwrap_or_else(|| String::from_utf8_lossy(raw)),
    }
}

/// A reader of UTF-8 without byte order mark, whatever the file was written in.
pub struct Utf8Reader<R> {
    reader: R,
    encoding: &'static encoding_rs::Encoding,
    /// `None`: the bytes are UTF-8 already and pass as they are.
    decoder: Option<Decoder>,
    /// Read but not decoded, then decoded but not handed out.
    input: Vec<u8>,
    output: Vec<u8>,
    at: usize,
    ended: bool,
    /// Lines end with CR alone, which is handed out as LF.
    only_cr: bool,
}

impl<R: Read> Utf8Reader<R> {
    /// Reads the first bytes to decide.
    pub fn open(reader: R, encoding: Encoding) -> io::Result<Self> {
        Self::open_by(reader, |sample| encoding.of(sample))
    }

    /// The same, where the first bytes may say more than their encoding scheme.
    pub(super) fn open_by(
        mut reader: R,
        choose: impl FnOnce(&[u8]) -> &'static encoding_rs::Encoding,
    ) -> io::Result<Self> {
        let mut sample = Vec::new();
        reader.by_ref().take(SAMPLE as u64).read_to_end(&mut sample)?;
        let ended = sample.len() < SAMPLE;
        let chosen = choose(&sample);
        let mark = encoding_rs::Encoding::for_bom(&sample).map_or(0, |(_, length)| length);
        sample.drain(..mark);
        let mut this = Self {
            reader,
            encoding: chosen,
            decoder: None,
            input: Vec::new(),
            output: Vec::new(),
            at: 0,
            ended,
            only_cr: false,
        };
        if chosen == UTF_8 {
            this.output = sample;
        } else {
            this.decoder = Some(chosen.new_decoder_without_bom_handling());
            this.input = sample;
            this.decode();
        }
        this.only_cr = this.output.contains(&b'\r') && !this.output.contains(&b'\n');
        Ok(this)
    }

    /// What the bytes turned out to be written in, by its name on the web.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// Decodes all of `input` into `output`.
    fn decode(&mut self) {
        let Some(decoder) = &mut self.decoder else { return };
        let room = decoder
            .max_utf8_buffer_length(self.input.len())
            .unwrap_or(self.input.len() * 4 + 16);
        self.output.resize(room, 0);
        let (result, _, written, _) = decoder.decode_to_utf8(&self.input, &mut self.output, self.ended);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        self.output.truncate(written);
        self.input.clear();
        self.at = 0;
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.at == self.output.len() && !self.ended {
            self.input.resize(64 << 10, 0);
            let read = self.reader.read(&mut self.input)?;
            self.input.truncate(read);
            self.ended = read == 0;
            self.decode();
        }
        Ok(())
    }

    fn hand_out(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.decoder.is_some() {
            self.refill()?;
        }
        let rest = &self.output[self.at..];
        if rest.is_empty() {
            return if self.decoder.is_none() {
                self.reader.read(buffer)
            } else {
                Ok(0)
            };
        }
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.hand_out(buffer)?;
        if self.only_cr {
            let ends = buffer[..count].iter_mut().filter(|byte| **byte == b'\r');
            ends.for_each(|byte| *byte = b'\n');
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], encoding: &str) -> String {
        let mut text = String::new();
        let encoding = Encoding::named(encoding).expect("known");
        Utf8Reader::open(bytes, encoding)
            .expect("opens")
            .read_to_string(&mut text)
            .expect("UTF-8");
        text
    }

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn each_encoding_comes_out_as_utf8() {
        let text = "编号,标题\r\n1,占道经营𠮷\r\n";
        let gb = GB18030.encode(text).0.into_owned();
        let marked = format!("\u{feff}{text}");
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "auto"),
            (marked.clone().into_bytes(), "utf-8"),
            (gb.clone(), "auto"),
            (gb, "gb18030"),
            (utf16(&marked, u16::to_le_bytes), "auto"),
            (utf16(&marked, u16::to_be_bytes), "utf-16"),
            (utf16(text, u16::to_le_bytes), "utf-16le"),
            (utf16(text, u16::to_be_bytes), "utf-16"),
            (utf16(text, u16::to_be_bytes), "auto"),
        ] {
            assert_eq!(read(&bytes, encoding), text, "{encoding}");
        }
        assert_eq!(Encoding::named("klingon"), None);
        assert_eq!(
            Encoding::named("utf-16be"),
            Some(Encoding::Is(encoding_rs::UTF_16BE))
        );
    }

    #[test]
    fn a_character_cut_by_a_chunk_survives() {
        let text = "一二三四五".repeat(60_000);
        let gb = GB18030.encode(&text).0.into_owned();
        assert_eq!(read(&gb, "auto"), text);
        assert_eq!(read(text.as_bytes(), "auto"), text);
        assert_eq!(
            read(&[b"x", text.as_bytes()].concat(), "auto"),
            format!("x{text}")
        );
        assert_eq!(read(&[b"x", &gb[..]].concat(), "auto"), format!("x{text}"));
    }

    #[test]
    fn lines_that_end_with_cr_alone_end() {
        for (file, expected) in [
            ("id\r1\r2\r", "id\n1\n2\n"),
            ("编号\r1", "编号\n1"),
            ("id\r\n1\r2", "id\r\n1\r2"),
        ] {
            assert_eq!(read(file.as_bytes(), "auto"), expected);
            assert_eq!(read(&GB18030.encode(file).0, "gb18030"), expected);
        }
        let long = "1\r".repeat(SAMPLE);
        assert_eq!(read(long.as_bytes(), "auto"), long.replace('\r', "\n"));
    }

    #[test]
    fn a_broken_character_spoils_nothing_else() {
        assert_eq!(text("1,占道经营,\u{0}违法".as_bytes()), "1,占道经营,\u{0}违法");
        assert_eq!(
            text(b"1,\xe5\x8d\xa0\xe9\x81\x93\xe7\xbb,\xe8\xbf\x9d"),
            "1,占道\u{fffd},违"
        );
    }

    #[test]
    fn a_line_in_another_hand_is_still_read() {
        assert_eq!(text(&GB18030.encode("占道经营").0), "占道经营");
        assert_eq!(text(b"a\xff\xff"), "a\u{fffd}\u{fffd}");
        assert_eq!(text(b"\xff\xfea\0"), "a");
    }
}
