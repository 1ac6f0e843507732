//! The way to a provider and back, and the page of what an account is connected with.

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Path, Query};
use poem::{Request, Response, Result, handler};
use serde::Deserialize;

use super::browser::arrival;
use super::cookie;
use super::enter::{entered, https};
use super::identify::CurrentVisit;
use crate::people::AccountId;
use crate::platform::chance::Ticket;
use crate::platform::{Actor, Db, Error};
use crate::sign_in::Entrance;
use crate::sign_in::arrival::onward;
use crate::sign_in::oidc::{self, Answer, Arrival, Departure, Fault, IdentityId, Refusal, Return};
use crate::sign_in::views::oidc::{Connection, ConnectionsPage, RefusedPage};
use crate::web::asker::{Asker, SignedIn};
use crate::web::headers::ClientAddress;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, safe_next, see_other};
use crate::web::views::{Link, Section};

const CONNECTIONS: &str = "/me/security/providers";

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sign-in/oidc/:provider", resource().get(leave_view)),
        ("/sign-in/oidc/:provider/callback", resource().get(arrive_view)),
        (CONNECTIONS, resource().get(connections_view)),
        ("/me/security/providers/:id/removal", resource().post(removal_view)),
    ]
}

/// "Sign in with ..", for the page of the sign-in.
pub fn links(entrance: &Entrance, next: &str) -> Vec<Link> {
    let link = |(name, label): (&str, &str)| Link { text: format!("Sign in with {label}"), url: start(name, next) };
    entrance.providers.list().map(link).collect()
}

fn start(provider: &str, next: &str) -> String {
    let query = serde_urlencoded::to_string([("next", safe_next(next))]).unwrap_or_default();
    format!("/sign-in/oidc/{provider}?{query}")
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    next: String,
    /// From the page of connections: its mark.
    connect: Option<String>,
}

#[handler]
async fn leave_view(
    request: &Request,
    Path(provider): Path<String>,
    Query(wish): Query<Wish>,
    Asker(actor): Asker,
    Data(db): Data<&Db>,
    Data(site): Data<&Site>,
    Data(entrance): Data<&Entrance>,
) -> Result<Response> {
    let visit = request.data::<CurrentVisit>();
    if wish.connect.is_some() && actor.account().is_some() {
        oidc::may_connect(&actor)?;
    }
    let connect = match (&wish.connect, actor.account(), visit) {
        (None, ..) => None,
        (Some(mark), Some(account), Some(CurrentVisit(visit)))
            if oidc::is_connect_mark(entrance, visit.id, &provider, mark) =>
        {
            Some(AccountId(account))
        }
        // An old link, or one that was not made here.
        _ => return Ok(see_other(CONNECTIONS)),
    };
    let known = cookie::value(request.headers(), &full(BROWSER, site)).map(|value| Ticket::brought(&value));
    let browser = known.map_or_else(Ticket::fresh, Ok)?;
    let next = if connect.is_some() { CONNECTIONS } else { safe_next(&wish.next) };
    let departure = Departure {
        provider: &provider,
        back: &back(site, &provider),
        browser: &browser,
        next,
        connect,
        from: request.data::<ClientAddress>().map(|address| address.0),
    };
    match oidc::leave(db, entrance, departure).await {
        Ok(url) => {
            let mut response = see_other(&url);
            response.headers_mut().append(header::SET_COOKIE, set(BROWSER, browser.reveal(), AWAY, site));
            Ok(response)
        }
        Err(fault) => refused(site, entrance, &provider, fault, next),
    }
}

#[handler]
async fn arrive_view(
    request: &Request,
    Path(provider): Path<String>,
    Query(answer): Query<Answer>,
    Asker(actor): Asker,
    Data(db): Data<&Db>,
    Data(site): Data<&Site>,
    Data(entrance): Data<&Entrance>,
) -> Result<Response> {
    let headers = request.headers();
    let returned = Return {
        provider: &provider,
        back: &back(site, &provider),
        browser: cookie::value(headers, &full(BROWSER, site)).map(|value| Ticket::brought(&value)),
        answer,
        actor,
        browser_at: arrival(request),
    };
    match oidc::arrive(db, entrance, returned).await {
        Ok(Arrival::In { proceeding, account, next }) => {
            let next = onward(&db.cx(Actor::Visitor), &proceeding, account, safe_next(&next)).await?;
            Ok(entered(site, &proceeding, &next))
        }
        Ok(Arrival::Connected { next }) => Ok(see_other(safe_next(&next))),
        // Sent off once; a provider that forgets our state again would send the person in circles.
        Ok(Arrival::Portal) if cookie::value(headers, &full(PORTAL, site)).is_none() => {
            let mut response = see_other(&start(&provider, "/"));
            response.headers_mut().append(header::SET_COOKIE, set(PORTAL, "1", 60, site));
            Ok(response)
        }
        Ok(Arrival::Portal) => refused(site, entrance, &provider, Refusal::State.into(), "/"),
        Ok(Arrival::Refused { refusal, next }) => refused(site, entrance, &provider, refusal.into(), &next),
        Err(fault) => refused(site, entrance, &provider, fault, "/"),
    }
}

