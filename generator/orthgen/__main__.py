"""`python -m orthgen` is `orthgen`."""

from orthgen.cli.entry_point import main

main()
