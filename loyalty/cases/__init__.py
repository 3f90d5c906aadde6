"""Cases: a programme, members and steps over time, with the figures that must come out. See docs/SPEC-case.md."""
