//! `GET /vocabularies`.

use poem_openapi::param::Header;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::tagged::Tagged;
use super::{Group, Refused};
use crate::platform::vocabulary;

/// The vocabularies over JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct VocabularyApi;

/// Every vocabulary.
#[derive(Debug, Object)]
#[oai(example)]
pub struct VocabularyList {
    /// In alphabetical order of their names.
    pub items: Vec<Vocabulary>,
    /// How many there are.
    pub total: u64,
}

/// Words people choose from.
#[derive(Debug, Object)]
pub struct Vocabulary {
    /// Its name, as other descriptions call it: `grade_band`.
    pub name: String,
    /// Its words, in the order of forms and filters.
    pub terms: Vec<Term>,
}

/// One word of a vocabulary.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Term {
    /// What is sent and stored. Codes are never taken out.
    pub code: String,
    /// What people read.
    pub label: String,
    /// A third fact, where a vocabulary has one: the single grades of a `grade_band` with spaces between them, the
    /// address of a `license`.
    pub more: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1")]
impl VocabularyApi {
    /// All vocabularies
    ///
    /// Every list of codes that practices, schools and searches use, with the words people read. Sectors are not
    /// here: they belong to the installation, see `/sectors`.
    #[oai(path = "/vocabularies", method = "get", tag = "Group::Vocabularies", operation_id = "list_vocabularies")]
    async fn vocabularies(
        &self,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<VocabularyList>, Refused> {
        Ok(Tagged::new(all(), if_none_match.0.as_deref()))
    }
}

fn all() -> VocabularyList {
    let term = |term: &vocabulary::Term| Term {
        code: term.code.clone(),
        label: term.label.clone(),
        more: Some(term.more.clone()).filter(|more| !more.is_empty()),
    };
    let items: Vec<Vocabulary> = vocabulary::names()
        .map(|name| Vocabulary { name: name.to_owned(), terms: vocabulary::terms(name).iter().map(term).collect() })
        .collect();
    VocabularyList { total: items.len() as u64, items }
}

impl Example for VocabularyList {
    fn example() -> Self {
        let mut all = all();
        all.items.retain(|vocabulary| vocabulary.name == "grade_band");
        all.total = all.items.len() as u64;
        all
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;

    use super::*;

    #[test]
    fn the_example_is_a_vocabulary_of_the_product() {
        let example = VocabularyList::example().to_json().unwrap();
        let first = &example["items"][0];
        assert_eq!((&first["name"], &first["terms"][1]["code"]), (&"grade_band".into(), &"k_2".into()));
        assert_eq!(first["terms"][1]["more"], "K 1 2");
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let list = all().to_json().unwrap();
        assert_eq!(list["total"], list["items"].as_array().unwrap().len());
        assert!(!list.to_string().contains("null"));
    }
}
