# Asuntos. Siguen el título y el día.
approved-subject = Aprobado, tiene una plaza
agreed-subject = La dirección de su escuela está de acuerdo
confirmed-subject = Tiene una plaza
held-subject = Le reservamos una plaza
waitlisted-subject = Está en la lista de espera
offered-subject = Hay una plaza libre para usted
cancelled-subject = Cancelada
released-subject = Su plaza quedó liberada
changed-subject = Cambios
postponed-subject = Aplazada
request-subject = { $name } solicita asistir a { $title }
request-again-subject = Aún sin respuesta: { $name } solicita asistir a { $title }

# Primeras frases: qué ha sido de una plaza.
registered-by = { $by } le inscribió en “{ $title }”.
registered-to-wait = { $by } le inscribió en la lista de espera de “{ $title }”.
received-from = { $by } le cedió su plaza en “{ $title }”.
given-back-by = { $by } liberó la plaza que usted tenía en “{ $title }”.
the-service = El servicio
a-colleague = Alguien de su escuela
asked-waitlisted = “{ $title }” no tiene plazas libres por ahora; usted está en la lista de espera.
asked-held = Usted solicitó una plaza en “{ $title }”.
asked-confirmed = Tiene una plaza en “{ $title }”.
claimed = Había una plaza libre en “{ $title }” y ahora es suya.
offered = Ha quedado libre una plaza en “{ $title }” y usted es la siguiente persona de la lista.
accepted-held = Usted aceptó la plaza en “{ $title }”.
accepted = Usted aceptó la plaza: asistirá a “{ $title }”.
approved-confirmed = Su escuela aprobó su plaza en “{ $title }”.
approved-offered = Su escuela está de acuerdo en que usted asista a “{ $title }”. La plaza que le ofrecimos sigue a la espera de su respuesta.
approved-waiting = Su escuela está de acuerdo en que usted asista a “{ $title }”. Sigue en la lista de espera.
left = Usted renunció a su plaza o a su lugar en la lista de espera de “{ $title }”.
crowded-out-room = “{ $title }” ya no se celebra de forma presencial y en línea no quedan plazas: lamentamos que su plaza haya quedado liberada. Puede volver a solicitarla en la página de la sesión; las plazas que queden libres se ofrecen a quienes están en la lista de espera.
crowded-out-online = “{ $title }” ya no se celebra en línea y de forma presencial no quedan plazas: lamentamos que su plaza haya quedado liberada. Puede volver a solicitarla en la página de la sesión; las plazas que queden libres se ofrecen a quienes están en la lista de espera.
cancelled = “{ $title }” no se celebrará.
organizer-says = La organización indica: { $reason }

# Qué sigue.
held-until = La dirección de su escuela decide si usted puede asistir. Le reservamos la plaza hasta el { $until }; le avisaremos en cualquier caso.
place-in-line = Ocupa el lugar número { $position } de la lista de espera.
how-one-waits = Cuando quede libre una plaza para usted, se la ofreceremos por correo electrónico y tendrá unas horas para aceptarla.
answer-by = Acéptela o rechácela a más tardar el { $until }; después pasará a la siguiente persona de la lista.
leave = Si no puede asistir, ceda su lugar a otra persona aquí: { $url }
join-online = Únase en línea: { $url }
see-session = Ver la sesión
see-seat = Ver su plaza
see-place = Ver su lugar
answer-offer = Responder a la oferta
asked-why = Recibe este mensaje porque solicitó una plaza en esta sesión.
registered-why = Recibe este mensaje porque le inscribieron en “{ $title }”.
received-why = Recibe este mensaje porque alguien de su escuela le cedió una plaza.

# Cambios.
changed = “{ $title }” ha cambiado. { $what }
changed-times = { $count ->
    [one] La fecha es ahora: { $when }.
   *[other] Las fechas son ahora: { $when }.
 }
changed-mode = La modalidad es ahora: { $mode }.
mode-in_person = presencial
mode-online = en línea
mode-hybrid = presencial y en línea
changed-place = El lugar es ahora: { $place }.
changed-place-unsaid = El lugar ha cambiado.
postponed = Se ha aplazado; se anunciará una nueva fecha. Motivo: { $reason }
on-again = { $count ->
    [one] Ya tiene nueva fecha: { $when }.
   *[other] Ya tiene nuevas fechas: { $when }.
 }
keeps-place = Conserva su lugar en la lista de espera.
offer-stands = Se le ofrece una plaza.
still-coming = Díganos si todavía asistirá. Puede renunciar con toda libertad; otra persona recibirá la plaza.
keep-or-leave = Conservar o renunciar
changed-why = Recibe este mensaje porque tiene una plaza en esta sesión o espera una.

# Solicitudes a una escuela.
request = { $name }, de { $school }, solicita participar en “{ $title }”.
request-until = Reservamos la plaza hasta el { $until }. Si para entonces no hay respuesta, la plaza se libera.
approve-or-decline = Aprobar o rechazar
request-why = Recibe este mensaje porque usted responde por { $school } en Common Ground.

# Recordatorios.
meets-again = “{ $title }” se reúne pronto: reunión { $number } de { $count }.
meets-soon = Falta poco para “{ $title }” y usted tiene una plaza.
meets-in-a-week = Falta una semana para “{ $title }” y usted tiene una plaza.
entrance = Entrada: { $text }
parking = Estacionamiento: { $text }
transit = Autobuses y trenes: { $text }
materials = Qué llevar: { $text }
meals = Comidas: { $text }
accessibility = Accesibilidad: { $text }
reminder-why = Recibe este mensaje porque tiene una plaza en esta sesión: los recordatorios se envían una semana antes y un día antes.
