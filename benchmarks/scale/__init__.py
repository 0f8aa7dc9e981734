"""What a rebuild of very many captures costs: measured in small, computed in large, checked in between."""
