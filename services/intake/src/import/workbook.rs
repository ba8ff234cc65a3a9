//! The rows of a workbook, read on a thread of their own: its reader hands rows on and cannot wait with one in its hands. Only a few
//! rows wait between the two, and a workbook on which the reader breaks down takes nothing else with it.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bihuan_mapping::Mapping;
use bihuan_mapping::format::Frame;
use bihuan_mapping::format::csv::Dialect;
use bihuan_mapping::format::sheet::{Error, Sheet, SheetName};

/// How many rows wait at most.
const WAITING: usize = 256;

enum Told {
    Opened {
        columns: Vec<String>,
        merged: usize,
    },
    Row(Frame),
    Failed(Error),
    /// Without it the reader broke down.
    End,
}

/// Iterates over the records of a sheet.
pub(super) struct Rows {
    told: Receiver<Told>,
    columns: Vec<String>,
    merged: usize,
    ended: bool,
}

impl Rows {
    pub(super) fn open(path: &Path, mapping: &Mapping) -> Result<Self, Error> {
        let file = File::open(path)?;
        let (sheet, dialect) = (mapping.sheet().cloned(), mapping.dialect());
        Self::told_by(move |tell| read(file, sheet.as_ref(), dialect, tell))
    }

    /// Starts the thread and waits for the header.
    fn told_by(reader: impl FnOnce(&SyncSender<Told>) + Send + 'static) -> Result<Self, Error> {
        let (tell, told) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("sheet".to_owned())
            .spawn(move || reader(&tell))?;
        match told.recv() {
            Ok(Told::Opened { columns, merged }) => Ok(Self {
                told,
                columns,
                merged,
                ended: false,
            }),
            Ok(Told::Failed(error)) => Err(error),
            Ok(Told::Row(_) | Told::End) | Err(_) => Err(broken_down()),
        }
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) const fn merged(&self) -> usize {
        self.merged
    }
}

fn broken_down() -> Error {
    Error::Damaged("its reader broke down".to_owned())
}

fn read(file: File, sheet: Option<&SheetName>, dialect: Dialect, tell: &SyncSender<Told>) {
    // nobody listens any more where telling fails
    let last = match rows(file, sheet, dialect, tell) {
        Ok(()) => Told::End,
        Err(error) => Told::Failed(error),
    };
    let _gone = tell.send(last);
}

fn rows(
    file: File,
    sheet: Option<&SheetName>,
    dialect: Dialect,
    tell: &SyncSender<Told>,
) -> Result<(), Error> {
    let send = |told| match tell.send(told) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let sheet = Sheet::open(file, sheet, dialect)?;
    let opened = Told::Opened {
        columns: sheet.columns().to_vec(),
        merged: sheet.merged(),
    };
    if send(opened).is_break() {
        return Ok(());
    }
    sheet.rows(|frame| send(Told::Row(frame)))
}

impl Iterator for Rows {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let failed = match self.told.recv() {
            Ok(Told::Row(frame)) => return Some(Ok(frame)),
            Ok(Told::End) => None,
            Ok(Told::Failed(error)) => Some(error),
            Ok(Told::Opened { .. }) | Err(_) => Some(broken_down()),
        };
        self.ended = true;
        failed.map(|error| {
            Err(match error {
                Error::Io(error) => error,
                other => io::Error::other(other),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Told {
        Told::Opened {
            columns: vec!["id".to_owned()],
            merged: 0,
        }
    }

    fn row(ordinal: u64) -> Told {
        Told::Row(Frame {
            line: ordinal + 2,
            ordinal,
            raw: b"1".to_vec(),
            broken: None,
        })
    }

    #[test]
    fn a_workbook_that_breaks_its_reader_is_a_damaged_one() {
        let before = Rows::told_by(|_| panic!("damaged")).err();
        assert!(matches!(before, Some(Error::Damaged(_))), "{before:?}");
        let mut within = Rows::told_by(|tell| {
            tell.send(opened()).expect("listens");
            tell.send(row(0)).expect("listens");
            panic!("damaged")
        })
        .expect("opened");
        assert!(matches!(within.next(), Some(Ok(frame)) if frame.ordinal == 0));
        assert!(matches!(within.next(), Some(Err(_))), "not an end like any other");
        assert!(within.next().is_none());
    }

    #[test]
    fn only_a_few_rows_wait() {
        let (ahead, count) = sync_channel(1);
        let mut rows = Rows::told_by(move |tell| {
            tell.send(opened()).expect("listens");
            let sent = (0..100 * WAITING as u64).take_while(|ordinal| tell.try_send(row(*ordinal)).is_ok());
            ahead.send(sent.count()).expect("listens");
        })
        .expect("opened");
        assert!(count.recv().expect("counted") <= WAITING);
        assert!(matches!(rows.next(), Some(Ok(_))));
    }

    #[test]
    fn a_sheet_ends_where_its_reader_says() {
        let rows = Rows::told_by(|tell| {
            for told in [opened(), row(0), row(1), Told::End] {
                tell.send(told).expect("listens");
            }
        })
        .expect("opened");
        assert_eq!(rows.filter_map(Result::ok).count(), 2);
    }
}
