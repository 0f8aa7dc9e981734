"""`python -m benchmarks.verify_quality`."""

import sys

from benchmarks.verify_quality import main

sys.exit(main(sys.argv[1:]))
