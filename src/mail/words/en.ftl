# What is around every letter.
button-fails = If the button does not work, open this address:
choose-pace = Choose how often you get such letters
or-leave = unsubscribe from them
before-leave = , or
text-choose-pace = Choose how often you get such letters:
text-leave = Or unsubscribe from them:
