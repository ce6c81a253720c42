"""``python -m footfall``."""

from footfall.cli.main import main

main(prog_name="footfall")
