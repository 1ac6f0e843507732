//! The OpenAPI document as a page for people: the same operations, with types in words, links between them and
//! examples. It reads what the document says and adds nothing.

mod document;

use std::collections::BTreeMap;

use serde_json::Value;

use self::document::{AdditionalProperties, Document, Entries, Media, Operation, Parameter, Schema};
use super::views::{ApiBody, ApiDocs, ApiField, ApiGroup, ApiOperation, ApiParameter, ApiResponse, ApiSchema};
use crate::web::views::{Chrome, Link};

/// Where the page is, and where its document.
const PAGE: &str = "/api/docs";
const SPEC: &str = "/api/openapi.json";

/// Schemas point at schemas; a document that goes in circles is followed this far.
const DEPTH: usize = 12;

/// The page of an OpenAPI document, in the frame `chrome`.
pub fn view(openapi_json: &str, chrome: Chrome) -> ApiDocs {
    let document: Document = serde_json::from_str(openapi_json).unwrap_or_else(|error| {
        tracing::error!(%error, "the OpenAPI document cannot be read");
        Document::default()
    });
    let base_url = chrome.canonical.strip_suffix(PAGE).unwrap_or_default().to_owned();
    let server = document.servers.first().map(|server| server.url.trim_end_matches('/')).unwrap_or_default();
    let prefix = server.strip_prefix(&base_url).unwrap_or(server).to_owned();
    let reader = Reader { document: &document, prefix };
    ApiDocs {
        title: document.info.title.clone(),
        version: document.info.version.clone(),
        description: plain(&document.info.description),
        spec_url: SPEC.to_owned(),
        base_url,
        groups: reader.groups(),
        schemas: reader.schemas(),
        chrome,
    }
}

/// Turns parts of one document into parts of the page.
struct Reader<'a> {
    document: &'a Document,
    prefix: String,
}

