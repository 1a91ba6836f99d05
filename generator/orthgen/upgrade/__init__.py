"""
Steps that bring a running deployment from one release to another, and back.

`plan` has the order of the steps; `compose` and `kubernetes` have the command lines of each target.
"""
