"""What may be released of the introversion of places."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.location_introversion import LocationIntroversion


class RedactedLocationIntroversion(NamedRedacted):
    """The rows of the introversion of places with more than 15 contributors.

    Parameters
    ----------
    location_introversion : LocationIntroversion
    """

    target_class = LocationIntroversion

    def __init__(self, *, location_introversion: LocationIntroversion) -> None:
        super().__init__(location_introversion)
