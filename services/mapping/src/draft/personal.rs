//! Values that name or reach a person, by their form: GB 11643 identity numbers, telephone numbers, e-mail addresses.

use serde::Serialize;

/// What a value tells of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Personal {
    Identity,
    Phone,
    Email,
    /// By its form only: a surname and one or two more characters.
    Name,
}

/// The hundred surnames that most people in China have, but for those that are rather the first character of a thing.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范廖贾夏韦付傅邹熊孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔汤";
/// What ends the name of a place, an authority or a kind of thing.
const THINGS: &str = "镇乡村区路街县市局所队站类型案件桥江山湖园场";

impl Personal {
    /// Of a whole value.
    pub(super) fn of(text: &str) -> Option<Self> {
        if is_identity(text) {
            Some(Self::Identity)
        } else if is_phone(text) {
            Some(Self::Phone)
        } else if is_email(text) {
            Some(Self::Email)
        } else if is_name(text) {
            Some(Self::Name)
        } else {
            None
        }
    }
}

/// Whether a longer text holds a mobile or identity number.
pub(super) fn is_within(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|run| is_mobile(run) || is_identity(run))
}

/// GB 11643: region, date of birth, serial, and a check character by ISO 7064 MOD 11-2.
fn is_identity(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECKS[(sum % 11) as usize] == bytes[17].to_ascii_uppercase()
}

fn is_mobile(text: &str) -> bool {
    let bytes = text
        .strip_prefix("86")
        .filter(|rest| rest.len() == 11)
        .unwrap_or(text)
        .as_bytes();
    matches!(bytes, [b'1', b'3'..=b'9', ..]) && bytes.len() == 11 && bytes.iter().all(u8::is_ascii_digit)
}

/// A mobile number, a land line with its area code (0575-88123456), or a number with the marks of one; partly hidden ones count.
fn is_phone(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !"+-() ".contains(*c)).collect();
    let marks = text.len() - bare.len();
    let is_masked = bare.len() == 11 && bare.contains("****") && bare.starts_with('1');
    let is_digits = bare.len() >= 10 && bare.len() <= 13 && bare.bytes().all(|byte| byte.is_ascii_digit());
    let is_dated =
        text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-');
    let has_sign = marks > 0 && (bare.starts_with('0') || text.starts_with(['+', '(']) || marks >= 2);
    is_masked || is_mobile(&bare) || (is_digits && has_sign && !is_dated)
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    let is_short = (2..=3).contains(&text.chars().count());
    is_short
        && chars.next().is_some_and(|first| SURNAMES.contains(first))
        && chars.next_back().is_some_and(|last| !THINGS.contains(last))
        && text.chars().all(super::is_han)
}

fn is_email(text: &str) -> bool {
    match text.split_once('@') {
        Some((name, host)) => {
            !name.is_empty()
                && host.contains('.')
                && !text.contains(char::is_whitespace)
                && !host.contains('@')
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_reach_a_person_are_known_by_their_form() {
        for (text, expected) in [
            ("11010519491231002X", Some(Personal::Identity)),
            ("11010519491231002x", Some(Personal::Identity)),
            ("110105194912310021", None),
            ("330602001004", None),
            ("13800138000", Some(Personal::Phone)),
            ("+86 138-0013-8000", Some(Personal::Phone)),
            ("138****8000", Some(Personal::Phone)),
            ("0575-88123456", Some(Personal::Phone)),
            ("(212) 555-0100", Some(Personal::Phone)),
            ("12800138000", None),
            ("2026-05-17", None),
            ("15-00021669", None),
            ("-73.98338274637509", None),
            ("a.b@example.org", Some(Personal::Email)),
            ("@example.org", None),
            ("占道经营", None),
            ("张三丰", Some(Personal::Name)),
            ("李四", Some(Personal::Name)),
            ("王坛镇", None),
            ("办结", None),
            ("待办", None),
        ] {
            assert_eq!(Personal::of(text), expected, "{text}");
        }
        assert!(is_within("请回电13800138000，谢谢"));
        assert!(!is_within("工单 20260517000123 已收悉"));
    }
}
