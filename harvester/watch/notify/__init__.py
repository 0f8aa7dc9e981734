"""Telling others: feeds, webhooks and commands that are handed events (docs/notify.md)."""
