//! A broken line between a device and the server: checks pass, downloads are spoilt.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What happens to a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// Nothing: the line is good.
    None,
    /// One bit in the middle is another one.
    FlippedBit,
    /// The line breaks after half of the announced bytes.
    BrokenLine,
    /// Half of the bytes, announced as if they were all.
    HalfFile,
}

/// Listens on a port of its own and hands requests on to the server.
pub(crate) struct Meddler {
    url: String,
    mischief: Arc<Mutex<Mischief>>,
}

impl Meddler {
    /// Stands in front of the server at `upstream`, e.g. `http://127.0.0.1:8080`.
    pub(crate) async fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mischief = Arc::new(Mutex::new(Mischief::None));
        let line = Line {
            upstream: upstream.to_owned(),
            url: url.clone(),
            mischief: Arc::clone(&mischief),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let line = line.clone();
                tokio::spawn(async move { line.pass(stream).await });
            }
        });
        Self { url, mischief }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What happens to downloads from now on.
    pub(crate) fn set(&self, mischief: Mischief) {
        *self.mischief.lock().unwrap() = mischief;
    }
}

#[derive(Clone)]
struct Line {
    upstream: String,
    url: String,
    mischief: Arc<Mutex<Mischief>>,
}

impl Line {
    /// Answers one request and closes the connection.
    async fn pass(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let mut first = String::new();
        stream.read_line(&mut first).await.unwrap();
        let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
        let mut header = String::new();
        while stream.read_line(&mut header).await.unwrap() > 2 {
            header.clear();
        }

        let answer = reqwest::get(format!("{}{path}", self.upstream))
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap().to_vec();
        let (announced, body) = if path.starts_with("/b/") {
            self.spoil(body)
        } else {
            self.redirect(body)
        };
        let length = if status == StatusCode::NO_CONTENT {
            String::new()
        } else {
            format!("content-length: {announced}\r\n")
        };
        let head = format!(
            "HTTP/1.1 {}\r\n{length}connection: close\r\n\r\n",
            status.as_u16()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The device may have hung up already, which is its right.
        drop(stream.write_all(&body).await);
        drop(stream.shutdown().await);
    }

    /// Makes the device download over this line, too.
    fn redirect(&self, body: Vec<u8>) -> (usize, Vec<u8>) {
        let body = String::from_utf8(body)
            .unwrap()
            .replace(&self.upstream, &self.url);
        (body.len(), body.into_bytes())
    }

    /// The length to announce and the bytes to send.
    fn spoil(&self, mut body: Vec<u8>) -> (usize, Vec<u8>) {
        let whole = body.len();
        let middle = whole / 2;
        match *self.mischief.lock().unwrap() {
            Mischief::None => {}
            Mischief::FlippedBit => body[middle] ^= 1,
            Mischief::BrokenLine | Mischief::HalfFile => body.truncate(middle),
        }
        if *self.mischief.lock().unwrap() == Mischief::BrokenLine {
            (whole, body)
        } else {
            (body.len(), body)
        }
    }
}
