"""How likely is each ending, and who will do what?"""
