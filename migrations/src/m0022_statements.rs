//! Statements: versions, points, comments, amendments and sign-ons.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, boolean_null, date_null, integer, integer_null, string_len, string_len_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::m0001_foundation::index;

crate::migration!(
    up,
    [
        "statement_signature",
        "statement_amendment",
        "statement_comment",
        "statement_guest",
        "statement_version",
        "statement"
    ]
);

const PLACES: [&str; 2] = ["school", "organization"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("statement")
                .col(uuid("id").primary_key())
                .col(string_len("slug", 120))
                .col(string_len("kind", 16).check(Expr::col("kind").is_in(["framework", "open_letter", "shared_ask"])))
                .col(string_len("title", 160))
                // To whom it speaks.
                .col(string_len("addressee", 200))
                // Delivered when so many organizations signed.
                .col(integer_null("threshold"))
                // The last day of sign-ons.
                .col(date_null("deadline"))
                .col(string_len("sponsor_kind", 16).check(Expr::col("sponsor_kind").is_in(PLACES)))
                .col(uuid("sponsor_id"))
                // Nobody, once the account is erased: then who speaks for the sponsor looks after it.
                .col(uuid_null("author_id"))
                .col(string_len("state", 16).check(Expr::col("state").is_in([
                    "draft",
                    "open",
                    "delivered",
                    "closed",
                    "withdrawn",
                ])))
                // Why it was closed or withdrawn; what came of the delivery.
                .col(text_null("ending"))
                .col(date_null("ended_on"))
                // The newest published one; 0 before the first.
                .col(integer("version"))
                .col(timestamp_with_time_zone_null("published_at"))
                // When its author was told that the threshold is reached.
                .col(timestamp_with_time_zone_null("reached_at"))
                // When its author was reminded of the deadline.
                .col(timestamp_with_time_zone_null("reminded_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("statement", "author_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "statement", &["slug"], true).await?;
    index(manager, "statement", &["state", "deadline"], false).await?;
    index(manager, "statement", &["author_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("statement_version")
                .col(uuid("statement_id"))
                .col(integer("number"))
                .col(text("preamble"))
                // Its points in their order, each with a key that stays the same over versions: JSON.
                .col(text("points"))
                // What changed, in the words of the amendment's reason.
                .col(text_null("note"))
                // None while it is a draft; from then on nothing of it changes.
                .col(timestamp_with_time_zone_null("published_at"))
                .primary_key(Index::create().col("statement_id").col("number"))
                .foreign_key(ForeignKey::create().from("statement_version", "statement_id").to("statement", "id"))
                .to_owned(),
        )
        .await?;

    manager
        .create_table(
            Table::create()
                .table("statement_guest")
                .col(uuid("id").primary_key())
                .col(uuid("statement_id"))
                .col(string_len("email", 254))
                // Where the address had an account when it was invited.
                .col(uuid_null("account_id"))
                .col(string_len("part", 16).check(Expr::col("part").is_in(["co_author", "commenter"])))
                .col(timestamp_with_time_zone("invited_at"))
                .foreign_key(ForeignKey::create().from("statement_guest", "statement_id").to("statement", "id"))
                .foreign_key(ForeignKey::create().from("statement_guest", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "statement_guest", &["statement_id", "email"], true).await?;
    index(manager, "statement_guest", &["email"], false).await?;
    index(manager, "statement_guest", &["account_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("statement_comment")
                .col(uuid("id").primary_key())
                .col(uuid("statement_id"))
                // Key of a point; none speaks of the whole.
                .col(integer_null("point"))
                .col(uuid_null("account_id"))
                .col(text("words"))
                .col(boolean_null("taken"))
                // Why, in the words of whoever decided.
                .col(text_null("answer"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("statement_comment", "statement_id").to("statement", "id"))
                .foreign_key(ForeignKey::create().from("statement_comment", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "statement_comment", &["statement_id", "id"], false).await?;
    index(manager, "statement_comment", &["account_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("statement_amendment")
                .col(uuid("id").primary_key())
                .col(uuid("statement_id"))
                .col(string_len("kind", 8).check(Expr::col("kind").is_in(["change", "add", "strike"])))
                // The point that is changed or struck; after which a new one comes.
                .col(integer_null("point"))
                .col(string_len_null("title", 160))
                .col(text_null("words"))
                .col(text("reason"))
                .col(uuid_null("account_id"))
                // For which signer its proposer spoke.
                .col(string_len_null("place_kind", 16))
                .col(uuid_null("place_id"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(["waiting", "accepted", "declined"])))
                .col(text_null("answer"))
                .col(timestamp_with_time_zone_null("decided_at"))
                // The version that took it up.
                .col(integer_null("made_version"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("statement_amendment", "statement_id").to("statement", "id"))
                .foreign_key(ForeignKey::create().from("statement_amendment", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "statement_amendment", &["statement_id", "id"], false).await?;
    index(manager, "statement_amendment", &["account_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("statement_signature")
                .col(uuid("id").primary_key())
                .col(uuid("statement_id"))
                .col(string_len("place_kind", 16).check(Expr::col("place_kind").is_in(PLACES)))
                .col(uuid("place_id"))
                // Who signed for it; nobody once the account is erased.
                .col(uuid_null("account_id"))
                // The leader's role in their own words.
                .col(string_len("role_title", 120))
                .col(boolean("shows_name"))
                .col(text_null("comment"))
                .col(boolean("comment_public"))
                // The version signed or confirmed last.
                .col(integer("version"))
                .col(timestamp_with_time_zone("signed_at"))
                .col(timestamp_with_time_zone_null("confirmed_at"))
                .col(timestamp_with_time_zone_null("withdrawn_at"))
                .foreign_key(ForeignKey::create().from("statement_signature", "statement_id").to("statement", "id"))
                .foreign_key(ForeignKey::create().from("statement_signature", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "statement_signature", &["statement_id", "place_kind", "place_id"], true).await?;
    index(manager, "statement_signature", &["account_id"], false).await
}