impl Reader<'_> {
    /// Operations by their first tag, in the order of the tags; those without one come last.
    fn groups(&self) -> Vec<ApiGroup> {
        let mut groups: Vec<ApiGroup> = self
            .document
            .tags
            .iter()
            .map(|tag| ApiGroup {
                id: anchor("group", &tag.name),
                name: tag.name.clone(),
                description: plain(&tag.description),
                operations: Vec::new(),
            })
            .collect();
        for (path, methods) in &self.document.paths.0 {
            for (method, operation) in &methods.0 {
                let name = operation.tags.first().map_or("Other", String::as_str);
                let shown = self.operation(path, method, operation);
                match groups.iter_mut().find(|group| group.name == name) {
                    Some(group) => group.operations.push(shown),
                    None => groups.push(ApiGroup {
                        id: anchor("group", name),
                        name: name.to_owned(),
                        operations: vec![shown],
                        ..ApiGroup::default()
                    }),
                }
            }
        }
        groups.retain(|group| !group.operations.is_empty());
        groups
    }

    fn operation(&self, path: &str, method: &str, operation: &Operation) -> ApiOperation {
        let id = operation.operation_id.clone().unwrap_or_else(|| anchor(method, path));
        ApiOperation {
            summary: if operation.summary.is_empty() { id.clone() } else { plain(&operation.summary) },
            id,
            method: method.to_uppercase(),
            path: format!("{}{path}", self.prefix),
            description: plain(&operation.description),
            auth: self.auth(operation),
            deprecated: operation.deprecated,
            parameters: operation.parameters.iter().map(|parameter| self.parameter(parameter)).collect(),
            body: operation.request_body.as_ref().and_then(|body| {
                let (content_type, media) = body.content.0.first()?;
                Some(ApiBody {
                    content_type: content_type.clone(),
                    description: plain(&body.description),
                    required: body.required,
                    schema: self.link(&media.schema),
                    example: self.example_of(media).as_ref().map(pretty).unwrap_or_default(),
                })
            }),
            responses: operation
                .responses
                .0
                .iter()
                .map(|(status, response)| {
                    let media = response.content.0.first();
                    let example = media.and_then(|(_, media)| self.example_of(media));
                    // An answer without words of its own is what its schema is.
                    let schema = media.map(|(_, media)| self.resolved(&media.schema).description.as_str());
                    let words = Some(response.description.as_str()).filter(|text| !text.is_empty()).or(schema);
                    ApiResponse {
                        status: status.clone(),
                        description: plain(words.unwrap_or_default()),
                        content_type: media.map(|(content_type, _)| content_type.clone()).unwrap_or_default(),
                        schema: media.and_then(|(_, media)| self.link(&media.schema)),
                        headers: response.headers.0.iter().map(|(name, _)| header_name(name)).collect(),
                        example: example.filter(|e| fits(status, e)).as_ref().map(pretty).unwrap_or_default(),
                    }
                })
                .collect(),
        }
    }

    /// Who may call it. An operation without its own list follows the document's.
    fn auth(&self, operation: &Operation) -> String {
        let ways = operation.security.as_ref().unwrap_or(&self.document.security);
        let mut words: Vec<String> = ways.iter().map(|way| self.way(way)).collect();
        if words.is_empty() {
            words.push("anyone".to_owned());
        }
        capitalized(&words.join(" or "))
    }

    fn way(&self, way: &BTreeMap<String, Vec<String>>) -> String {
        let scheme = |(name, scopes): (&String, &Vec<String>)| {
            let scheme = self.document.components.security_schemes.get(name);
            let words = match scheme.map(|s| (s.kind.as_str(), s.scheme.as_str(), s.place.as_str())) {
                Some(("http", "bearer", _)) => "bearer token".to_owned(),
                Some(("apiKey", _, "cookie")) => "the session of the page".to_owned(),
                _ => name.clone(),
            };
            if scopes.is_empty() { words } else { format!("{words} ({})", scopes.join(", ")) }
        };
        let words: Vec<String> = way.iter().map(scheme).collect();
        if words.is_empty() { "anyone".to_owned() } else { words.join(" and ") }
    }

    fn parameter(&self, parameter: &Parameter) -> ApiParameter {
        let schema = self.resolved(&parameter.schema);
        let repeats = schema.kind == "array";
        let kind = match (&schema.items, repeats) {
            (Some(items), true) => self.words(items, DEPTH),
            _ => self.words(&parameter.schema, DEPTH),
        };
        let described =
            [&parameter.description, &parameter.schema.description, &schema.description].map(String::as_str);
        let example = parameter.example.as_ref().or(parameter.schema.example.as_ref()).or(schema.example.as_ref());
        ApiParameter {
            name: parameter.name.clone(),
            place: parameter.place.clone(),
            kind,
            required: parameter.required,
            repeats,
            description: plain(described.into_iter().find(|text| !text.is_empty()).unwrap_or_default()),
            // An empty list is what leaving a repeatable parameter out means: nothing to tell.
            default: (parameter.schema.default.as_ref().or(schema.default.as_ref()))
                .filter(|value| value.as_array().is_none_or(|list| !list.is_empty()))
                .map(inline)
                .unwrap_or_default(),
            example: example.map(inline).unwrap_or_default(),
        }
    }

    fn schemas(&self) -> Vec<ApiSchema> {
        let shown = |(name, schema): &(String, Schema)| ApiSchema {
            id: anchor("schema", name),
            name: name.clone(),
            description: plain(&schema.description),
            values: schema.values.iter().map(inline).collect(),
            fields: schema
                .properties
                .0
                .iter()
                .map(|(field, inner)| ApiField {
                    name: field.clone(),
                    schema: self.link(inner),
                    kind: self.words_before_link(inner),
                    required: schema.required.contains(field),
                    description: plain(&inner.description),
                })
                .collect(),
        };
        let mut schemas: Vec<ApiSchema> = self.document.components.schemas.0.iter().map(shown).collect();
        schemas.sort_by(|a, b| a.name.cmp(&b.name));
        schemas
    }

    /// What a schema is, in words: "integer, 1 to 100", "list of string", "one of: auto, all, any".
    fn words(&self, schema: &Schema, depth: usize) -> String {
        if depth == 0 {
            return "value".to_owned();
        }
        if let Some(target) = self.target(schema) {
            let (name, target) = target;
            return if target.values.is_empty() { name.to_owned() } else { self.words(target, depth - 1) };
        }
        let nullable = if schema.nullable { ", or null" } else { "" };
        let words = if !schema.values.is_empty() {
            let values: Vec<String> = schema.values.iter().map(inline).collect();
            format!("one of: {}", values.join(", "))
        } else if let Some(any) = [&schema.one_of, &schema.any_of].into_iter().find(|list| !list.is_empty()) {
            any.iter().map(|schema| self.words(schema, depth - 1)).collect::<Vec<_>>().join(" or ")
        } else if let Some(items) = &schema.items {
            format!("list of {}{}", self.words(items, depth - 1), span("entry", schema.min_items, schema.max_items))
        } else if let Some(AdditionalProperties::Schema(values)) = &schema.additional_properties {
            format!("for each key: {}", self.words(values, depth - 1))
        } else if schema.kind.is_empty() {
            "any value".to_owned()
        } else {
            format!("{}{}", schema.kind, limits(schema))
        };
        format!("{words}{nullable}")
    }

    /// The same for a field, without the name its link shows: "list of", "for each key: list of".
    fn words_before_link(&self, schema: &Schema) -> String {
        let words = self.words(schema, DEPTH);
        match self.link(schema) {
            Some(link) => words.strip_suffix(&link.text).unwrap_or_default().trim_end().to_owned(),
            None => words,
        }
    }

    /// The schema of this page that a schema is, or is a list or map of.
    fn link(&self, schema: &Schema) -> Option<Link> {
        if let Some((name, _)) = self.target(schema) {
            return Some(Link { text: name.to_owned(), url: format!("#{}", anchor("schema", name)) });
        }
        if let Some(items) = &schema.items {
            return self.link(items);
        }
        match &schema.additional_properties {
            Some(AdditionalProperties::Schema(values)) => self.link(values),
            _ => None,
        }
    }

    /// The named schema behind a `$ref`, also where a description was added to it (`allOf`).
    fn target<'s>(&'s self, schema: &'s Schema) -> Option<(&'s str, &'s Schema)> {
        if let Some(reference) = &schema.reference {
            let name = reference.strip_prefix("#/components/schemas/")?;
            return Some((name, self.document.components.schemas.get(name)?));
        }
        schema.all_of.iter().find_map(|part| self.target(part))
    }

    fn resolved<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        self.target(schema).map_or(schema, |(_, target)| target)
    }

    fn example_of(&self, media: &Media) -> Option<Value> {
        media.example.clone().or_else(|| self.example(&media.schema, DEPTH))
    }

    /// The example of a schema, or one made of the examples of its parts; none when a part that is always there
    /// has none.
    fn example(&self, schema: &Schema, depth: usize) -> Option<Value> {
        if depth == 0 {
            return None;
        }
        if let Some(example) = &schema.example {
            return Some(example.clone());
        }
        if let Some((_, target)) = self.target(schema) {
            return self.example(target, depth - 1);
        }
        if let Some(value) = schema.default.as_ref().or(schema.values.first()) {
            return Some(value.clone());
        }
        if let Some(items) = &schema.items {
            return Some(Value::Array(vec![self.example(items, depth - 1)?]));
        }
        if schema.properties.0.is_empty() {
            return None;
        }
        let mut object = serde_json::Map::new();
        for (name, inner) in &schema.properties.0 {
            match self.example(inner, depth - 1) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if schema.required.contains(name) => return None,
                None => {}
            }
        }
        Some(Value::Object(object))
    }
}

