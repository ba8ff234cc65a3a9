//! What is kept of a record that could not be read, or travels from a file: of one whose mapping names personal fields, never
//! what stands in them.

use super::{Bound, Mapping, Shown};
use crate::format::{Format, encoding};

/// Stands for every character that an outline leaves out.
const LEFT_OUT: char = '×';

/// The bytes that may be kept of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub bytes: Vec<u8>,
    /// It cannot be told where the personal fields stand: the bytes are its outline.
    pub is_outline: bool,
}

impl Bound<'_> {
    /// With personal fields blanked, or the outline.
    pub fn kept(&self, raw: &[u8]) -> Kept {
        self.mapping().keep(raw, || self.shown(raw))
    }
}

impl Mapping {
    /// A message of the source, whatever state it is in. A row of a table needs its header: [`Bound::kept`].
    pub fn kept(&self, message: &[u8]) -> Kept {
        self.keep(message, || self.shown(message))
    }

    /// Of what may hold a record in a form that nothing looks into, only the outline.
    pub fn outlined(&self, raw: &[u8]) -> Kept {
        self.keep(raw, || Shown::withheld(raw))
    }

    fn keep(&self, raw: &[u8], shown: impl FnOnce() -> Shown) -> Kept {
        if self.personal().next().is_none() {
            return Kept {
                bytes: raw.to_vec(),
                is_outline: false,
            };
        }
        match shown() {
            Shown::Text(text) => Kept {
                bytes: text.into_bytes(),
                is_outline: false,
            },
            Shown::Withheld { .. } => Kept {
                bytes: outline(self.format(), raw),
                is_outline: true,
            },
        }
    }
}

/// Delimiters, quotes and line ends, which show what is wrong with the record; every other character is left out. The outline of
/// an outline is itself.
fn outline(format: Format, raw: &[u8]) -> Vec<u8> {
    let structure: &[char] = match format {
        Format::Csv | Format::Xlsx => &[',', ';', '|', '\t', '"', '\r', '\n'],
        Format::Xml => &['<', '>', '/', '=', '"', '\'', '\r', '\n'],
        Format::Json => &['{', '}', '[', ']', ':', ',', '"', '\r', '\n'],
        Format::Protobuf => &[],
    };
    let left = |it: char| if structure.contains(&it) { it } else { LEFT_OUT };
    encoding::text(raw)
        .chars()
        .map(left)
        .collect::<String>()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(format: &str, personal: &str) -> Mapping {
        let text = format!(
            "source = \"s\"\nformat = \"{format}\"\n{personal}\n[clue]\nid = \"id\"\ntitle = \"title\"\n"
        );
        Mapping::parse(&text).expect("good")
    }

    fn columns() -> [String; 3] {
        ["id", "phone", "title"].map(str::to_owned)
    }

    #[test]
    fn of_a_row_whose_fields_cannot_be_told_apart_the_outline_is_kept() {
        let mapping = mapping("csv", "personal = [\"phone\"]");
        let bound = mapping.bind_columns(&columns()).expect("fits");
        for (row, kept, is_outline) in [
            ("1,138,x\r\n", "1,***,x", false),
            ("1,138", "×,×××", true),
            ("1,138,x,\"李\"\r\n", "×,×××,×,\"×\"\r\n", true),
            ("1,\"138\n", "×,\"×××\n", true),
        ] {
            let expected = Kept {
                bytes: kept.into(),
                is_outline,
            };
            assert_eq!(bound.kept(row.as_bytes()), expected, "{row}");
            assert_eq!(bound.kept(&expected.bytes).bytes, expected.bytes, "again");
        }
        assert_eq!(
            mapping.kept(b"1,138,x").bytes,
            "×,×××,×".as_bytes(),
            "nobody knows its columns"
        );
    }

    #[test]
    fn of_what_is_no_json_object_the_outline_is_kept() {
        let mapping = mapping("json", "personal = [\"phone\"]");
        let bound = mapping.bind_json();
        for (text, kept, is_outline) in [
            ("{\"phone\": \"138\"}", "{\"phone\": \"***\"}", false),
            ("{\"phone\": \"138", "{\"×××××\":×\"×××", true),
            ("\"138\"", "\"×××\"", true),
            ("[\"138\"]", "[\"×××\"]", true),
            (" 138", "××××", true),
        ] {
            let expected = Kept {
                bytes: kept.into(),
                is_outline,
            };
            assert_eq!(bound.kept(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn without_personal_fields_the_bytes_stay_as_they_are() {
        let mapping = mapping("csv", "");
        let bound = mapping.bind_columns(&columns()).expect("fits");
        for raw in [&b"1,\"138"[..], &[0xff, 0x00]] {
            assert_eq!(
                bound.kept(raw),
                Kept {
                    bytes: raw.to_vec(),
                    is_outline: false
                }
            );
        }
    }
}
