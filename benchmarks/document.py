"""``make bench-table``: writes the figures of bench-results.json into docs/performance.md, between two markers."""

import sys
from pathlib import Path

from benchmarks.report import as_markdown, read_json
from benchmarks.settings import RESULTS

PAGE = Path("docs/performance.md")


def main() -> None:
    """Rewrites the table of the run's engine."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    run = read_json(source)
    begin, end = f"<!-- {run.engine}: begin -->\n", f"<!-- {run.engine}: end -->"
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    if not after:
        raise SystemExit(f"{PAGE} has no markers {begin.strip()} and {end}")
    PAGE.write_text(f"{before}{begin}\n{as_markdown(run)}\n\n{end}{after}", encoding="utf-8")
    print(f"{PAGE}: the {run.engine} table is that of {source}")


if __name__ == "__main__":
    main()
