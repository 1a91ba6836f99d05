"""
Changes of a profile by commands: additions, other names, another release.

An edit is computed as new texts of the files that own the values, of overlays too, and the profiles with these texts are
validated before anything is written. Every character that the edit does not concern stays (`formats.yaml_edits`).
"""
