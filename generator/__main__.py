"""`python -m generator` is `orthgen`."""

from generator.cli.process import main

main()
