"""Hypothesis strategies for whoever tests a client of the APIs."""

from mockserver.strategies.answer import Answer
from mockserver.strategies.answers import answers, evaluations, lives, timelines

__all__ = ["Answer", "answers", "evaluations", "lives", "timelines"]
