//! What people read when something fails: a heading and one sentence that says what to do.

use poem::http::StatusCode;

/// A heading in a few words.
pub(super) fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Please sign in",
        403 => "You cannot do this",
        404 | 410 => "This page does not exist",
        405 | 501 => "This cannot be done here",
        408 => "Your request took too long to arrive",
        409 | 412 => "Somebody else changed this",
        413 => "This is too large",
        429 => "Too many tries",
        503 | 504 => "The server is very busy",
        status if status >= 500 => "Something went wrong on our side",
        _ => "This request could not be understood",
    }
}

/// One sentence for every status, said to the person who meets it.
pub(super) fn sentence(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Please sign in and try again.",
        403 => "Your account may not do this; ask the person who manages your organization for access.",
        404 => "There is nothing at this address; check it for a typing error, or search for what you need.",
        405 => "This address does not support that action; go back and use the buttons on the page.",
        406 => "This address cannot answer in the format asked for; ask for one that it offers.",
        408 => "The request did not arrive in time; check your connection and send it again.",
        409 => "This contradicts a change made meanwhile; reload, look at it again, and repeat your change.",
        410 => "This has been removed; search for what you need.",
        412 => "Somebody else changed this while you had it open; reload it and repeat your change.",
        413 => "What you sent is too large for this form; shorten it or choose a smaller file.",
        414 => "The address is too long; shorten your search.",
        415 => "The data was sent in a format that is not accepted here; use the documented content type.",
        422 => "Some fields need your attention; correct them and send again.",
        428 => "Say which version you are changing: send its ETag as If-Match.",
        429 => "You tried too often; wait a minute and try again.",
        431 => "Your browser sent too much with this request; clear this site's cookies and try again.",
        501 => "This action is not supported.",
        503 => "The server has too much to do right now; try again in a few seconds.",
        504 => "This took too long, and it may or may not have been done; look before you try again.",
        status if status >= 500 => {
            "Nothing you did caused this; try again, and if it happens again tell us the number below."
        }
        _ => "The request could not be understood; check what you entered and try again.",
    }
}
