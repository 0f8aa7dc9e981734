"""Faults: everything that can fail, made to fail, and what was acknowledged held against what is left.

`make faults` prints the table in two minutes' size; `make faults-large` in full. tests/faults runs the same
functions, at a part of the points.
"""
