"""What helps to make the product and doesn't ship: demo, tools, benchmarks and searches for faults."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout, or the folder to which its tests were copied."""
