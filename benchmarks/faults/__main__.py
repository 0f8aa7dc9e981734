"""Print the table of faults: `python -m benchmarks.faults [--large] [--write]`; exit 1 if any is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.faults.table import markdown, measured

PAGE = Path(__file__).parents[2] / "docs/faults.md"
BEGIN, END = "<!-- table: `make faults ARGS=--write` -->\n", "<!-- end of table -->\n"


def main(arguments: list[str]) -> int:
    """Measure, print, and with `--write` put the table into docs/faults.md."""
    found = []
    for row in measured(large="--large" in arguments):
        found.append(row)
        print(f"{'ok' if row.good else 'WRONG':6}{row.kind}: {row.points} points", file=sys.stderr)
        for failure in row.failures:
            print(f"      {failure}", file=sys.stderr)
    table = markdown(found)
    print(table)
    if "--write" in arguments:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    return 0 if all(row.good for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
