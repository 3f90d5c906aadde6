"""HQ's book: the tables, how they came to be (migrations), and the one way to read and to write them."""
