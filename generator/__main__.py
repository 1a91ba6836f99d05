"""`python -m generator` is `orthgen`."""

from generator.cli.app import main

main()
