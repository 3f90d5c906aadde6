"""The ways to a printer: network, serial port, device file, USB, a printer of Windows.

Each opens through python-escpos' class for it, which is imported when a printer is first opened, and sends and receives
on the handle that this class holds, with an end to every wait. No thread, no retry, no meaning of the bytes.
"""
