"""Comparisons within an archive: sides by name, a capture against its original, many, kept, done again."""

from harvester.verifying.originals import verification, verify_capture
from harvester.verifying.values import Verification, Version

__all__ = ["Verification", "Version", "verification", "verify_capture"]
