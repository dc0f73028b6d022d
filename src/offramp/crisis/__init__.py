"""The crisis language: reads and checks a crisis file, and makes a `Crisis` of it."""
