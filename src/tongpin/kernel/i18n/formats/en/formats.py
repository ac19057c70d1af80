"""English dates in one form: Nov 26, 2026. Django's own have a stop after some months and none after others."""

DATE_FORMAT = "M j, Y"
SHORT_DATE_FORMAT = "M j, Y"
MONTH_DAY_FORMAT = "M j"
DATETIME_FORMAT = "M j, Y, H:i"
TIME_FORMAT = "H:i"
