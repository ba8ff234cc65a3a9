//! Signatures by the Standard Webhooks: over id, time and body, so that a receiver knows who sent it and that it is not an old
//! one played back.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bihuan_mapping::{Algorithm, Secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sm3::Sm3;

/// A shared key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// `whsec_` and base64, as the Standard Webhooks write it; any other text is the key itself.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = match text.strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).ok()?,
            None => text.as_bytes().to_vec(),
        };
        (!bytes.is_empty()).then_some(Self(bytes))
    }
}

/// The value of `webhook-signature`. The specification names HMAC-SHA256 `v1`; with SM3 it is `v1sm3`, which no receiver takes
/// for the other.
pub fn signature(key: &Key, algorithm: Algorithm, id: &str, seconds: i64, body: &[u8]) -> String {
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    match algorithm {
        Algorithm::HmacSha256 => format!("v1,{}", STANDARD.encode(sha256(key, &signed))),
        Algorithm::HmacSm3 => format!("v1sm3,{}", STANDARD.encode(sm3(key, &signed))),
    }
}

fn sha256(key: &Key, signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes a key of any length");
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

fn sm3(key: &Key, signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sm3>::new_from_slice(&key.0).expect("HMAC takes a key of any length");
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

/// The secret's text. Read each time, so that it can be changed without a restart.
pub(crate) async fn read(secret: &Secret, folder: &Path) -> Option<String> {
    let text = match secret {
        Secret::Env(name) => std::env::var(name).ok()?,
        Secret::File(file) => tokio::fs::read_to_string(folder.join(file)).await.ok()?,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification and its reference implementations.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let signed = signature(
            &key,
            Algorithm::HmacSha256,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// Against `openssl dgst -sm3 -hmac key`.
    #[test]
    fn sm3_signs_the_same_text_under_another_name() {
        let key = Key::parse("key").expect("a key");
        let signed = signature(&key, Algorithm::HmacSm3, "id", 1, b"{}");
        assert_eq!(signed, "v1sm3,oj9PGx2nLJRQKK/yHZ0gMANuFOylK8A6AmPm9FQifV8=");
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        assert!(Key::parse("whsec_###").is_none());
        assert!(Key::parse(" ").is_none());
        assert!(Key::parse("whsec_").is_none());
    }
}
