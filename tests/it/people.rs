//! Schools: from the federal file into pages, lists and the API; what is not known is never guessed.

use std::io::Write;

use commonground::people::{self, ImportReport};
use commonground::platform::Error;
use serde_json::Value;

use crate::support::{SCHOOLS_HEADER, TestApp, both_engines, html, problem, texts};

/// A row of the file: its number makes the ids.
fn row(number: u32, name: &str, charter: &str) -> String {
    format!(
        "0100005{number:05},0100005,{name},Albertville City,Albertville,AL,Kindergarten,5,{charter},CCD,\
         1-Regular school,32-Town,{},34.26,-86.2",
        300 + number
    )
}

async fn import(app: &TestApp, rows: &[String]) -> ImportReport {
    app.import_schools(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await
}

fn counts(report: &ImportReport) -> (usize, usize, usize, usize) {
    (report.added, report.changed, report.unchanged, report.bad.len())
}

both_engines! {
    async fn good_rows_are_kept_and_bad_ones_told_by_line(app: TestApp) {
        let good = row(1, "Marigold School", "Y");
        let rows = [
            good.as_str(),
            &good.replace("010000500001", "12345").replace(",AL,", ",Alabama,"),
            &row(2, "", "N"),
            &row(3, "Aster School", "maybe"),
            &row(4, "Begonia School", "N").replace("304", "many").replace("34.26", "134.26"),
            "010000500005,0100005,Too few cells",
            &row(1, "Marigold once more", "N"),
            &row(6, "Clover School", "N"),
            &row(7, &"x".repeat(201), "N"),
        ];
        let report = app.import_schools(&rows).await;
        assert_eq!(counts(&report), (2, 0, 0, 7));
        let lines: Vec<u64> = report.bad.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7, 8, 10]);
        for (said, words) in report.bad.iter().zip([
            vec!["ncessch wants 12 digits.", "state wants two capital letters."],
            vec!["school_name is missing."],
            vec!["charter wants Y, N, NA or nothing."],
            vec!["students wants a whole number from 0 to 100,000, or nothing.", "degrees"],
            vec!["columns"],
            vec!["010000500001", "earlier line"],
            vec!["school_name may have 200 characters."],
        ]) {
            for word in words {
                let plain = said.1.replace(": ", " ");
                assert!(plain.contains(word), "{said:?} does not say {word:?}");
            }
        }
        assert_eq!(app.json("/api/v1/schools").await["total"], 2);
        assert_eq!(app.json("/api/v1/schools/010000500001").await["name"], "Marigold School");
        app.verify().await;
    }
}

both_engines! {
    async fn the_second_run_changes_nothing_and_a_new_fact_does(app: TestApp) {
        let rows = [row(1, "Marigold School", "Y"), row(2, "Aster School", "N"), row(3, "Clover School", "NA")];
        assert_eq!(counts(&import(&app, &rows).await), (3, 0, 0, 0));
        let first = app.json("/api/v1/schools/010000500001").await;
        app.clock.set("2026-11-14T16:00:00Z".parse().unwrap());
        assert_eq!(counts(&import(&app, &rows).await), (0, 0, 3, 0));
        assert_eq!(app.json("/api/v1/schools/010000500001").await, first);

        let renamed = [row(1, "Larkspur School", "Y"), row(2, "Aster School", "N"), row(3, "Clover School", "NA")];
        assert_eq!(counts(&import(&app, &renamed).await), (0, 1, 2, 0));
        let now = app.json("/api/v1/schools/010000500001").await;
        assert_eq!((&now["id"], &now["slug"]), (&first["id"], &first["slug"]), "it keeps its address");
        assert_eq!(now["name"], "Larkspur School");
        assert!(now["updated_at"].as_str().unwrap().starts_with("2026-11-14"), "{now}");
        assert_eq!(app.json("/api/v1/schools?q=larkspur").await["total"], 1);
        assert_eq!(app.json("/api/v1/schools?q=marigold").await["total"], 0);
        app.verify().await;
    }
}

both_engines! {
    async fn a_district_that_changes_its_name_is_renamed(app: TestApp) {
        let rows = [row(1, "Marigold School", "Y"), row(2, "Aster School", "N")];
        import(&app, &rows).await;
        assert_eq!(app.json("/api/v1/organizations").await["items"][0]["name"], "Albertville City");
        let renamed = rows.map(|row| row.replace("Albertville City", "Greater Albertville"));
        import(&app, &renamed).await;
        assert_eq!(app.json("/api/v1/organizations").await["items"][0]["name"], "Greater Albertville");
        let school = app.json("/api/v1/schools/010000500001").await;
        assert_eq!(school["organization"]["name"], "Greater Albertville");
        // The district is one of the words that a school is found by.
        assert_eq!(app.json("/api/v1/schools?q=greater+albertville").await["total"], 2);
        app.verify().await;
    }
}

