//! What the pages of the administration show: plain values, printed by the templates beside this file.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, CountedLink, Link};

/// Where the other pages of a list are.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// Next page; `None` on the last.
    pub next_url: Option<String>,
    /// First page, when this is not it.
    pub first_url: Option<String>,
}

/// A school or an organization to type, or to choose where the text means more than one.
#[derive(Clone, Debug, Default)]
pub struct PlaceField {
    /// What the field is called.
    pub label: &'static str,
    /// What to type.
    pub hint: &'static str,
    /// What was typed.
    pub text: String,
    /// What it may mean, where it means more than one; the form then offers these.
    pub meant: Vec<Choice>,
}

/// The page `/admin`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_home.html")]
pub struct AdminHomePage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// How much there is of what.
    pub numbers: Vec<CountedLink>,
}

/// Somebody in the list of people.
#[derive(Clone, Debug, Default)]
pub struct PersonRow {
    /// How they are called.
    pub name: String,
    /// Their page in the administration.
    pub url: String,
    /// Their address; empty prints none.
    pub email: String,
    /// "Principal at Tamsin Row Elementary", "Teacher or staff at Orrin Vale (asked)".
    pub roles: Vec<String>,
    /// "In use", "Closed", "Erased".
    pub state: &'static str,
    /// Whether the account is in use.
    pub active: bool,
}

/// The page `/admin/people`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_people.html")]
pub struct AdminPeoplePage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// Name or address looked for.
    pub query: String,
    /// Roles to choose from, "Any role" first.
    pub roles: Vec<Choice>,
    /// States to choose from, "Any" first.
    pub states: Vec<Choice>,
    /// "12 people".
    pub count: String,
    /// This page of them.
    pub people: Vec<PersonRow>,
    /// The other pages.
    pub pages: Pages,
    /// Nothing is ever to be put right in this form.
    pub none: Corrections,
}

/// A role of a person, held, asked for or ended.
#[derive(Clone, Debug, Default)]
pub struct RoleRow {
    /// "Principal".
    pub role: String,
    /// Where; an empty address prints the words only.
    pub place: Link,
    /// "Since March 4, 2026", "Asked on ...", "Until ...".
    pub standing: String,
    /// "Invitation", "Email domain".
    pub known_by: &'static str,
    /// Where its end is posted; empty prints no button.
    pub end_url: String,
}

/// The page `/admin/people/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_person.html")]
pub struct AdminPersonPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub notice: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// This page.
    pub url: String,
    /// How the person is called.
    pub name: String,
    /// Their address; empty where it was erased.
    pub email: String,
    /// Whether they have proven that it is theirs.
    pub confirmed: bool,
    /// What they do; empty prints none.
    pub title: String,
    /// "In use", "Closed", "Erased".
    pub state: &'static str,
    /// Whether the account is in use.
    pub active: bool,
    /// Whether it was erased.
    pub erased: bool,
    /// Whether it is the account of whoever looks.
    pub own: bool,
    /// "March 4, 2026".
    pub since: String,
    /// Every role, those that hold first.
    pub memberships: Vec<RoleRow>,
    /// Roles to give.
    pub roles: Vec<Choice>,
    /// Where.
    pub place: PlaceField,
}

/// A school in the list.
#[derive(Clone, Debug, Default)]
pub struct SchoolFound {
    /// Its name.
    pub name: String,
    /// Its page in the administration.
    pub url: String,
    /// "Old Mill, Rivermark"; empty prints none.
    pub facts: String,
    /// "Closed", "Part of another school"; empty prints none.
    pub standing: &'static str,
}

/// The page `/admin/schools`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_schools.html")]
pub struct AdminSchoolsPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub notice: &'static str,
    /// What is looked for.
    pub query: String,
    /// "12 schools".
    pub count: String,
    /// This page of them.
    pub schools: Vec<SchoolFound>,
    /// The other pages.
    pub pages: Pages,
}

