"""The expressions of the crisis language: grammar, evaluation on arrays, exact arithmetic."""
