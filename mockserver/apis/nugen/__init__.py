"""Nugen: evaluations of models on benchmarks, and the benchmarks."""

from mockserver.apis.nugen.api import NugenApi

__all__ = ["NugenApi"]
