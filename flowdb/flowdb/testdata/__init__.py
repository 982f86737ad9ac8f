"""The test data set: seven days of 499 subscribers, the same everywhere, for the tests of all components."""

from flowdb.testdata.load import is_loaded, load_test_data

__all__ = ["is_loaded", "load_test_data"]