/// The limits of a text or number, as the second half of a sentence.
fn limits(schema: &Schema) -> String {
    match schema.kind.as_str() {
        "integer" | "number" => match (schema.minimum, schema.maximum) {
            (Some(low), Some(high)) => format!(", {low} to {high}"),
            (Some(low), None) => format!(", at least {low}"),
            (None, Some(high)) => format!(", at most {high}"),
            (None, None) => String::new(),
        },
        "string" => {
            let format = schema.format.as_deref().map(|format| format!(", {}", format.trim_start_matches("naive-")));
            format.unwrap_or_default() + &span("character", schema.min_length, schema.max_length)
        }
        _ => String::new(),
    }
}

fn span(what: &str, low: Option<u64>, high: Option<u64>) -> String {
    let plural = |n: u64| match (n, what) {
        (1, what) => what.to_owned(),
        (_, "entry") => "entries".to_owned(),
        (_, what) => format!("{what}s"),
    };
    match (low.filter(|low| *low > 0), high) {
        (Some(low), Some(high)) => format!(", {low} to {high} {}", plural(high)),
        (Some(low), None) => format!(", at least {low} {}", plural(low)),
        (None, Some(high)) => format!(", at most {high} {}", plural(high)),
        (None, None) => String::new(),
    }
}

/// Whether an example belongs to an answer: one schema of problems serves every status and shows one of them.
fn fits(status: &str, example: &Value) -> bool {
    match (status.parse::<u64>(), example["status"].as_u64()) {
        (Ok(status), Some(shown)) => status < 400 || status == shown,
        _ => true,
    }
}

/// A header as RFCs spell it; the document has it in capitals.
fn header_name(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "etag" => "ETag".to_owned(),
        lower => lower.split('-').map(capitalized).collect::<Vec<_>>().join("-"),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An anchor: the letters and digits of a name, kept apart by hyphens.
fn anchor(kind: &str, name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    format!("{kind}-{}", words.join("-"))
}

/// A description is a little Markdown, the page is not: code marks go.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// A value inside a line.
fn inline(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

impl Entries<Schema> {
    fn get(&self, name: &str) -> Option<&Schema> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, schema)| schema)
    }
}

#[cfg(test)]
mod tests;
