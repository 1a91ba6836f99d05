"""Mutation run over the pure packages: change one place at a time, and show each change that no fast test notices.

`tests/tools/mutation` starts it. cosmic-ray makes the changes. coverage tells which tests execute which line, so that
a change costs few tests: first those of its line, cheapest first; then each file with such a test, whole, because
lines that a fixture or a cache executes are counted for one test only.
"""
