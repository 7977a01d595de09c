"""`python -m mockserver` is `oxen-mock`."""

from mockserver.cli import main

if __name__ == "__main__":
    main()
