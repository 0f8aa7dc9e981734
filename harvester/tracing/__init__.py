"""Where each field of a document came from, found again in its record, and read again from that place."""

from __future__ import annotations

from harvester.tracing.archived import trace_capture
from harvester.tracing.result import DigestTrace, FieldTrace, RecordTrace, Trace
from harvester.tracing.trace import trace

__all__ = ["DigestTrace", "FieldTrace", "RecordTrace", "Trace", "trace", "trace_capture"]
