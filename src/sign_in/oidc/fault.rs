//! Why nobody came in: what the person reads, and the word by which whoever helps finds it.

use crate::platform::Error;

/// What came of an attempt.
pub type Outcome<T> = Result<T, Fault>;

/// Why an attempt came to nothing.
#[derive(Debug)]
pub enum Fault {
    /// Something of ours.
    Ours(Error),
    /// The provider, or what it says.
    Refused(Refusal),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Why a provider's word was not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not answer, or not in time.
    Unanswered,
    /// It answers something that is not OpenID Connect, or not as it is configured here.
    Misconfigured,
    /// The way back is not one that began in this browser a few minutes ago, or was gone before.
    State,
    /// The person or the provider broke it off.
    Declined,
    /// The answer is of another issuer.
    Issuer,
    /// The code was not taken, or brought nothing.
    Code,
    /// The signature does not hold, or nobody knows the key.
    Signature,
    /// The signature is of a kind that proves nothing.
    Algorithm,
    /// The answer is meant for another program.
    Audience,
    /// The answer is to another question.
    Nonce,
    /// The answer is old, or of the future.
    Expired,
    /// The answer lacks what names the person.
    Subject,
    /// The person is of a domain or a tenant that is not let in.
    Domain,
    /// The person lacks a claim that is asked for: a student, another district.
    Require,
    /// Nobody has proven the address, so no account can be found by it or opened for it.
    Unproven,
    /// An account has this address already, and the provider does not answer for its domain.
    Known,
    /// The person at the provider is connected with another account.
    Taken,
    /// The account is closed.
    Closed,
    /// Somebody else is signed in than the one who began to connect.
    Other,
}

impl Refusal {
    /// The word for the log and for whoever helps.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Misconfigured => "misconfigured",
            Self::State => "state",
            Self::Declined => "declined",
            Self::Issuer => "issuer",
            Self::Code => "code",
            Self::Signature => "signature",
            Self::Algorithm => "algorithm",
            Self::Audience => "audience",
            Self::Nonce => "nonce",
            Self::Expired => "expired",
            Self::Subject => "subject",
            Self::Domain => "domain",
            Self::Require => "require",
            Self::Unproven => "unproven",
            Self::Known => "known",
            Self::Taken => "taken",
            Self::Closed => "closed",
            Self::Other => "other",
        }
    }

    /// Status of the page. What a provider does wrong is no failure of this server.
    pub fn status(self) -> u16 {
        match self {
            Self::State | Self::Declined | Self::Code => 400,
            Self::Unanswered | Self::Misconfigured => 424,
            Self::Known | Self::Taken => 409,
            _ => 403,
        }
    }

    /// One sentence that says what to do; `label` is what the provider is called.
    pub fn sentence(self, label: &str) -> String {
        match self {
            Self::Unanswered => {
                format!("{label} does not answer at the moment; try again in a minute, or sign in another way.")
            }
            Self::Misconfigured => format!(
                "The sign-in with {label} is not set up completely; sign in another way, and tell your administrator."
            ),
            Self::State => {
                "This way back from the sign-in page was used before, took more than ten minutes, or began in \
                            another browser; start again here."
                    .to_owned()
            }
            Self::Declined => {
                format!("The sign-in with {label} was broken off, so nothing happened; start again here.")
            }
            Self::Code => format!("{label} did not confirm the sign-in; start again here."),
            Self::Expired => format!(
                "What {label} said about you is too old or from the future; start again, and if it comes back, tell your \
                 administrator to check the clocks."
            ),
            Self::Issuer | Self::Signature | Self::Algorithm | Self::Audience | Self::Nonce | Self::Subject => format!(
                "What {label} said about you could not be trusted, so nobody was signed in; start again, and if it comes \
                 back, tell your administrator."
            ),
            Self::Domain => format!(
                "This account at {label} does not belong to a school or office that signs in here; choose your work account \
                 there, or sign in another way."
            ),
            Self::Require => format!(
                "{label} does not say that you work at a school or office of this city, so it does not let you in; sign in \
                 another way, or ask your principal for an invitation."
            ),
            Self::Unproven => format!(
                "{label} has not proven your email address, so we cannot tell which account is yours; sign in with a link by \
                 email first, then connect {label} under Security."
            ),
            Self::Known => format!(
                "There is an account with your email address, and {label} does not answer for it; sign in with a link by \
                 email first, then connect {label} under Security."
            ),
            Self::Taken => format!(
                "That account at {label} is connected with another account here; sign out there, choose your own, and start \
                 again."
            ),
            Self::Closed => {
                "Your account here is closed; write to your city's administrators if it should not be.".to_owned()
            }
            Self::Other => {
                format!("Somebody else has signed in here meanwhile; open Security and connect {label} again.")
            }
        }
    }
}
