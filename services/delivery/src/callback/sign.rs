//! Signatures, so that a receiver knows who sent it: by the Standard Webhooks, over id, time and body, or in a platform's own way, the
//! bare code in a header of its own.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bihuan_mapping::{Algorithm, Encoded, Scheme, Secret, Sign, Signed};
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

/// The header that carries the signature, and its value.
pub(super) fn header(key: &Key, sign: &Sign, id: &str, seconds: i64, body: &[u8]) -> (String, String) {
    match &sign.scheme {
        Scheme::StandardWebhooks => {
            let signature = signature(key, sign.algorithm, id, seconds, body);
            ("webhook-signature".to_owned(), signature)
        }
        Scheme::Hmac {
            header,
            encoding,
            signed,
        } => {
            let before = match signed {
                Signed::Body => String::new(),
                Signed::TimestampBody => format!("{seconds}."),
            };
            let code = code(key, sign.algorithm, &[before.as_bytes(), body].concat());
            (header.clone(), written(&code, *encoding))
        }
    }
}

/// The value of `webhook-signature`. The specification names HMAC-SHA256 `v1`; with SM3 it is `v1sm3`, which no receiver takes
/// for the other.
pub fn signature(key: &Key, algorithm: Algorithm, id: &str, seconds: i64, body: &[u8]) -> String {
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    let code = STANDARD.encode(code(key, algorithm, &signed));
    match algorithm {
        Algorithm::HmacSha256 => format!("v1,{code}"),
        Algorithm::HmacSm3 => format!("v1sm3,{code}"),
    }
}

fn code(key: &Key, algorithm: Algorithm, signed: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::HmacSha256 => sha256(key, signed),
        Algorithm::HmacSm3 => sm3(key, signed),
    }
}

fn written(code: &[u8], encoding: Encoded) -> String {
    use std::fmt::Write as _;
    match encoding {
        Encoded::Base64 => STANDARD.encode(code),
        Encoded::Hex => code.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
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

    /// Against `openssl dgst`; the guide shows the first.
    #[test]
    fn a_bare_signature_is_the_code_of_the_body_or_of_time_and_body() {
        let sign = |algorithm, encoding, signed| Sign {
            secret: Secret::Env("X".to_owned()),
            algorithm,
            scheme: Scheme::Hmac {
                header: "x-sign".to_owned(),
                encoding,
                signed,
            },
        };
        let (sha256, sm3) = (Algorithm::HmacSha256, Algorithm::HmacSm3);
        let table = [
            (
                sign(sha256, Encoded::Hex, Signed::Body),
                "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342",
            ),
            (
                sign(sm3, Encoded::Hex, Signed::Body),
                "45d80508e8161c2e86a10de711e712a2a762a36fa285cd21dc4fefa406e0ca7f",
            ),
            (
                sign(sha256, Encoded::Base64, Signed::TimestampBody),
                "1jIYHsMyV+hj3VHcYYtAmHrGDfTMDQQXg9aJFuKWmCA=",
            ),
            (
                sign(sm3, Encoded::Base64, Signed::TimestampBody),
                "ThvGLcNJX484dcjvqVGSjZ1lB7eWAm8xcJspkquhFEQ=",
            ),
        ];
        let key = Key::parse("key").expect("a key");
        for (sign, expected) in table {
            let made = header(&key, &sign, "id", 1_767_600_000, br#"{"a":1}"#);
            assert_eq!(made, ("x-sign".to_owned(), expected.to_owned()), "{sign:?}");
        }
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        assert!(Key::parse("whsec_###").is_none());
        assert!(Key::parse(" ").is_none());
        assert!(Key::parse("whsec_").is_none());
    }
}