/// The share of one student group, to choose.
#[derive(Clone, Debug, Default)]
pub struct ShareField {
    /// The field's name: `share_mll`.
    pub name: String,
    /// "Multilingual learners".
    pub label: String,
    /// Bands, "Not stated" first.
    pub choices: Vec<Choice>,
}

/// The facts of a school as a form.
#[derive(Clone, Debug, Default)]
pub struct SchoolForm {
    /// Its name.
    pub name: String,
    /// Sectors, "Not known" first.
    pub sectors: Vec<Choice>,
    /// Name of its organization.
    pub organization: String,
    /// City.
    pub city: String,
    /// Two-letter state.
    pub state: String,
    /// Neighborhood.
    pub neighborhood: String,
    /// Campus.
    pub campus: String,
    /// "PK-5".
    pub grades: String,
    /// Number of students.
    pub students: String,
    /// Kind of school.
    pub school_type: String,
    /// A sentence about itself.
    pub profile: String,
    /// Shares of student groups.
    pub shares: Vec<ShareField>,
}

/// The page `/admin/schools/new`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_school_new.html")]
pub struct AdminSchoolNewPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// The facts.
    pub form: SchoolForm,
}

/// The page `/admin/schools/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_school.html")]
pub struct AdminSchoolPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub notice: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// This page.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its public page.
    pub page_url: String,
    /// NCES number; empty prints none.
    pub nces_id: String,
    /// "June 30, 2026"; empty while it is open.
    pub closed: String,
    /// The day in the form.
    pub closed_on: String,
    /// The school it became part of.
    pub merged_into: Option<Link>,
    /// The state of the facts that the form began with.
    pub seen: String,
    /// The facts.
    pub form: SchoolForm,
}

/// The page `/admin/schools/{id}/merger`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_merger.html")]
pub struct AdminMergerPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// The school's page in the administration.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its public page.
    pub page_url: String,
    /// Schools that may be meant.
    pub choices: Vec<Choice>,
}

/// An organization in the list.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFound {
    /// Its name.
    pub name: String,
    /// "District or agency, Rivermark".
    pub facts: String,
}

/// The page `/admin/organizations`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_organizations.html")]
pub struct AdminOrganizationsPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub notice: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// What is looked for.
    pub query: String,
    /// "12 organizations".
    pub count: String,
    /// This page of them.
    pub organizations: Vec<OrganizationFound>,
    /// The other pages.
    pub pages: Pages,
    /// Name typed.
    pub name: String,
    /// Kinds.
    pub kinds: Vec<Choice>,
    /// City typed.
    pub city: String,
    /// State typed.
    pub state: String,
}

/// An open invitation.
#[derive(Clone, Debug, Default)]
pub struct InvitationRow {
    /// Name and address.
    pub who: String,
    /// "Principal".
    pub role: String,
    /// Name of the place.
    pub place: String,
    /// "March 4, 2026".
    pub until: String,
    /// Where its withdrawal is posted.
    pub withdraw_url: String,
}

/// The page `/admin/invitations`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_invitations.html")]
pub struct AdminInvitationsPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub notice: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// Those that are open.
    pub invitations: Vec<InvitationRow>,
    /// Address typed.
    pub email: String,
    /// Name typed.
    pub name: String,
    /// Roles to choose from.
    pub roles: Vec<Choice>,
    /// Where.
    pub place: PlaceField,
}

/// An email domain.
#[derive(Clone, Debug, Default)]
pub struct DomainRow {
    /// What stands after the @.
    pub domain: String,
    /// Name of the school or organization.
    pub place: String,
    /// Where its removal is posted.
    pub remove_url: String,
}

/// The page `/admin/domains`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_domains.html")]
pub struct AdminDomainsPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the menu.
    pub admin_at: &'static str,
    /// What was just done; empty prints none.
    pub notice: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// "3 domains".
    pub count: String,
    /// All of them.
    pub domains: Vec<DomainRow>,
    /// Domain typed.
    pub domain: String,
    /// Whose.
    pub place: PlaceField,
}

#[cfg(test)]
mod samples;
