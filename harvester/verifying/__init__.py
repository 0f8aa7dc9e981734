"""Comparisons within an archive: sides by name, a capture against its original, many, kept, done again."""
