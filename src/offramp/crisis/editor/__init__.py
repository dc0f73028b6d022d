"""Help while a crisis file is being typed: completion, hover, outline, rewriting of numbers."""
