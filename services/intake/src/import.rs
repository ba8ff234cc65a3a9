//! Cutting a file into records and putting them on `clue.inbound.v1`: in order, all on the one partition that the file's digest
//! chooses, so that importing it again, or going on after an interruption, repeats what is known already.

use std::io::{self, Read};
use std::path::Path;

use bihuan_contracts::{Message, header, topics};
use bihuan_domain::time::Timestamp;
use bihuan_store::document::{self, Kind};
use bihuan_store::{Store, Tx};
use sha2::{Digest as _, Sha256};

use bihuan_mapping::format::{Format, Frame, csv, encoding, sheet, xml_file};
use bihuan_mapping::{Bilingual, Bound, Kept, Mapping, Problem};

mod foreseen;
mod opened;
mod workbook;

pub use opened::columns;
use opened::{Frames, Opened};

/// Why a file cannot be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Sheet(#[from] sheet::Error),
    #[error(transparent)]
    Xml(#[from] xml_file::Error),
    #[error("the mapping does not fit the file")]
    Mapping(Vec<Problem>),
    #[error("files of format {0} cannot be imported")]
    Format(&'static str),
    #[error(transparent)]
    Store(#[from] bihuan_store::Error),
}

impl ImportError {
    /// The same in both languages.
    pub fn say(&self) -> Bilingual {
        match self {
            Self::Csv(error) => error.say(),
            Self::Sheet(error) => error.say(),
            Self::Xml(error) => error.say(),
            other => Bilingual {
                zh: other.to_string(),
                en: other.to_string(),
            },
        }
    }
}

/// A file that is ready to be cut.
pub struct Import<'m> {
    mapping: &'m Mapping,
    bound: Bound<'m>,
    digest: String,
    columns: Option<(String, Vec<u8>)>,
    encoding: Option<&'static str>,
    merged: usize,
    frames: Frames,
    ordinal: u64,
    waiting: std::collections::VecDeque<Cut>,
}

/// A record of the file.
pub struct Cut {
    pub ordinal: u64,
    pub line: u64,
    pub bytes: Vec<u8>,
    /// Why the bytes are no record.
    pub broken: Option<&'static str>,
    /// Why the bytes are a whole message, that could not be taken apart into records.
    pub uncut: Option<&'static str>,
}

impl Cut {
    /// Why nothing can be read from the bytes.
    pub fn unreadable(&self) -> Option<&'static str> {
        self.broken.or(self.uncut)
    }
}

/// Something that records name by its digest.
pub(crate) struct Document {
    kind: Kind,
    pub(crate) digest: String,
    label: String,
    content: Vec<u8>,
}

/// Stores the documents that are not there.
pub(crate) async fn put(store: &Store, documents: &[Document]) -> bihuan_store::Result<()> {
    let mut tx: Tx = store.begin().await?;
    for it in documents {
        document::put(tx.conn(), it.kind, &it.digest, &it.label, &it.content).await?;
    }
    tx.commit().await
}

/// What a record is called as a CloudEvent.
pub(crate) struct Identity {
    pub(crate) source: String,
    pub(crate) id: String,
}

/// The type of a platform's own record, as the header `ce_type` names it.
const SOURCE_RECORD: &str = "bihuan.intake.v1.SourceRecord";

/// What a message may hold; of a longer record only the beginning travels, marked as broken.
const MAX_MESSAGE: usize = 10 << 20;
/// How much of it.
const BEGINNING: usize = 1 << 20;

impl<'m> Import<'m> {
    /// Opens the file, digests it and fits the mapping to it.
    pub fn open(path: &Path, mapping: &'m Mapping) -> Result<Self, ImportError> {
        let digest = digest(path)?;
        Self::cutting(Opened::of(path, mapping)?, digest, mapping)
    }

    /// Cuts what `reader` gives, which is called `digest`.
    pub(crate) fn of(
        reader: impl Read + Send + 'static,
        digest: String,
        mapping: &'m Mapping,
    ) -> Result<Self, ImportError> {
        Self::cutting(Opened::text(reader, mapping)?, digest, mapping)
    }

    fn cutting(opened: Opened, digest: String, mapping: &'m Mapping) -> Result<Self, ImportError> {
        let (bound, columns) = match opened.columns {
            None => (mapping.bind_message(), None),
            Some(columns) => {
                let bound = mapping.bind_columns(&columns).map_err(ImportError::Mapping)?;
                let text = serde_json::to_vec(&columns).map_err(io::Error::from)?;
                (bound, Some((hex::encode(&Sha256::digest(&text)[..8]), text)))
            }
        };
        Ok(Self {
            mapping,
            bound,
            digest,
            columns,
            encoding: opened.encoding,
            merged: opened.merged,
            frames: opened.frames,
            ordinal: 0,
            waiting: std::collections::VecDeque::new(),
        })
    }

