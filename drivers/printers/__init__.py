"""Receipt printers: a document to dots, and dots to paper or to a picture.

document -> layout (rows for a width) -> raster (dots from a bundled atlas) -> printer, preview picture, preview text.
``document``, ``layout``, ``text_preview``, ``raster``, ``picture`` and ``encoders`` do no I/O but for the atlas, which
is part of this package; printers do the I/O behind one port.
"""
