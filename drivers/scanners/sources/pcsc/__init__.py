"""Contactless and chip card readers through PC/SC: pcscd on Linux, the smart card service on Windows."""
