"""What is known of the program and place that a request comes from."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from finances.api.requests import client_ip
from finances.users.models.session import USER_AGENT_LENGTH


@dataclass(frozen=True, slots=True)
class Client:
    address: str | None = None
    """A well-formed IP address."""
    user_agent: str = ""

    @property
    def network(self) -> str:
        """What login failures count as one place: whoever has an IPv6 address has all of its /64."""
        if self.address is None:
            return "unknown"
        address = ip_address(self.address)
        return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else self.address


UNKNOWN = Client()


def read_client(request: Any) -> Client:
    """Of Django's requests and REST framework's alike."""
    agent = "".join(character for character in request.META.get("HTTP_USER_AGENT", "") if character.isprintable())
    return Client(_well_formed(client_ip(request) or ""), agent[:USER_AGENT_LENGTH])


def _well_formed(text: str) -> str | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
