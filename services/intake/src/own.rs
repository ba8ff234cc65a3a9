//! Bihuan's own inbound record, read through a mapping of its own: one path for every format.

use std::borrow::Cow;
use std::sync::Arc;

use bihuan_contracts::record::ClueRecord;
use bihuan_contracts::{DecodeError, header};

use crate::Mappings;
use bihuan_mapping::Mapping;
use bihuan_mapping::format::{Fields, Slot};

/// A record as the fields of [`mapping`].
pub(crate) struct OwnRecord(pub(crate) ClueRecord);

/// What the mapping calls the two parts of `same_as`.
const SAME_SOURCE: &str = "same_as/source";
const SAME_ID: &str = "same_as/id";

impl Fields for OwnRecord {
    fn get(&self, slot: Slot<'_>) -> Option<Cow<'_, str>> {
        let it = &self.0;
        let value = match slot.name {
            "id" => Some(&it.id),
            "reported_at" => it.reported_at.as_ref(),
            "matter" => it.matter.as_ref(),
            "area" => it.area.as_ref(),
            "severity" => it.severity.as_ref(),
            "title" => it.title.as_ref(),
            "description" => it.description.as_ref(),
            "place" => it.place.as_ref(),
            "longitude" => it.longitude.as_ref(),
            "latitude" => it.latitude.as_ref(),
            "datum" => it.datum.as_ref(),
            "due_at" => it.due_at.as_ref(),
            "agency" => it.agency.as_ref(),
            "closed_at" => it.closed_at.as_ref(),
            "conclusion" => it.conclusion.as_ref(),
            "attachments" => return serde_json::to_string(&it.attachments).ok().map(Cow::Owned),
            SAME_SOURCE => return it.named()?.0.map(Cow::Borrowed),
            SAME_ID => return Some(Cow::Borrowed(it.named()?.1)),
            name => it
                .attributes
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
        };
        value.map(|value| Cow::Borrowed(value.as_str()))
    }
}

/// Protobuf, or JSON where the content type says so.
pub(crate) fn decode(content_type: Option<&str>, payload: &[u8]) -> Result<ClueRecord, DecodeError> {
    let json = content_type.is_some_and(|kind| {
        kind.split(';')
            .next()
            .is_some_and(|mime| mime.trim().eq_ignore_ascii_case(header::JSON))
    });
    // a platform that names no content type sends JSON as often as not
    if json || (content_type.is_none() && payload.trim_ascii_start().starts_with(b"{")) {
        ClueRecord::from_json(payload)
    } else {
        ClueRecord::decode(payload)
    }
}

/// The mapping for records of this source with these attributes; `None`: the source or an attribute has an impossible name.
pub(crate) fn mapping(mappings: &Mappings, record: &ClueRecord) -> Option<Arc<Mapping>> {
    let quoted = |text: &str| serde_json::to_string(text).ok();
    let history = record.agency.is_some() || record.closed_at.is_some() || record.conclusion.is_some();
    let attributes = record
        .attributes
        .iter()
        .map(|(name, _)| quoted(name))
        .collect::<Option<Vec<_>>>()?
        .join(", ");
    let location = if record.longitude.is_some() || record.latitude.is_some() {
        "longitude = \"longitude\"\nlatitude = \"latitude\"\ndatum = { from = \"datum\", default = \"WGS-84\" }\n"
    } else {
        ""
    };
    let same_as = if record.same_as.is_some() {
        format!("same_as = {{ source = {{ from = \"{SAME_SOURCE}\" }}, from = \"{SAME_ID}\" }}\n")
    } else {
        String::new()
    };
    let attachments = if record.attachments.is_empty() {
        ""
    } else {
        "attachments = \"attachments\"\n"
    };
    let text = format!(
        "source = {source}\nkind = \"clue\"\nmode = \"{mode}\"\nformat = \"protobuf\"\ntime_zone = \"UTC\"\n[clue]\nid = \"id\"\nreported_at = \"reported_at\"\n\
         matter = \"matter\"\narea = \"area\"\nseverity = \"severity\"\ntitle = \"title\"\ndescription = \"description\"\n\
         place = \"place\"\ndue_at = \"due_at\"\n{location}{same_as}{attachments}attributes = [{attributes}]\n{history}",
        source = quoted(&record.source)?,
        mode = if history { "history" } else { "event" },
        history = if history {
            "[history]\nagency = \"agency\"\nclosed_at = \"closed_at\"\nconclusion = { from = \"conclusion\", default = \"unstated\" }\n"
        } else {
            ""
        },
    );
    mappings.own(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bihuan_domain::clue::Origin;
    use bihuan_domain::id::RecordId;
    use bihuan_domain::routing::Rulebook;
    use bihuan_domain::time::Timestamp;

    use bihuan_mapping::{Outcome, Receipt, apply};

    fn record() -> ClueRecord {
        ClueRecord {
            source: "grid".to_owned(),
            id: "7".to_owned(),
            reported_at: Some("2026-01-05T08:00:00+08:00".to_owned()),
            matter: Some("06001".to_owned()),
            area: Some("330603".to_owned()),
            longitude: Some("120.5".to_owned()),
            latitude: Some("30.1".to_owned()),
            attributes: vec![("place_kind".to_owned(), "street".to_owned())],
            attachments: vec!["https://p/1.jpg".to_owned(), "https://p/2.jpg".to_owned()],
            ..ClueRecord::default()
        }
    }

    #[tokio::test]
    async fn a_record_of_ours_becomes_a_report() {
        let directory = tempfile::tempdir().expect("temporary folder");
        let mappings = Mappings::new(
            bihuan_store::Store::sqlite(directory.path())
                .await
                .expect("store"),
        );
        let record = record();
        let mapping = mapping(&mappings, &record).expect("a good mapping");
        let receipt = Receipt {
            received_at: Timestamp::from_micros(1_800_000_000_000_000),
            origin: Origin {
                record: RecordId::of_cloud_event("a", "b"),
                topic: "t".to_owned(),
                partition: 0,
                offset: 1,
                line: None,
            },
            route: false,
        };
        let Outcome::Clue { report, .. } = apply(&mapping, &OwnRecord(record), &Rulebook::none(), receipt)
        else {
            panic!("not a clue");
        };
        assert_eq!(report.reported_at.to_string(), "2026-01-05T00:00:00Z");
        assert_eq!(report.flags, []);
        assert_eq!(report.attributes[0].value, "street");
        assert_eq!(report.attachments, ["https://p/1.jpg", "https://p/2.jpg"]);
        assert!(report.location.is_some());
    }
}
