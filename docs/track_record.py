"""Scores the gallery, and writes docs/track-record.md and crises/scores.json.

python docs/track_record.py          # some minutes: 2,048 draws of each crisis and of its first version
"""

from offramp.study.known_outcomes.kept_scores import write_scores

if __name__ == "__main__":
    write_scores(draws=2048, seed=1)
