"""A simulated month of watching: what the origin staged, held against what the timelines tell."""