both_engines! {
    async fn a_sector_is_never_guessed(app: TestApp) {
        let mut rows = vec![row(1, "Marigold Charter School", ""), row(2, "Aster Charter School", "NA")];
        rows.extend([row(3, "Clover School", "Y"), row(4, "Begonia School", "N")]);
        import(&app, &rows).await;
        for (id, sector) in [("1", Value::Null), ("2", Value::Null), ("3", "charter".into()), ("4", "district".into())]
        {
            let school = app.json(&format!("/api/v1/schools/01000050000{id}")).await;
            assert_eq!(school["sector"], sector, "{school}");
            assert_eq!(school["sector_source"].is_null(), sector.is_null(), "{school}");
        }
        assert_eq!(app.json("/api/v1/schools?sector=charter").await["total"], 1);
        let slug = app.json("/api/v1/schools/010000500001").await["slug"].as_str().unwrap().to_owned();
        let page = html::text(&app.page(&format!("/schools/{slug}")).await);
        assert!(page.contains("Our source does not say"), "{page}");
        assert!(html::text(&app.page("/schools").await).contains("Sector not stated"));
        // Known once and not any more: unknown again.
        rows[2] = row(3, "Clover School", "NA");
        import(&app, &rows).await;
        let school = app.json("/api/v1/schools/010000500003").await;
        assert_eq!((&school["sector"], &school["sector_source"]), (&Value::Null, &Value::Null));
    }
}

both_engines! {
    async fn a_file_of_another_form_is_refused_in_one_sentence(app: TestApp) {
        let refused = async |file: &[u8]| match people::import_schools(app.db(), file, false, |_| {}).await {
            Err(Error::Conflict(sentence)) => sentence,
            other => panic!("{other:?}"),
        };
        let without = SCHOOLS_HEADER.replace("charter_source,", "").replace(",lon", "");
        let sentence = refused(format!("{without}\n").as_bytes()).await;
        assert_eq!(sentence, "The file's first line has to name the columns charter_source, lon.");
        for file in [&b""[..], b"\n\n", b"{\"title\": 1}\n", b"\x00\x01\x02", &[0x1f, 0x8b, 8, 0, 0][..]] {
            let sentence = refused(file).await;
            assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
        }
        assert_eq!(app.json("/api/v1/schools").await["total"], 0);
        // Columns in another order, and more of them, are no other form.
        let turned = "lon,extra,lat,students,locale,school_type,charter_source,charter,grade_high,grade_low,state,city,\
            lea_name,school_name,leaid,ncessch\n\
            ,x,,,,,,Y,5,K,AL,Albertville,City,Marigold School,0100005,010000500001\n";
        let report = people::import_schools(app.db(), turned.as_bytes(), false, |_| {}).await.unwrap();
        assert_eq!(counts(&report), (1, 0, 0, 0));
        // A byte order mark, as spreadsheets write it, and Windows line ends.
        let marked = format!("\u{feff}{SCHOOLS_HEADER}\r\n{}\r\n", row(2, "Aster School", "N"));
        let report = people::import_schools(app.db(), marked.as_bytes(), false, |_| {}).await.unwrap();
        assert_eq!(counts(&report), (1, 0, 0, 0), "{:?}", report.bad);
    }
}

both_engines! {
    async fn a_rehearsal_keeps_nothing(app: TestApp) {
        let file = format!("{SCHOOLS_HEADER}\n{}\nbad\n", row(1, "Marigold School", "Y"));
        let report = people::import_schools(app.db(), file.as_bytes(), true, |_| {}).await.unwrap();
        assert_eq!(counts(&report), (1, 0, 0, 1));
        app.settle().await;
        assert_eq!(app.json("/api/v1/schools").await["total"], 0);
        assert_eq!(app.json("/api/v1/organizations").await["total"], 0);
        assert_eq!(app.get("/api/v1/schools/010000500001").await.status(), 404);
    }
}

