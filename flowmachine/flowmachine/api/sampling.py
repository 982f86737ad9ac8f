"""The field ``sampling``: a random sample of the result of the kind that carries it."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypeAliasType

from flowmachine.core.query import Query

Sampled = TypeVar("Sampled", bound=Query)


class _Sample(BaseModel):
    """What the samples have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: Annotated[int, Field(ge=1)] | None = None
    fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    estimate_count: bool = True
    """Kept for clients: rows are never estimated, so a sample has the size that is asked for."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.size is None) == (self.fraction is None):
            raise ValueError("Must provide exactly one of 'size' or 'fraction' for a random sample.")
        return self


class SystemRandomSample(_Sample):
    """Rows chosen by block where that is possible."""

    sampling_method: Literal["system"]
    seed: float


class BernoulliRandomSample(_Sample):
    """Rows chosen independently of each other."""

    sampling_method: Literal["bernoulli"]
    seed: float


class RandomIDsRandomSample(_Sample):
    """As many rows as asked for."""

    sampling_method: Literal["random_ids"]
    seed: Annotated[float, Field(ge=-1, le=1)]


RandomSample = TypeAliasType(
    "RandomSample",
    Annotated[
        SystemRandomSample | BernoulliRandomSample | RandomIDsRandomSample,
        Field(discriminator="sampling_method"),
    ],
)


class SamplingField(BaseModel):
    """For kinds whose result can be sampled."""

    sampling: RandomSample | None = None

    def sampled(self, query: Sampled) -> Sampled:
        """Return the sample that the spec asks for, or the query itself."""
        if self.sampling is None:
            return query
        sample = self.sampling
        sampled: Sampled = query.random_sample(
            sample.sampling_method, size=sample.size, fraction=sample.fraction, seed=sample.seed
        )
        return sampled
