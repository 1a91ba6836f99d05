"""File formats: YAML and commented JSON with positions, YAML and Markdown out, text templates."""
