"""Set-up of a bare machine. Standard library only: it runs before anything is installed."""
