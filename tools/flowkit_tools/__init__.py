"""What FlowKit's developers run: all tests, all style checks, locks."""
