"""Comparison of a running deployment with the model of another: the answers that a profile or files lead to expect."""
