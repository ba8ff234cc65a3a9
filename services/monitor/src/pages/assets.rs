//! Scripts, styles and the icon, carried in the program. Their addresses hold a digest of their content, so that a browser may
//! keep them for ever and yet never shows an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bihuan_domain::digest::Digest;

/// A file as it is served.
struct Asset {
    /// `/assets/DIGEST/NAME`
    address: String,
    kind: &'static str,
    bytes: &'static [u8],
}

/// The addresses for templates.
pub(super) struct Addresses {
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    pub(super) htmx: &'static str,
    pub(super) echarts: &'static str,
    pub(super) icon: &'static str,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        asset(
            "bihuan.css",
            "text/css; charset=utf-8",
            include_bytes!("../../assets/bihuan.css"),
        ),
        asset("bihuan.js", SCRIPT, include_bytes!("../../assets/bihuan.js")),
        asset(
            "htmx.js",
            SCRIPT,
            include_bytes!("../../assets/vendor/htmx/htmx-4.0.1.min.js"),
        ),
        asset(
            "echarts.js",
            SCRIPT,
            include_bytes!("../../assets/vendor/echarts/echarts.bihuan-6.1.0.min.js"),
        ),
        asset(
            "icon.svg",
            "image/svg+xml",
            include_bytes!("../../assets/icon.svg"),
        ),
    ]
});

pub(super) static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| {
    let [style, script, htmx, echarts, icon] = &*ASSETS;
    Addresses {
        style: &style.address,
        script: &script.address,
        htmx: &htmx.address,
        echarts: &echarts.address,
        icon: &icon.address,
    }
});

fn asset(name: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = Digest::of([bytes]).to_string();
    Asset {
        address: format!("/assets/{}/{name}", &digest[..16]),
        kind,
        bytes,
    }
}

const HEADERS: [(HeaderName, &str); 2] = [
    (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// `GET /assets/{digest}/{name}`. Another digest is another file: there is none.
pub(super) async fn serve(Path((digest, name)): Path<(String, String)>) -> Response {
    let address = format!("/assets/{digest}/{name}");
    match ASSETS.iter().find(|asset| asset.address == address) {
        Some(asset) => (HEADERS, [(header::CONTENT_TYPE, asset.kind)], asset.bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
