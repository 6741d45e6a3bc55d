"""Securities and what the market says about them."""

from securities.models.actions import Dividend, Split
from securities.models.prices import Bar, Price, PriceRevision
from securities.models.quality import SecurityQuality
from securities.models.review import Review
from securities.models.security import Security

__all__ = ["Bar", "Dividend", "Price", "PriceRevision", "Review", "Security", "SecurityQuality", "Split"]
