"""
Diagnosis of an observed deployment: rules that find what is wrong, and the reasons for a refused request.

A rule is a module of `rules`; `diagnosis.check` runs them all.
"""
