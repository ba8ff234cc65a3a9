//! What bytes are probably written in that say nothing about it themselves.

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// By the first bytes of a file, or all of them if it `is_whole`.
pub(super) fn encoding(sample: &[u8], is_whole: bool) -> &'static encoding_rs::Encoding {
    let is_utf8 = is_utf8(sample, is_whole);
    if let Some(wide) = utf16(sample, if is_utf8 { 2 } else { 16 }) {
        return wide;
    }
    if is_utf8 || is_mostly_utf8(sample) {
        return UTF_8;
    }
    let cuts = if is_whole { 0 } else { 3.min(sample.len()) };
    if (0..=cuts).any(|cut| is_gb18030(&sample[..sample.len() - cut])) {
        GB18030
    } else {
        UTF_8
    }
}

/// Only of a file that goes on may the last character be cut off.
fn is_utf8(sample: &[u8], is_whole: bool) -> bool {
    match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => !is_whole && error.error_len().is_none(),
    }
}

pub(super) fn is_gb18030(bytes: &[u8]) -> bool {
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .is_some()
}

/// Whether a few bytes of UTF-8 are broken, rather than that it is none. In other encodings of Chinese three bytes hardly ever look
/// like a character of UTF-8, two now and then, and what does not look like one comes with every character.
pub(super) fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut points, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        let of = |character: char| match character.len_utf8() {
            1 => 0,
            2 => 1,
            _ => 4,
        };
        points += chunk.valid().chars().map(of).sum::<usize>();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    points > 0 && points >= 8 * broken
}

/// In UTF-16 every letter, digit, comma and line end of ASCII has a NUL on the same side: at least one in `most` characters, which
/// are all of them where the bytes might be UTF-8 with a stray NUL.
pub(super) fn utf16(sample: &[u8], most: usize) -> Option<&'static encoding_rs::Encoding> {
    let (pairs, _) = sample.as_chunks::<2>();
    let before = pairs.iter().filter(|pair| pair[0] == 0).count();
    let behind = pairs.iter().filter(|pair| pair[1] == 0).count();
    // some characters, such as 一, have theirs on the other side
    let is_one_side = |side: usize, other: usize| side > 2 * other && most * side >= pairs.len();
    let wide = match (before, behind) {
        (0, 0) => return None,
        (before, behind) if is_one_side(behind, before) => UTF_16LE,
        (before, behind) if is_one_side(before, behind) => UTF_16BE,
        _ => return None,
    };
    // half of a pair may be cut off
    let text =
        |end: usize| wide.decode_without_bom_handling_and_without_replacement(pairs[..end].as_flattened());
    let is_text = |end: usize| text(end).is_some_and(|text| !text.contains('\0'));
    let whole = pairs.len();
    (is_text(whole) || is_text(whole - 1)).then_some(wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(sample: &[u8], is_whole: bool) -> &'static str {
        encoding(sample, is_whole).name()
    }

    #[test]
    fn utf16_without_a_mark_is_told_by_its_nuls() {
        for text in [
            "id,title\r\n1,stall\r\n",
            "编号,标题\r\n1,占道经营一一𠮷\r\n",
            "{\"编号\":\"1\",\"标题\":\"一一\"}\n",
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(
                (name(&little, true), name(&big, true)),
                ("UTF-16LE", "UTF-16BE"),
                "{text}"
            );
            let cut = little.len() - 1;
            assert_eq!(name(&little[..cut], false), "UTF-16LE", "{text}");
        }
        for (none, expected) in [
            (&b"id,title\n1,a\0b\n2,c\n"[..], "UTF-8"),
            (b"id\n\0\0\0\0", "UTF-8"),
            (b"\0", "UTF-8"),
            (b"", "UTF-8"),
        ] {
            assert_eq!(name(none, true), expected, "{none:?}");
        }
    }

    #[test]
    fn one_broken_character_does_not_make_it_another_encoding() {
        let text = "id,title\n1,占道经营\n2,违法建设\n".as_bytes();
        for at in (0..text.len()).filter(|at| text[*at] >= 0x80) {
            let mut broken = text.to_vec();
            broken.remove(at);
            assert_eq!(name(&broken, true), "UTF-8", "without byte {at}");
            let mut garbled = text.to_vec();
            garbled[at] = b'?';
            assert_eq!(name(&garbled, true), "UTF-8", "? at byte {at}");
        }
        for text in [
            "塔山街道",
            "id,title\n1,占道经营\n",
            "联通",
            "绍兴市越城区府山街道八字桥社区广宁桥直街",
        ] {
            assert_eq!(name(&GB18030.encode(text).0, true), "gb18030", "{text}");
        }
    }

    #[test]
    fn only_a_sample_that_was_cut_may_end_within_a_character() {
        let gb = GB18030.encode("id,title\n1,占道经营").0;
        let cut = &gb[..gb.len() - 1];
        assert_eq!((name(cut, false), name(cut, true)), ("gb18030", "UTF-8"));
        let text = "x占道".as_bytes();
        assert_eq!(name(&text[..text.len() - 1], false), "UTF-8");
    }
}
