"""Shapes of the sync runs: a batch of symbols is a run to clients, a symbol's run its outcome."""

from rest_framework import serializers

from finances.sync.models import SyncBatch, SyncRun


class SyncRunSerializer(serializers.ModelSerializer[SyncBatch]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    intervals = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Of prices.")
    started_by = serializers.UUIDField(
        source="started_by_id",
        read_only=True,
        allow_null=True,
        help_text="Null for commands and the schedule.",
    )
    status = serializers.ChoiceField(
        SyncRun.Status.choices,
        source="state",
        read_only=True,
        help_text="PENDING while it waits for a worker; FAILED if any symbol failed; INTERRUPTED if it was cut off "
        "before its end.",
    )
    duration_seconds = serializers.FloatField(read_only=True, allow_null=True)
    symbols = serializers.IntegerField(read_only=True, help_text="How many.")
    succeeded = serializers.IntegerField(read_only=True)
    failed = serializers.IntegerField(read_only=True)
    bars_added = serializers.IntegerField(read_only=True, help_text="Of rates: days.")
    bars_changed = serializers.IntegerField(read_only=True)
    bars_quarantined = serializers.IntegerField(read_only=True)

    class Meta:
        model = SyncBatch
        fields = [
            "id", "kind", "scope", "intervals", "trigger", "started_by", "started_at", "finished_at",
            "duration_seconds", "status", "error_code", "symbols", "succeeded", "failed", "bars_added",
            "bars_changed", "bars_quarantined",
        ]  # fmt: skip
        read_only_fields = fields


class OutcomeSerializer(serializers.ModelSerializer[SyncRun]):
    """What became of one symbol."""

    status = serializers.ChoiceField(SyncRun.Status.choices, source="state", read_only=True)
    started_at = serializers.DateTimeField(
        source="begun_at", read_only=True, allow_null=True, help_text="Null while PENDING: not begun."
    )
    duration_seconds = serializers.FloatField(read_only=True, allow_null=True)

    class Meta:
        model = SyncRun
        fields = [
            "symbol", "source", "status", "error_code", "started_at", "finished_at", "duration_seconds", "bars_added",
            "bars_changed", "bars_quarantined",
        ]  # fmt: skip
        read_only_fields = fields


class SyncRunDetailSerializer(SyncRunSerializer):
    resumes = serializers.UUIDField(
        source="resumes.uuid", read_only=True, default=None, allow_null=True, help_text="The run that it went on with."
    )
    outcomes = OutcomeSerializer(
        many=True, read_only=True, help_text="The first 1,000, in the order given; `symbols` counts them all."
    )

    class Meta(SyncRunSerializer.Meta):
        fields = [*SyncRunSerializer.Meta.fields, "resumes", "outcomes"]
        read_only_fields = fields
