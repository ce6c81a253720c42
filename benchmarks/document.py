"""``make bench-table``: writes the figures of bench-results.json into docs/performance.md, between two markers."""

import sys
from pathlib import Path

from benchmarks.report import as_markdown, read_json
from benchmarks.settings import RESULTS

PAGE = Path("docs/performance.md")


def write(results: Path) -> str:
    """Replaces the table of the run's engine by that of ``results``; the engine. Ends the program without markers."""
    run = read_json(results)
    begin, end = f"<!-- {run.engine}: begin -->\n", f"<!-- {run.engine}: end -->\n"
    text = PAGE.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise SystemExit(f"{PAGE} has no lines {begin.strip()} and {end.strip()}")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{as_markdown(run)}\n\n{end}{after}", encoding="utf-8")
    return run.engine


def main() -> None:
    """Takes the last run's figures, or those of the file that is named."""
    results = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    print(f"{PAGE}: the table of {write(results)} is that of {results}")


if __name__ == "__main__":
    main()
