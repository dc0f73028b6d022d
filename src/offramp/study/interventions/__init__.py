"""Which lever opens a way out?"""
