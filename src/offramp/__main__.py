"""`python -m offramp`: the command line."""

from offramp.cli import main

if __name__ == "__main__":
    main(prog_name="offramp")
