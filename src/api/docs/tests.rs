use poem_openapi::OpenApiService;

use super::*;
use crate::api::vocabularies::VocabularyApi;

const SAMPLE: &str = r##"{
  "openapi": "3.0.0",
  "info": {"title": "Sample", "description": "First.\n\nSecond with `code`.", "version": "1.2.3"},
  "servers": [{"url": "/api/v1"}],
  "tags": [{"name": "Empty"}, {"name": "Joint sessions", "description": "Meet."}],
  "paths": {
    "/sessions": {
      "get": {
        "tags": ["Joint sessions"], "summary": "Find sessions", "operationId": "list_sessions",
        "parameters": [
          {"name": "topic", "in": "query", "required": false, "description": "Code of a topic.",
           "schema": {"type": "array", "items": {"type": "string", "maxLength": 40}}},
          {"name": "match", "in": "query", "required": false,
           "schema": {"allOf": [{"$ref": "#/components/schemas/Match"}, {"default": "auto"}], "default": "auto"}},
          {"name": "limit", "in": "query", "required": false,
           "schema": {"type": "integer", "format": "uint64", "minimum": 1.0, "maximum": 100.0, "example": 20}}
        ],
        "responses": {
          "200": {"description": "The page.",
                  "content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/components/schemas/SessionList"}}},
                  "headers": {"LINK": {"schema": {"type": "string"}}, "ETAG": {"schema": {"type": "string"}}}},
          "404": {"description": "", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
          "422": {"description": "", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        }
      },
      "post": {
        "tags": ["Joint sessions"], "summary": "Propose one",
        "security": [{"Token": ["write"]}, {"Session": []}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}},
        "responses": {"201": {"description": "Made."}}
      }
    },
    "/healthz": {"get": {"responses": {"200": {"description": "Alive."}}}}
  },
  "components": {
    "schemas": {
      "SessionList": {"type": "object", "required": ["items", "total"], "properties": {
        "total": {"type": "integer", "format": "uint64", "example": 1},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Session"}},
        "by_topic": {"type": "object", "additionalProperties": {"type": "array", "items": {"$ref": "#/components/schemas/Session"}}},
        "seats": {"type": "object", "description": "By sector.", "additionalProperties": {"type": "integer"}}
      }},
      "Session": {"type": "object", "description": "One.", "required": ["title"], "properties": {
        "title": {"type": "string", "example": "Open lesson", "minLength": 1, "maxLength": 80},
        "on": {"type": "string", "format": "naive-date"},
        "after": {"allOf": [{"$ref": "#/components/schemas/Session"}, {"description": "The one before."}], "description": "The one before."}
      }},
      "Match": {"type": "string", "enum": ["auto", "all", "any"]},
      "Problem": {"type": "object", "properties": {}, "example": {"status": 404, "title": "Not Found"}}
    },
    "securitySchemes": {
      "Token": {"type": "http", "scheme": "bearer"},
      "Session": {"type": "apiKey", "in": "cookie", "name": "session"}
    }
  }
}"##;

fn sample() -> ApiDocs {
    let chrome = Chrome { canonical: "https://rivermark.example/api/docs".to_owned(), ..Chrome::default() };
    view(SAMPLE, chrome)
}

#[test]
fn operations_stand_under_their_tags() {
    let docs = sample();
    assert_eq!((docs.title.as_str(), docs.version.as_str()), ("Sample", "1.2.3"));
    assert_eq!(docs.description, "First.\n\nSecond with code.");
    assert_eq!(docs.base_url, "https://rivermark.example");
    let groups: Vec<_> = docs.groups.iter().map(|group| (group.id.as_str(), group.operations.len())).collect();
    assert_eq!(groups, [("group-Joint-sessions", 2), ("group-Other", 1)]);
    let list = &docs.groups[0].operations[0];
    assert_eq!((list.id.as_str(), list.method.as_str()), ("list_sessions", "GET"));
    assert_eq!(list.path, "/api/v1/sessions");
    assert_eq!((docs.groups[1].operations[0].id.as_str()), "get-healthz");
}

