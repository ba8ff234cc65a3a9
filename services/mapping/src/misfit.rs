//! Whether a file is written as a mapping says: its format and its encoding, by the first bytes.

use toml::de::DeTable;

use super::Mapping;
use super::draft::Shape;
use super::format::Format;
use super::format::encoding::{self, Encoding};
use super::problem::{Place, Problem};

/// How much of a file [`misfit`] looks at.
pub const HEAD: usize = encoding::SAMPLE;

/// What is wrong with a mapping for a file that starts with these bytes. Each would otherwise show as columns that are not there,
/// or as records that cannot be read.
pub fn misfit(mapping: &Mapping, head: &[u8]) -> Vec<Problem> {
    let problem = match (mapping.format(), Shape::of(head)) {
        (Format::Csv | Format::Xml | Format::Xlsx, Shape::Json) => {
            Some(other_format(mapping, "JSON", "json"))
        }
        (Format::Json | Format::Xml | Format::Xlsx, Shape::Csv) if !head.trim_ascii().is_empty() => {
            Some(other_format(mapping, "CSV", "csv"))
        }
        (Format::Csv | Format::Json | Format::Xml, Shape::Spreadsheet) => {
            Some(other_format(mapping, "XLSX", "xlsx"))
        }
        (Format::Csv | Format::Json | Format::Xlsx, Shape::Xml) => Some(other_format(mapping, "XML", "xml")),
        (Format::Xlsx, _) => None,
        _ => other_encoding(mapping, head),
    };
    problem.into_iter().collect()
}

fn other_format(mapping: &Mapping, is: &str, word: &str) -> Problem {
    let says = mapping.format().as_str();
    let advice = [
        &*format!(
            "写 format = \"{word}\"{}",
            if matches!(word, "json" | "xml") {
                "，列名改为 /指针"
            } else {
                "，指针改为列名"
            }
        ),
        &*format!(
            "say format = \"{word}\"{}",
            if matches!(word, "json" | "xml") {
                " and name fields by pointers such as \"/id\""
            } else {
                " and name columns as the header does"
            }
        ),
    ];
    Problem::new(
        "format_other",
        "format",
        place(mapping, "format"),
        [
            &format!("映射说是 {says}，样本看起来是 {is}"),
            &format!("the mapping says {says}, the sample looks like {is}"),
        ],
        advice,
    )
}

fn other_encoding(mapping: &Mapping, head: &[u8]) -> Option<Problem> {
    let Encoding::Is(declared) = mapping.encoding() else {
        return None;
    };
    let found = encoding::found(head);
    // a mark at the start is obeyed, and ASCII is the same in both
    if found == declared || head.is_ascii() || encoding_of_mark(head) || found.name().starts_with("UTF-16") {
        return None;
    }
    let is_gb = |name: &str| matches!(name, "GBK" | "gb18030");
    if is_gb(found.name()) && is_gb(declared.name()) {
        return None;
    }
    let (says, is) = (declared.name(), found.name());
    // a guess: what is valid UTF-8 with characters in it is hardly anything else, and GB 18030 is all that is left otherwise
    if !(is == "UTF-8" || declared.name() == "UTF-8") {
        return None;
    }
    let word = is.to_lowercase();
    Some(Problem::new(
        "encoding_other",
        "encoding",
        place(mapping, "encoding"),
        [
            &format!("映射说是 {says}，样本是 {is}"),
            &format!("the mapping says {says}, the sample is {is}"),
        ],
        [
            &format!("写 encoding = \"{word}\"，或 \"auto\""),
            &format!("say encoding = \"{word}\", or \"auto\""),
        ],
    ))
}

fn encoding_of_mark(head: &[u8]) -> bool {
    head.starts_with(b"\xef\xbb\xbf") || head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff")
}

/// Where the file says a key at its top.
fn place(mapping: &Mapping, key: &str) -> Place {
    let (document, _) = DeTable::parse_recoverable(mapping.text());
    let value = document.get_ref().get(key);
    value
        .map(|value| Place::of(mapping.text(), value.span()))
        .unwrap_or_default()
}
