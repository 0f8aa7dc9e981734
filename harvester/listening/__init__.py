"""An add-only door on loopback: a browser's bookmarklet or a phone sends a URL, and it is queued."""
