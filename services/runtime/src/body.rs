//! How much a request may bring. Who sends more is answered even while still sending: closing the connection on him would
//! often throw the answer away with it.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

use crate::Problem;

/// Of a body that is too large so much is read and thrown away, and for so long.
const PATIENCE_BYTES: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// The routes of `router`, each of which takes bodies of up to `bytes`.
pub fn limited<S: Clone + Send + Sync + 'static>(router: Router<S>, bytes: usize) -> Router<S> {
    router
        .layer(DefaultBodyLimit::max(bytes))
        .layer(from_fn_with_state(bytes, refuse))
}

/// What says its length is refused by it; what does not is refused by the limit, while it is read.
async fn refuse(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_none_or(|length| length <= limit) {
        return next.run(request).await;
    }
    // who asked whether to send waits for the answer; whoever sends already would not read it before he is done
    if !request.headers().contains_key(header::EXPECT) {
        let _ = tokio::time::timeout(PATIENCE, drain(request.into_body())).await;
    }
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "invalid_body",
        "The body cannot be read",
        "请求体无法读取",
    )
    .details(
        format!("it is longer than {limit} bytes; send it in parts"),
        format!("长度超过 {limit} 字节；请分次发送"),
    )
    .into_response()
}

async fn drain(mut body: Body) {
    let mut left = PATIENCE_BYTES;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let read = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(read) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use axum::routing::post;

    use super::*;

    /// Sends the whole body before it looks for an answer, as many clients do.
    fn ask(address: std::net::SocketAddr, length: usize) -> String {
        let mut stream = TcpStream::connect(address).expect("connects");
        let head =
            format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("sends");
        let part = vec![b'x'; 1 << 16];
        let mut left = length;
        while left > 0 {
            let now = left.min(part.len());
            stream.write_all(&part[..now]).expect("the server reads on");
            left -= now;
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_sends_too_much_gets_his_answer() {
        let router = limited(
            Router::new().route("/", post(|body: String| async move { body })),
            1000,
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        for _ in 0..20 {
            let answer = tokio::task::spawn_blocking(move || ask(address, 10 << 20))
                .await
                .expect("ends");
            assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
            assert!(
                answer.contains("invalid_body") && answer.contains("1000"),
                "{answer}"
            );
        }
        let fits = tokio::task::spawn_blocking(move || ask(address, 1000))
            .await
            .expect("ends");
        assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
        serving.abort();
    }
}
