"""What people wait for over a line: a rendered deployment beside the public samples' configuration of nginx."""
