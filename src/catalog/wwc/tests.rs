use chrono::NaiveDate;

use super::*;
use crate::catalog::parse::{NewPractice, Rules, Trust};
use crate::platform::vocabulary::{AppliesTo, GradeBand};

const INTERVENTIONS: &str = "id,name\n1,Story Steps®\n2,\"Count, Then Talk\"\n3,Never Reviewed\n";

const REPORTS: &str = "\u{feff}InterventionID,Intervention_Name,Protocol,Protocol_Version,Outcome_Domain,NumStudiesMeetingStandards,Delivery_Method_Small_Group,Demographics_of_Study_Sample_English_language_learners,Gender_Female,Grade_K,Grade_1,Grade_3,Grade_PS,Urbanicity_Urban,Intervention_Page_URL,Sample_Size_Intervention,Effectiveness_Rating
1,Story Steps®,Beginning Reading,1.0,Alphabetics,4,1.00,100.00,45.50,1.00,1.00,1.00,,1.00,/intervention/1,800,Positive Effects
1,Story Steps®,Beginning Reading,1.0,Comprehension,1,1.00,100.00,45.50,1.00,,,,,/intervention/1,20,Potentially Positive Effects
1,Story Steps®,Adolescent Literacy,2.0,Comprehension,2,,,,,,,,,/intervention/1,900,Mixed Effects
1,Story Steps®,Adolescent Literacy,2.0,Writing achievement,3,,,,,,,,,/intervention/1,4,N/A
1,Story Steps®,Early Childhood Education,1.0,,,,,,,,,,,,,
2,\"Count, Then Talk\",Middle School Math,1.0,,,,,,,,,,,,,
x,Nobody,Middle School Math,1.0,,,,,,,,,,,,,
";

const FINDINGS: &str = "InterventionID,Protocol,Outcome_Domain,Is_Subgroup,Is_Statistically_Significant,Effect_Size_WWC,Improvement_Index,ESSA_Rating
1,Single Study Review,Alphabetics,False,True,0.3,12,ESSA Tier 2
1,Beginning Reading,Alphabetics,False,True,,12,ESSA Tier 1
1,Beginning Reading,Comprehension,False,True,0.3,12,ESSA Tier 1
1,Adolescent Literacy,Comprehension,False,True,0.3,12,ESSA Tier 2
1,Adolescent Literacy,Alphabetics,True,True,0.3,12,
";

fn import(findings: &str) -> WwcImport {
    read(INTERVENTIONS.as_bytes(), REPORTS.as_bytes(), findings.as_bytes()).unwrap()
}

fn parse(draft: &PracticeDraft) -> NewPractice {
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    NewPractice::parse(draft.clone(), Rules::Imported, Trust::Editor, today).unwrap()
}

