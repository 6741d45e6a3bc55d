"""Securities as the back office looks at the state of their prices."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from securities.models.prices import Bar, Price, PriceRevision
from securities.models.review import Review
from securities.models.security import Security


class SecurityQuality(Security):
    class Meta:
        proxy = True
        verbose_name = "price quality"
        verbose_name_plural = "price quality"


def price_state() -> dict[str, Any]:
    """Annotations last_bar, changed_bars and open_reviews, each a look-up in an index for each security."""
    days = Price.objects.filter(security=OuterRef("pk"), interval=Bar.Interval.DAY).order_by("-ts")
    revisions = PriceRevision.objects.filter(security=OuterRef("pk"), interval=Bar.Interval.DAY)
    return {
        "last_bar": Subquery(days.values("ts")[:1]),
        "changed_bars": _count(revisions, Count("ts", distinct=True)),
        "open_reviews": _count(Review.objects.open().filter(security=OuterRef("pk")), Count("pk")),
    }


def _count(rows: QuerySet[Any], counted: Count) -> Coalesce:
    found = rows.order_by().values("security").annotate(n=counted).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)
