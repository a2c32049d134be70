"""How dates are written in the United States."""

DATE_FORMAT = "l, F j, Y"
DATETIME_FORMAT = "l, F j, Y, g:i A"
MONTH_DAY_FORMAT = "l, F j"
SHORT_DATETIME_FORMAT = "D, M j, Y, g:i A"
TIME_FORMAT = "g:i A"
FIRST_DAY_OF_WEEK = 0
