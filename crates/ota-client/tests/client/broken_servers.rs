//! Servers that answer as ours never does.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use ota_client::{Client, ClientError, Hint as _};
use ota_keys::AccessToken;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn client(url: &str) -> Client {
    Client::new(url, &AccessToken::new("swt_secret")).unwrap()
}

async fn answering(response: ResponseTemplate) -> (MockServer, ClientError) {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(response)
        .mount(&server)
        .await;
    let error = client(&server.uri()).session().await.unwrap_err();
    (server, error)
}

#[tokio::test]
async fn a_proxy_in_front_of_a_dead_server_is_an_unreachable_server() {
    let (_server, error) =
        answering(ResponseTemplate::new(502).set_body_string("<html>Bad Gateway</html>")).await;
    let ClientError::Unreachable { because, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(because, "a proxy answers in its place (502)");
}

#[tokio::test]
async fn another_program_at_the_address_is_named_as_such() {
    let (_server, error) =
        answering(ResponseTemplate::new(200).set_body_string("<html>Welcome to nginx</html>"))
            .await;
    assert!(
        matches!(&error, ClientError::Unexpected { .. }),
        "{error:?}"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .contains("another program may answer there")
    );

    let (_server, error) = answering(ResponseTemplate::new(404).set_body_string("Not here")).await;
    assert!(
        error.to_string().ends_with("it answered 404 Not Found"),
        "{error}"
    );
}

#[tokio::test]
async fn a_code_that_is_not_known_here_still_says_its_words() {
    let problem = r#"{"type":"urn:switchtower:frozen","title":"Frozen","status":409,"code":"frozen","detail":"production is frozen until Monday"}"#;
    let (_server, error) =
        answering(ResponseTemplate::new(409).set_body_raw(problem, "application/problem+json"))
            .await;
    assert!(
        error
            .to_string()
            .contains("production is frozen until Monday (409)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_does_not_get_the_token() {
    let thief = MockServer::start().await;
    let redirect =
        ResponseTemplate::new(307).insert_header("location", format!("{}/v1/session", thief.uri()));
    let (_server, error) = answering(redirect).await;
    assert!(
        error
            .to_string()
            .contains(&format!("it points to {}", thief.uri())),
        "{error}"
    );
    assert!(thief.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Reading may be repeated.
    let broken = tokio::task::spawn_blocking(move || {
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n")
                .unwrap();
        }
    });
    let error = client(&url).session().await.unwrap_err();
    broken.await.unwrap();
    let ClientError::Unreachable { because, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(because, "the connection broke off");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let broken = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"server\":{")
            .unwrap();
    });
    let error = client(&url).session().await.unwrap_err();
    broken.await.unwrap();
    let ClientError::Unreachable { because, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(because, "the connection broke off");
}
