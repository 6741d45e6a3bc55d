"""The URL space under /api/v1, on one page."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from securities.api.views import SecurityViewSet

router = SimpleRouter(trailing_slash=False)
router.register("securities", SecurityViewSet, basename="security")

urlpatterns = [path("", include("finances.users.api.urls")), *router.urls]
