"""`python -m cxmap` is `cxmap`."""

from cxmap.cli.main import main

if __name__ == "__main__":
    main()
