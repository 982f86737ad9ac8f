"""The core that the synchronous and the asynchronous client share: work as a generator of steps.

A function of the core is written once, as a generator. It yields each thing that takes time, and is
sent what came of it: a value that is already there (what a synchronous connection returns), something
to await (what an asynchronous one returns), a `Pause`, or a `Reckoning`. The two drivers here differ in
nothing but how they wait; what goes wrong in a step is raised inside the generator.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Steps = Generator[Any, Any, T]


@dataclass(frozen=True)
class Pause:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Reckoning:
    """Work of the processor that may take seconds, in which other queries should be able to go on."""

    function: Callable[[], Any]


def take(step: Any) -> Any:
    """Take one step and return what comes of it."""
    if isinstance(step, Pause):
        return time.sleep(step.seconds)
    if isinstance(step, Reckoning):
        return step.function()
    if isinstance(step, Coroutine):
        step.close()
        raise TypeError(
            "This connection is asynchronous: use the functions of flowclient.async_client with it, "
            "or make one with flowclient.connect."
        )
    return step


async def _take_asynchronously(step: Any) -> Any:
    if isinstance(step, Pause):
        return await asyncio.sleep(step.seconds)
    if isinstance(step, Reckoning):
        return await asyncio.to_thread(step.function)
    return await step if isinstance(step, Awaitable) else step


def finish(steps: Steps[T]) -> T:
    """Take the steps one after another and return what comes of them."""
    try:
        step = next(steps)
        while True:
            try:
                taken = take(step)
            except BaseException as error:  # noqa: BLE001 - the generator raises it again
                step = steps.throw(error)
            else:
                step = steps.send(taken)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def finish_asynchronously(steps: Steps[T]) -> T:
    """Take the steps one after another, letting others work meanwhile, and return what comes of them."""
    try:
        step = next(steps)
        while True:
            try:
                taken = await _take_asynchronously(step)
            except BaseException as error:  # noqa: BLE001 - the generator raises it again
                step = steps.throw(error)
            else:
                step = steps.send(taken)
    except StopIteration as stop:
        result: T = stop.value
        return result
