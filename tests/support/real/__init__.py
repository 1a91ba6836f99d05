"""The real parts of a deployment, started by tests: one module per system.

`tests/tools/install-real-parts` installs them; `tests/real/conftest.py` offers them as fixtures.
"""
