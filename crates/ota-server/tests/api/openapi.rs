//! The document of the admin API.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::support::{TestServer, send};

fn document() -> Value {
    serde_json::to_value(ota_server::openapi()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    found
}

#[test]
fn the_committed_document_is_the_one_of_the_handlers() {
    let generated = ota_server::openapi().to_pretty_json().unwrap();
    let committed = include_str!("../../openapi.json");
    assert!(
        committed.trim_end() == generated,
        "openapi.json is not what the handlers say. Make it again:\n\
         cargo run -p ota-server -- openapi > crates/ota-server/openapi.json"
    );
}

#[test]
fn operation_ids_are_unique() {
    let document = document();
    let mut seen = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(seen.insert(id.clone()), "{method} {path} is a second {id}");
    }
}

#[test]
fn every_part_of_a_path_is_a_parameter_and_nothing_else_is() {
    let document = document();
    for (method, path, operation) in operations(&document) {
        let named: BTreeSet<_> = path
            .split(['{', '}'])
            .enumerate()
            .filter_map(|(place, part)| (place % 2 == 1).then_some(part.to_owned()))
            .collect();
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let told: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(named, told, "{method} {path}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let place = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(place).is_some(), "{reference}");
                }
                fields.values().for_each(|field| walk(field, document));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, document)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
}

#[test]
fn the_document_says_how_to_authenticate_and_how_errors_look() {
    let document = document();
    assert_eq!(
        document["components"]["securitySchemes"]["token"]["scheme"],
        "bearer"
    );
    assert_eq!(document["security"][0]["token"], serde_json::json!([]));
    for (method, path, operation) in operations(&document) {
        let unauthorized = &operation["responses"]["401"]["content"];
        assert!(
            unauthorized.get("application/problem+json").is_some(),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn the_server_serves_its_document_to_anybody() {
    let server = TestServer::start().await;
    let served = send(server.bare(Method::GET, "/v1/openapi.json"))
        .await
        .value();
    assert_eq!(served, document());
}
