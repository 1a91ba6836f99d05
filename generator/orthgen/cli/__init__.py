"""
The command line.

Importing what a command needs makes half a million objects that live to the end; looking for garbage
among them again and again took a fifth of the time. Rarely is often enough for a program of seconds.
"""

import gc

gc.set_threshold(1_000_000, 20, 20)
