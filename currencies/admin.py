from django.contrib import admin

from currencies.models import Currency


@admin.register(Currency)
class CurrencyAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "symbol", "minor_digits", "last_valid_on"]
    search_fields = ["code", "name"]
    readonly_fields = ["created_at", "updated_at"]
