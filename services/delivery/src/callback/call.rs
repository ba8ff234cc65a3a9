//! One call of one receiver, and what came of it: a code for whatever a receiver can do wrong.

use std::error::Error as StdError;
use std::time::Duration;

use bihuan_contracts::traceparent;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Callback, Destination, Header, Method};
use bihuan_stream::Log;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use uuid::Uuid;

use super::file::Files;
use super::guard::{Guard, Refused};
use super::settings::{Settings, Teller};
use super::sign::{self, Key};
use super::topic;

/// Of an answer, the rest is not read.
const ANSWER: usize = 64 * 1024;
/// A receiver may put a call off no longer.
const LONGEST_WAIT: i64 = 24 * 3600;

/// A callback as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) clue: ClueId,
    pub(super) source_id: String,
    pub(super) key: CommandId,
    pub(super) step: String,
    /// The lane's, and that of the topic.
    pub(super) partition: u32,
    /// When it became due.
    pub(super) since: Timestamp,
    pub(super) body: String,
}

/// What came of a call; the status of HTTP where there was one.
pub(super) type Outcome = Result<Option<u16>, Failure>;

/// Why it was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Code.
    pub(super) reason: String,
    pub(super) status: Option<u16>,
    /// Trying again would change nothing.
    pub(super) permanent: bool,
    /// When the receiver wants to be asked again.
    pub(super) wait: Option<Duration>,
    /// The receiver was not there or not fit, whatever it was asked.
    pub(super) away: bool,
}

impl Failure {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            status: None,
            permanent: false,
            wait: None,
            away: false,
        }
    }

    fn away(reason: &str) -> Self {
        Self {
            away: true,
            ..Self::new(reason)
        }
    }

    pub(super) fn permanent(reason: &str) -> Self {
        Self {
            permanent: true,
            ..Self::new(reason)
        }
    }
}

/// Calls receivers. Its connections are kept between calls.
pub(super) struct Caller {
    client: Client,
    guard: Guard,
    files: Files,
    log: Log,
    settings: Settings,
}

impl Caller {
    pub(super) fn new(settings: Settings, log: Log) -> Result<Self, reqwest::Error> {
        let guard = Guard::new(settings.allow_private.clone());
        let client = Client::builder()
            .dns_resolver(guard.clone())
            // a proxy would resolve names itself
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.timeout)
            .user_agent(concat!("bihuan/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            guard,
            files: Files::default(),
            log,
            settings,
        })
    }

    pub(super) async fn send(
        &self,
        callback: &Callback,
        teller: &Teller,
        letter: &Letter,
        now: Timestamp,
    ) -> Outcome {
        let timeout = callback.timeout.unwrap_or(self.settings.timeout);
        let sent = async {
            match &callback.destination {
                Destination::File(name) => self.write(name, letter).await,
                Destination::Topic(name) => self.publish(name, letter).await,
                Destination::Url(_) => self.call(callback, teller, letter, now).await,
            }
        };
        let late = |_| Failure::away("timeout");
        tokio::time::timeout(timeout, sent).await.map_err(late)?
    }

    async fn write(&self, name: &str, letter: &Letter) -> Outcome {
        let Some(folder) = &self.settings.files else {
            return Err(Failure::new("files_not_configured"));
        };
        let written = self.files.append(folder, name, &letter.body).await;
        written.map(|()| None).map_err(|error| {
            tracing::warn!(%error, file = name, "callback not written");
            Failure::away("file")
        })
    }

    /// What the log refuses for good, such as a message that is too large, is not tried again: it would hold up its clue in vain.
    async fn publish(&self, name: &str, letter: &Letter) -> Outcome {
        let published = self.log.publish(vec![topic::message(name, letter)]).await;
        published.map(|()| None).map_err(|error| {
            tracing::warn!(%error, topic = name, "callback not published");
            if error.is_transient() {
                Failure::away("topic")
            } else {
                Failure::permanent("topic_refused")
            }
        })
    }

    async fn call(&self, callback: &Callback, teller: &Teller, letter: &Letter, now: Timestamp) -> Outcome {
        let url = url(callback, letter).ok_or_else(|| Failure::new("url"))?;
        self.guard
            .check(&url)
            .map_err(|Refused| Failure::new("address_refused"))?;
        let method = match callback.method {
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let headers = headers(callback, teller, letter, now).await?;
        let request = self
            .client
            .request(method, url)
            .headers(headers)
            .body(letter.body.clone());
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        judge(callback, response, now).await
    }
}

