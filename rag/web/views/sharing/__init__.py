"""What people take along from a result: citations, bibliographies, feeds."""
