"""
An observed deployment: files, requests and log lines that somebody else wrote, read as they are.

Readers never refuse a file because it is unusual. What is missing is missing, and what could not be read is said.
"""
