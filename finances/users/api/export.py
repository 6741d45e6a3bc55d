"""A person's data, for themselves."""

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from finances.api.compression import accepts_gzip
from finances.api.throttles import WindowThrottle
from finances.archive.export import write_export
from finances.users.api import docs


class ExportThrottle(WindowThrottle):
    scope = "export"


class ExportView(APIView):
    request: Any  # its user is one of ours: the default permission lets nobody else in
    throttle_classes = (*APIView.throttle_classes, ExportThrottle)

    @docs.export_me
    def get(self, request: Request) -> FileResponse:
        compressed = accepts_gzip(request._request)
        # By way of a file: a slow reader keeps no connection to the database, and a failure is an error and not half a
        # body.
        with ExitStack() as on_failure:
            file = on_failure.enter_context(TemporaryFile())
            write_export(self.request.user, file, compressed=compressed)
            response = _attachment(file, compressed=compressed)
            on_failure.pop_all()  # from here on the response closes it
        return response


def _attachment(file: Any, *, compressed: bool) -> FileResponse:
    file.seek(0)
    name = f"finances-{timezone.now():%Y-%m-%d}.ndjson"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/x-ndjson")
    response.block_size = 1 << 16
    response["Cache-Control"], response["Vary"] = "private, no-store", "Accept-Encoding"
    if compressed:
        response["Content-Encoding"] = "gzip"
    return response
