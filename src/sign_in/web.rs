//! The entrance over HTTP: a file for each part of it.

pub mod address;
pub mod browser;
pub mod cookie;
pub mod enter;
pub mod identify;
pub mod invitation;
mod lift;
pub mod links;
pub mod oidc;
pub mod passkeys;
pub mod second_step;
pub mod security;
pub mod sign_in;
pub mod sign_out;
mod tokens;

use crate::web::methods::{Resource, resource};

/// The pages of the entrance.
pub fn pages() -> Vec<(&'static str, Resource)> {
    let mut pages = vec![
        ("/sign-in", resource().get(sign_in::sign_in_view).post(sign_in::password_view)),
        ("/sign-in/link", resource().post(sign_in::ask_link_view)),
        ("/sign-in/letter", resource().get(sign_in::letter_sent_view)),
        ("/sign-in/link/:secret", resource().get(links::link_view).post(links::use_link_view)),
        ("/sign-out", resource().post(sign_out::sign_out_view)),
        ("/address-change", resource().get(links::answer_view)),
        ("/address-change/:secret", resource().get(links::question_view).post(links::agree_view)),
        ("/address-change/:secret/refusal", resource().post(links::refuse_view)),
        ("/me/security", resource().get(security::security_view)),
        ("/me/security/password", resource().get(security::password_view).post(security::change_password_view)),
        ("/me/security/password/removal", resource().post(security::remove_password_view)),
        ("/me/security/sign-ins/:id/ending", resource().post(security::end_view)),
        ("/me/security/other-sign-ins/ending", resource().post(security::end_others_view)),
        ("/invitations/:secret", resource().get(invitation::invitation_view).post(invitation::accept_view)),
        ("/me/tokens", resource().get(tokens::tokens_view).post(tokens::make_token_view)),
        ("/me/tokens/:id/revocation", resource().post(tokens::revoke_token_view)),
        ("/me/security/address", resource().get(address::address_view).post(address::ask_address_view)),
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
        ("/admin/people/:id/second-step/removal", resource().post(lift::lift_view)),
        ("/me/security/passkeys/:id/removal", resource().post(passkeys::remove_view)),
    ];
    pages.extend(oidc::pages());
    pages
}
