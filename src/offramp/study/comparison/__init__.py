"""Where do two analysts differ, and which difference matters?"""
