# Lo que acompaña a cada mensaje.
button-fails = Si el botón no funciona, abra esta dirección:
choose-pace = Elija con qué frecuencia recibe estos mensajes
or-leave = deje de recibirlos
before-leave = { " " }o
text-choose-pace = Elija con qué frecuencia recibe estos mensajes:
text-leave = O deje de recibirlos:
