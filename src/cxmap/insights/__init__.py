"""Room 6: what changed, how much of it is mix and how much is rate, and who drives it.

Plain numbers in, plain numbers out: no disk, no clock, no config, no printing.
"""
