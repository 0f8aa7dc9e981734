"""Measurements against named peers in the same run, as ratios: `make bench`. Never asserted as tests."""