#[test]
fn types_are_words() {
    let docs = sample();
    let parameters = &docs.groups[0].operations[0].parameters;
    let words: Vec<_> = parameters.iter().map(|p| (p.kind.as_str(), p.repeats, p.default.as_str())).collect();
    assert_eq!(
        words,
        [
            ("string, at most 40 characters", true, ""),
            ("one of: auto, all, any", false, "auto"),
            ("integer, 1 to 100", false, "")
        ]
    );
    assert_eq!(parameters[2].example, "20");
    let names: Vec<_> = docs.schemas.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names, ["Match", "Problem", "Session", "SessionList"]);
    assert_eq!(docs.schemas[0].values, ["auto", "all", "any"]);
    let fields = |schema: &ApiSchema| -> Vec<(String, String, String)> {
        let link = |field: &ApiField| field.schema.as_ref().map(|link| link.url.clone()).unwrap_or_default();
        schema.fields.iter().map(|field| (field.name.clone(), field.kind.clone(), link(field))).collect()
    };
    let expect = |rows: &[(&str, &str, &str)]| -> Vec<(String, String, String)> {
        rows.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
    };
    assert_eq!(
        fields(&docs.schemas[3]),
        expect(&[
            ("total", "integer", ""),
            ("items", "list of", "#schema-Session"),
            ("by_topic", "for each key: list of", "#schema-Session"),
            ("seats", "for each key: integer", ""),
        ])
    );
    assert_eq!(
        fields(&docs.schemas[2]),
        expect(&[
            ("title", "string, 1 to 80 characters", ""),
            ("on", "string, date", ""),
            ("after", "", "#schema-Session")
        ])
    );
    assert_eq!(docs.schemas[2].fields[2].description, "The one before.");
    assert!(docs.schemas[3].fields[0].required && !docs.schemas[3].fields[3].required);
}

#[test]
fn answers_have_headers_and_their_own_examples() {
    let docs = sample();
    let responses = &docs.groups[0].operations[0].responses;
    let statuses: Vec<_> = responses.iter().map(|response| response.status.as_str()).collect();
    assert_eq!(statuses, ["200", "404", "422"]);
    assert_eq!(responses[0].headers, ["Link", "ETag"]);
    let example: Value = serde_json::from_str(&responses[0].example).unwrap();
    assert_eq!(example["items"][0]["title"], "Open lesson");
    assert!(responses[1].example.contains("Not Found"));
    assert_eq!(responses[2].example, "", "an example of another status");
}

#[test]
fn who_may_call_is_told() {
    let docs = sample();
    let operations = &docs.groups[0].operations;
    assert_eq!(operations[0].auth, "Anyone");
    assert_eq!(operations[1].auth, "Bearer token (write) or the session of the page");
    let body = operations[1].body.as_ref().unwrap();
    assert!(body.required && body.example.contains("Open lesson"));
    assert_eq!(body.schema.as_ref().unwrap().url, "#schema-Session");
}

#[test]
fn what_cannot_be_read_is_an_empty_page() {
    let docs = view("{", Chrome::default());
    assert!(docs.groups.is_empty() && docs.schemas.is_empty());
}

#[test]
fn every_link_of_a_document_of_ours_leads_somewhere() {
    let service = OpenApiService::new(VocabularyApi, "Ours", "1");
    let docs = view(&service.spec(), Chrome::default());
    let anchors: Vec<String> = docs.schemas.iter().map(|schema| format!("#{}", schema.id)).collect();
    let operations = || docs.groups.iter().flat_map(|group| &group.operations);
    let answers = operations().flat_map(|operation| &operation.responses).filter_map(|answer| answer.schema.as_ref());
    let fields = docs.schemas.iter().flat_map(|schema| &schema.fields).filter_map(|field| field.schema.as_ref());
    for link in answers.chain(fields) {
        assert!(anchors.contains(&link.url), "{}", link.url);
    }
    assert_eq!(operations().count(), 1);
    for operation in operations() {
        assert_eq!((operation.path.as_str(), operation.auth.as_str()), ("/api/v1/vocabularies", "Anyone"));
        let success = operation.responses.iter().find(|answer| answer.status == "200").unwrap();
        assert!(success.schema.is_some() && success.example.contains("k_2"));
        assert_eq!(success.headers, ["ETag"]);
    }
}
