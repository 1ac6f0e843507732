//! Which methods a route answers: poem knows it and keeps it to itself, but a 405 has to say it (RFC 9110 15.5.6).

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use poem::{
    Endpoint, IntoEndpoint, PathPattern, Request, Response, Result, RouteMethod, error::MethodNotAllowedError,
    http::Method,
};

/// The value of `Allow`, in an error's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allow(pub(super) String);

/// Where a resource notes its route before it works, for the log line of a request that panics or runs out of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Matched(pub(super) Arc<OnceLock<Arc<str>>>);

/// poem's `RouteMethod` that tells its methods when it refuses one: `resource().get(page).post(submit)`.
#[derive(Default)]
pub struct Resource {
    route: RouteMethod,
    methods: Vec<Method>,
}

/// A resource without methods yet.
pub fn resource() -> Resource {
    Resource::default()
}

impl Resource {
    /// Adds the endpoint of one method.
    #[must_use]
    pub fn on<E>(mut self, method: Method, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.methods.push(method.clone());
        self.route = self.route.method(method, endpoint);
        self
    }

    /// The endpoint of `GET`, and so of `HEAD`.
    #[must_use]
    pub fn get<E>(self, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.on(Method::GET, endpoint)
    }

    /// The endpoint of `POST`.
    #[must_use]
    pub fn post<E>(self, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.on(Method::POST, endpoint)
    }

    /// The methods added so far, for a table of all routes.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }
}

impl Endpoint for Resource {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if let (Some(matched), Some(route)) = (request.data::<Matched>(), request.data::<PathPattern>()) {
            matched.0.get_or_init(|| Arc::clone(&route.0));
        }
        self.route.call(request).await.map_err(|mut error| {
            if error.is::<MethodNotAllowedError>() {
                error.set_data(Allow(allow(self.methods.iter().map(Method::as_str))));
            }
            error
        })
    }
}

/// The methods of routes made by others, by route template. For the API, whose description names them all.
#[derive(Debug, Clone, Default)]
pub struct MethodTable(Arc<BTreeMap<String, ForeignRoute>>);

#[derive(Debug)]
struct ForeignRoute {
    /// The value of `Allow`.
    allow: String,
    /// The template as the description writes it: poem-openapi calls every parameter `:param0`.
    name: Arc<str>,
}

impl MethodTable {
    /// Reads the paths of an OpenAPI document (`service.spec()`) that is nested under `prefix`. A document that cannot be
    /// read gives an empty table.
    pub fn openapi(prefix: &str, document: &str) -> Self {
        let document: serde_json::Value = serde_json::from_str(document).unwrap_or_default();
        let paths = document.get("paths").and_then(serde_json::Value::as_object).into_iter().flatten();
        let row = |(path, operations): (&String, &serde_json::Value)| {
            let methods: Vec<String> = operations.as_object()?.keys().map(|name| name.to_ascii_uppercase()).collect();
            let known = methods.iter().map(String::as_str).filter(|name| METHODS.contains(name));
            let name = path.replace('{', ":").replace('}', "");
            let route = ForeignRoute { allow: allow(known), name: format!("{prefix}{name}").into() };
            Some((format!("{prefix}{}", template(path)), route))
        };
        Self(Arc::new(paths.filter_map(row).collect()))
    }

    /// The value of `Allow` for a route template.
    pub(super) fn allow(&self, template: &str) -> Option<&str> {
        self.0.get(template).map(|route| route.allow.as_str())
    }

    /// The template with the names of its parameters, for log lines and metrics.
    pub(super) fn name(&self, template: &str) -> Option<&Arc<str>> {
        self.0.get(template).map(|route| &route.name)
    }
}

/// What an OpenAPI path item can hold; its other keys are not methods.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// `/practices/{id}` as poem-openapi writes it: `/practices/:param0`.
fn template(path: &str) -> String {
    let mut parameters = 0;
    let segment = |segment: &str| {
        if !segment.starts_with('{') {
            return segment.to_owned();
        }
        parameters += 1;
        format!(":param{}", parameters - 1)
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn allow<'a>(methods: impl Iterator<Item = &'a str>) -> String {
    let mut methods: Vec<&str> = methods.collect();
    // HEAD is answered wherever GET is.
    if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_description_tells_the_methods() {
        let document =
            r#"{"paths": {"/sessions/{id}": {"get": {}, "delete": {}, "parameters": []}, "/x": {"post": {}}}}"#;
        let table = MethodTable::openapi("/api", document);
        assert_eq!(table.allow("/api/sessions/:param0"), Some("DELETE, GET, HEAD"));
        assert_eq!(table.name("/api/sessions/:param0").map(|name| &**name), Some("/api/sessions/:id"));
        assert_eq!(table.allow("/api/x"), Some("POST"));
        assert_eq!(table.allow("/x"), None);
        assert_eq!(MethodTable::openapi("/api", "not json").allow("/api/x"), None);
    }
}
