//! What the documentation of the API shows: plain values, printed by the template beside this file.

use askama::Template;

use crate::web::views::{Chrome, Link};

/// One parameter of an operation.
#[derive(Clone, Debug, Default)]
pub struct ApiParameter {
    /// Name as sent.
    pub name: String,
    /// `query`, `path`, `header`.
    pub place: String,
    /// Type in words: "string", "integer, 1 to 100", "one of: auto, all, any".
    pub kind: String,
    /// Must be sent.
    pub required: bool,
    /// May be sent several times.
    pub repeats: bool,
    /// What it does.
    pub description: String,
    /// Value used when it is absent; empty prints none.
    pub default: String,
    /// An example value; empty prints none.
    pub example: String,
}

/// The body an operation takes.
#[derive(Clone, Debug, Default)]
pub struct ApiBody {
    /// `application/json`.
    pub content_type: String,
    /// What it is.
    pub description: String,
    /// Must be sent.
    pub required: bool,
    /// The schema, with an anchor on this page.
    pub schema: Option<Link>,
    /// Example, indented JSON; empty prints none.
    pub example: String,
}

/// One answer of an operation.
#[derive(Clone, Debug, Default)]
pub struct ApiResponse {
    /// "200", "404", "default".
    pub status: String,
    /// When it comes.
    pub description: String,
    /// `application/json`, `application/problem+json`; empty for no body.
    pub content_type: String,
    /// The schema, with an anchor on this page.
    pub schema: Option<Link>,
    /// Headers worth knowing: "ETag", "Link", "Retry-After".
    pub headers: Vec<String>,
    /// Example, indented JSON; empty prints none.
    pub example: String,
}

/// One operation.
#[derive(Clone, Debug, Default)]
pub struct ApiOperation {
    /// operationId; also the anchor.
    pub id: String,
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path template with the server's prefix: `/api/v1/practices/{id}`.
    pub path: String,
    /// One line.
    pub summary: String,
    /// Paragraphs; empty prints none.
    pub description: String,
    /// Who may call it, in words: "Anyone", "Bearer token of an editor".
    pub auth: String,
    /// Will be removed.
    pub deprecated: bool,
    /// Parameters in the order of the document.
    pub parameters: Vec<ApiParameter>,
    /// The body it takes.
    pub body: Option<ApiBody>,
    /// Its answers.
    pub responses: Vec<ApiResponse>,
}

impl ApiOperation {
    /// The method in small letters, for the style.
    pub fn method_class(&self) -> String {
        self.method.to_lowercase()
    }
}

/// Operations under one tag.
#[derive(Clone, Debug, Default)]
pub struct ApiGroup {
    /// Anchor.
    pub id: String,
    /// Name of the tag.
    pub name: String,
    /// What the group is for; empty prints none.
    pub description: String,
    /// Its operations.
    pub operations: Vec<ApiOperation>,
}

/// One field of a schema.
#[derive(Clone, Debug, Default)]
pub struct ApiField {
    /// Name in JSON.
    pub name: String,
    /// Type in words: "string, date-time".
    pub kind: String,
    /// Schema of the type, with an anchor on this page.
    pub schema: Option<Link>,
    /// Always there.
    pub required: bool,
    /// What it holds.
    pub description: String,
}

/// A schema of the document.
#[derive(Clone, Debug, Default)]
pub struct ApiSchema {
    /// Anchor, `schema-...`.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is; empty prints none.
    pub description: String,
    /// Values, when the schema is an enumeration.
    pub values: Vec<String>,
    /// Fields, when it is an object.
    pub fields: Vec<ApiField>,
}

