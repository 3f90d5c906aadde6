"""The deterministic simulation: real tills and a real HQ in one thread, with a clock, a network and disks that fail by seed.

Knows how tills, HQ and their surroundings are put together and what may happen to them; an auditor with arithmetic of its
own says whether what must hold does. Nothing here reads the machine's clock or randomness, so a seed gives the same run
everywhere. docs/SIMULATION.md.
"""
