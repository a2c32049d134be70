"""How dates are written in New Zealand, where not as in English elsewhere."""

DATETIME_FORMAT = "l j F Y, g:i a"
SHORT_DATETIME_FORMAT = "D j M Y, g:i a"
TIME_FORMAT = "g:i a"
