"""
The emulator ministack, extended: the only package that knows its insides.

Everything it reaches into is checked before it is used, so that another version of the emulator
fails at start-up with a sentence rather than later with a riddle.
"""

from local_cloud.emulator.extension import Emulator
from local_cloud.emulator.internals import EmulatorChangedError

__all__ = ["Emulator", "EmulatorChangedError"]
