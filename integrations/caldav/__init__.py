"""Calendars over CalDAV: values in, values out. Knows no models and no Django."""
