"""Reading each section of a crisis file: names, timeline, odds, payoffs, endings, levers."""
