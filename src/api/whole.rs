//! One entry for each path of the OpenAPI document.
//!
//! Where two features answer one path (searching schools, adding one), poem-openapi writes the path twice, and a reader of
//! JSON keeps the second. Here the entries of a name become one, in the order in which they first came.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::platform::{Error, Result};

/// The document with every name once.
pub fn whole(document: &str) -> Result<String> {
    let node: Node = serde_json::from_str(document).map_err(Error::internal)?;
    serde_json::to_string_pretty(&node).map_err(Error::internal)
}

/// JSON that keeps the order of names.
enum Node {
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
    Leaf(Value),
}

impl Node {
    /// Takes in what came later under the same name: the entries of a map one by one, anything else instead.
    fn take(&mut self, later: Self) {
        match (self, later) {
            (Self::Map(entries), Self::Map(more)) => more.into_iter().for_each(|(name, node)| put(entries, name, node)),
            (whole, later) => *whole = later,
        }
    }
}

fn put(entries: &mut Vec<(String, Node)>, name: String, node: Node) {
    match entries.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => known.take(node),
        None => entries.push((name, node)),
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(name, node)| (name, node))),
            Self::List(nodes) => serializer.collect_seq(nodes),
            Self::Leaf(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some((name, node)) = map.next_entry()? {
            put(&mut entries, name, node);
        }
        Ok(Node::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_unit<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_two_answer_is_one() {
        let document = r##"{"paths":{"/b":{"get":1},"/a":{"get":[{"z":null,"a":1.5}]},"/b":{"post":2}},"end":true}"##;
        let whole = whole(document).unwrap();
        assert_eq!(
            whole.split_whitespace().collect::<String>(),
            r##"{"paths":{"/b":{"get":1,"post":2},"/a":{"get":[{"z":null,"a":1.5}]}},"end":true}"##
        );
    }
}
