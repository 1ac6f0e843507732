//! The entrance over HTTP: a file for each part of it.

pub mod cookie;
pub mod enter;
pub mod identify;
pub mod passkeys;
pub mod second_step;

use crate::web::methods::{Resource, resource};

/// The pages of the entrance.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sign-in/second-step", resource().get(second_step::sign_in_view).post(second_step::pass_view)),
        ("/sign-in/second-step/passkey", resource().post(passkeys::pass_view)),
        ("/sign-in/passkey", resource().post(passkeys::enter_view)),
        ("/sign-in/passkey/options", resource().post(passkeys::entry_options_view)),
        ("/me/security/second-step", resource().get(second_step::state_view)),
        ("/me/security/second-step/app", resource().get(second_step::app_view).post(second_step::begin_app_view)),
        ("/me/security/second-step/app/confirmation", resource().post(second_step::confirm_app_view)),
        (
            "/me/security/second-step/app/removal",
            resource().get(second_step::removal_view).post(second_step::remove_app_view),
        ),
        (
            "/me/security/second-step/recovery-codes",
            resource().get(second_step::renewal_view).post(second_step::renew_view),
        ),
        ("/me/security/passkeys", resource().get(passkeys::passkeys_view).post(passkeys::add_view)),
        ("/me/security/passkeys/options", resource().post(passkeys::new_options_view)),
        ("/me/security/passkeys/:id/removal", resource().post(passkeys::remove_view)),
    ]
}
