//! Typed ids: a practice's id cannot be handed to a function that wants a school's.

use uuid::Uuid;

/// Makes the type of an id: a UUID that knows what it names. Outside it is an opaque string.
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id; ids made later sort later.
            pub fn fresh() -> Self {
                Self($crate::platform::ids::fresh())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
    };
}
pub(crate) use typed_id;

/// A new UUID, version 7 (RFC 9562): time first, so that rows made together lie together in the tables.
#[expect(clippy::disallowed_methods, reason = "the one source of ids")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}
