"""Why would an actor do what it does?"""
