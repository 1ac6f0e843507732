//! The entrance: who is recognized, and until when.

use crate::support::{TestApp, both_engines};

both_engines! {
    /// A5: idle for 12 hours, or 14 days after it began, a sign-in has ended.
    async fn a_sign_in_ends_by_itself(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        assert!(browser.page("/about").await.contains("Ada Quill"));
        let start = test.app.db.clock().now();
        test.clock.set(start + chrono::TimeDelta::hours(11));
        assert!(browser.page("/about").await.contains("Ada Quill"));
        // The use is noted beside the request.
        for _ in 0..100 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        test.clock.set(start + chrono::TimeDelta::hours(22));
        assert!(browser.page("/about").await.contains("Ada Quill"), "it was used eleven hours ago");
        test.clock.set(start + chrono::TimeDelta::hours(36));
        assert!(!browser.page("/about").await.contains("Ada Quill"));
    }
}

both_engines! {
    /// A6: what changes something comes from a page of ours, or brings the form's token.
    async fn another_site_changes_nothing(test: TestApp) {
        let ada = test.account("ada@example.org", "Ada Quill").await;
        let browser = test.signed_in(ada, false).await;
        let post = |site: Option<&str>| {
            let request = test.client.post(browser.url("/search")).body("");
            match site {
                Some(site) => request.header("sec-fetch-site", site),
                None => request,
            }
        };
        assert_eq!(browser.send(post(Some("cross-site"))).await.status(), 403);
        assert_eq!(browser.send(post(Some("same-site"))).await.status(), 403);
        assert_eq!(browser.send(post(None)).await.status(), 403);
        assert_eq!(browser.send(post(Some("same-origin"))).await.status(), 405, "and here only the method is wrong");
        let evil = test.client.post(browser.url("/search")).header("origin", "https://evil.example").body("");
        assert_eq!(browser.send(evil).await.status(), 403);
        // Nothing to act with: a program without a sign-in.
        assert_eq!(test.client.post(browser.url("/search")).send().await.unwrap().status(), 405);
    }
}

both_engines! {
    async fn a_token_that_does_not_hold_is_refused_everywhere(test: TestApp) {
        for token in ["cg_nonsense", "", "x"] {
            let request = test.client.get(format!("{}/api/v1/schools", test.base)).bearer_auth(token);
            assert_eq!(request.send().await.unwrap().status(), 401);
        }
    }
}
