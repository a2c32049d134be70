"""Daybook on one machine, with a CalDAV server of its own that plays iCloud.

Nothing here imports the product: it is started, spoken to and observed from outside.
"""
