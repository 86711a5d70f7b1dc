//! Stored bytes: ranges, strong validators, cached for good, never with a `Content-Encoding` (protocols.md 0).

use std::ops::Range;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ota_model::Sha256;

use super::view::Download;
use crate::error::ApiError;
use crate::state::AppState;

/// `GET /b/{app}/{sha256}/{file}`
pub(super) async fn artifact(
    State(state): State<AppState>,
    Path((app, sha256, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let not_here = || (StatusCode::NOT_FOUND, "There is no such bundle here").into_response();
    let Ok(sha256) = sha256.parse::<Sha256>() else {
        return Ok(not_here());
    };
    let found = state
        .view(&app)
        .and_then(|view| view.download(sha256).cloned());
    let Some(found) = found.filter(|found| found.is_called(&file)) else {
        return Ok(not_here());
    };
    let response = stored(&state, sha256, &found, &headers).await?;
    Ok(as_file(response, &file))
}

/// Says under which name the bytes are to be kept, if the name can stand in a header as it is.
pub(super) fn as_file(mut response: Response, file: &str) -> Response {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+~".contains(&byte);
    if file.bytes().all(plain)
        && let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\""))
    {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The answer to a request for stored bytes, whatever its path.
pub(super) async fn stored(
    state: &AppState,
    sha256: Sha256,
    found: &Download,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let Download {
        media_type,
        size_bytes,
        ..
    } = *found;
    let tag = format!("\"{sha256}\"");
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if text(header::IF_NONE_MATCH)
        .is_some_and(|known| known.split(',').any(|known| names(known.trim(), &tag)))
    {
        return Ok(with_validators(
            StatusCode::NOT_MODIFIED.into_response(),
            &tag,
        ));
    }
    // A range of other bytes than the client has would be worse than all of them.
    let fresh = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let asked = match text(header::RANGE)
        .filter(|_| fresh)
        .map(|range| parse_range(range, size_bytes))
    {
        Some(Asked::Part(range)) => Some(range),
        Some(Asked::Beyond) => {
            let whole = format!("bytes */{size_bytes}");
            return Ok((
                StatusCode::RANGE_NOT_SATISFIABLE,
                [(header::CONTENT_RANGE, whole)],
            )
                .into_response());
        }
        Some(Asked::Whole) | None => None,
    };
    let length = asked
        .as_ref()
        .map_or(size_bytes, |range| range.end - range.start);
    let bytes = state.blobs.read(sha256, asked.clone()).await?;
    let mut response = with_validators(Body::from_stream(bytes).into_response(), &tag);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(range) = asked {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let part = format!("bytes {}-{}/{size_bytes}", range.start, range.end - 1);
        if let Ok(part) = HeaderValue::from_str(&part) {
            response.headers_mut().insert(header::CONTENT_RANGE, part);
        }
    }
    Ok(response)
}

/// Whether a member of `If-None-Match` names this tag, by the weak comparison that RFC 9110 13.1.2 asks for.
fn names(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

fn with_validators(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// What a `Range` header comes down to.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Beyond,
}

/// One range of bytes (RFC 9110 14). Several ranges or other units get the whole.
fn parse_range(header: &str, size: u64) -> Asked {
    let Some((first, last)) = header
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Asked::Whole;
    };
    let range = match (first.trim(), last.trim()) {
        ("", suffix) => suffix
            .parse()
            .ok()
            .map(|length: u64| size.saturating_sub(length)..size),
        (first, "") => first.parse().ok().map(|first| first..size),
        (first, last) => match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => Some(first..last.saturating_add(1).min(size)),
            _ => None,
        },
    };
    match range {
        Some(range) if range.start < range.end => Asked::Part(range),
        Some(_) => Asked::Beyond,
        None => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (header, asked) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=5-", Asked::Part(5..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            ("bytes=8-99", Asked::Part(8..10)),
            ("bytes=10-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("bytes=x-", Asked::Whole),
        ] {
            assert_eq!(parse_range(header, 10), asked, "{header}");
        }
    }
}
