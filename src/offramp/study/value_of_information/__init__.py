"""What is it worth to find something out before choosing a lever?"""
