"""What the desk tells Prometheus about itself: each instrument with its meaning and when to look at it."""

from prometheus_client import CollectorRegistry, Counter


class Instruments:
    """Built on the registry it is given; nothing is registered at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Look here when people cannot get in: `refused` are bad links or logins, `too_many` are held off (429).
        self.sign_ins = Counter(
            "liangshai_sign_ins", "Attempts to sign in, by way and by what came of them", ["way", "result"],
            registry=registry,
        )  # fmt: skip
