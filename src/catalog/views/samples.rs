//! One of each, rich enough to see everything the template can print.

use super::*;
use crate::web::views::Section;

fn s(text: &str) -> String {
    text.to_owned()
}

fn list(entries: &[&str]) -> Vec<String> {
    entries.iter().map(|e| s(e)).collect()
}

fn links(entries: &[(&str, &str)]) -> Vec<Link> {
    entries.iter().map(|(text, query)| Link { text: s(text), url: format!("/search?{query}") }).collect()
}

impl PracticePage {
    /// A full record.
    pub fn sample() -> Self {
        let step = |what: &str, who: &str, how_long: &str| Step { what: s(what), who: s(who), how_long: s(how_long) };
        let title = "Six-Week Reading Safety Net for Grades K-2";
        let url = "/practices/six-week-reading-safety-net";
        let mut chrome = Chrome::sample(title, url, Section::Search);
        chrome.og_type = s("article");
        Self {
            chrome,
            title: s(title),
            url: s(url),
            permalink: format!("https://commonground.example.org{url}"),
            version: 3,
            result: ResultMark::sample("worked"),
            summary: s(
                "Every six weeks teachers check each K-2 reader with the same short diagnostic and regroup students who are behind. Reading specialists run 20-minute small groups until the next check, so no child waits a semester for help.",
            ),
            problem_html: s(
                "Children who fell behind in first grade were noticed at the winter benchmark and helped in spring. By then the gap had grown, and the same children were behind again in second grade.",
            ),
            practice_type: s("Intervention or program"),
            topics: links(&[
                ("Early reading and phonics", "topic=early_reading"),
                ("MTSS, RTI and intervention", "topic=mtss"),
            ]),
            grades: links(&[("K-2", "grade_band=k_2")]),
            subjects: links(&[("ELA and literacy", "subject=ela_literacy")]),
            student_groups: links(&[
                ("All students", "student_group=all_students"),
                ("Students from low-income families", "student_group=low_income"),
            ]),
            settings: links(&[("Small group", "setting=small_group")]),
            origin: Some(Origin {
                school: SchoolLine::sample("Quillwater Charter School", "charter"),
                grades: s("K-5"),
                size_band: s("300 to 499 students"),
                neighborhood: s("Harbor Point"),
                shares: list(&[
                    "Low-income families: 70 to 80%",
                    "Multilingual learners: 20 to 30%",
                    "Students with disabilities: 10 to 20%",
                ]),
            }),
            in_use_since: s("2022"),
            published_on: s("September 14, 2026"),
            last_checked_on: s("September 14, 2026"),
            check_by: s("September 2028"),
            overdue: true,
            checks: true,
            steps: vec![
                step(
                    "Choose one short diagnostic for decoding and fluency, the same in every K-2 room.",
                    "Reading specialist and grade teams",
                    "One meeting",
                ),
                step(
                    "Check every reader in the same three days. Two adults cover the room while the teacher listens.",
                    "Classroom teachers, paraprofessionals",
                    "8 minutes a child",
                ),
                step(
                    "Sort names into three groups on one page: on track, one skill behind, several skills behind.",
                    "Grade team",
                    "45 minutes",
                ),
                step(
                    "Run small groups four days a week on the skill that is missing, until the next check.",
                    "Reading specialists",
                    "20 minutes a day",
                ),
                step(
                    "Check again after six weeks and regroup. Tell each family in one sentence what changed.",
                    "Grade team",
                    "Half a day",
                ),
            ],
            core_parts: list(&[
                "The same check for every child, every six weeks",
                "Groups formed by the missing skill, not by level",
                "Nobody waits for the next benchmark",
            ]),
            can_change: list(&[
                "Which diagnostic you use",
                "Who leads the groups: tutors worked at one school",
                "Four days or three",
            ]),
            a_day_or_week_html: s(
                "Monday to Thursday, 9:10 to 9:30: three groups of four work in the hallway room and the library while the class reads in pairs. On Friday the specialist sits with one grade team for fifteen minutes.",
            ),
            materials: vec![
                Material {
                    title: s("Three-group sorting page"),
                    url: s("https://commonground.example.org/files/sort.docx"),
                    kind: s("Form"),
                    facts: list(&["English, Spanish", "Word, editable", "CC BY 4.0", "works with screen readers"]),
                },
                Material {
                    title: s("Six-week calendar"),
                    url: String::new(),
                    kind: s("Schedule"),
                    facts: list(&["ask the school"]),
                },
            ],
            evidence: vec![
                Evidence {
                    outcome: s("Decoding and word reading"),
                    tier: s("essa_1"),
                    tier_label: s("Strong (ESSA tier 1)"),
                    finding: s("helped"),
                    finding_label: s("Helped"),
                    detail: s(
                        "Small-group teaching of the missing foundational skill raised word reading in grades K-2.",
                    ),
                    applies_to: s("The idea in general"),
                    studies: s("18 studies"),
                    students: s("More than 3,000"),
                    grades: s("K-3"),
                    populations: s("Students at risk in reading; urban and suburban schools"),
                    citation: Link::sample(
                        "WWC practice guide NCEE 2016-4008, Foundational Skills to Support Reading for Understanding in K-3 (2016)",
                        "https://ies.ed.gov/ncee/wwc/PracticeGuide/21",
                    ),
                    checked_by: s("Catalog editor"),
                    checked_on: s("September 10, 2026"),
                },
                Evidence {
                    outcome: s("Reading comprehension"),
                    tier: s("essa_4"),
                    tier_label: s("Has a rationale (ESSA tier 4)"),
                    finding: s("no_clear_effect"),
                    finding_label: s("No clear effect"),
                    applies_to: s("The idea in general"),
                    citation: Link::sample("Same guide, chapter 4", ""),
                    checked_by: s("Catalog editor"),
                    checked_on: s("September 10, 2026"),
                    ..Evidence::default()
                },
                Evidence {
                    outcome: s("Teachers' planning time"),
                    tier: s("practitioner"),
                    tier_label: s("Practitioner account"),
                    finding: s("harm"),
                    finding_label: s("Harm"),
                    detail: s("Grade teams lose one planning period in each check week."),
                    applies_to: s("This school's version"),
                    ..Evidence::default()
                },
                Evidence {
                    outcome: s("Referrals to special education"),
                    finding: s("mixed"),
                    finding_label: s("Mixed"),
                    applies_to: s("This school's version"),
                    ..Evidence::default()
                },
            ],
            measures: vec![
                Measure {
                    measure: s("First graders at benchmark in fluency"),
                    before: s("48%"),
                    after: s("66%"),
                    students: s("50 to 99"),
                    dates: s("Fall 2022 to spring 2024"),
                    compared_with: s("The same grade two years before"),
                    source: s("School's own fluency checks"),
                },
                Measure {
                    measure: s("Students regrouped within ten days"),
                    before: s("none"),
                    after: s("9 in 10"),
                    students: s("100 to 199"),
                    dates: s("2023-24"),
                    compared_with: String::new(),
                    source: s("Sorting pages"),
                },
            ],
            what_we_do_not_know: s("We do not know whether children keep the gain in grade 3, when the groups end."),
            time_to_start: s("Two to four months"),
            weekly_time: s("Over 90 minutes a week"),
            cost: s("$1,000 to $10,000"),
            cost_note: s("Diagnostic licenses and substitutes for two mornings"),
            staffing: list(&["Grade or department team", "Instructional coach"]),
            conditions: list(&["Control of the daily schedule"]),
            training: s("6 hours before the first check, one hour a term after"),
            space_and_technology_html: s("Two quiet corners for groups of four; no devices"),
            timeline: list(&[
                "Spring: choose the check and the times. August: train. First check in the third week of school.",
            ]),
            who_decided_html: s("Grade teams proposed it, the principal moved the schedule"),
            first_week: list(&[
                "Try the check with one class. Time it. Sort the names together and write down what you argued about.",
            ]),
            prerequisites: list(&["A daily block when specialists are free", "Agreement on one diagnostic"]),
            pitfalls: list(&[
                "Groups that never change: if nobody moves after six weeks, the check is too hard or the lesson is",
                "Specialists pulled to cover absences",
            ]),
            how_to_keep_it_going_html: s(
                "Put the check weeks in the school calendar before anything else, and let the grade team chair the sorting meeting.",
            ),
            not_a_fit_when: list(&["One specialist serves more than two grades"]),
            contact_role: s("Reading specialist, Quillwater Charter School"),
            visits: s("Open to visits on Thursdays, two visitors at a time, twice a term"),
            used_by: UsedBy::sample(1, 2),
            adoptions: vec![
                Adoption {
                    school: SchoolLine::sample("Tamsin Row Elementary", "district"),
                    stage: s("in_use"),
                    stage_label: s("In use"),
                    since: s("since September 2025"),
                    across: true,
                    url: s("/adoptions/01998c1e-5b70-7a31-8c55-3f1f62b0c1da"),
                    changed: s("Tutors lead two of the four groups."),
                    note: s("The sorting page did more for us than the test."),
                },
                Adoption {
                    school: SchoolLine::sample("Saltmarsh Elementary", "district"),
                    stage: s("piloting"),
                    stage_label: s("Piloting"),
                    since: s("since February 2026"),
                    across: true,
                    ..Adoption::default()
                },
                Adoption {
                    school: SchoolLine::sample("Pebble Lane Charter School", "charter"),
                    stage: s("in_use"),
                    stage_label: s("In use"),
                    since: s("since October 2025"),
                    ..Adoption::default()
                },
            ],
            related: vec![
                Related {
                    practice: Link::sample("Sound Wall and Ten-Minute Phonics Warm-Up", "/practices/sound-wall"),
                    school: Some(SchoolLine::sample("Tamsin Row Elementary", "district")),
                    why: s("Same topic, other sector"),
                },
                Related {
                    practice: Link::sample("Peer tutoring across grade levels", "/practices/peer-tutoring"),
                    school: None,
                    why: s("Same grades"),
                },
            ],
            license: Link::sample("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
            contributors: list(&["Reading specialist", "Grade 1 team"]),
            citation: format!(
                "Quillwater Charter School (2026). {title}, version 3. Common Ground. https://commonground.example.org{url}/v/3"
            ),
            versions: vec![
                VersionLine {
                    number: 3,
                    url: format!("{url}/v/3"),
                    on: s("September 14, 2026"),
                    note: s("Adds the numbers of 2023-24."),
                    shown: true,
                },
                VersionLine {
                    number: 2,
                    url: format!("{url}/v/2"),
                    on: s("March 2, 2025"),
                    note: s("Steps rewritten after two visits."),
                    shown: false,
                },
                VersionLine {
                    number: 1,
                    url: format!("{url}/v/1"),
                    on: s("October 8, 2023"),
                    note: String::new(),
                    shown: false,
                },
            ],
            completeness: Some(Completeness {
                done: 24,
                total: 26,
                missing: vec![
                    Missing {
                        what: s("A link for the calendar"),
                        why: s("Colleagues start sooner when they can copy it."),
                    },
                    Missing { what: s("Training plan"), why: s("Principals ask what to budget.") },
                ],
            }),
            ..Self::default()
        }
    }

    /// An earlier version, as it prints.
    pub fn sample_old_version() -> Self {
        let mut page = Self::sample();
        page.version = 2;
        page.published_on = s("March 2, 2025");
        page.old_version = Some(OldVersion { latest: 3, latest_url: page.url.clone() });
        page.chrome.noindex = true;
        for v in &mut page.versions {
            v.shown = v.number == 2;
        }
        page
    }

    /// A practice that was stopped, and later retired from the catalog.
    pub fn sample_stopped() -> Self {
        let title = "Merit and Demerit Points: Why We Stopped";
        let url = "/practices/merit-and-demerit-points";
        Self {
            chrome: Chrome::sample(title, url, Section::Search),
            title: s(title),
            url: s(url),
            permalink: format!("https://commonground.example.org{url}"),
            version: 1,
            result: ResultMark::sample("stopped"),
            summary: s(
                "For one year the school tried a points system with demerits and automatic detentions, and referrals rose for the students it was meant to help. Staff explain what the numbers showed and what replaced it.",
            ),
            stopped: Some(Stopped {
                because_html: s(
                    "Referrals of ninth graders rose by a third in one semester. Most demerits came from four rooms and fell on students who already had plans. Detention took the hour that tutoring needed.",
                ),
                replaced_by_html: s(
                    "A greeting at the door, a two-minute reset, and a weekly check-in with one adult.",
                ),
            }),
            retired: Some(Retired {
                reason: s("The school closed its upper grades."),
                on: s("June 30, 2026"),
                replaced_by: Some(Link::sample(
                    "Greeting at the Door and Two-Minute Reset",
                    "/practices/greeting-at-the-door",
                )),
            }),
            topics: links(&[
                ("Discipline policy and alternatives to suspension", "topic=discipline_policy"),
                ("Classroom management", "topic=classroom_management"),
            ]),
            grades: links(&[("Grades 9-12", "grade_band=g9_12")]),
            origin: Some(Origin {
                school: SchoolLine::sample("Kestrel Works Charter High School", "charter"),
                neighborhood: s("Northgate"),
                ..Origin::default()
            }),
            published_on: s("May 3, 2026"),
            measures: vec![Measure {
                measure: s("Referrals a month"),
                before: s("41"),
                after: s("55"),
                students: s("200 to 299"),
                dates: s("Fall 2024 to spring 2025"),
                compared_with: s("The year before"),
                source: s("School records"),
            }],
            time_to_start: s("Two to four months"),
            weekly_time: s("30 to 90 minutes a week"),
            cost: s("Under $1,000"),
            staffing: list(&["Whole staff"]),
            conditions: list(&["A change to the discipline code"]),
            license: Link::sample("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
            ..Self::default()
        }
    }

    /// An imported record that says almost nothing.
    pub fn sample_imported() -> Self {
        let title = "Peer tutoring across grade levels";
        let url = "/practices/peer-tutoring-across-grade-levels";
        Self {
            chrome: Chrome::sample(title, url, Section::Search),
            title: s(title),
            url: s(url),
            permalink: format!("https://commonground.example.org{url}"),
            version: 1,
            imported: Some(Imported {
                source: Link::sample("State sharing library, record 1180", "https://example.org/1180"),
                on: s("November 2, 2026"),
            }),
            completeness: Some(Completeness {
                done: 1,
                total: 26,
                missing: vec![
                    Missing {
                        what: s("Two sentences: what you do, what changes"),
                        why: s("It is what people read in the search results."),
                    },
                    Missing { what: s("Steps"), why: s("A colleague can try it from them.") },
                    Missing { what: s("School"), why: s("Readers look for schools like theirs.") },
                ],
            }),
            ..Self::default()
        }
    }
}

#[test]
fn pages_of_practices_render() -> askama::Result<()> {
    for page in [
        PracticePage::sample(),
        PracticePage::sample_old_version(),
        PracticePage::sample_stopped(),
        PracticePage::sample_imported(),
    ] {
        let html = page.render()?;
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(!html.contains(" style="));
        for section in ["Snapshot", "What they do", "Did it work?", "How they did it", "Before you adopt it", "More"] {
            assert!(html.contains(&format!(">{section}</h2>")), "{section}");
        }
    }
    let stopped = PracticePage::sample_stopped().render()?;
    assert!(stopped.contains("Why they stopped") && stopped.contains("Taken out of the catalog on June 30, 2026."));
    Ok(())
}
