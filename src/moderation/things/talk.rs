//! Questions and answers as things that can be reported.

use std::collections::HashMap;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Moderated, Thing, beginning};
use crate::people::AccountId;
use crate::platform::{Cx, Error, Permit, Result, Tx};
use crate::talk::{self, Excerpt, Kind};

fn thing(piece: &Excerpt) -> Thing {
    Thing { title: beginning(&piece.text, 80), excerpt: piece.text.clone(), path: piece.path.clone() }
}

/// A kind of talk that can be reported: what both have in common.
macro_rules! talk_kind {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $label:literal, $noun:literal) => {
        $(#[$doc])*
        pub struct $name;

        #[async_trait]
        impl Moderated for $name {
            fn code(&self) -> &'static str {
                $kind.code()
            }

            fn label(&self) -> &'static str {
                $label
            }

            fn noun(&self) -> &'static str {
                $noun
            }

            fn hides(&self) -> bool {
                true
            }

            async fn seen(&self, cx: &Cx, id: Uuid) -> Result<Thing> {
                let found = talk::excerpt(cx, $kind, id).await?;
                if found.hidden { Err(Error::NotFound($kind.code())) } else { Ok(thing(&found)) }
            }

            async fn things(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, Thing>> {
                let found = talk::excerpts(cx, $kind, ids).await?;
                Ok(found.into_iter().map(|(id, piece)| (id, thing(&piece))).collect())
            }

            async fn told(&self, tx: &Tx, id: Uuid) -> Result<Thing> {
                Ok(talk::excerpt_in(tx, $kind, id).await?.as_ref().map(thing).unwrap_or_default())
            }

            async fn authors(&self, tx: &Tx, id: Uuid) -> Result<Vec<AccountId>> {
                Ok(talk::excerpt_in(tx, $kind, id).await?.into_iter().map(|piece| piece.author).collect())
            }

            fn is_personal(&self) -> bool {
                true
            }

            fn authors_because(&self) -> &'static str {
                "You get this because you wrote it."
            }

            async fn set_hidden(&self, tx: &mut Tx, permit: &Permit, id: Uuid, hidden: bool) -> Result<()> {
                let done = if hidden {
                    talk::hide(tx, permit, $kind, id).await
                } else {
                    talk::unhide(tx, permit, $kind, id).await
                };
                match done {
                    Err(Error::NotFound(_)) => Ok(()),
                    done => done,
                }
            }
        }
    };
}

talk_kind!(
    /// Questions.
    Questions, Kind::Question, "Question", "a question"
);
talk_kind!(
    /// Answers.
    Answers, Kind::Answer, "Answer", "an answer"
);
