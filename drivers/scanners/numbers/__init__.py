"""Numbers by themselves: check digits and trade item numbers.

Knows sums and layouts; refuses to know symbols, merchants and what a number is used for. Pure. A digit is an ASCII
digit: digits of other scripts would be a second spelling of the same number.
"""
