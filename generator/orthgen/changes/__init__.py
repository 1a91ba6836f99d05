"""Vocabulary of change for files and realm: actions, plans, differences, safety. Knows neither."""
