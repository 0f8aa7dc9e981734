"""Faults: everything that can fail, made to fail, and what was acknowledged held against what is left.

`make faults` prints the table in the size of the suite; `make faults-large` in full. tests/faults runs the
same functions.
"""
