"""What cashiers, members and HQ people read: message ids turned into sentences of their language.

This package knows the catalogues and how a language writes numbers, dates and plurals; it refuses to know
why a message is shown or on what it is printed.
"""
