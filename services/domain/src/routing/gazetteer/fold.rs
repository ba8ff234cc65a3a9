//! What differs in how a name is written and not in what it says: width, case, and blanks within a name. Only for looking names up;
//! what is stored stays as it was sent.

/// Trimmed, in half width and in ASCII lower case.
pub(super) fn fold(text: &str) -> String {
    half_width(text).trim().to_ascii_lowercase()
}

/// The letters, digits and marks of ASCII that Chinese input methods write as wide as a character.
pub(super) fn half_width(text: &str) -> String {
    let narrow = |character: char| match character {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// Without the blanks between two Chinese characters; nothing if there are none.
pub(super) fn joined(text: &str) -> Option<String> {
    let mut joined = String::with_capacity(text.len());
    let mut blanks = String::new();
    for character in text.chars() {
        if character.is_whitespace() {
            blanks.push(character);
            continue;
        }
        let is_within = joined.chars().next_back().is_some_and(is_chinese) && is_chinese(character);
        if !is_within {
            joined.push_str(&blanks);
        }
        blanks.clear();
        joined.push(character);
    }
    joined.push_str(&blanks);
    (joined.len() < text.len()).then_some(joined)
}

const fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_blanks_within_a_name_do_not_count() {
        assert_eq!(fold("\u{3000}Ｔａｓｈａｎ Ａ１\u{3000}"), "tashan a1");
        for (text, expected) in [
            ("塔山街 道", Some("塔山街道")),
            ("塔 山\u{a0} 街道 12 号", Some("塔山街道 12 号")),
            ("塔山街道 12 号", None),
            ("east lake", None),
            (" 塔山 ", None),
            ("", None),
        ] {
            assert_eq!(joined(text).as_deref(), expected, "{text}");
        }
    }
}
