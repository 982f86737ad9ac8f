"""Locations and metrics of subscribers, counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from flowclient._parameters import Spec, describe
from flowclient.aggregates._query_function import QueryFunction, query_function


@describe()
def spatial_aggregate_spec(*, locations: Spec) -> Spec:
    """Specify the number of subscribers at each place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return {"query_kind": "spatial_aggregate", "locations": locations}


@describe(labels="Specification of a label for each subscriber, such as `mobility_classification_spec`.")
def labelled_spatial_aggregate_spec(*, locations: Spec, labels: Spec) -> Spec:
    """Specify the number of subscribers at each place by label.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``), ``value_label`` and ``value``.
    """
    return {"query_kind": "labelled_spatial_aggregate", "locations": locations, "labels": labels}


@describe(method="A statistic (``avg``, ``max``, …) for numbers, ``distr`` for categories.")
def joined_spatial_aggregate_spec(*, locations: Spec, metric: Spec, method: str = "avg") -> Spec:
    """Specify a statistic of a metric over the subscribers at each place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``; for ``distr``
    ``metric`` and ``key`` before the value.
    """
    return {
        "query_kind": "joined_spatial_aggregate",
        "locations": locations,
        "metric": metric,
        "method": method,
    }


@describe(
    bins="Number of bins, or a list of their edges.",
    range="Lowest and highest value to count; from the data by default.",
)
def histogram_aggregate_spec(
    *,
    metric: Spec,
    bins: int | Sequence[float],
    range: tuple[float, float] | Mapping[str, float] | None = None,
) -> Spec:
    """Specify how many subscribers have a metric in each of several bins.

    Columns of the result: ``value``, ``lower_edge`` and ``upper_edge``.
    """
    spec: dict[str, Any] = {
        "query_kind": "histogram_aggregate",
        "metric": metric,
        "bins": {"bin_list": list(bins)} if isinstance(bins, Sequence) else {"n_bins": bins},
    }
    if range is not None:
        bounds = (
            range
            if isinstance(range, Mapping)
            else dict(zip(("lower_bound", "upper_bound"), range, strict=True))
        )
        spec["range"] = dict(bounds)
    return spec


@describe()
def active_at_reference_location_counts_spec(*, reference_locations: Spec, unique_locations: Spec) -> Spec:
    """Specify the number of subscribers who were seen at their reference location.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return {
        "query_kind": "active_at_reference_location_counts",
        "unique_locations": unique_locations,
        "reference_locations": reference_locations,
    }


@describe()
def unmoving_at_reference_location_counts_spec(*, reference_locations: Spec, unique_locations: Spec) -> Spec:
    """Specify the number of subscribers who were seen at their reference location and nowhere else.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return {
        "query_kind": "unmoving_at_reference_location_counts",
        "locations": unique_locations,
        "reference_locations": reference_locations,
    }


@describe()
def unmoving_counts_spec(*, unique_locations: Spec) -> Spec:
    """Specify the number of subscribers who were seen at one place only, by place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return {"query_kind": "unmoving_counts", "locations": unique_locations}


spatial_aggregate: QueryFunction = query_function(spatial_aggregate_spec)
labelled_spatial_aggregate: QueryFunction = query_function(labelled_spatial_aggregate_spec)
joined_spatial_aggregate: QueryFunction = query_function(joined_spatial_aggregate_spec)
histogram_aggregate: QueryFunction = query_function(histogram_aggregate_spec)
active_at_reference_location_counts: QueryFunction = query_function(active_at_reference_location_counts_spec)
unmoving_at_reference_location_counts: QueryFunction = query_function(
    unmoving_at_reference_location_counts_spec
)
unmoving_counts: QueryFunction = query_function(unmoving_counts_spec)
