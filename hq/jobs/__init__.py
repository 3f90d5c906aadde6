"""What time does: units end, tiers are reviewed, birthdays come, members move between segments.

Each job reads a page of accounts and writes their entries in one transaction, so that it may be stopped anywhere and
run again: what was done is found done. One module a job.
"""
