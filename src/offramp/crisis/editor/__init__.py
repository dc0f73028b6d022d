"""Editor services for crisis files: completion, hover, outline, input cards, rewriting of numbers."""
