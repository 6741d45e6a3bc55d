"""What each decision would do to one review, in words for staff."""

from securities.models import Review

Words = dict[str, str]


def wording_of(review: Review) -> Words:
    """decision -> what it does; a decision that is not possible is left out."""
    correct = {"correct": _proposed(review)} if review.proposal else {}
    if review.reason == Review.Reason.POSSIBLE_SPLIT:
        return {"accept": "The price moved so; there was no split.", **correct}
    if review.reason == Review.Reason.EMPTY_HISTORY:
        return {
            "accept": "It is true: the provider has no prices of it any more. Its history stays.",
            "reject": "The provider is wrong. Its history stays.",
        }
    words = {"accept": "Store the figures as they came.", **correct}
    return {**words, "reject": "Never store these figures; what is stored stays."}


def _proposed(review: Review) -> str:
    proposal = review.proposal or {}
    kind = proposal.get("kind")
    if kind == "scale_bars":
        return f"Multiply the prices {_stretch(proposal['from'], proposal['to'])} by {proposal['factor']:g}."
    if kind == "add_split":
        return f"Record a {proposal['numerator']}:{proposal['denominator']} split on {proposal['on']}."
    if kind == "void_split":
        return f"Mark the split of {proposal['on']} as one that did not happen."
    if kind == "scale_dividend":
        return f"Store the dividend times {proposal['factor']:g}."
    if kind == "drop_dividend":
        return "Leave this dividend out."
    return "Widen or exchange high and low so that they hold open and close."


def _stretch(first: str | None, last: str | None) -> str:
    start = f"from {first}" if first else "from the first"
    return f"{start} to {last}" if last else f"{start} on"