/// Where it goes; `None`: nowhere.
pub(super) fn url(callback: &Callback, letter: &Letter) -> Option<Url> {
    callback
        .destination
        .url(letter.clue, &letter.source_id)?
        .parse()
        .ok()
}

/// Who is called, as breakers and metrics know it: the host is the same whatever the clue.
pub(super) fn receiver(callback: &Callback) -> String {
    let any = ClueId(Uuid::nil());
    let url: Option<Url> = callback
        .destination
        .url(any, "x")
        .and_then(|url| url.parse().ok());
    match (&callback.destination, url) {
        (_, Some(url)) => {
            let host = url.host_str().unwrap_or_default();
            url.port_or_known_default()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
        }
        (Destination::File(name) | Destination::Topic(name) | Destination::Url(name), None) => name.clone(),
    }
}

async fn headers(
    callback: &Callback,
    teller: &Teller,
    letter: &Letter,
    now: Timestamp,
) -> Result<HeaderMap, Failure> {
    let missing = || Failure::new("secret_missing");
    let (id, seconds) = (letter.key.to_string(), now.as_micros().div_euclid(1_000_000));
    let mut all = vec![
        (CONTENT_TYPE.as_str().to_owned(), "application/json".to_owned()),
        ("webhook-id".to_owned(), id.clone()),
        ("idempotency-key".to_owned(), id.clone()),
        ("webhook-timestamp".to_owned(), seconds.to_string()),
    ];
    all.extend(traceparent(&letter.clue.to_string(), &id).map(|it| ("traceparent".to_owned(), it)));
    if let Some(sign) = &callback.sign {
        let secret = sign::read(&sign.secret, &teller.folder)
            .await
            .ok_or_else(missing)?;
        let key = Key::parse(&secret).ok_or_else(missing)?;
        all.push(sign::header(&key, sign, &id, seconds, letter.body.as_bytes()));
    }
    for (name, value) in &callback.headers {
        let value = match value {
            Header::Plain(text) => text.clone(),
            Header::Secret(secret) => sign::read(secret, &teller.folder).await.ok_or_else(missing)?,
        };
        all.push((name.clone(), value));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        let named = HeaderName::try_from(name)
            .ok()
            .zip(HeaderValue::try_from(value).ok());
        let (name, value) = named.ok_or_else(missing)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn unanswered(error: &reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(inner) = cause {
        if inner.is::<Refused>() {
            return Failure::new("address_refused");
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        Failure::away("timeout")
    } else if error.is_connect() {
        Failure::away("connect")
    } else {
        Failure::away("answer_broken")
    }
}

async fn judge(callback: &Callback, mut response: Response, now: Timestamp) -> Outcome {
    let status = response.status();
    let failed = |failure: Failure| {
        Err(Failure {
            status: Some(status.as_u16()),
            ..failure
        })
    };
    if status.is_redirection() {
        return failed(Failure::new("redirect"));
    }
    if status == StatusCode::GONE {
        return failed(Failure::permanent("gone"));
    }
    if !status.is_success() {
        return failed(Failure {
            wait: is_busy(status)
                .then(|| retry_after(response.headers(), now))
                .flatten(),
            away: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
            ..Failure::new(format!("status_{}", status.as_u16()))
        });
    }
    let mut answer = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if answer.len() + chunk.len() > ANSWER => {
                // one that takes it by its status has said all that counts
                return match callback.success {
                    Some(_) => failed(Failure::new("answer_too_long")),
                    None => Ok(Some(status.as_u16())),
                };
            }
            Ok(Some(chunk)) => answer.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) => return failed(Failure::away("answer_broken")),
        }
    }
    match &callback.success {
        Some(success) if !success.accepts(&answer) => failed(Failure::new("refused_by_receiver")),
        _ => Ok(Some(status.as_u16())),
    }
}

/// Those statuses say that it is to be asked again later, and may say when.
fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => http_date(text)?.since(now).div_euclid(1_000_000),
    };
    u64::try_from(seconds.min(LONGEST_WAIT))
        .ok()
        .map(Duration::from_secs)
}

fn http_date(text: &str) -> Option<Timestamp> {
    let at = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(at.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_may_ask_for_patience_in_seconds_or_by_a_date() {
        let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("valid");
        for (text, expected) in [
            ("120", Some(120)),
            ("9999999", Some(86_400)),
            ("Mon, 05 Jan 2026 09:00:30 GMT", Some(30)),
            ("Mon, 05 Jan 2026 08:00:30 GMT", None),
            ("-5", None),
            ("soon", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            let found = retry_after(&headers, now).map(|wait| wait.as_secs());
            assert_eq!(found, expected, "{text}");
        }
    }
}
