//! Joint sessions: what is offered, when, for whom; who has a seat; who was there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::{index, index_where_set};

crate::migration!(
    up,
    [
        "calendar_link",
        "poll_vote",
        "poll_time",
        "poll",
        "wish_told",
        "wish",
        "session_message",
        "after_letter",
        "practice_use",
        "survey_answer",
        "access_need",
        "attendance",
        "session_reminder",
        "seat_reminder",
        "registration",
        "session_school",
        "session_invited",
        "facilitator",
        "meeting",
        "session_topic",
        "session",
        "room"
    ]
);

const STATUSES: [&str; 8] =
    ["draft", "submitted", "published", "registration_closed", "running", "completed", "cancelled", "postponed"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    session(manager).await?;
    parts(manager).await?;
    seats(manager).await?;
    afterwards(manager).await?;
    demand(manager).await
}

/// Text that is one of a few words.
fn one_of(column: &'static str, words: &[&'static str]) -> ColumnDef {
    string_len(column, 24).check(Expr::col(column).is_in(words.to_vec())).to_owned()
}

fn to_session(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "session_id").to("session", "id").to_owned()
}

fn to_registration(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "registration_id").to("registration", "id").to_owned()
}

fn to_account(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "account_id").to("account", "id").to_owned()
}

async fn session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("room")
                .col(uuid("id").primary_key())
                .col(uuid("school_id"))
                .col(string_len("name", 80))
                .col(integer_null("seats"))
                // Steps, lifts, loops: facts for people who have to know before they come.
                .col(text_null("access"))
                .col(timestamp_with_time_zone_null("retired_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("room", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "room", &["school_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("session")
                .col(uuid("id").primary_key())
                // Of calendars: made once, the same for ever, whatever the address of the site becomes.
                .col(string_len("uid", 160).unique_key())
                .col(one_of("status", &STATUSES))
                .col(string_len("format", 32))
                .col(string_len("title", 120))
                // What is read and never asked for by a query.
                .col(json_binary("details"))
                .col(one_of("mode", &["in_person", "online", "hybrid"]))
                // First start and last end of its meetings.
                .col(timestamp_with_time_zone_null("starts_at"))
                .col(timestamp_with_time_zone_null("ends_at"))
                .col(uuid("host_school_id"))
                .col(string_len_null("host_sector", 32))
                .col(uuid_null("cohost_school_id"))
                .col(string_len_null("cohost_sector", 32))
                .col(one_of("consent", &["none", "asked", "given", "declined"]))
                .col(uuid_null("consent_by"))
                .col(uuid("organizer_id"))
                .col(uuid_null("access_contact_id"))
                .col(uuid_null("practice_id"))
                .col(uuid_null("commitment_id"))
                .col(integer("capacity"))
                .col(integer("taken"))
                .col(integer("online_capacity"))
                .col(integer("online_taken"))
                .col(integer_null("minimum"))
                .col(date_null("decide_on"))
                .col(timestamp_with_time_zone_null("decided_at"))
                // The day of decision before which the hosts were told that it is below its minimum.
                .col(date_null("warned_for"))
                .col(integer_null("school_cap"))
                // Seats kept for each sector until the day of release: {"charter": 5}.
                .col(json_binary("kept"))
                .col(timestamp_with_time_zone_null("release_at"))
                .col(timestamp_with_time_zone_null("opens_at"))
                .col(timestamp_with_time_zone_null("closes_at"))
                .col(boolean("approval_needed"))
                .col(timestamp_with_time_zone_null("approval_by"))
                .col(string_len("coverage", 24))
                .col(one_of("visibility", &["public", "members", "invited"]))
                // The last number given to somebody who waits.
                .col(big_integer("waited"))
                // Rises with every change of the record (ETag); with what calendars must know (iTIP SEQUENCE); with what
                // everybody confirms again.
                .col(integer("revision"))
                .col(integer("sequence"))
                .col(integer("round"))
                // The joint rule, as it held at publication, at go or no-go, and by who came.
                .col(boolean_null("joint_published"))
                .col(boolean_null("joint_decided"))
                .col(boolean_null("joint_held"))
                // Attendance is corrected until then; and when those who take it were asked to look at it.
                .col(timestamp_with_time_zone_null("locked_at"))
                .col(timestamp_with_time_zone_null("attendance_asked_at"))
                .col(uuid_null("cloned_from"))
                .col(text_null("reason"))
                .col(timestamp_with_time_zone_null("published_at"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("session", "host_school_id").to("school", "id"))
                .foreign_key(ForeignKey::create().from("session", "cohost_school_id").to("school", "id"))
                // Never oversold, whatever the program does (J-6).
                .check(Expr::cust("taken >= 0 AND taken <= capacity"))
                .check(Expr::cust("online_taken >= 0 AND online_taken <= online_capacity"))
                .to_owned(),
        )
        .await?;
    index(manager, "session", &["status", "starts_at"], false).await?;
    // What time makes due is looked for every second.
    index(manager, "session", &["status", "ends_at"], false).await?;
    index(manager, "session", &["status", "closes_at"], false).await?;
    index(manager, "session", &["status", "decide_on"], false).await?;
    index(manager, "session", &["host_school_id", "starts_at"], false).await?;
    index(manager, "session", &["cohost_school_id", "starts_at"], false).await?;
    index(manager, "session", &["organizer_id", "starts_at"], false).await?;
    index(manager, "session", &["practice_id"], false).await?;
    index(manager, "session", &["release_at"], false).await?;
    // Which attendance is still open: looked at every second.
    index(manager, "session", &["locked_at", "ends_at"], false).await?;
    index(manager, "session", &["updated_at"], false).await?;
    // What the list asks for stands in it, so that finding and counting read no rows: most of a row is text.
    let mut listed = Index::create();
    listed.name("ix_session_listed").table("session");
    for column in
        ["status", "ends_at", "starts_at", "id", "visibility", "format", "mode", "host_sector", "cohost_sector"]
    {
        listed.col(column);
    }
    manager.create_index(listed).await?;
    // Of the search index; stays when the tables go.
    let mut log = Query::insert();
    log.into_table("change_head").columns(["log", "seq"]).values_panic(["session".into(), 0_i64.into()]);
    log.on_conflict(OnConflict::column("log").do_nothing().to_owned());
    manager.execute(log).await
}

async fn parts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("session_topic")
                .col(uuid("session_id"))
                .col(string_len("topic", 32))
                .primary_key(Index::create().col("session_id").col("topic"))
                .foreign_key(&mut to_session("session_topic"))
                .to_owned(),
        )
        .await?;
    index(manager, "session_topic", &["topic", "session_id"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("meeting")
                .col(uuid("session_id"))
                .col(integer("number"))
                // Time on the wall there, and the zone: rules of zones change, what was agreed does not.
                .col(date_time("starts_local"))
                .col(date_time("ends_local"))
                .col(string_len("zone", 64))
                .col(timestamp_with_time_zone("starts_at"))
                .col(timestamp_with_time_zone("ends_at"))
                .col(uuid_null("room_id"))
                .col(text_null("address"))
                .col(text_null("online_url"))
                // What people type to check in, while it holds.
                .col(string_len_null("code", 12))
                .primary_key(Index::create().col("session_id").col("number"))
                .foreign_key(&mut to_session("meeting"))
                .foreign_key(ForeignKey::create().from("meeting", "room_id").to("room", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "meeting", &["room_id", "starts_at"], false).await?;
    index(manager, "meeting", &["starts_at"], false).await?;
    index(manager, "meeting", &["code"], true).await?;
    manager
        .create_table(
            Table::create()
                .table("facilitator")
                .col(uuid("session_id"))
                .col(integer("position"))
                .col(uuid_null("account_id"))
                .col(string_len("name", 120))
                .col(uuid_null("school_id"))
                .primary_key(Index::create().col("session_id").col("position"))
                .foreign_key(&mut to_session("facilitator"))
                .foreign_key(&mut to_account("facilitator"))
                .to_owned(),
        )
        .await?;
    index(manager, "facilitator", &["account_id"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("session_invited")
                .col(uuid("session_id"))
                .col(uuid("school_id"))
                .primary_key(Index::create().col("session_id").col("school_id"))
                .foreign_key(&mut to_session("session_invited"))
                .to_owned(),
        )
        .await
}

async fn seats(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("registration")
                .col(uuid("id").primary_key())
                .col(uuid("session_id"))
                .col(uuid("account_id"))
                // Where the person works that day, and its sector then.
                .col(uuid("school_id"))
                .col(string_len_null("sector", 32))
                .col(one_of("way", &["in_person", "online"]))
                .col(one_of("seat", &["held", "confirmed", "waitlisted", "offered", "released"]))
                .col(one_of("approval", &["not_needed", "waiting", "approved", "declined", "expired"]))
                // Place in line, in the order of commits.
                .col(big_integer_null("waitlist_no"))
                // Has had an offer: who gives that seat back is not offered another (J-5).
                .col(boolean("promoted"))
                .col(timestamp_with_time_zone_null("hold_until"))
                .col(timestamp_with_time_zone_null("offer_until"))
                .col(one_of("coverage", &["not_needed", "needed", "arranged"]))
                .col(uuid_null("registered_by"))
                .col(uuid_null("decided_by"))
                .col(text_null("reason"))
                // The round of material changes that the person has agreed to (J-8).
                .col(integer("round"))
                // Rises with every change of seat or approval: names the letter that tells of it.
                .col(integer("turn"))
                .col(timestamp_with_time_zone_null("surveyed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(&mut to_session("registration"))
                .foreign_key(&mut to_account("registration"))
                .to_owned(),
        )
        .await?;
    index(manager, "registration", &["session_id", "account_id"], true).await?;
    index(manager, "registration", &["session_id", "seat", "waitlist_no"], false).await?;
    index(manager, "registration", &["account_id", "seat"], false).await?;
    index(manager, "registration", &["school_id", "approval"], false).await?;
    index_where_set(manager, "registration", &["hold_until"]).await?;
    index_where_set(manager, "registration", &["offer_until"]).await?;
    // What comes next while a seat waits for the principal's answer.
    manager
        .create_table(
            Table::create()
                .table("seat_reminder")
                .col(uuid("registration_id").primary_key())
                .col(integer("turn"))
                .col(integer("step"))
                .col(timestamp_with_time_zone("due_at"))
                .foreign_key(&mut to_registration("seat_reminder"))
                .to_owned(),
        )
        .await?;
    index(manager, "seat_reminder", &["due_at"], false).await?;
    // Whom a session reminds of what, and when: a row goes when it is done, and when the session moves.
    manager
        .create_table(
            Table::create()
                .table("session_reminder")
                .col(uuid("session_id"))
                .col(one_of(
                    "kind",
                    &["week", "day", "staff", "organizer", "out", "news", "hours", "uses_30", "uses_90"],
                ))
                // Number of the meeting; 0 is the whole session.
                .col(integer("meeting"))
                .col(timestamp_with_time_zone("due_at"))
                // Of news: since when they are told.
                .col(timestamp_with_time_zone("since"))
                // The last registration that was told, where one turn does not tell all.
                .col(uuid_null("told_to"))
                .primary_key(Index::create().col("session_id").col("kind").col("meeting"))
                .foreign_key(&mut to_session("session_reminder"))
                .to_owned(),
        )
        .await?;
    index(manager, "session_reminder", &["due_at"], false).await?;
    // Seats taken by each school: the cap and the kept seats are read from here, so that a seat costs as much in a hall of
    // 5,000 as in a room of 10.
    manager
        .create_table(
            Table::create()
                .table("session_school")
                .col(uuid("session_id"))
                .col(string_len("way", 24))
                .col(uuid("school_id"))
                .col(string_len("sector", 32))
                .col(integer("taken"))
                .primary_key(Index::create().col("session_id").col("way").col("school_id").col("sector"))
                .foreign_key(&mut to_session("session_school"))
                .check(Expr::cust("taken >= 0"))
                .to_owned(),
        )
        .await
}

async fn afterwards(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("attendance")
                .col(uuid("registration_id"))
                .col(integer("meeting"))
                .col(uuid("session_id"))
                .col(one_of("state", &["unknown", "present", "partial", "absent", "excused"]))
                .col(timestamp_with_time_zone_null("in_at"))
                .col(timestamp_with_time_zone_null("out_at"))
                // The account that wrote it down: the person, or a host.
                .col(uuid_null("recorded_by"))
                .col(timestamp_with_time_zone("updated_at"))
                .primary_key(Index::create().col("registration_id").col("meeting"))
                .foreign_key(&mut to_registration("attendance"))
                .to_owned(),
        )
        .await?;
    index(manager, "attendance", &["session_id", "meeting"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("access_need")
                .col(uuid("registration_id").primary_key())
                .col(uuid("session_id"))
                .col(json_binary("needs"))
                .col(text_null("note"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(&mut to_registration("access_need"))
                .to_owned(),
        )
        .await?;
    index(manager, "access_need", &["session_id"], false).await?;
    // Nobody's: the answer says which session, never who.
    manager
        .create_table(
            Table::create()
                .table("survey_answer")
                .col(uuid("id").primary_key())
                .col(uuid("session_id"))
                .col(json_binary("answers"))
                .col(text_null("comment"))
                .col(date("answered_on"))
                .foreign_key(&mut to_session("survey_answer"))
                .to_owned(),
        )
        .await?;
    index(manager, "survey_answer", &["session_id"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("practice_use")
                .col(uuid("registration_id"))
                // Days after the session: 30 or 90.
                .col(integer("day"))
                .col(one_of("answer", &["yes", "not_yet", "no"]))
                .col(text_null("note"))
                .col(timestamp_with_time_zone("answered_at"))
                .primary_key(Index::create().col("registration_id").col("day"))
                .foreign_key(&mut to_registration("practice_use"))
                .to_owned(),
        )
        .await?;
    // Which letters of the time after a session are written: each once.
    manager
        .create_table(
            Table::create()
                .table("after_letter")
                .col(uuid("session_id"))
                .col(uuid("registration_id"))
                .col(one_of("kind", &["survey", "use_30", "use_90"]))
                .col(timestamp_with_time_zone("written_at"))
                .primary_key(Index::create().col("session_id").col("registration_id").col("kind"))
                .foreign_key(&mut to_session("after_letter"))
                .foreign_key(&mut to_registration("after_letter"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("session_message")
                .col(uuid("id").primary_key())
                .col(uuid("session_id"))
                .col(uuid("account_id"))
                .col(one_of("audience", &["confirmed", "waitlisted", "everybody"]))
                .col(string_len("subject", 120))
                .col(text("body"))
                .col(integer("recipients"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut to_session("session_message"))
                .to_owned(),
        )
        .await?;
    index(manager, "session_message", &["session_id"], false).await
}

async fn demand(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("wish")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(uuid("school_id"))
                .col(string_len_null("sector", 32))
                // `topic:co_teaching` or `practice:ID`.
                .col(string_len("subject", 80))
                .col(string_len_null("words", 200))
                // Account and subject while it waits, so that there is one of each.
                .col(string_len_null("open_key", 140))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .foreign_key(&mut to_account("wish"))
                .to_owned(),
        )
        .await?;
    index(manager, "wish", &["open_key"], true).await?;
    index(manager, "wish", &["subject"], false).await?;
    index(manager, "wish", &["account_id"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("wish_told")
                .col(string_len("subject", 80).primary_key())
                // How many wished when principals were told last; 0 where they have not been.
                .col(integer("wishes"))
                .col(timestamp_with_time_zone_null("told_at"))
                // Since when there is a wish more that nobody has looked at.
                .col(timestamp_with_time_zone_null("look_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "wish_told", &["look_at"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("poll")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(uuid("school_id"))
                // What it is for: the draft of a session, or what people ask for.
                .col(uuid_null("session_id"))
                .col(string_len_null("subject", 80))
                .col(string_len("question", 200))
                .col(timestamp_with_time_zone("closes_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut to_account("poll"))
                .to_owned(),
        )
        .await?;
    index(manager, "poll", &["session_id"], false).await?;
    index(manager, "poll", &["subject"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("poll_time")
                .col(uuid("poll_id"))
                .col(integer("number"))
                .col(date_time("starts_local"))
                .col(date_time("ends_local"))
                .col(string_len("zone", 64))
                .primary_key(Index::create().col("poll_id").col("number"))
                .foreign_key(ForeignKey::create().from("poll_time", "poll_id").to("poll", "id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("poll_vote")
                .col(uuid("poll_id"))
                .col(integer("number"))
                .col(uuid("account_id"))
                .col(string_len_null("sector", 32))
                .col(one_of("answer", &["yes", "if_needed", "no"]))
                .primary_key(Index::create().col("poll_id").col("number").col("account_id"))
                .foreign_key(ForeignKey::create().from("poll_vote", "poll_id").to("poll", "id"))
                .foreign_key(&mut to_account("poll_vote"))
                .to_owned(),
        )
        .await?;
    index(manager, "poll_vote", &["account_id"], false).await?;
    // A personal calendar's address is its id, signed; another id is another address, and the old one leads nowhere.
    manager
        .create_table(
            Table::create()
                .table("calendar_link")
                .col(uuid("account_id").primary_key())
                .col(uuid("id").unique_key())
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut to_account("calendar_link"))
                .to_owned(),
        )
        .await
}
