"""Articles as HTML: one, their list, and the archive as a whole."""
