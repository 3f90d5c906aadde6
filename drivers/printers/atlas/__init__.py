"""The glyph atlas: what every letter of a receipt looks like in 12 x 24 dots, and the script that made it."""
