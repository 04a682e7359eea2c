"""``accelerator.is_available()`` is False: there is the CPU alone."""

__all__ = ["current_accelerator", "device_count", "is_available"]


def is_available() -> bool:
    """False: there is no accelerator here."""
    return False


def device_count() -> int:
    """0: there is no accelerator here."""
    return 0


def current_accelerator() -> None:
    """None: there is no accelerator here."""
