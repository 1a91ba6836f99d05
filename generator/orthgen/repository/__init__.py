"""
First profile of an institution, and the git repository around it.

`questions` asks, `first_profile` makes the profile of the answers, `files` has the files beside it.
"""
