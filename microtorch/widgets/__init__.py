"""Thin Jupyter views on what ``microtorch.viz`` records; they need the packages of the extra ``lab``."""

from .stepper import BackwardStepper

__all__ = ["BackwardStepper"]
