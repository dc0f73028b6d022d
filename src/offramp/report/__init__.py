"""How findings and runs are shown: in a terminal, as files, as one HTML page."""
