"""
An AWS on this machine: an emulator with strict IAM server certificates.

``python -m local_cloud serve`` starts it for a terminal, :class:`LocalCloud` for a program.
"""

from local_cloud.cloud import LocalCloud, LocalCloudError
from local_cloud.knobs import Fault, KnobError, Knobs

__all__ = ["Fault", "KnobError", "Knobs", "LocalCloud", "LocalCloudError"]
