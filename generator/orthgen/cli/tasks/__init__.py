"""The work of the commands. A module is imported when its command runs, so its imports stand at its top."""