both_engines! {
    async fn many_rows_come_in_several_transactions(app: TestApp) {
        let mut rows: Vec<String> = (0..2_300).map(|n| row(n, &format!("School number {n}"), "N")).collect();
        rows.insert(1_500, "bad".to_owned());
        rows.push(row(0, "School number 0 again", "N"));
        let (mut told, file) = (Vec::new(), format!("{SCHOOLS_HEADER}\n{}\n", rows.join("\n")));
        let report = people::import_schools(app.db(), file.as_bytes(), false, |row| told.push(row)).await.unwrap();
        assert_eq!(counts(&report), (2_300, 0, 0, 2));
        assert_eq!(report.bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1_502, 2_303]);
        assert_eq!(told.last(), Some(&2_302), "{told:?}");
        app.settle().await;
        assert_eq!(app.json("/api/v1/schools?limit=1").await["total"], 2_300);
        app.verify().await;
    }
}

both_engines! {
    /// A cell in quotation marks may hold a line break: the line told is still the line in the file.
    async fn a_line_is_a_line_of_the_file(app: TestApp) {
        let broken = row(1, "\"Marigold\nSchool\"", "Y");
        let report = import(&app, &[broken, row(2, "", "N")]).await;
        assert_eq!(counts(&report), (1, 0, 0, 1));
        assert_eq!(report.bad[0].0, 4, "{:?}", report.bad);
        assert_eq!(app.json("/api/v1/schools/010000500001").await["name"], "Marigold School");
    }
}

both_engines! {
    /// One engine cannot keep a NUL, and bytes that are no UTF-8 come from old spreadsheets: bad rows, no lost import.
    async fn bytes_that_are_no_text_spoil_one_row_and_not_the_file(app: TestApp) {
        let mut file = format!("{SCHOOLS_HEADER}\n{}\n", row(1, "Marigold School", "Y")).into_bytes();
        file.extend(row(2, "Aster\0 School", "N").bytes());
        file.push(b'\n');
        file.extend(row(3, "Caf", "N").replace("Caf", "Caf#").bytes().map(|b| if b == b'#' { 0xe9 } else { b }));
        file.push(b'\n');
        file.extend(row(4, "Clover School", "N").bytes());
        let report = people::import_schools(app.db(), file.as_slice(), false, |_| {}).await.unwrap();
        app.settle().await;
        assert!(report.added >= 2, "{report:?}");
        for (_, name) in [(1, "Marigold School"), (4, "Clover School")] {
            assert_eq!(app.json(&format!("/api/v1/schools?q={}", name.replace(' ', "+"))).await["total"], 1, "{name}");
        }
        let told = report.bad.iter().find(|(line, _)| *line == 4).expect("the row that is no UTF-8 is told");
        assert!(told.1.contains("UTF-8"), "the reason is the bytes and not the columns: {told:?}");
    }
}

both_engines! {
    async fn schools_of_one_name_have_addresses_of_their_own(app: TestApp) {
        import(&app, &[row(1, "Marigold School", "Y"), row(2, "Marigold School", "N"), row(3, "???", "N")]).await;
        let mut slugs = Vec::new();
        for id in 1..=3 {
            let school = app.json(&format!("/api/v1/schools/01000050000{id}")).await;
            let slug = school["slug"].as_str().unwrap().to_owned();
            assert!(!slug.is_empty() && slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{slug}");
            assert!(
                html::text(&app.page(&format!("/schools/{slug}")).await).contains(school["name"].as_str().unwrap())
            );
            slugs.push(slug);
        }
        assert_eq!(slugs[0], "marigold-school-albertville-al");
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), 3, "{slugs:?}");
    }
}

both_engines! {
    async fn a_school_has_a_page_with_its_facts(app: TestApp) {
        app.seed().await;
        import(&app, &[row(1, "Marigold <b>School</b>", "Y")]).await;
        let page = app.page("/schools/marigold-b-school-b-albertville-al").await;
        let text = html::text(&page);
        for fact in [
            "Marigold <b>School</b>",
            "Charter",
            "Albertville, AL",
            "Albertville City",
            "010000500001",
            "K\u{2013}5",
            "federal school file",
            "None in the catalog yet",
            "None on record yet",
        ] {
            assert!(text.contains(fact), "{fact}: {text}");
        }
        assert!(!html::elements(&page).iter().any(|e| e.name == "b"));

        let page = app.page("/schools/saltmarsh-elementary").await;
        let text = html::text(&page);
        for fact in [
            "District",
            "Harbor Point",
            "Calm Corner and Co-Regulation Script",
            "Six-Week Reading Safety Net",
            "Piloting",
        ] {
            assert!(text.to_lowercase().contains(&fact.to_lowercase()), "{fact}: {text}");
        }
        // By id and federal id: to the address that lasts.
        let id = app.json("/api/v1/schools/saltmarsh-elementary").await["id"].as_str().unwrap().to_owned();
        for reference in [id.as_str(), "010000500001"] {
            let moved = app.get(&format!("/schools/{reference}")).await;
            assert_eq!(moved.status(), 301, "{reference}");
            assert!(moved.headers()["location"].to_str().unwrap().starts_with("/schools/"));
        }
        for none in ["nobody", "%00", "..%2f..", "a%00b", "%FF", "01998c1e-5b70-7a31-8c55-3f1f62b0c1de"] {
            assert_eq!(app.get(&format!("/schools/{none}")).await.status(), 404, "{none}");
            problem(app.get(&format!("/api/v1/schools/{none}")).await, 404).await;
            problem(app.get(&format!("/api/v1/organizations/{none}")).await, 404).await;
        }
    }
}

