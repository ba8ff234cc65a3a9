//! Which of our two languages a client prefers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bihuan_domain::lang::Lang;

/// The language that `Accept-Language` prefers (RFC 9110 §12.5.4); the default where it names neither of ours.
pub fn preferred(headers: &HeaderMap) -> Lang {
    let values = headers.get_all(header::ACCEPT_LANGUAGE);
    let ranges = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut best = (0.0, Lang::default());
    for range in ranges {
        if let Some((lang, quality)) = parse(range)
            && quality > best.0
        {
            best = (quality, lang);
        }
    }
    best.1
}

/// One range such as `zh-CN;q=0.8`; `None` for languages that we do not speak.
fn parse(range: &str) -> Option<(Lang, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?.to_ascii_lowercase();
    let lang = match tag.split('-').next()? {
        "zh" => Lang::Zh,
        "en" => Lang::En,
        "*" => Lang::default(),
        _ => return None,
    };
    let quality = parts
        .find_map(|part| part.strip_prefix("q="))
        .map_or(Some(1.0), |q| q.parse().ok())?;
    Some((lang, quality))
}

/// The preferred language as an extractor of handlers.
#[derive(Clone, Copy, Debug)]
pub struct Preferred(pub Lang);

impl<S: Send + Sync> FromRequestParts<S> for Preferred {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(preferred(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_quality_wins_and_the_first_among_equals() {
        let cases = [
            ("", Lang::default()),
            ("en", Lang::En),
            ("en-US,en;q=0.9", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("en;q=0.3, zh-Hans;q=0.7", Lang::Zh),
            ("fr, en;q=0.2", Lang::En),
            ("fr", Lang::default()),
            ("zh;q=0, en;q=0.1", Lang::En),
            ("en, zh", Lang::En),
            ("en;q=oops", Lang::default()),
        ];
        for (value, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, value.parse().expect("a header"));
            assert_eq!(preferred(&headers), expected, "{value:?}");
        }
    }
}
