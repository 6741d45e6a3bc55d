from django.apps import AppConfig


class AuditTrailConfig(AppConfig):
    name = "finances.audit"
    verbose_name = "Audit trail"
