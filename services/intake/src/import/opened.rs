//! A file or a body, opened as what its mapping says it is.

use std::io::{self, Read};
use std::path::Path;

use bihuan_mapping::Mapping;
use bihuan_mapping::format::{Format, Frame, csv, json_file, xml_file};

use super::{ImportError, workbook};

pub(super) type Frames = Box<dyn Iterator<Item = io::Result<Frame>> + Send>;

/// Ready to be cut into records.
pub(super) struct Opened {
    pub(super) frames: Frames,
    /// Of a table.
    pub(super) columns: Option<Vec<String>>,
    pub(super) encoding: Option<&'static str>,
    pub(super) merged: usize,
}

impl Opened {
    pub(super) fn of(path: &Path, mapping: &Mapping) -> Result<Self, ImportError> {
        if mapping.format() != Format::Xlsx {
            let file = io::BufReader::with_capacity(1 << 18, std::fs::File::open(path)?);
            return Self::text(file, mapping);
        }
        let rows = workbook::Rows::open(path, mapping)?;
        Ok(Self {
            columns: Some(rows.columns().to_vec()),
            encoding: None,
            merged: rows.merged(),
            frames: Box::new(rows),
        })
    }

    /// Of anything that is read from its beginning to its end, which a workbook is not.
    pub(super) fn text(reader: impl Read + Send + 'static, mapping: &Mapping) -> Result<Self, ImportError> {
        let unheaded = |frames: Frames, encoding| Self {
            frames,
            columns: None,
            encoding: Some(encoding),
            merged: 0,
        };
        Ok(match mapping.format() {
            Format::Csv => {
                let table = csv::Table::open_as(reader, mapping.encoding(), mapping.dialect())?;
                Self {
                    columns: Some(table.columns().to_vec()),
                    encoding: Some(table.encoding()),
                    merged: 0,
                    frames: Box::new(table),
                }
            }
            Format::Json => {
                let messages = json_file::Messages::open(reader, mapping.encoding())?;
                let encoding = messages.encoding();
                unheaded(Box::new(messages), encoding)
            }
            Format::Xml => {
                let records = xml_file::Records::open(reader, mapping.encoding(), mapping.rows())?;
                let encoding = records.encoding();
                unheaded(Box::new(records), encoding)
            }
            format @ (Format::Protobuf | Format::Xlsx) => return Err(ImportError::Format(format.as_str())),
        })
    }
}

/// The header of a table in this file, if its records have one.
pub fn columns(path: &Path, mapping: &Mapping) -> Result<Option<Vec<String>>, ImportError> {
    if !mapping.format().is_table() {
        return Ok(None);
    }
    Opened::of(path, mapping).map(|opened| opened.columns)
}
