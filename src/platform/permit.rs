//! The word of a policy, without which nothing is written down and so nothing happens.

use super::actor::{Actor, Scope};
use super::error::{Error, Result};

/// Says that the actor may do what is about to be done. [`super::Tx::record`] asks for one, every change of state is
/// recorded, and only the `policy.rs` of a feature makes permits (a test of the architecture): an operation that asked
/// nobody does not compile.
#[derive(Debug)]
#[must_use = "a permit is for recording what it permits"]
pub struct Permit(());

impl Permit {
    /// A permit if `allowed`; otherwise the refusal that fits the actor: a visitor is asked to sign in, a token that may
    /// only read is told so, a person whose second step is missing is led to it, and all others read `sentence`, which
    /// says who may.
    pub fn when(actor: &Actor, allowed: bool, sentence: &str) -> Result<Self> {
        match actor {
            Actor::System(_) if allowed => Ok(Self(())),
            Actor::Visitor if !allowed => Err(Error::SignInRequired),
            Actor::Person(person) if person.scope < Scope::Write => {
                Err(Error::Forbidden("This token may only read; make one that may write.".to_owned()))
            }
            _ if allowed => Ok(Self(())),
            Actor::Person(person) if person.lacks_second_step() => Err(Error::Forbidden(format!(
                "{sentence} Your role asks for a second step when you sign in: set it up under Security, or sign in with it."
            ))),
            _ => Err(Error::Forbidden(sentence.to_owned())),
        }
    }
}
