"""Random samples of subscribers."""

from flowclient._parameters import Spec, describe


@describe(
    query="Specification to sample the result of; it is not changed.",
    seed="Seed of the random numbers; from -1 to 1 for ``random_ids``.",
    sampling_method="``system``, ``bernoulli`` or ``random_ids``.",
    size="Number of rows in the sample. Give either this or `fraction`.",
    fraction="Share of the rows in the sample, between 0 and 1.",
    estimate_count="Whether the number of rows may be estimated rather than counted.",
)
def random_sample_spec(
    *,
    query: Spec,
    seed: float,
    sampling_method: str = "random_ids",
    size: int | None = None,
    fraction: float | None = None,
    estimate_count: bool = True,
) -> Spec:
    """Specify a random sample of the result of another specification."""
    return {
        **query,
        "sampling": {
            "seed": seed,
            "sampling_method": sampling_method,
            "size": size,
            "fraction": fraction,
            "estimate_count": estimate_count,
        },
    }
