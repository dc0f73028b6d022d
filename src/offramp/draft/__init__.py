"""From a document to a brief to a crisis file, and its review by a person."""
