//! The pages of announcements and newsletters.

mod announcements;
mod newsletter;

use crate::web::methods::{Resource, resource};

/// The pages of this feature.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/admin/announcements", resource().get(announcements::list_view).post(announcements::write_view)),
        ("/admin/announcements/new", resource().get(announcements::new_view)),
        ("/admin/announcements/:id", resource().get(announcements::one_view).post(announcements::change_view)),
        ("/admin/announcements/:id/letter", resource().get(announcements::letter_view)),
        ("/admin/announcements/:id/test", resource().post(announcements::test_view)),
        ("/admin/announcements/:id/schedule", resource().post(announcements::schedule_view)),
        ("/admin/announcements/:id/pause", resource().post(announcements::pause_view)),
        ("/admin/announcements/:id/resume", resource().post(announcements::resume_view)),
        ("/admin/announcements/:id/stop", resource().post(announcements::stop_view)),
        ("/announcements/:id", resource().get(newsletter::announced_view)),
        ("/cities/:slug/newsletter", resource().get(newsletter::newsletter_view).post(newsletter::ask_view)),
        ("/n/confirm/:token", resource().get(newsletter::to_confirm_view).post(newsletter::confirm_view)),
        ("/n/:token", resource().get(newsletter::to_leave_view).post(newsletter::leave_view)),
    ]
}
