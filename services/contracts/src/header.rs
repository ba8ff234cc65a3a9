//! The names of the headers around a message: CloudEvents 1.0 in binary mode, and Bihuan's own.

pub const CE_SPECVERSION: &str = "ce_specversion";
pub const CE_ID: &str = "ce_id";
pub const CE_SOURCE: &str = "ce_source";
pub const CE_TYPE: &str = "ce_type";
pub const CE_TIME: &str = "ce_time";
pub const CE_SUBJECT: &str = "ce_subject";
pub const CONTENT_TYPE: &str = "content-type";
/// Position in a journal, dense per partition, in decimal digits.
pub const SEQUENCE: &str = "sequence";
pub const TRACEPARENT: &str = "traceparent";
/// The mapping that reads the record.
pub const MAPPING: &str = "bihuan_mapping";
/// Digest of the file that the record came from.
pub const FILE: &str = "bihuan_file";
/// Position of the record in its file, from 0.
pub const ORDINAL: &str = "bihuan_ordinal";
/// Line of the record in its file, from 1.
pub const LINE: &str = "bihuan_line";
/// The column names of the file, for a record that is a row.
pub const COLUMNS: &str = "bihuan_columns";
/// Present: route imported history ourselves.
pub const ROUTE: &str = "bihuan_route";
/// Why the bytes are no record, where that was seen when the file was cut.
pub const BROKEN: &str = "bihuan_broken";
/// Present: the bytes are the outline of a record whose personal fields could not be told apart.
pub const OUTLINE: &str = "bihuan_outline";
/// Present: the bytes are a whole message of a file or a body, which could not be taken apart into records.
pub const WHOLE: &str = "bihuan_whole";
/// Present: the value is null, where a log cannot say so itself. Never believed of a message that came over Kafka.
pub const TOMBSTONE: &str = "bihuan_tombstone";
/// When the first Bihuan process saw it: microseconds since 1970.
pub const RECEIVED_AT: &str = "bihuan_received_at";

/// Content type of our own messages.
pub const PROTOBUF: &str = "application/protobuf";
/// Content type of a message that carries JSON.
pub const JSON: &str = "application/json";
/// The version of CloudEvents that we write and read.
pub const SPECVERSION: &str = "1.0";