    /// SHA-256 of the file, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What the text of the file turned out to be written in; `None` of a workbook.
    pub const fn encoding(&self) -> Option<&'static str> {
        self.encoding
    }

    /// How many regions of merged cells a sheet has.
    pub const fn merged(&self) -> usize {
        self.merged
    }

    pub const fn bound(&self) -> &Bound<'m> {
        &self.bound
    }

    /// What the records will name: the mapping and, of a table, its columns.
    pub(crate) fn documents(&self) -> Vec<Document> {
        let columns = self.columns.iter().map(|(digest, content)| Document {
            kind: Kind::Columns,
            digest: digest.clone(),
            label: self.mapping.source().to_string(),
            content: content.clone(),
        });
        let mapping = Document {
            kind: Kind::Mapping,
            digest: self.mapping.digest().to_owned(),
            label: self.mapping.source().to_string(),
            content: self.mapping.text().as_bytes().to_vec(),
        };
        columns.chain([mapping]).collect()
    }

    /// Stores the documents that the records will name.
    pub async fn remember(&self, store: &Store) -> Result<(), ImportError> {
        Ok(put(store, &self.documents()).await?)
    }

    /// The partition on which all records of this file go.
    pub fn lane(&self, partitions: u32) -> u32 {
        let head = self
            .digest
            .get(..8)
            .and_then(|head| u32::from_str_radix(head, 16).ok())
            .unwrap_or(0);
        head % partitions
    }

    /// The message for one record.
    pub fn message(&self, cut: &Cut, partition: u32, route: bool, received_at: Timestamp) -> Message {
        let source = self.mapping.source();
        let identity = Identity {
            source: format!("/bihuan/import/{source}"),
            id: format!("{}/{}", self.digest, cut.ordinal),
        };
        let mut message = self.carried(cut, &identity, partition, received_at);
        message.headers.extend([
            // the same file as another source is other records
            (
                header::FILE.into(),
                format!("{}:{source}", self.digest).into_bytes(),
            ),
            (header::ORDINAL.into(), cut.ordinal.to_string().into_bytes()),
        ]);
        if route {
            message.headers.push((header::ROUTE.into(), b"1".to_vec()));
        }
        message
    }

    /// The message for one record, whatever way it came in.
    pub(crate) fn carried(
        &self,
        cut: &Cut,
        identity: &Identity,
        partition: u32,
        received_at: Timestamp,
    ) -> Message {
        let content_type = match self.mapping.format() {
            Format::Csv | Format::Xlsx => "text/csv",
            Format::Xml => "application/xml",
            Format::Json | Format::Protobuf => header::JSON,
        };
        let mut headers = vec![
            (header::CE_SPECVERSION.into(), header::SPECVERSION.into()),
            (header::CE_ID.into(), identity.id.clone().into_bytes()),
            (header::CE_SOURCE.into(), identity.source.clone().into_bytes()),
            (header::CE_TYPE.into(), SOURCE_RECORD.into()),
            (header::CE_TIME.into(), received_at.to_string().into_bytes()),
            (header::CONTENT_TYPE.into(), content_type.into()),
            (header::MAPPING.into(), self.mapping.digest().into()),
            (header::LINE.into(), cut.line.to_string().into_bytes()),
            (
                header::RECEIVED_AT.into(),
                received_at.as_micros().to_string().into_bytes(),
            ),
        ];
        if let Some((digest, _)) = &self.columns {
            headers.push((header::COLUMNS.into(), digest.clone().into_bytes()));
        }
        if cut.uncut.is_some() {
            headers.push((header::WHOLE.into(), b"1".to_vec()));
        }
        // personal fields do not travel
        let Kept {
            bytes: mut payload,
            is_outline,
        } = self.bound.kept(&cut.bytes);
        let mut broken = cut.broken;
        if is_outline {
            headers.push((header::OUTLINE.into(), b"1".to_vec()));
            broken = broken.or_else(|| self.unreadable(cut));
        }
        if payload.len() > MAX_MESSAGE {
            payload.truncate(BEGINNING);
            // an outline may be longer than the record
            broken = broken.filter(|_| is_outline).or(Some("record_too_long"));
        }
        if let Some(reason) = broken {
            headers.push((header::BROKEN.into(), reason.into()));
        }
        Message {
            topic: topics::CLUE_INBOUND.into(),
            partition,
            key: self.digest.clone().into_bytes(),
            headers,
            payload,
        }
    }

    /// Why a record cannot be read, which its outline does not tell for certain.
    fn unreadable(&self, cut: &Cut) -> Option<&'static str> {
        let text = encoding::text(&cut.bytes);
        self.bound.read(&text).err().map(|bad| bad.reason)
    }

    fn cut(&mut self, frame: Frame) {
        if frame.broken.is_some() || !self.mapping.divides_messages() {
            return self.enqueue(frame.line, trimmed(frame.raw), frame.broken, None);
        }
        let text = encoding::text(&frame.raw);
        let found = self.mapping.records(&text);
        let records: Vec<Vec<u8>> = match found {
            // what tells of no row is a record that is skipped
            Ok(records) if records.is_empty() && self.mapping.envelope().is_some() => {
                return self.enqueue(frame.line, trimmed(frame.raw.clone()), None, None);
            }
            Ok(records) => records
                .into_iter()
                .map(|record| record.trim().as_bytes().to_vec())
                .collect(),
            // it travels whole, so that a mended mapping can take it apart
            Err(bad) => {
                return self.enqueue(frame.line, trimmed(frame.raw.clone()), None, Some(bad.reason));
            }
        };
        drop(text);
        for record in records {
            self.enqueue(frame.line, record, None, None);
        }
    }

    fn enqueue(
        &mut self,
        line: u64,
        bytes: Vec<u8>,
        broken: Option<&'static str>,
        uncut: Option<&'static str>,
    ) {
        self.waiting.push_back(Cut {
            ordinal: self.ordinal,
            line,
            bytes,
            broken,
            uncut,
        });
        self.ordinal += 1;
    }
}

impl Iterator for Import<'_> {
    type Item = io::Result<Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(cut) = self.waiting.pop_front() {
                return Some(Ok(cut));
            }
            match self.frames.next()? {
                Ok(frame) => self.cut(frame),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn trimmed(mut raw: Vec<u8>) -> Vec<u8> {
    while raw.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        raw.pop();
    }
    raw
}

fn digest(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}
