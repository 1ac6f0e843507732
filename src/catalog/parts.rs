//! What other features add to the pages of a practice and of a school. They know the catalog and the catalog does not know
//! them, so they hand in finished pieces: `app.rs` registers who does.

use std::sync::Arc;

use async_trait::async_trait;

use super::practice::Practice;
use crate::people::{School, SchoolId};
use crate::platform::{Cx, Result};

/// Something to do, or a part to read, on the page of a practice or a school.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Things to do there: text and path. A visitor is asked to sign in by the page behind it.
    pub actions: Vec<(String, String)>,
    /// A part to read.
    pub section: Option<PartSection>,
}

/// A part to read.
#[derive(Clone, Debug, Default)]
pub struct PartSection {
    /// Its anchor: `questions`.
    pub id: &'static str,
    /// Its heading: "Questions and answers".
    pub heading: String,
    /// What stands under the heading: HTML of a template of the feature, where everything that people wrote is escaped.
    pub body_html: String,
}

/// A feature that adds to pages. Work for a page is bounded: a constant number of statements.
#[async_trait]
pub trait PagePart: Send + Sync {
    /// For the page of a practice that is in the catalog; who reads it is the actor of `cx`.
    async fn of_practice(&self, cx: &Cx, practice: &Practice) -> Result<Part> {
        let _ = (cx, practice);
        Ok(Part::default())
    }

    /// For the page of a school; `family` is the school and those that became part of it.
    async fn of_school(&self, cx: &Cx, school: &School, family: &[SchoolId]) -> Result<Part> {
        let _ = (cx, school, family);
        Ok(Part::default())
    }
}

/// All of them, in the order of the page.
#[derive(Clone, Default)]
pub struct Parts(Arc<[Arc<dyn PagePart>]>);

impl Parts {
    /// Those of an installation.
    pub fn new(parts: Vec<Arc<dyn PagePart>>) -> Self {
        Self(parts.into())
    }

    /// What they add to the page of a practice.
    pub async fn of_practice(&self, cx: &Cx, practice: &Practice) -> Result<Vec<Part>> {
        let mut parts = Vec::with_capacity(self.0.len());
        for part in self.0.iter() {
            parts.push(part.of_practice(cx, practice).await?);
        }
        Ok(parts)
    }

    /// What they add to the page of a school.
    pub async fn of_school(&self, cx: &Cx, school: &School, family: &[SchoolId]) -> Result<Vec<Part>> {
        let mut parts = Vec::with_capacity(self.0.len());
        for part in self.0.iter() {
            parts.push(part.of_school(cx, school, family).await?);
        }
        Ok(parts)
    }
}
