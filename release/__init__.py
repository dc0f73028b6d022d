"""Builds a release and tries it: `make release`. Nothing is published; the artifacts lie in `dist/`.

`building` makes the source archive and the wheels, `contents` checks what is in them, `trying` installs a wheel for
each Python and runs the tests that need only what is installed, `materials` lists what the wheel comes with.
"""