both_engines! {
    async fn schools_are_found_and_filtered(app: TestApp) {
        app.seed().await;
        import(&app, &[row(1, "Marigold School", "")]).await;
        for (query, expected) in [
            ("", 13),
            ("q=emberline", 1),
            ("q=marigold", 1),
            ("q=010000500001", 1),
            ("q=albertville+city", 1),
            ("q=harbor+point", 2),
            ("sector=charter", 6),
            ("sector=charter&sector=district", 12),
            ("sector=none", 0),
            ("city=Rivermark", 12),
            ("city=rivermark", 0),
            ("state=AL", 1),
            ("grade_band=g9_12", 4),
            ("sector=charter&grade_band=g9_12", 2),
        ] {
            assert_eq!(app.json(&format!("/api/v1/schools?{query}")).await["total"], expected, "{query}");
        }
        let (mut names, mut path) = (Vec::new(), "/api/v1/schools?limit=5".to_owned());
        loop {
            let page = app.json(&path).await;
            names.extend(texts(&page["items"], "id").into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/schools?limit=5&cursor={next}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 13);

        let page = app.page("/schools?q=emberline").await;
        let links: Vec<_> = html::elements(&page).into_iter().filter(|e| e.name == "a").collect();
        assert!(links.iter().any(|a| a.get("href") == Some("/schools/emberline-collegiate-charter-school")));
        assert!(html::text(&page).contains("1 school found"), "{}", html::text(&page));
        // A city as people type it.
        assert!(html::text(&app.page("/schools?city=rivermark&sector=charter").await).contains("6 schools found"));
        assert!(html::text(&app.page("/schools?q=nobody+at+all").await).contains("No school matches that."));
    }
}

both_engines! {
    async fn organizations_come_by_name_page_by_page(app: TestApp) {
        app.seed().await;
        let all = app.json("/api/v1/organizations?limit=100").await;
        let names: Vec<String> = texts(&all["items"], "name").into_iter().map(str::to_owned).collect();
        assert_eq!(all["total"].as_u64().unwrap() as usize, names.len());
        assert!(names.len() > 2 && names.is_sorted(), "{names:?}");
        let (mut paged, mut path) = (Vec::new(), "/api/v1/organizations?limit=1".to_owned());
        while paged.len() < 100 {
            let page = app.json(&path).await;
            assert_eq!(page["total"], all["total"]);
            paged.extend(texts(&page["items"], "name").into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/organizations?limit=1&cursor={next}");
        }
        assert_eq!(paged, names);
        for cursor in ["x", "01998c1e-5b70-7a31-8c55-3f1f62b0c1de", "%00"] {
            problem(app.get(&format!("/api/v1/organizations?cursor={cursor}")).await, 400).await;
        }
        let part = names[0].to_uppercase().replace(' ', "+");
        assert_eq!(app.json(&format!("/api/v1/organizations?q={part}")).await["items"][0]["name"], names[0].as_str());
        let sectors = app.json("/api/v1/sectors").await;
        assert_eq!(texts(&sectors["items"], "code"), ["district", "charter", "other_public"]);
    }
}

both_engines! {
    async fn part_of_a_name_is_taken_as_it_is(app: TestApp) {
        app.seed().await;
        for odd in ["%25", "_", "%5C", "%5B", "''", "%22"] {
            assert_eq!(app.json(&format!("/api/v1/organizations?q={odd}")).await["total"], 0, "{odd} is no joker");
        }
        // As long as an address may be: found nothing, and no failure.
        let answer = app.get(&format!("/api/v1/organizations?q={}", "a".repeat(55_000))).await;
        assert!([200, 400, 422].contains(&answer.status().as_u16()), "{}", answer.status());
    }
}

/// A gzipped file, as `commonground import schools` reads it: see also `cli`.
pub fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}
