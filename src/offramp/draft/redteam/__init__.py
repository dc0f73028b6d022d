"""What is weak in a crisis file or a draft: found by a program, or proposed by a model; nothing is changed."""
