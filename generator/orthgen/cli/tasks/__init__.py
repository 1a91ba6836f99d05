"""Work of the commands, with all imports at the top: a module is imported when its command runs."""
