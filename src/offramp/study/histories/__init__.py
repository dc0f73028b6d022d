"""By which paths does a crisis go?"""
