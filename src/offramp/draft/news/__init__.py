"""News for a crisis: what texts say has happened since, as proposals for `observed`, and a person's yes to each."""
