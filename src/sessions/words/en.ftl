# Subjects. The title and the day follow.
approved-subject = Approved, you have a seat
agreed-subject = Your principal agrees
confirmed-subject = You have a seat
held-subject = We hold a seat for you
waitlisted-subject = You are on the waitlist
offered-subject = A seat is free for you
cancelled-subject = Cancelled
released-subject = Your seat is given back
changed-subject = Changed
postponed-subject = Postponed
request-subject = { $name } asks to go to { $title }
request-again-subject = Still waiting: { $name } asks to go to { $title }

# First sentences: what became of a seat.
registered-by = { $by } registered you for “{ $title }”.
registered-to-wait = { $by } registered you for the waitlist of “{ $title }”.
received-from = { $by } gave you their seat in “{ $title }”.
given-back-by = { $by } gave your seat in “{ $title }” back.
the-service = The service
a-colleague = A colleague
asked-waitlisted = “{ $title }” is full for now, and you wait for a seat.
asked-held = You asked for a seat in “{ $title }”.
asked-confirmed = You have a seat in “{ $title }”.
claimed = A seat in “{ $title }” was free, and you have it.
offered = A seat in “{ $title }” has become free, and you are next in line.
accepted-held = You took the seat in “{ $title }”.
accepted = You took the seat: you come to “{ $title }”.
approved-confirmed = Your school approved your seat in “{ $title }”.
approved-offered = Your school agrees that you come to “{ $title }”. The seat we offered you still waits.
approved-waiting = Your school agrees that you come to “{ $title }”. You still wait for a seat.
left = You gave your seat or your place in line for “{ $title }” back.
crowded-out-room = “{ $title }” is no longer held in the room, and online it is full: your seat is given back, which we are sorry for. You can ask again on its page; who waits is offered seats that become free.
crowded-out-online = “{ $title }” is no longer held online, and in the room it is full: your seat is given back, which we are sorry for. You can ask again on its page; who waits is offered seats that become free.
cancelled = “{ $title }” does not take place.
organizer-says = The organizer says: { $reason }

# What comes of it.
held-until = Your principal decides whether you may come. We hold the seat until { $until }; you hear from us either way.
place-in-line = You are number { $position } in line.
how-one-waits = When a seat becomes free for you, we offer it to you by letter, and you have some hours to take it.
answer-by = Take it or decline it by { $until }; after that it goes to the next in line.
leave = If you cannot come, give your place to somebody else here: { $url }
join-online = Join online: { $url }
see-session = See the session
see-seat = See your seat
see-place = See your place
answer-offer = Answer the offer
asked-why = You asked for a seat in this session.
registered-why = You were registered for “{ $title }”.
received-why = A colleague handed a seat over to you.

# Changes.
changed = “{ $title }” has changed. { $what }
changed-times = It now meets { $when }.
changed-mode = How it is held is now: { $mode }.
mode-in_person = in person
mode-online = online
mode-hybrid = in person and online
changed-place = The place is now: { $place }.
changed-place-unsaid = The place has changed.
postponed = It is postponed; a new date will follow. Why: { $reason }
on-again = It is on again: { $when }.
keeps-place = You keep your place on the waitlist.
offer-stands = A seat is offered to you.
still-coming = Say whether you still come. You may leave freely, and somebody else gets the seat.
keep-or-leave = Keep or leave
changed-why = You have a seat in this session or wait for one.

# Requests to a school.
request = { $name } of { $school } asks to take part in “{ $title }”.
request-until = We hold the seat until { $until }. Without an answer it goes back then.
approve-or-decline = Approve or decline
request-why = You answer for { $school } on Common Ground.

# Reminders.
meets-again = “{ $title }” meets again soon: meeting { $number } of { $count }.
meets-soon = “{ $title }” is close, and you have a seat.
meets-in-a-week = “{ $title }” is in a week, and you have a seat.
entrance = Entrance: { $text }
parking = Parking: { $text }
transit = Buses and trains: { $text }
materials = What to bring: { $text }
meals = Meals: { $text }
accessibility = Accessibility: { $text }
reminder-why = You have a seat in this session: reminders go a week and a day before.
