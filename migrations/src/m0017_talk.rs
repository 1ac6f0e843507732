//! Questions and answers, letters to contacts, and visits.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(
    up,
    ["visit_term", "visit", "contact_note", "practice_contact", "question_want", "answer", "question", "talk_limit"]
);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    questions(manager).await?;
    contacts(manager).await?;
    visits(manager).await?;
    // How often somebody did a thing on a day.
    manager
        .create_table(
            Table::create()
                .table("talk_limit")
                .col(uuid("account_id"))
                .col(string_len("kind", 16))
                .col(date("day"))
                .col(integer("used"))
                .primary_key(Index::create().col("account_id").col("kind").col("day"))
                .foreign_key(ForeignKey::create().from("talk_limit", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "talk_limit", &["day"], false).await
}

async fn questions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("question")
                .col(uuid("id").primary_key())
                .col(uuid("practice_id"))
                .col(uuid("asker_id"))
                .col(uuid("school_id"))
                // The asker's role at the school when they asked.
                .col(string_len("role", 16))
                // Whether the asker wants to be named.
                .col(boolean("named"))
                // Empty once its asker had their account erased.
                .col(text("text"))
                // How many others want to know it too.
                .col(integer("wanted"))
                // No foreign key: answers point at questions.
                .col(uuid_null("accepted_id"))
                .col(timestamp_with_time_zone_null("hidden_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("question", "practice_id").to("practice", "id"))
                .foreign_key(ForeignKey::create().from("question", "asker_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("question", "school_id").to("school", "id"))
                .check(Expr::col("wanted").gte(0))
                .to_owned(),
        )
        .await?;
    index(manager, "question", &["practice_id", "id"], false).await?;
    index(manager, "question", &["asker_id"], false).await?;
    index(manager, "question", &["school_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("answer")
                .col(uuid("id").primary_key())
                .col(uuid("question_id"))
                .col(uuid("author_id"))
                .col(uuid("school_id"))
                .col(string_len("role", 16))
                .col(boolean("named"))
                // Why they know: the practice began at their school, or it uses it, or did.
                .col(string_len("ground", 16).check(Expr::col("ground").is_in(["origin", "uses", "stopped"])))
                // Since when their school uses it.
                .col(date_null("since"))
                .col(text("text"))
                .col(timestamp_with_time_zone_null("hidden_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("answer", "question_id").to("question", "id"))
                .foreign_key(ForeignKey::create().from("answer", "author_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("answer", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "answer", &["question_id", "id"], false).await?;
    index(manager, "answer", &["author_id"], false).await?;
    index(manager, "answer", &["school_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("question_want")
                .col(uuid("question_id"))
                .col(uuid("account_id"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("question_id").col("account_id"))
                .foreign_key(ForeignKey::create().from("question_want", "question_id").to("question", "id"))
                .foreign_key(ForeignKey::create().from("question_want", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "question_want", &["account_id"], false).await
}

async fn contacts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Who gets the letters about a practice, where the leads of its school named somebody.
    manager
        .create_table(
            Table::create()
                .table("practice_contact")
                .col(uuid("practice_id").primary_key())
                .col(uuid("account_id"))
                .col(timestamp_with_time_zone("named_at"))
                .foreign_key(ForeignKey::create().from("practice_contact", "practice_id").to("practice", "id"))
                .foreign_key(ForeignKey::create().from("practice_contact", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "practice_contact", &["account_id"], false).await?;

    // A letter that was passed on, one row for each reader, 90 days long.
    manager
        .create_table(
            Table::create()
                .table("contact_note")
                .col(uuid("id").primary_key())
                // The first letter and every answer to it have one.
                .col(uuid("thread_id"))
                .col(uuid("practice_id"))
                .col(uuid("from_id"))
                .col(uuid("to_id"))
                // Where the writer is, in which role, and whether they want to be named.
                .col(uuid_null("school_id"))
                .col(string_len("role", 16))
                .col(boolean("named"))
                .col(text("text"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("contact_note", "practice_id").to("practice", "id"))
                .foreign_key(ForeignKey::create().from("contact_note", "from_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("contact_note", "to_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("contact_note", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "contact_note", &["practice_id"], false).await?;
    index(manager, "contact_note", &["from_id", "created_at"], false).await?;
    index(manager, "contact_note", &["to_id"], false).await?;
    index(manager, "contact_note", &["school_id"], false).await?;
    index(manager, "contact_note", &["created_at"], false).await
}

async fn visits(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["asked", "proposed", "accepted", "declined", "withdrawn"];
    manager
        .create_table(
            Table::create()
                .table("visit")
                .col(uuid("id").primary_key())
                .col(uuid("practice_id"))
                .col(uuid("host_school_id"))
                .col(uuid("asker_id"))
                .col(uuid("school_id"))
                .col(string_len("role", 16))
                .col(date("wish_1"))
                .col(date_null("wish_2"))
                .col(date_null("wish_3"))
                .col(integer("people").check(Expr::col("people").between(1, 30)))
                // Who comes, by role; empty once the asker had their account erased.
                .col(text("who"))
                .col(text("purpose"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(states)))
                // The day that the school said or proposes, and the term it is in: `2026-2`.
                .col(date_null("day"))
                .col(string_len_null("term", 8))
                // What the school says to it.
                .col(text("note"))
                .col(uuid_null("answered_by"))
                // Counts the changes: each makes one letter to a person.
                .col(integer("turn"))
                // Account and practice while it waits for a word: one at a time.
                .col(string_len_null("open_key", 80))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("visit", "practice_id").to("practice", "id"))
                .foreign_key(ForeignKey::create().from("visit", "host_school_id").to("school", "id"))
                .foreign_key(ForeignKey::create().from("visit", "asker_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("visit", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "visit", &["open_key"], true).await?;
    index(manager, "visit", &["practice_id", "term"], false).await?;
    index(manager, "visit", &["practice_id", "id"], false).await?;
    index(manager, "visit", &["asker_id"], false).await?;
    index(manager, "visit", &["host_school_id"], false).await?;
    index(manager, "visit", &["school_id"], false).await?;
    index(manager, "visit", &["answered_by"], false).await?;

    // Held while the visits of a term are counted.
    manager
        .create_table(
            Table::create()
                .table("visit_term")
                .col(uuid("practice_id"))
                .col(string_len("term", 8))
                .primary_key(Index::create().col("practice_id").col("term"))
                .foreign_key(ForeignKey::create().from("visit_term", "practice_id").to("practice", "id"))
                .to_owned(),
        )
        .await
}
