"""GS1 data: element strings, Digital Links, coupons, and which symbols carry them.

Knows the GS1 General Specifications and the GS1 Digital Link standard; refuses to know members, prices and what a till
does about an item. Pure.
"""
