"""
The emulator ministack, extended. Only this package knows its internals.

Everything that it patches is checked first, so that another version of the emulator fails at
start-up, with a clear message.
"""

from local_cloud.emulator.extension import Emulator
from local_cloud.emulator.internals import EmulatorChangedError

__all__ = ["Emulator", "EmulatorChangedError"]
