//! Binary COPY: the limit that the lifecycle loop is measured against.

use bihuan_domain::time::Timestamp;

/// Microseconds between 1970 and PostgreSQL's epoch, 2000-01-01.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// Rows in PostgreSQL's binary COPY format.
pub(super) struct Copy {
    buffer: Vec<u8>,
}

impl Default for Copy {
    fn default() -> Self {
        Self::with_capacity(1 << 16)
    }
}

impl Copy {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        let mut buffer = Vec::with_capacity(bytes);
        buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        Self { buffer }
    }

    /// Begins a row of `fields` columns.
    pub(super) fn row(&mut self, fields: i16) -> &mut Self {
        self.buffer.extend_from_slice(&fields.to_be_bytes());
        self
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.buffer.extend_from_slice(&(value.len() as i32).to_be_bytes());
        self.buffer.extend_from_slice(value);
        self
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.buffer.extend_from_slice(&(-1_i32).to_be_bytes());
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    pub(super) fn int(&mut self, value: i32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn bigint(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn time(&mut self, value: Timestamp) -> &mut Self {
        self.bigint(value.as_micros() - POSTGRES_EPOCH)
    }

    pub(super) fn optional<T>(
        &mut self,
        value: Option<T>,
        write: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    /// Sends the rows with `statement`, a `COPY … FROM STDIN (FORMAT binary)`.
    pub(super) async fn send(
        mut self,
        c: &mut sqlx::PgConnection,
        statement: &'static str,
    ) -> Result<u64, sqlx::Error> {
        self.buffer.extend_from_slice(&(-1_i16).to_be_bytes());
        let mut copy = c.copy_in_raw(statement).await?;
        copy.send(self.buffer).await?;
        copy.finish().await
    }
}
