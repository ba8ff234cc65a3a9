//! How a callback proves who sends it: signature, further headers, and where their secrets lie.

use super::callback::Layers;
use super::{choice, missing};
use crate::callback::{Algorithm, Encoded, Header, Scheme, Secret, Sign, Signed};
use crate::read::{Item, Reader, Section, as_section};

/// What every callback has, or HTTP itself sets.
const OUR_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "idempotency-key",
    "traceparent",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// What only a signature of the platform's own kind has.
const BARE: [&str; 3] = ["signature_header", "encoding", "signed"];

pub(super) fn headers(reader: &mut Reader<'_>, item: &Item<'_>, headers: &mut Vec<(String, Header)>) {
    let Some(section) = as_section(item) else {
        reader.string(item);
        let what = ["headers 须是一个表", "headers must be a table"];
        let advice = [
            "如 { Authorization = { env = \"NAME\" } }",
            "such as { Authorization = { env = \"NAME\" } }",
        ];
        return reader.report("headers", item, what, advice);
    };
    for (name, item) in reader.entries(&section) {
        let name = name.to_ascii_lowercase();
        if !is_free(&name) {
            let what = ["不能设置这个请求头", "this header cannot be set"];
            reader.report("header", &item, what, ["删去它", "remove it"]);
            continue;
        }
        let value = match as_section(&item) {
            Some(table) => secret(reader, &item, &table).map(Header::Secret),
            None => reader.string(&item).map(|text| Header::Plain(text.to_owned())),
        };
        if let Some(value) = value {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
    }
}

/// Whether a mapping may set the header.
fn is_free(name: &str) -> bool {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(token) && !OUR_HEADERS.contains(&name)
}

pub(super) fn sign(reader: &mut Reader<'_>, layers: Layers<'_, '_>) -> Option<Sign> {
    let (key, algorithm) = (layers.item(reader, "secret"), layers.item(reader, "algorithm"));
    let Some(item) = layers.item(reader, "sign") else {
        let bare = BARE.iter().find_map(|key| layers.item(reader, key));
        if let Some(item) = key.or(algorithm).or(bare) {
            let what = ["没有 sign，不会签名", "without sign nothing is signed"];
            let advice = [
                "写 sign = \"standard-webhooks\" 或 sign = \"hmac\"",
                "say sign = \"standard-webhooks\" or sign = \"hmac\"",
            ];
            reader.report("sign", &item, what, advice);
        }
        return None;
    };
    let is_bare = choice(
        reader,
        &item,
        &[("standard-webhooks", false), ("hmac", true)],
        &[],
    )?;
    let scheme = if is_bare {
        bare(reader, layers)
    } else {
        standard(reader, layers)
    };
    let words = [
        ("hmac-sha256", Algorithm::HmacSha256),
        ("hmac-sm3", Algorithm::HmacSm3),
    ];
    let algorithm = algorithm.map_or(Some(Algorithm::HmacSha256), |item| {
        choice(reader, &item, &words, &[])
    });
    let Some(key) = key else {
        let advice = [
            "如 secret = { env = \"NAME\" }；密钥本身不写在映射里",
            "such as secret = { env = \"NAME\" }; the secret itself never stands in a mapping",
        ];
        missing(reader, layers.own, "secret", advice);
        return None;
    };
    let secret = match as_section(&key) {
        Some(table) => secret(reader, &key, &table),
        None => no_secret(reader, &key),
    };
    Some(Sign {
        secret: secret?,
        algorithm: algorithm?,
        scheme: scheme?,
    })
}

/// The standard says the rest.
fn standard(reader: &mut Reader<'_>, layers: Layers<'_, '_>) -> Option<Scheme> {
    let Some(item) = BARE.iter().find_map(|key| layers.item(reader, key)) else {
        return Some(Scheme::StandardWebhooks);
    };
    let what = ["只用于 sign = \"hmac\"", "is for sign = \"hmac\" only"];
    reader.report(
        "sign",
        &item,
        what,
        ["删去它，或改 sign", "remove it, or change sign"],
    );
    None
}

/// A platform's own way: header, encoding, and what is covered.
fn bare(reader: &mut Reader<'_>, layers: Layers<'_, '_>) -> Option<Scheme> {
    let [header, encoding, signed] = BARE.map(|key| layers.item(reader, key));
    let Some(header) = header else {
        let advice = [
            "写上平台读签名的请求头，如 signature_header = \"x-signature\"",
            "name the header that the platform reads it from, such as signature_header = \"x-signature\"",
        ];
        missing(reader, layers.own, "signature_header", advice);
        return None;
    };
    let name = reader.string(&header)?.to_ascii_lowercase();
    if !is_free(&name) {
        let what = ["不能设置这个请求头", "this header cannot be set"];
        reader.report("header", &header, what, ["换一个名称", "take another name"]);
        return None;
    }
    let encodings = [("hex", Encoded::Hex), ("base64", Encoded::Base64)];
    let encoding = encoding.map_or(Some(Encoded::Hex), |item| choice(reader, &item, &encodings, &[]));
    let covers = [("body", Signed::Body), ("timestamp.body", Signed::TimestampBody)];
    let signed = signed.map_or(Some(Signed::Body), |item| choice(reader, &item, &covers, &[]));
    Some(Scheme::Hmac {
        header: name,
        encoding: encoding?,
        signed: signed?,
    })
}

fn secret(reader: &mut Reader<'_>, item: &Item<'_>, table: &Section<'_>) -> Option<Secret> {
    reader.only(table, &["env", "file"]);
    let place = [reader.item(table, "env"), reader.item(table, "file")];
    match place {
        [Some(name), None] => allowed(reader, &name, is_foreign).map(Secret::Env),
        [None, Some(file)] => allowed(reader, &file, lies_beside).map(Secret::File),
        _ => no_secret(reader, item),
    }
}

/// Whoever writes a mapping does not choose among all secrets of the machine.
fn allowed(reader: &mut Reader<'_>, item: &Item<'_>, may_be: fn(&str) -> bool) -> Option<String> {
    let said = reader.string(item)?;
    if may_be(said) {
        return Some(said.to_owned());
    }
    let what = ["这里的密钥不供回传使用", "what lies there is not for callbacks"];
    let advice = [
        "文件须与映射在同一目录或其下；变量不能以 BIHUAN_ 开头",
        "a file lies beside the mapping or below it; a variable does not begin with BIHUAN_",
    ];
    reader.report("secret", item, what, advice);
    None
}

/// Variables of ours hold the database's address.
fn is_foreign(name: &str) -> bool {
    !name.to_ascii_uppercase().starts_with("BIHUAN_")
}

fn lies_beside(path: &str) -> bool {
    let parts = std::path::Path::new(path).components();
    !path.is_empty()
        && parts.into_iter().all(|part| {
            matches!(
                part,
                std::path::Component::Normal(_) | std::path::Component::CurDir
            )
        })
}

fn no_secret<T>(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<T> {
    let what = [
        "密钥要写明在哪里，不写它本身：映射会被保存和显示",
        "say where the secret lies, not the secret: mappings are stored and shown",
    ];
    let advice = [
        "写 { env = \"NAME\" } 或 { file = \"PATH\" }",
        "say { env = \"NAME\" } or { file = \"PATH\" }",
    ];
    reader.report("secret", item, what, advice);
    None
}
