"""Where do rival drafts of one account differ, and by more than each is unsure?"""
