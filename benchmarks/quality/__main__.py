"""`python -m benchmarks.quality`."""

import sys

from benchmarks.quality import main

sys.exit(main(sys.argv[1:]))
