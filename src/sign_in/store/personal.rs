//! What the entrance keeps about one account: to take along, and to take out.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, QueryOrder};
use serde_json::{Value, json};

use super::identities::row as identity;
use super::{second_steps, tokens, visits};
use crate::people::AccountId;
use crate::platform::Result;

mod email_change {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "email_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub new_email: String,
        pub created_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Sign-ins of an account that are still there, ended or not.
pub async fn sign_ins(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    use visits::row::{Column, Entity};
    let rows = Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::CreatedAt).all(conn).await?;
    let one = |row: visits::row::Model| {
        json!({
            "id": row.id, "method": row.method, "device": row.device, "second_step_at": row.strong_at,
            "created_at": row.created_at, "seen_at": row.seen_at, "expires_at": row.expires_at, "ended_at": row.ended_at,
        })
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Tokens of an account, without their secrets.
pub async fn tokens(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    use tokens::row::{Column, Entity};
    let rows = Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::CreatedAt).all(conn).await?;
    let one = |row: tokens::row::Model| {
        json!({
            "id": row.id, "name": row.name, "scope": row.scope, "last_characters": row.hint, "created_at": row.created_at,
            "expires_at": row.expires_at, "used_at": row.used_at, "revoked_at": row.revoked_at,
        })
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Second steps of an account: that they are there, not what they hold.
pub async fn steps(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    use super::passkeys::row as passkey;
    use second_steps::totp;
    let mut steps = Vec::new();
    if let Some(row) = totp::Entity::find_by_id(account.0).one(conn).await? {
        steps.push(json!({
            "kind": "app", "name": null, "created_at": row.created_at, "confirmed_at": row.confirmed_at, "used_at": null,
        }));
    }
    let mine = passkey::Column::AccountId.eq(account.0);
    for row in passkey::Entity::find().filter(mine).order_by_asc(passkey::Column::CreatedAt).all(conn).await? {
        steps.push(json!({
            "kind": "passkey", "name": row.name, "created_at": row.created_at, "confirmed_at": row.created_at,
            "used_at": row.used_at,
        }));
    }
    Ok(steps)
}

/// Links of an account to sign-ins elsewhere.
pub async fn identities(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    use identity::{Column, Entity};
    let rows = Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::CreatedAt).all(conn).await?;
    let one = |row: identity::Model| {
        json!({
            "id": row.id, "provider": row.provider, "issuer": row.issuer, "subject": row.subject,
            "created_at": row.created_at, "used_at": row.used_at,
        })
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Changes of address that were asked for.
pub async fn email_changes(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    use email_change::{Column, Entity};
    let rows = Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::CreatedAt).all(conn).await?;
    let one = |row: email_change::Model| json!({ "id": row.id, "new_email": row.new_email, "created_at": row.created_at, "done_at": row.done_at });
    Ok(rows.into_iter().map(one).collect())
}

/// Tables of the entrance whose rows belong to one account and go with it.
const TABLES: [&str; 9] = [
    "sign_in",
    "api_token",
    "totp",
    "recovery_code",
    "passkey",
    "identity",
    "challenge",
    "one_time_link",
    "email_change",
];

/// Takes out everything by which the person was recognized, and links to an address nobody has.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>) -> Result<()> {
    for table in TABLES {
        let rows = Expr::col("account_id").eq(account.0);
        conn.execute(Query::delete().from_table(table).and_where(rows)).await?;
    }
    if let Some(email) = email {
        let rows = Expr::col("email").eq(email);
        conn.execute(Query::delete().from_table("one_time_link").and_where(rows)).await?;
    }
    Ok(())
}
