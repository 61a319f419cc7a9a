//! What the HTTP API is, for programs: OpenAPI 3.1, made from the types of questions and answers.

use std::sync::LazyLock;

use axum::Json;
use desk::call::{Described, described};
use desk::once::REQUEST_ID_CHARS_MAX;
use desk::problem::Problem;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{ADDRESSES, KEY, SESSION};

static DOCUMENT: LazyLock<Value> = LazyLock::new(make);

/// The document: the same at every node of this version, and nothing of what it holds, so that it is told to anybody.
pub async fn document() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

fn make() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut shapes = SchemaGenerator::new(settings);
    let problem = shapes.subschema_for::<Problem>();
    let questions = described(&mut shapes);
    let mut paths = Map::new();
    for question in &questions {
        let id = format!("call-{}", question.name);
        let operation = operation(question, &id, &[], Some(question.question.as_value().clone()));
        paths.insert(format!("/api/v1/call/{}", question.name), json!({ "post": operation }));
    }
    for address in ADDRESSES {
        let Some(question) = questions.iter().find(|question| question.name == address.asks) else { continue };
        let (shape, parameters) = split(question.question.as_value(), address.path, address.method == "get");
        let operation = operation(question, question.name, &parameters, (address.method != "get").then_some(shape));
        paths.insert(address.path.to_owned(), json!({ address.method: operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "jiesu 接诉",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What commands and programs ask of a node. The token stands in control.json of the node's folder; a session is begun by `sign-in`.",
        },
        "paths": paths,
        "components": {
            "schemas": shapes.take_definitions(true),
            "responses": {
                "problem": {
                    "description": "It was not done: why, and what to do (RFC 9457).",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "header", "name": SESSION },
            },
        },
        "security": [{ "token": [], "session": [] }, { "token": [] }],
    })
}

fn operation(question: &Described, id: &str, parameters: &[Value], body: Option<Value>) -> Value {
    let summary = question.question.as_value().get("description").cloned().unwrap_or_default();
    let mut operation = json!({
        "operationId": id,
        "summary": summary,
        "responses": {
            "200": { "description": "The answer.", "content": { "application/json": { "schema": question.answer } } },
            "default": { "$ref": "#/components/responses/problem" },
        },
    });
    let mut parameters = parameters.to_vec();
    if let Some(shape) = body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": shape } } });
    }
    if question.once {
        parameters.push(json!({
            "name": KEY, "in": "header", "required": false,
            "schema": { "type": "string", "maxLength": REQUEST_ID_CHARS_MAX },
            "description": "Id of the request: asked again under it, it is not done again, and the answer is the same.",
        }));
    }
    operation["parameters"] = parameters.into();
    operation
}

/// The shape of a question without what stands in the address, and that as parameters.
fn split(shape: &Value, path: &str, query: bool) -> (Value, Vec<Value>) {
    let mut shape = shape.clone();
    let required: Vec<Value> = shape["required"].as_array().cloned().unwrap_or_default();
    let members = shape["properties"].as_object().cloned().unwrap_or_default();
    let mut parameters = Vec::new();
    for (name, member) in members {
        let of_path = path.contains(&format!("{{{name}}}"));
        // What has members of its own cannot stand in an address.
        let plain = !member.to_string().contains("\"$ref\"");
        if of_path || (query && plain) {
            let schema = json!({ "name": name, "in": if of_path { "path" } else { "query" },
                "required": of_path || required.contains(&json!(name)), "schema": member });
            parameters.push(schema);
            if let Some(members) = shape["properties"].as_object_mut() {
                members.remove(&name);
            }
        }
    }
    let left = required.into_iter().filter(|name| shape["properties"].get(name.as_str().unwrap_or_default()).is_some());
    shape["required"] = left.collect();
    (shape, parameters)
}