fn refused(site: &Site, entrance: &Entrance, provider: &str, fault: Fault, next: &str) -> Result<Response> {
    let refusal = match fault {
        Fault::Ours(error) => return Err(error.into()),
        Fault::Refused(refusal) => refusal,
    };
    tracing::info!(provider, reason = refusal.code(), "a sign-in by a provider was refused");
    let mut chrome = site.chrome("You are not signed in", "", "/sign-in");
    if chrome.viewer.is_some() {
        "That did not work".clone_into(&mut chrome.title);
    }
    chrome.noindex = true;
    // Who was about to connect needs a new link, from the page of connections.
    let again = if next == CONNECTIONS { CONNECTIONS.to_owned() } else { start(provider, next) };
    let page = RefusedPage {
        chrome,
        sentence: refusal.sentence(entrance.providers.label(provider)),
        code: refusal.code().to_owned(),
        again,
    };
    own_page(StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST), &page)
}

#[handler]
async fn connections_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    Data(db): Data<&Db>,
    Data(site): Data<&Site>,
    Data(entrance): Data<&Entrance>,
) -> Result<Response> {
    let account = own(&actor)?;
    let mine = oidc::identities_of(&db.cx(actor), account).await?;
    let visit = request.data::<CurrentVisit>().map(|CurrentVisit(visit)| visit.id);
    let connect = |(name, label): (&str, &str)| {
        let mark = oidc::connect_mark(entrance, visit?, name);
        let query = serde_urlencoded::to_string([("connect", mark)]).unwrap_or_default();
        Some(Link { text: format!("Connect {label}"), url: format!("/sign-in/oidc/{name}?{query}") })
    };
    let mut chrome = site.chrome("Connected sign-ins", "", CONNECTIONS);
    chrome.section = Section::Me;
    let page = ConnectionsPage {
        chrome,
        others: entrance.providers.list().filter_map(connect).collect(),
        connected: mine
            .into_iter()
            .map(|identity| Connection {
                id: identity.id.to_string(),
                label: entrance.providers.label(&identity.provider).to_owned(),
                since: day_of(identity.created_at),
                used: day_of(identity.used_at),
            })
            .collect(),
    };
    own_page(StatusCode::OK, &page)
}

#[handler]
async fn removal_view(Path(id): Path<String>, SignedIn(actor): SignedIn, Data(db): Data<&Db>) -> Result<Response> {
    let id: IdentityId = id.parse().map_err(|_| Error::NotFound("connection"))?;
    let account = own(&actor)?;
    let mut tx = db.write(actor).await?;
    oidc::remove(&mut tx, account, id).await?;
    tx.commit().await?;
    Ok(see_other(CONNECTIONS))
}

fn own(actor: &Actor) -> Result<AccountId, Error> {
    actor.account().map(AccountId).ok_or(Error::SignInRequired)
}

/// Where people come back to; the provider knows this address.
fn back(site: &Site, provider: &str) -> String {
    format!("{}/sign-in/oidc/{provider}/callback", site.base_url)
}

/// Tells this browser from others while somebody is at a provider.
const BROWSER: &str = "commonground-away";
/// Somebody came from a provider's portal a moment ago.
const PORTAL: &str = "commonground-portal";
/// As long as a question waits for its answer.
const AWAY: u32 = 600;

/// Over https the name keeps other hosts of the domain from setting it.
fn full(name: &str, site: &Site) -> String {
    if https(site) { format!("__Host-{name}") } else { name.to_owned() }
}

fn set(name: &str, value: &str, seconds: u32, site: &Site) -> HeaderValue {
    let secure = if https(site) { "; Secure" } else { "" };
    // Lax: the way back from the provider starts at another site, with GET.
    let text = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", full(name, site));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
