//! Who asks, in which language, and how an answer looks: a page, or an error as a page.

use std::convert::Infallible;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_runtime::{Problem, language};
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use super::address::Address;
use super::assets::{ADDRESSES, Addresses};

/// A request for a page. Language: `?lang=`, else the cookie, else `Accept-Language`.
pub(super) struct Visitor {
    pub(super) lang: Lang,
    /// `?lang=` was given: the cookie remembers it.
    chosen: bool,
    /// htmx asks for a part of the page.
    pub(super) partial: bool,
    shadow: bool,
    uri: Uri,
}

/// Stands with every request: whether the installation runs beside people's own work.
#[derive(Clone, Copy)]
pub(super) struct InShadow(pub(super) bool);

/// What every template needs; `f` in all of them.
pub(super) struct Frame {
    pub(super) lang: Lang,
    pub(super) title: String,
    /// Path of the entry of the menu that is lit.
    pub(super) active: &'static str,
    /// This page in the other language.
    pub(super) other: String,
    /// Every page of a shadow run says so.
    pub(super) shadow: bool,
    pub(super) assets: &'static Addresses,
}

impl Frame {
    pub(super) fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.choose(zh, en)
    }

    pub(super) fn tag(&self) -> &'static str {
        tag(self.lang)
    }
}

const fn tag(lang: Lang) -> &'static str {
    lang.choose("zh-CN", "en")
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    f: Frame,
    status: u16,
    title: String,
    detail: String,
    code: &'static str,
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::VARY, "accept-language, cookie, hx-request"),
];

impl Visitor {
    pub(super) fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let asked = uri.query().unwrap_or_default().split('&');
        let chosen = asked
            .filter_map(|pair| pair.strip_prefix("lang="))
            .find_map(parse);
        let cookies = headers.get_all(header::COOKIE).iter();
        let kept = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix("lang="))
            .find_map(parse);
        Self {
            lang: chosen.or(kept).unwrap_or_else(|| language::preferred(headers)),
            chosen: chosen.is_some(),
            partial: headers.contains_key("hx-request"),
            shadow: false,
            uri: uri.clone(),
        }
    }

    /// The query, parsed; `lang` must be among its fields.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, QueryRejection> {
        Ok(Query::try_from_uri(&self.uri)?.0)
    }

    pub(super) fn frame(&self, active: &'static str, title: impl Into<String>) -> Frame {
        let other = match self.lang {
            Lang::Zh => "en",
            Lang::En => "zh",
        };
        Frame {
            lang: self.lang,
            title: title.into(),
            active,
            other: self.address(&["lang"]).with("lang", other).text(),
            shadow: self.shadow,
            assets: &ADDRESSES,
        }
    }

    /// This address without some of its parameters.
    pub(super) fn address(&self, without: &[&str]) -> Address {
        let pairs = self.uri.query().unwrap_or_default().split('&');
        let kept: Vec<&str> = pairs
            .filter(|pair| {
                let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
                !pair.is_empty() && !without.contains(&name)
            })
            .collect();
        let path = self.uri.path();
        match kept.as_slice() {
            [] => Address::to(path),
            pairs => Address::to(&format!("{path}?{}", pairs.join("&"))),
        }
    }

    pub(super) fn answer<T: Template>(&self, made: Result<T, Problem>) -> Response {
        let rendered = match made {
            Ok(page) => page.render().map_err(|error| Box::new(unrendered(&error))),
            Err(problem) => Err(Box::new(problem)),
        };
        let (status, text) = match rendered {
            Ok(text) => (StatusCode::OK, text),
            Err(problem) => (problem.status(), self.error(&problem)),
        };
        let mut response = (status, HEADERS, Html(text)).into_response();
        let headers = response.headers_mut();
        let tag = HeaderValue::from_static(tag(self.lang));
        headers.insert(header::CONTENT_LANGUAGE, tag);
        if self.chosen {
            let cookie = self.lang.choose(
                "lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
                "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            );
            headers.insert(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        response
    }

    fn error(&self, problem: &Problem) -> String {
        let body = problem.body(self.lang);
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let page = ErrorPage {
            f: self.frame("", text("title")),
            status: problem.status().as_u16(),
            title: text("title"),
            detail: text("detail"),
            code: problem.code(),
        };
        page.render().unwrap_or_else(|_| text("title"))
    }
}

fn parse(word: &str) -> Option<Lang> {
    match word {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    }
}

fn unrendered(error: &askama::Error) -> Problem {
    tracing::error!(error = %error, "a page could not be rendered");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "The page could not be made",
        "页面无法生成",
    )
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            shadow: parts.extensions.get::<InShadow>().is_some_and(|it| it.0),
            ..Self::of(&parts.headers, &parts.uri)
        })
    }
}

/// A moment for people: in the rulebook's zone, to the minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) text: String,
    /// RFC 3339.
    pub(super) exact: String,
}

impl Moment {
    pub(super) fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(at.to_jiff());
        Self {
            text: local.strftime("%Y-%m-%d %H:%M").to_string(),
            exact: at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        let cases = [
            ("/", "", "en", Lang::En),
            ("/", "a=b; lang=zh", "en", Lang::Zh),
            ("/?x=1&lang=en", "lang=zh", "zh", Lang::En),
            ("/?lang=fr", "", "", Lang::Zh),
        ];
        for (uri, cookie, accept, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().expect("a header"));
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().expect("a header"));
            let visitor = Visitor::of(&headers, &uri.parse().expect("an address"));
            assert_eq!(visitor.lang, expected, "{uri} {cookie} {accept}");
        }
    }

    #[test]
    fn the_other_language_is_one_click_away_on_the_same_page() {
        let uri = "/clues?stage=open&lang=zh".parse().expect("an address");
        let frame = Visitor::of(&HeaderMap::new(), &uri).frame("/clues", "");
        assert_eq!(frame.other, "/clues?stage=open&lang=en");
    }
}
