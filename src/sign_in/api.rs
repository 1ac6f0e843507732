//! The account of whoever asks, over JSON: who they are, their tokens and sign-ins, everything kept about them.

mod documents;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, OpenApi};

use self::documents::{
    Gone, Made, MadeToken, MeDocument, NewTokenDocument, ProfileDocument, SignInDocument, SignInList, TokenDocument,
    TokenList,
};
use super::Entrance;
use super::token::{self, NewToken};
use super::visit;
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused};
use crate::people::my_data::{self, Personal};
use crate::people::{AccountId, account, membership, personal};
use crate::platform::{Actor, Db, Error, Result, Timestamp, Via};
use crate::web::etag::{self, Precondition};

/// Who somebody is, over JSON.
pub struct SignInApi {
    db: Db,
    personal: Personal,
}

/// A file to keep.
#[derive(ApiResponse)]
pub enum Export {
    /// The zip.
    #[oai(status = 200, content_type = "application/zip")]
    Ok(
        Binary<Vec<u8>>,
        /// What a browser calls the file.
        #[oai(header = "Content-Disposition")]
        String,
        /// It is kept nowhere on the way.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl SignInApi {
    /// Who you are
    #[oai(path = "/me", method = "get", tag = "Group::Me", operation_id = "get_me")]
    async fn me(
        &self,
        caller: Caller,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<MeDocument>, Refused> {
        Ok(Tagged::new(self.document(&caller.0).await?.0, if_none_match.0.as_deref()))
    }

    /// Change what you say about yourself
    ///
    /// All of it at once. Needs the `ETag` of `/me` as `If-Match`.
    #[oai(path = "/me/profile", method = "put", tag = "Group::Me", operation_id = "change_profile")]
    async fn change_profile(
        &self,
        caller: Caller,
        /// `ETag` of `/me` as you saw it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        profile: Json<ProfileDocument>,
    ) -> Result<Tagged<MeDocument>, Refused> {
        let (seen, updated_at) = self.document(&caller.0).await?;
        holds(if_match.0.as_deref(), &seen)?;
        let id = own(&caller.0)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        personal::unchanged_since(&tx, id, updated_at).await?;
        account::change_profile(&mut tx, id, profile.0.into()).await?;
        tx.commit().await?;
        Ok(Tagged::new(self.document(&caller.0).await?.0, None))
    }

    /// Your tokens
    ///
    /// Those that hold, without their secrets.
    #[oai(path = "/me/tokens", method = "get", tag = "Group::Me", operation_id = "list_tokens")]
    async fn tokens(&self, caller: Caller) -> Result<Json<TokenList>, Refused> {
        let id = own(&caller.0)?;
        let tokens = token::tokens_of(&self.db.cx(caller.0), id).await?;
        let items: Vec<TokenDocument> = tokens.into_iter().map(Into::into).collect();
        Ok(Json(TokenList { total: items.len() as u64, items }))
    }

    /// Make a token
    ///
    /// The secret is in the answer and nowhere else. Only you make tokens, signed in with your browser: a token cannot make
    /// another.
    #[oai(path = "/me/tokens", method = "post", tag = "Group::Me", operation_id = "make_token")]
    async fn make_token(&self, caller: Caller, new: Json<NewTokenDocument>) -> Result<Made, Refused> {
        let id = own(&caller.0)?;
        let new = NewToken { name: new.0.name, scope: new.0.scope.into(), days: new.0.days };
        let mut tx = self.db.write(caller.0).await?;
        let (made, text) = token::make(&mut tx, id, new).await?;
        tx.commit().await?;
        let location = format!("/api/v1/me/tokens/{made}");
        Ok(Made::Created(Json(MadeToken { id: made.to_string(), token: text }), location))
    }

    /// Revoke a token
    ///
    /// The next request with it is refused.
    #[oai(path = "/me/tokens/:id", method = "delete", tag = "Group::Me", operation_id = "revoke_token")]
    async fn revoke_token(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Gone, Refused> {
        let account = own(&caller.0)?;
        let id = id.0.parse().map_err(|_| Error::NotFound("token"))?;
        let mut tx = self.db.write(caller.0).await?;
        token::revoke(&mut tx, account, id).await?;
        tx.commit().await?;
        Ok(Gone::Done)
    }

    /// Your sign-ins
    ///
    /// Browsers in which you are signed in.
    #[oai(path = "/me/sign-ins", method = "get", tag = "Group::Me", operation_id = "list_sign_ins")]
    async fn sign_ins(&self, caller: Caller) -> Result<Json<SignInList>, Refused> {
        let id = own(&caller.0)?;
        let here = match caller.0.person().map(|person| person.via) {
            Some(Via::SignIn(id)) => Some(id),
            _ => None,
        };
        let visits = visit::visits_of(&self.db.cx(caller.0), id).await?;
        let items: Vec<SignInDocument> = visits
            .into_iter()
            .map(|visit| {
                let current = Some(visit.id.0) == here;
                SignInDocument::of(visit, current)
            })
            .collect();
        Ok(Json(SignInList { total: items.len() as u64, items }))
    }

    /// End a sign-in
    ///
    /// The next request of that browser is nobody's.
    #[oai(path = "/me/sign-ins/:id", method = "delete", tag = "Group::Me", operation_id = "end_sign_in")]
    async fn end_sign_in(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Gone, Refused> {
        let account = own(&caller.0)?;
        let id: visit::VisitId = id.0.parse().map_err(|_| Error::NotFound("sign-in"))?;
        let mine = visit::visits_of(&self.db.cx(caller.0.clone()), account).await?;
        if !mine.iter().any(|visit| visit.id == id) {
            return Err(Error::NotFound("sign-in").into());
        }
        let mut tx = self.db.write(caller.0).await?;
        visit::end(&mut tx, account, id).await?;
        tx.commit().await?;
        Ok(Gone::Done)
    }

    /// Everything kept about you
    ///
    /// A zip: each list as JSON and as CSV, and a text that explains them. No secrets.
    #[oai(path = "/me/export", method = "get", tag = "Group::Me", operation_id = "export_me")]
    async fn export(&self, caller: Caller) -> Result<Export, Refused> {
        let bytes = my_data::export(&self.db.cx(caller.0), &self.personal).await?;
        let name = "attachment; filename=\"common-ground-my-data.zip\"".to_owned();
        Ok(Export::Ok(Binary(bytes), name, "no-store".to_owned()))
    }
}

impl SignInApi {
    /// The operations on this database; `personal` is what every feature keeps about people.
    pub fn new(db: Db, _entrance: Entrance, personal: Personal) -> Self {
        Self { db, personal }
    }

    /// The person, and when their account last changed. Four statements.
    async fn document(&self, actor: &Actor) -> Result<(MeDocument, Timestamp)> {
        let cx = self.db.cx(actor.clone());
        let account = account::account(&cx, own(actor)?).await?;
        let memberships = membership::memberships_of(&cx, account.id).await?;
        let names = personal::place_names(&cx, &memberships).await?;
        let updated_at = account.updated_at;
        Ok((MeDocument::of(account, &memberships, |id| names.get(&id).cloned()), updated_at))
    }
}

fn own(actor: &Actor) -> Result<AccountId> {
    actor.account().map(AccountId).ok_or(Error::SignInRequired)
}

/// Whether the caller saw the present state.
fn holds(if_match: Option<&str>, present: &impl ToJSON) -> Result<()> {
    let sent = if_match.and_then(|value| HeaderValue::from_str(value).ok());
    let sent: HeaderMap = sent.into_iter().map(|value| (header::IF_MATCH, value)).collect();
    match etag::precondition(&sent, &etag::of(present.to_json_string().as_bytes())) {
        Precondition::Holds => Ok(()),
        Precondition::Stale => Err(Error::Stale),
        Precondition::Missing => Err(Error::Unconditional),
    }
}
