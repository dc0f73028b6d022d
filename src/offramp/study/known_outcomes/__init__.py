"""Would it have foreseen what happened? (a crisis scored on its own events and on its outcome)"""
