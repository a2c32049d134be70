"""Daybook on one machine, with an imitation of iCloud.

Nothing here imports the product: it is started, spoken to and observed from outside.
"""
