//! `/me/tokens`: personal tokens, for programs that act for a person.

use askama::Template;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use crate::people::AccountId;
use crate::platform::{Actor, Db, Error, Result, Scope};
use crate::sign_in::token::{self, NewToken, Token, TokenId};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Chrome, Section};

/// One token in the list.
#[derive(Clone, Debug, Default)]
pub struct TokenRow {
    /// What its owner calls it.
    pub name: String,
    /// Its last four characters.
    pub hint: String,
    /// What it may be used for.
    pub scope: &'static str,
    /// "October 14, 2026".
    pub made: String,
    /// "January 12, 2027".
    pub ends: String,
    /// "October 14, 2026", or "Never".
    pub used: String,
    /// Where its form is sent to.
    pub revoke_url: String,
}

/// The page `/me/tokens`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "tokens.html")]
pub struct TokensPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// A token that was made just now: shown once; empty prints none.
    pub made: String,
    /// Says that one was revoked.
    pub revoked: bool,
    /// Tokens that hold.
    pub tokens: Vec<TokenRow>,
    /// Typed: its name.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Choice>,
    /// How long it holds.
    pub days: Vec<Choice>,
}

/// `/me/tokens`
#[handler]
pub async fn tokens_view(
    request: &poem::Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let mut view = page(&db, &site, actor, &Form::default(), Corrections::default()).await?;
    view.revoked = request.uri().query() == Some("revoked");
    own_page(StatusCode::OK, &view)
}

/// `POST /me/tokens`: the answer shows the token, once.
#[handler]
pub async fn make_token_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    form: Form,
) -> poem::Result<Response> {
    let account = own(&actor)?;
    let new = NewToken {
        name: form.get("name").to_owned(),
        scope: token::parse_scope(form.get("scope")).unwrap_or(Scope::Read),
        days: form.get("days").parse().unwrap_or_default(),
    };
    let mut tx = db.write(actor.clone()).await?;
    match token::make(&mut tx, account, new).await {
        Ok((_, text)) => {
            tx.commit().await?;
            let mut view = page(&db, &site, actor, &Form::default(), Corrections::default()).await?;
            view.made = text;
            own_page(StatusCode::CREATED, &view)
        }
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &page(&db, &site, actor, &form, corrections).await?)
        }
    }
}

/// `POST /me/tokens/{id}/revocation`
#[handler]
pub async fn revoke_token_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    Path(id): Path<String>,
) -> poem::Result<Response> {
    let account = own(&actor)?;
    let id: TokenId = id.parse().map_err(|_| Error::NotFound("token"))?;
    let mut tx = db.write(actor).await?;
    token::revoke(&mut tx, account, id).await?;
    tx.commit().await?;
    Ok(see_other("/me/tokens?revoked"))
}

fn own(actor: &Actor) -> Result<AccountId> {
    actor.account().map(AccountId).ok_or(Error::SignInRequired)
}

/// How long a token may hold.
const DAYS: [(&str, &str); 5] =
    [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("366", "1 year")];

fn words(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read what I may read",
        Scope::Write => "Read, and do what I may do",
        Scope::Admin => "Everything, also what editors and administrators do",
    }
}

async fn page(db: &Db, site: &Site, actor: Actor, form: &Form, corrections: Corrections) -> poem::Result<TokensPage> {
    let widest = token::widest(&actor);
    let account = own(&actor)?;
    let tokens = token::tokens_of(&db.cx(actor), account).await?;
    let chosen = token::parse_scope(form.get("scope")).unwrap_or(Scope::Read);
    let scope = |scope: Scope| Choice {
        value: token::scope_code(scope).to_owned(),
        label: words(scope).to_owned(),
        selected: scope == chosen,
    };
    let days = Some(form.get("days")).filter(|days| !days.is_empty()).unwrap_or("90");
    let mut view = TokensPage {
        chrome: site.chrome("Tokens", "", "/me/tokens"),
        corrections,
        made: String::new(),
        revoked: false,
        tokens: tokens.iter().map(row).collect(),
        name: form.get("name").to_owned(),
        scopes: [Scope::Read, Scope::Write, Scope::Admin].into_iter().filter(|s| *s <= widest).map(scope).collect(),
        days: DAYS
            .iter()
            .map(|(value, label)| Choice {
                value: (*value).to_owned(),
                label: (*label).to_owned(),
                selected: *value == days,
            })
            .collect(),
    };
    view.chrome.section = Section::Me;
    view.chrome.noindex = true;
    Ok(view)
}

fn row(token: &Token) -> TokenRow {
    TokenRow {
        name: token.name.clone(),
        hint: token.hint.clone(),
        scope: words(token.scope),
        made: day_of(token.created_at),
        ends: day_of(token.expires_at),
        used: token.used_at.map_or_else(|| "Never".to_owned(), day_of),
        revoke_url: format!("/me/tokens/{}/revocation", token.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_prints_everything() {
        let s = str::to_owned;
        let view = TokensPage {
            chrome: Chrome::sample("Tokens", "/me/tokens", Section::Me),
            corrections: Corrections::whole("Give a name."),
            made: s("cg_secret"),
            revoked: true,
            tokens: vec![TokenRow {
                name: s("Roster <sync>"),
                hint: s("abcd"),
                scope: "Read what I may read",
                made: s("October 14, 2026"),
                ends: s("January 12, 2027"),
                used: s("Never"),
                revoke_url: s("/me/tokens/1/revocation"),
            }],
            name: s("Typed"),
            scopes: vec![Choice { value: s("read"), label: s("Read"), selected: true }],
            days: vec![Choice { value: s("90"), label: s("90 days"), selected: true }],
        };
        let html = view.render().unwrap();
        for words in
            ["cg_secret", "Roster &#60;sync&#62;", "abcd", "/me/tokens/1/revocation", "value=\"Typed\"", "Give a name."]
        {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(TokensPage::default().render().unwrap().contains("no tokens"));
    }
}
