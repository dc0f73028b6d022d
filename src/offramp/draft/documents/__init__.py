"""Documents: reads an account as numbered paragraphs, and reports what a reader would not have seen."""
