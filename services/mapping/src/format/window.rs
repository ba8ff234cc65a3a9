//! A sliding window over a reader: looks ahead as far as a framing needs, and takes from the front what it decided on.

use std::io::{self, Read};

const CHUNK: usize = 64 << 10;

/// Memory stays within what is looked ahead.
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    /// Line of the first byte of the window, from 1.
    line: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            line: 1,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Reads on; `false` at the end of the input.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        Ok(!self.ended)
    }

    /// Where the line that starts at `from` ends, its line end included; at most `limit` bytes on. `None`: no byte is left.
    pub(super) fn line_end(&mut self, from: usize, limit: usize) -> io::Result<Option<usize>> {
        let mut searched = from;
        loop {
            let bytes = self.bytes();
            let until = bytes.len().min(from + limit);
            if let Some(at) = bytes[searched.min(until)..until]
                .iter()
                .position(|byte| *byte == b'\n')
            {
                return Ok(Some(searched + at + 1));
            }
            searched = until.max(from);
            if searched == from + limit {
                return Ok(Some(searched));
            }
            if !self.more()? {
                return Ok((searched > from).then_some(searched));
            }
        }
    }

    /// Moves on over the first `count` bytes.
    pub(super) fn skip(&mut self, count: usize) {
        let newlines = self.bytes()[..count].iter().map(|byte| u64::from(*byte == b'\n'));
        self.line += newlines.sum::<u64>();
        self.start += count;
    }

    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        let taken = self.bytes()[..count].to_vec();
        self.skip(count);
        taken
    }
}

/// Limits what is read again after a record turned out to be broken, so that no file takes more than linear time.
#[derive(Debug, Default)]
pub(super) struct Patience {
    spent: usize,
    earned: usize,
}

impl Patience {
    const GRANT: usize = 64 << 20;

    /// Whether a record may still be looked for beyond its first line.
    pub(super) const fn is_left(&self) -> bool {
        self.spent <= Self::GRANT + self.earned.saturating_mul(8)
    }

    /// `looked` bytes were looked at in vain.
    pub(super) const fn spend(&mut self, looked: usize) {
        self.spent = self.spent.saturating_add(looked);
    }

    /// `taken` bytes of the input are done with.
    pub(super) const fn earn(&mut self, taken: usize) {
        self.earned = self.earned.saturating_add(taken);
    }
}
