"""Run the command line as ``python -m coercion_detect``."""

from coercion_detect.cli import main

if __name__ == "__main__":
    main()
