"""ACCESS.md: who can do what on which collection, for the people who have to approve it."""