/// The page `/api/docs`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "api_docs.html")]
pub struct ApiDocs {
    /// The frame.
    pub chrome: Chrome,
    /// Title of the document.
    pub title: String,
    /// Version of the document.
    pub version: String,
    /// Paragraphs of the document, divided by blank lines.
    pub description: String,
    /// Where the machine-readable document is.
    pub spec_url: String,
    /// Absolute URL in front of every path of an example.
    pub base_url: String,
    /// Operations by tag.
    pub groups: Vec<ApiGroup>,
    /// Schemas in alphabetical order.
    pub schemas: Vec<ApiSchema>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    impl ApiDocs {
        /// Two groups and two schemas.
        pub fn sample() -> Self {
            let param = |name: &str, kind: &str, repeats, description: &str| ApiParameter {
                name: s(name),
                place: s("query"),
                kind: s(kind),
                repeats,
                description: s(description),
                ..ApiParameter::default()
            };
            let problem = |status: &str, description: &str| ApiResponse {
                status: s(status),
                description: s(description),
                content_type: s("application/problem+json"),
                schema: Some(Link::sample("Problem", "#schema-Problem")),
                ..ApiResponse::default()
            };
            let list = ApiOperation {
                id: s("list_practices"),
                method: s("GET"),
                path: s("/api/v1/practices"),
                summary: s("Search practices"),
                description: s(
                    "A filter may repeat and means any of its values; different filters must all hold.\n\nCounts of a facet ignore the facet's own selection.",
                ),
                auth: s("Anyone"),
                parameters: vec![
                    ApiParameter { example: s("exit ticket"), ..param("q", "string", false, "Words to search for.") },
                    param("topic", "string", true, "Code of a topic."),
                    ApiParameter {
                        default: s("auto"),
                        ..param("match", "one of: auto, all, any", false, "How words are matched.")
                    },
                    ApiParameter {
                        default: s("20"),
                        ..param("limit", "integer, 1 to 100", false, "Practices on a page.")
                    },
                ],
                responses: vec![
                    ApiResponse {
                        status: s("200"),
                        description: s("Practices, facets and how the words were read."),
                        content_type: s("application/json"),
                        schema: Some(Link::sample("PracticeList", "#schema-PracticeList")),
                        headers: vec![s("Link")],
                        example: s(
                            "{\n  \"total\": 1,\n  \"items\": [\n    { \"slug\": \"exit-ticket-friday-regroup\", \"title\": \"Exit Ticket Friday Regroup\" }\n  ],\n  \"next\": null\n}",
                        ),
                    },
                    problem("400", "A parameter is not what it should be."),
                ],
                ..ApiOperation::default()
            };
            let get = ApiOperation {
                id: s("get_practice"),
                method: s("GET"),
                path: s("/api/v1/practices/{id}"),
                summary: s("One practice"),
                auth: s("Anyone"),
                parameters: vec![ApiParameter {
                    name: s("id"),
                    place: s("path"),
                    kind: s("string"),
                    required: true,
                    description: s("Id or slug."),
                    ..ApiParameter::default()
                }],
                responses: vec![
                    ApiResponse {
                        status: s("200"),
                        description: s("The latest version."),
                        content_type: s("application/json"),
                        headers: vec![s("ETag")],
                        ..ApiResponse::default()
                    },
                    problem("404", "No such practice."),
                ],
                ..ApiOperation::default()
            };
            let post = ApiOperation {
                id: s("create_practice"),
                method: s("POST"),
                path: s("/api/v1/practices"),
                summary: s("Start a draft"),
                auth: s("Bearer token of a teacher, principal or editor"),
                deprecated: true,
                body: Some(ApiBody {
                    content_type: s("application/json"),
                    description: s("The short form is enough."),
                    required: true,
                    schema: Some(Link::sample("PracticeList", "#schema-PracticeList")),
                    example: s("{ \"title\": \"Number Talks Every Morning\" }"),
                }),
                responses: vec![ApiResponse {
                    status: s("201"),
                    description: s("The draft."),
                    headers: vec![s("Location"), s("ETag")],
                    ..ApiResponse::default()
                }],
                ..ApiOperation::default()
            };
            let schools = ApiOperation {
                id: s("list_schools"),
                method: s("GET"),
                path: s("/api/v1/schools"),
                summary: s("Search schools"),
                responses: vec![problem("400", "A parameter is not what it should be.")],
                ..ApiOperation::default()
            };
            let field = |name: &str, kind: &str, required, description: &str| ApiField {
                name: s(name),
                kind: s(kind),
                required,
                description: s(description),
                schema: None,
            };
            Self {
                chrome: Chrome::sample("API", "/api/docs", Section::Api),
                title: s("Common Ground API"),
                version: s("0.1.0"),
                description: s(
                    "Everything the pages show, for programs.\n\nTimes are RFC 3339 with an offset; ids are opaque strings.",
                ),
                spec_url: s("/api/openapi.json"),
                base_url: s("https://commonground.example.org"),
                groups: vec![
                    ApiGroup {
                        id: s("practices"),
                        name: s("Practices"),
                        description: s("The catalog."),
                        operations: vec![list, get, post],
                    },
                    ApiGroup {
                        id: s("schools"),
                        name: s("Schools"),
                        description: String::new(),
                        operations: vec![schools],
                    },
                ],
                schemas: vec![
                    ApiSchema {
                        id: s("schema-PracticeList"),
                        name: s("PracticeList"),
                        description: s("A page of practices."),
                        values: Vec::new(),
                        fields: vec![
                            field("total", "integer", true, "Practices found."),
                            ApiField {
                                schema: Some(Link::sample("Problem", "#schema-Problem")),
                                ..field("items", "list of", true, "This page.")
                            },
                            field("next", "string", false, "Cursor of the next page."),
                        ],
                    },
                    ApiSchema {
                        id: s("schema-Problem"),
                        name: s("Problem"),
                        description: s("RFC 9457."),
                        values: Vec::new(),
                        fields: vec![
                            field("type", "string, uri", true, "Kind of problem."),
                            field("title", "string", true, "The problem in words."),
                        ],
                    },
                    ApiSchema {
                        id: s("schema-Result"),
                        name: s("Result"),
                        description: String::new(),
                        values: vec![s("worked"), s("mixed"), s("stopped")],
                        fields: Vec::new(),
                    },
                ],
            }
        }
    }

    #[test]
    fn the_page_renders() -> askama::Result<()> {
        let html = ApiDocs::sample().render()?;
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
        Ok(())
    }
}
