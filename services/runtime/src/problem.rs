//! How errors look over HTTP: problem details (RFC 9457) with a stable `code`, in the language that the client prefers.
//!
//! A handler returns a [`Problem`]; [`localize`], a middleware around all routes, writes it in the client's language.

use std::future::{Ready, ready};

use axum::Json;
use axum::extract::Request;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bihuan_domain::lang::Lang;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::language;

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title_en: &'static str,
    title_zh: &'static str,
    detail: Option<Detail>,
    members: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq)]
struct Detail {
    en: String,
    zh: String,
}

pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// `code` is stable and for programs; the titles say the same for every occurrence of it.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title_en: &'static str,
        title_zh: &'static str,
    ) -> Self {
        Self {
            status,
            code,
            title_en,
            title_zh,
            detail: None,
            members: Map::new(),
        }
    }

    /// What is particular to this occurrence, in words that need no translation.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        self.details(detail.clone(), detail)
    }

    /// What is particular to this occurrence, in both languages.
    #[must_use]
    pub fn details(mut self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        self.detail = Some(Detail {
            en: en.into(),
            zh: zh.into(),
        });
        self
    }

    /// An extension member for programs. It cannot replace one of the standard's own.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    pub const fn status(&self) -> StatusCode {
        self.status
    }

    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The whole body.
    pub fn body(&self, lang: Lang) -> Value {
        let mut body = self.members.clone();
        body.insert(
            "type".to_owned(),
            format!("urn:bihuan:problem:{}", self.code).into(),
        );
        body.insert("status".to_owned(), self.status.as_u16().into());
        body.insert("code".to_owned(), self.code.into());
        body.insert(
            "title".to_owned(),
            lang.choose(self.title_zh, self.title_en).into(),
        );
        if let Some(Detail { en, zh }) = &self.detail {
            body.insert("detail".to_owned(), lang.choose(zh, en).into());
        }
        Value::Object(body)
    }

    fn response(&self, lang: Lang) -> Response {
        let mut response = (self.status, Json(self.body(lang))).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(lang.choose("zh", "en")),
        );
        headers.append(header::VARY, HeaderValue::from_static("accept-language"));
        response
    }
}

impl IntoResponse for Problem {
    /// In the default language; [`localize`] finds the problem in the response's extensions and writes it again.
    fn into_response(self) -> Response {
        let mut response = self.response(Lang::default());
        response.extensions_mut().insert(self);
        response
    }
}

impl PartialSchema for Problem {
    /// What every problem has; an occurrence may have members of its own besides.
    fn schema() -> RefOr<Schema> {
        let text = || Object::with_type(Type::String);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("RFC 9457; `code` is stable and for programs"))
            .property("type", text())
            .property("status", Object::with_type(Type::Integer))
            .property("code", text())
            .property("title", text())
            .property("detail", text())
            .required("type")
            .required("status")
            .required("code")
            .required("title")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
            .into()
    }
}

impl ToSchema for Problem {}

/// Middleware (`axum::middleware::from_fn`) that answers problems in the client's language.
pub async fn localize(request: Request, next: Next) -> Response {
    let lang = language::preferred(request.headers());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let mut localized = problem.response(lang);
    keep_headers(response.headers(), localized.headers_mut());
    localized
}

/// Whatever else the handler set, such as `Retry-After`.
fn keep_headers(from: &HeaderMap, to: &mut HeaderMap) {
    let written = [
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONTENT_LANGUAGE,
        header::VARY,
    ];
    for (name, value) in from {
        if !written.contains(name) {
            to.append(name, value.clone());
        }
    }
}

/// The fallback for paths that do not exist.
pub fn not_found() -> Ready<Problem> {
    let (en, zh) = ("There is nothing at this address", "该地址不存在");
    ready(Problem::new(StatusCode::NOT_FOUND, "not_found", en, zh))
}

/// The fallback for methods that a path does not take.
pub fn method_not_allowed() -> Ready<Problem> {
    let (en, zh) = ("This address does not take this method", "该地址不支持此方法");
    ready(Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        en,
        zh,
    ))
}

/// Somebody asked for something else under a key that was used already. Nothing was done.
pub fn key_reused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "The Idempotency-Key was used for another request",
        "该 Idempotency-Key 已用于另一请求",
    )
    .details(
        "What was first sent under this key holds; this request did nothing. Send another request under another key.",
        "以该键首次提交的请求为准，本次请求未执行。不同的请求请使用不同的键。",
    )
}

/// A header of the request.
pub fn header(name: &'static str, en: &str, zh: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_header",
        "A header cannot be read",
        "请求头无法读取",
    )
    .details(format!("{name}: {en}"), format!("{name}：{zh}"))
    .with("field", name)
}

/// A body that is JSON but no command: why, and which field it is about.
pub fn not_a_command(code: &'static str, field: Option<&str>, detail: &str) -> Problem {
    let (en, zh) = match code {
        "field_missing" => ("A mandatory field is missing", "缺少必填字段"),
        "field_invalid" => ("A field is wrong", "字段有误"),
        "type_unknown" => ("There is no such command", "没有这种操作"),
        _ => ("The body is not a command", "请求体不是操作"),
    };
    let problem = Problem::new(StatusCode::BAD_REQUEST, code, en, zh);
    match field {
        Some(field) => problem.detail(format!("{field}: {detail}")).with("field", field),
        None => problem.detail(detail),
    }
}

/// Header and body may both say which version is expected, if they say the same.
pub fn two_versions() -> Problem {
    header(
        "if-match",
        "it differs from expected_version in the body",
        "与请求体中的 expected_version 不一致",
    )
}

/// Something that is needed cannot be reached now.
pub fn unavailable() -> Problem {
    let (en, zh) = ("A part that this needs is away", "所需的部分暂时不可用");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", en, zh).details(
        "Try again; with the same Idempotency-Key nothing is done twice.",
        "请重试；使用相同的 Idempotency-Key 不会重复执行。",
    )
}

/// What cannot be told the client; the log says it.
pub fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(error = %error, "a request failed");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "Something went wrong here",
        "服务内部错误",
    )
}

macro_rules! from_rejection {
    ($($rejection:ident, $code:literal, $en:literal, $zh:literal;)*) => {$(
        impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                Self::new(rejection.status(), $code, $en, $zh).detail(rejection.body_text())
            }
        }
    )*};
}

from_rejection! {
    JsonRejection, "invalid_body", "The body cannot be read", "请求体无法读取";
    QueryRejection, "invalid_query", "The query cannot be read", "查询参数无法读取";
    PathRejection, "invalid_path", "The address cannot be read", "地址参数无法读取";
}

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
