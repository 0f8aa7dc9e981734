"""Storage elsewhere: closed files on any URL that fsspec knows (S3 first), read by ranges, written whole.

Object stores have neither append nor rename, so only files that will not change travel. Credentials come
from the environment or the client's own configuration and from nowhere else.
"""

from archive.storage.remote import RemotePath, is_url, place

__all__ = ["RemotePath", "is_url", "place"]
