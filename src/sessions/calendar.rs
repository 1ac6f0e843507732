//! iCalendar (RFC 5545, RFC 5546, RFC 7986): invitations, cancellations, feeds.
