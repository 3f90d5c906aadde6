"""Customer displays: two lines of letters on a pole.

``transliteration`` and ``commands`` are pure; ``line_display`` does the I/O.
"""
