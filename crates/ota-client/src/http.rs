//! One exchange with the server: address, token, time limits, and what an answer means.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ota_api::{IDEMPOTENCY_KEY, Problem};
use ota_keys::AccessToken;
use reqwest::header::{self, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::error::ClientError;

const USER_AGENT: &str = concat!("switchtower/", env!("CARGO_PKG_VERSION"));
/// Connections that wait for the next request.
const KEPT_CONNECTIONS: usize = 2;
const CONNECT: Duration = Duration::from_secs(10);
/// Of a request that reads or changes rows.
const ANSWER: Duration = Duration::from_secs(30);
/// A listing of a large build has some megabytes; nothing has more than this.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The address of a server with the right to talk to it.
pub(crate) struct Http {
    /// Never follows a redirect: the token is for this address alone.
    api: reqwest::Client,
    /// As devices fetch: without a token, wherever redirects lead.
    plain: reqwest::Client,
    base: String,
    server: String,
    authorization: HeaderValue,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Http {
    pub(crate) fn new(address: &str, token: &AccessToken) -> Result<Self, ClientError> {
        let url = parse(address)?;
        let server = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(refused(address, "it names no host")),
        };
        let here = is_this_computer(&url);
        if url.scheme() != "https" && !here {
            return Err(ClientError::Insecure { server });
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.reveal().trim()))
            .or(Err(ClientError::Token))?;
        authorization.set_sensitive(true);
        let builder = || {
            let builder = reqwest::Client::builder()
                .user_agent(USER_AGENT)
                .connect_timeout(CONNECT);
            // A proxy cannot reach this computer's own addresses.
            if here { builder.no_proxy() } else { builder }
        };
        let failed = |error: reqwest::Error| ClientError::unexpected(&server, error.to_string());
        // What devices fetch goes over fresh connections, as theirs do.
        let plain = builder().pool_max_idle_per_host(0);
        let api = builder().pool_max_idle_per_host(KEPT_CONNECTIONS);
        Ok(Self {
            api: api
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .map_err(failed)?,
            plain: plain.build().map_err(failed)?,
            base: url.as_str().trim_end_matches('/').to_owned(),
            authorization,
            server,
        })
    }

    /// The address without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Host and port.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// A request that carries the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.api
            .request(method, format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .timeout(ANSWER)
    }

    /// A request as a device makes it: to any address, without the token.
    pub(crate) fn plain(&self, url: &str) -> RequestBuilder {
        self.plain.get(url)
    }

    /// Sends a request and reads the JSON of its answer.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, ClientError> {
        let response = self.accepted(request).await?;
        let body = self.body(response).await?;
        serde_json::from_slice(&body).map_err(|error| {
            ClientError::unexpected(&self.server, format!("its answer cannot be read ({error})"))
        })
    }

    /// Sends a request whose answer has no content.
    pub(crate) async fn done(&self, request: RequestBuilder) -> Result<(), ClientError> {
        self.accepted(request).await.map(drop)
    }

    /// Sends a request. Anything but success is an error.
    pub(crate) async fn accepted(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = self.send(request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            let to = response
                .headers()
                .get(header::LOCATION)
                .and_then(|to| to.to_str().ok())
                .unwrap_or("another address");
            return Err(ClientError::unexpected(
                &self.server,
                format!("it points to {to}"),
            ));
        }
        let body = self.body(response).await?;
        Err(self.refusal(status, &body))
    }

    /// Sends a request, and a harmless one again when its connection breaks off: one that was kept from an earlier
    /// request tells only then that the server was started again meanwhile.
    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let failed = |error| ClientError::exchange(&self.server, error);
        let mut request = request.build().map_err(failed)?;
        let harmless =
            request.method().is_safe() || request.headers().contains_key(IDEMPOTENCY_KEY);
        for _ in 0..KEPT_CONNECTIONS {
            let Some(again) = request.try_clone().filter(|_| harmless) else {
                break;
            };
            match self.api.execute(request).await {
                Err(error) if !error.is_connect() && !error.is_timeout() => request = again,
                answer => return answer.map_err(failed),
            }
        }
        self.api.execute(request).await.map_err(failed)
    }

    pub(crate) async fn body(&self, mut response: Response) -> Result<Bytes, ClientError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| ClientError::exchange(&self.server, error))?
        {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(ClientError::unexpected(
                    &self.server,
                    "its answer does not end",
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> ClientError {
        if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
            return ClientError::Refused(Box::new(problem));
        }
        // A newer server may have codes that are not known here; its words still count.
        #[derive(Deserialize)]
        struct Words {
            detail: String,
        }
        if let Ok(words) = serde_json::from_slice::<Words>(body) {
            return ClientError::unexpected(
                &self.server,
                format!("{} ({})", words.detail, status.as_u16()),
            );
        }
        match status {
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => ClientError::unreachable(
                &self.server,
                format!("a proxy answers in its place ({})", status.as_u16()),
            ),
            _ => ClientError::unexpected(&self.server, format!("it answered {status}")),
        }
    }
}

fn refused(address: &str, why: impl Into<String>) -> ClientError {
    ClientError::Address {
        url: address.to_owned(),
        why: why.into(),
    }
}

fn parse(address: &str) -> Result<Url, ClientError> {
    let url = Url::parse(address.trim()).map_err(|error| refused(address, error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(address, "it does not start with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Not quoted: the address holds a password.
        return Err(refused(
            "…@…",
            "it holds a user name; the access token is given apart from it",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused(address, "it ends with a query"));
    }
    Ok(url)
}

/// Whether the address cannot leave this computer.
fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        // What a resolver must not send away (RFC 6761); other names could lead anywhere.
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str) -> Result<Http, ClientError> {
        Http::new(address, &AccessToken::new("swt_secret"))
    }

    #[test]
    fn a_token_is_not_sent_in_clear_except_to_this_computer() {
        for fine in [
            "http://127.0.0.1:7420",
            "http://[::1]:7420/",
            "http://localhost:1",
            "https://ota.example.net/base/",
        ] {
            assert!(open(fine).is_ok(), "{fine}");
        }
        for clear in [
            "http://ota.example.net",
            "http://192.168.1.4:7420",
            "http://127.0.0.1.example.net",
            "http://localhost.example.net",
        ] {
            assert!(
                matches!(open(clear), Err(ClientError::Insecure { .. })),
                "{clear}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_words() {
        for bad in [
            "",
            "ota.example.net",
            "ftp://ota.example.net",
            "https://user:pw@ota.example.net",
            "https://x.test/?a=1",
        ] {
            let error = open(bad).unwrap_err();
            assert!(matches!(error, ClientError::Address { .. }), "{bad}");
            assert!(!error.to_string().contains("pw"), "{error}");
        }
    }

    #[test]
    fn nothing_shows_the_token() {
        let http = open("https://ota.example.net").unwrap();
        assert!(!format!("{http:?}").contains("secret"));
        assert!(!format!("{:?}", http.request(Method::GET, "/v1/session")).contains("secret"));
    }
}
