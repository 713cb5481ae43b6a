"""The question page as HTML, part by part."""
