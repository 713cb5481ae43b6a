"""What people change in a seeds folder: corrections, removals, and what uploads need to know of it."""