#[test]
fn an_intervention_becomes_a_practice_with_a_claim_for_each_rated_outcome() {
    let import = import(FINDINGS);
    let practice = parse(&import.drafts[0]);
    let record = practice.record;
    assert_eq!(practice.source.as_deref(), Some("wwc:1"));
    assert_eq!((record.title.as_str(), record.original_name.as_deref()), ("Story Steps", Some("Story Steps®")));
    assert_eq!(record.imported_url.as_deref(), Some("https://ies.ed.gov/ncee/wwc/intervention/1"));
    assert_eq!(record.grade_bands, [GradeBand::K_2, GradeBand::G3_5]);
    let codes = |codes: Vec<&'static str>| codes.join(" ");
    assert_eq!(codes(record.topics.iter().map(|c| c.code()).collect()), "early_reading reading_comprehension writing");
    assert_eq!(codes(record.subjects.iter().map(|c| c.code()).collect()), "ela_literacy");
    assert_eq!(codes(record.student_groups.iter().map(|c| c.code()).collect()), "mll");
    assert_eq!(codes(record.settings.iter().map(|c| c.code()).collect()), "small_group");
    assert_eq!(
        record.summary.unwrap(),
        "A program or practice that the What Works Clearinghouse reviewed for Beginning Reading, Adolescent Literacy, and \
         Early Childhood Education. Its ratings: positive effects on alphabetics; potentially positive effects on \
         comprehension; mixed effects on comprehension. 1 to 4 studies for each outcome met its standards."
    );
    assert_eq!(
        record.what_we_do_not_know.unwrap(),
        "The review for Early Childhood Education lists no study that met its standards, and there is no rating on \
         writing achievement."
    );
    let outcomes: Vec<&str> = record.evidence_claims.iter().map(|claim| claim.outcome.as_str()).collect();
    assert_eq!(outcomes, ["Alphabetics", "Comprehension (Beginning Reading)", "Comprehension (Adolescent Literacy)"]);
    let alphabetics = &record.evidence_claims[0];
    assert_eq!((alphabetics.studies, alphabetics.students), (Some(4), Some(800)));
    assert_eq!(alphabetics.finding, Some(Finding::HELPED));
    assert_eq!(alphabetics.applies_to, Some(AppliesTo::IDEA));
    assert_eq!(alphabetics.rating.as_deref(), Some("Positive Effects"));
    assert_eq!(alphabetics.grades.as_deref(), Some("Grades K-1, 3"));
    assert_eq!(alphabetics.populations.as_deref(), Some("45.5% female, 100% English learners; urban"));
    assert!(alphabetics.citation.as_deref().unwrap().contains("Beginning Reading intervention report: Story Steps"));
    // 45.5 % of 20 students would be a count under 10.
    assert_eq!(record.evidence_claims[1].populations.as_deref(), Some("100% English learners"));
}

#[test]
fn a_tier_is_carried_over_only_where_the_claim_bears_it() {
    let with = import(FINDINGS);
    let tiers: Vec<Option<&str>> = with.drafts[0].evidence_claims.iter().map(|claim| claim.tier.as_deref()).collect();
    assert_eq!(tiers, [Some("essa_1"), None, None]);
    let withheld: Vec<&String> = with.notes.iter().filter(|note| note.contains("not carried over")).collect();
    assert!(withheld[0].contains("does not show 350") && withheld[1].contains("not positive"), "{withheld:?}");

    let header = FINDINGS.lines().next().unwrap();
    for unfit in ["True,True,0.3,12", "False,False,0.3,12", "False,True,-0.3,-12", "False,True,,-12"] {
        let findings = format!("{header}\n1,Beginning Reading,Alphabetics,{unfit},ESSA Tier 1\n");
        assert_eq!(import(&findings).drafts[0].evidence_claims[0].tier, None, "{unfit}");
    }
}

#[test]
fn without_a_rating_there_is_no_claim() {
    let import = import(FINDINGS);
    let practice = parse(&import.drafts[1]);
    assert!(practice.record.evidence_claims.is_empty());
    assert_eq!(practice.record.imported_url.as_deref(), Some("https://ies.ed.gov/ncee/wwc/"));
    assert_eq!(practice.record.grade_bands, [GradeBand::G6_8]);
    assert_eq!(
        practice.record.what_we_do_not_know.as_deref(),
        Some("The review for Middle School Math lists no study that met its standards.")
    );
    assert_eq!(import.drafts.len(), 2);
    assert_eq!(import.without_report, 1);
}

#[test]
fn bad_rows_are_noted_and_bad_files_refused() {
    let notes = import(FINDINGS).notes;
    assert!(
        notes.contains(
            &"wwc_InterventionReports.csv line 8: left out, its InterventionID is not a number or its name is empty."
                .to_owned()
        ),
        "{notes:?}"
    );
    let cut = read("id\n1\n".as_bytes(), REPORTS.as_bytes(), FINDINGS.as_bytes()).unwrap_err();
    assert_eq!(cut.to_string(), "interventions.csv: Give the file as published; it has no column name.");
    let latin = b"id,name\n1,Caf\xe9\n2,Fine\n";
    let import = read(&latin[..], REPORTS.as_bytes(), FINDINGS.as_bytes()).unwrap();
    assert!(import.notes[0].starts_with("interventions.csv: left out a row"), "{:?}", import.notes);
    assert!(read(&b""[..], &b"\0\0"[..], &b""[..]).is_err());
}
