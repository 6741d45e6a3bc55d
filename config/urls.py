"""URLs outside the API proper: docs and admin. Probes are answered by finances.api.health."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation

from finances.api import views

# YAML, or JSON with ?format=json: unlike the API itself, the schema does heed what the client asks for.
schema = SpectacularAPIView.as_view(content_negotiation_class=DefaultContentNegotiation)

urlpatterns = [
    # Nothing has a NUL in its name, and PostgreSQL fails when asked for one.
    re_path("\x00", views.nowhere),
    path("api/v1/", include("config.api")),
    path("api/schema", schema, name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/redoc", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    path("admin/", admin.site.urls),
]
handler400 = "finances.api.views.bad_request"
handler403 = "finances.api.views.forbidden"
handler404 = "finances.api.views.not_found"
handler500 = "finances.api.views.crash"
