//! Whose record it was that could not be read: the source's own id for it, where that much of it can be made out.

use bihuan_store::Result;
use bihuan_store::quarantine::Quarantined;

use crate::reading::Envelope;
use crate::{Mappings, own};

/// The source's id of a quarantined record; `None`: it cannot be told.
pub async fn source_id(mappings: &Mappings, record: &Quarantined) -> Result<Option<String>> {
    let Ok(envelope) = serde_json::from_str::<Envelope>(&record.headers) else {
        return Ok(None);
    };
    if envelope.outline || envelope.broken.is_some() {
        return Ok(None);
    }
    let Some(digest) = &envelope.mapping else {
        let own = own::decode(envelope.content_type.as_deref(), &record.bytes).ok();
        return Ok(own.map(|own| own.id).filter(|id| !id.is_empty()));
    };
    let Some(mapping) = mappings.get(digest).await? else {
        return Ok(None);
    };
    let columns = match &envelope.columns {
        Some(digest) => mappings.columns(digest).await?,
        None => None,
    };
    // of the record only the id is asked, so that nothing else need be right
    let mapping = mapping.manifest();
    let bound = match &columns {
        Some(columns) => mapping.bind_columns(columns).ok(),
        None => Some(mapping.bind_message()),
    };
    let entry = bound.and_then(|bound| bound.entry(&record.bytes).ok().flatten());
    Ok(entry.map(|entry| entry.id))
}

#[cfg(test)]
mod tests {
    use bihuan_domain::id::RecordId;
    use bihuan_domain::time::Timestamp;
    use bihuan_mapping::Mapping;
    use bihuan_store::quarantine::Fate;
    use bihuan_store::{Store, document};

    use super::*;

    const CSV: &str = "source = \"grid\"\nformat = \"csv\"\n[clue]\nid = \"no\"\narea = \"area\"\n";
    const JSON: &str = "source = \"grid\"\nformat = \"json\"\n[clue]\nid = \"/no\"\n";

    fn record(headers: &str, bytes: &str) -> Quarantined {
        Quarantined {
            partition: 0,
            id: RecordId::of_file("f", 1),
            group: "intake".to_owned(),
            topic: "clue.inbound.v1".to_owned(),
            topic_partition: 0,
            offset: 1,
            source: Some("grid".to_owned()),
            file: None,
            line: None,
            reason: "text_too_long".to_owned(),
            field: None,
            mapping: None,
            headers: headers.to_owned(),
            bytes: bytes.as_bytes().to_vec(),
            received_at: Timestamp::EPOCH,
            fate: Fate::Waiting,
        }
    }

    #[tokio::test]
    async fn the_id_is_told_where_that_much_can_be_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::sqlite(directory.path()).await.expect("opens");
        store.migrate(&[]).await.expect("migrates");
        let mappings = Mappings::new(store.clone());
        let [csv, json] = [CSV, JSON].map(|text| mappings.keep(Mapping::parse(text).expect("good")));
        let mut tx = store.begin().await.expect("begins");
        document::put(tx.conn(), document::Kind::Columns, "c", "grid", b"[\"no\",\"x\"]")
            .await
            .expect("puts");
        tx.commit().await.expect("commits");
        let headers = |mapping: &Mapping, more: &str| {
            format!("{{\"route\":false,\"mapping\":\"{}\"{more}}}", mapping.digest())
        };
        let of_row = headers(&csv, ",\"columns\":\"c\"");
        for (headers, bytes, expected) in [
            (of_row.as_str(), "A1,x", Some("A1")),
            (&of_row, ",x", None),
            (&of_row, "A1", None),
            (&headers(&json, ""), "{\"no\":\"A2\"}", Some("A2")),
            (&headers(&json, ""), "{\"no\":", None),
            (&headers(&json, ",\"outline\":true"), "{\"××\":×}", None),
            (&headers(&json, ",\"broken\":\"json\""), "{\"no\":\"A2\"}", None),
            ("{}", "{\"source\":\"grid\",\"id\":\"A3\"}", Some("A3")),
            ("{\"mapping\":\"gone\"}", "A1,x", None),
            ("", "A1,x", None),
        ] {
            let found = source_id(&mappings, &record(headers, bytes))
                .await
                .expect("reads");
            assert_eq!(found.as_deref(), expected, "{headers} {bytes}");
        }
    }
}
