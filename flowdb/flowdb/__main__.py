"""Run the command line with ``python -m flowdb``."""

from flowdb.cli import main

if __name__ == "__main__":
    main()
