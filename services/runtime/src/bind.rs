//! Listening for HTTP, on the loopback interface only: there is no authentication yet, so anybody who reaches the port may do
//! everything.

use std::net::SocketAddr;

use bihuan_domain::lang::Lang;
use tokio::net::TcpListener;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A matter of configuration: somebody must decide otherwise.
    #[error("{}", self.words(Lang::En))]
    NotLoopback(SocketAddr),
    /// A matter of the machine: the port is taken, or may not be used.
    #[error("{}", self.words(Lang::En))]
    Unavailable(SocketAddr, #[source] std::io::Error),
}

impl Error {
    /// What is wrong and what to do.
    pub fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NotLoopback(address), Lang::En) => format!(
                "refusing to listen on {address}: no authentication is configured, so only loopback addresses \
                 (127.0.0.1 or [::1]) are allowed; put a reverse proxy that authenticates in front"
            ),
            (Self::NotLoopback(address), Lang::Zh) => format!(
                "拒绝监听 {address}：未配置身份认证，只允许回环地址（127.0.0.1 或 [::1]）；请在前面部署带身份认证的反向代理"
            ),
            (Self::Unavailable(address, error), Lang::En) => format!("cannot listen on {address}: {error}"),
            (Self::Unavailable(address, error), Lang::Zh) => format!("无法监听 {address}：{error}"),
        }
    }
}

/// Binds to `address`, which must be a loopback address; port 0 takes a free one.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    if !address.ip().to_canonical().is_loopback() {
        return Err(Error::NotLoopback(address));
    }
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::Unavailable(address, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[tokio::test]
    async fn everything_but_loopback_is_refused() {
        for open in [
            "0.0.0.0:0",
            "10.1.2.3:8080",
            "[::]:0",
            "[2001:db8::1]:80",
            "[::ffff:10.0.0.1]:80",
        ] {
            let error = listen(address(open)).await.expect_err(open);
            assert!(matches!(error, Error::NotLoopback(_)), "{error}");
            assert!(error.words(Lang::Zh).contains("身份认证"));
            assert!(error.to_string().contains("no authentication"));
        }
    }

    #[tokio::test]
    async fn loopback_is_bound_and_a_taken_port_says_so() {
        let listener = listen(address("127.0.0.1:0")).await.expect("bound");
        let taken = listener.local_addr().expect("bound");
        let error = listen(taken).await.expect_err("taken");
        assert!(matches!(error, Error::Unavailable(..)), "{error}");
    }
}
