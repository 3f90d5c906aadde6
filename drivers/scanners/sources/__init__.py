"""Sources: one file for each way in which a scan comes in.

Each source owns one device or connection, turns its errors into :class:`~drivers.errors.DeviceGone`,
:class:`~drivers.errors.DeviceBusy` and :class:`~drivers.errors.DeviceConfig`, and knows nothing of what was scanned.
"""
