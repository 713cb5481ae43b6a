"""The admin page: it adds, corrects and removes articles, and rebuilds the index."""
