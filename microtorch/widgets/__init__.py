"""Thin Jupyter views on what ``microtorch.viz`` records; they need the packages of the extra ``lab``."""

from microtorch.widgets.stepper import BackwardStepper

__all__ = ["BackwardStepper"]
