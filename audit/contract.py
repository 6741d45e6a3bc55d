"""Schemathesis against the running server: every operation, every check, as two people.

    python -m audit.contract [--examples N] [--seconds S]

It sends requests made from the OpenAPI document, valid ones and others, alone and in sequences, and checks each answer
against the document. One run is of a user, one of a member of staff. Ends with 1 if any check fails.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from audit.databases import scratch_database
from tests.installation import PASSWORD, Installation

ENVIRONMENT = {
    "ACCESS_TOKEN_MINUTES": "1440",
    "EMAIL_URL": "dummymail://",
    "LOG_LEVEL": "ERROR",
    "THROTTLE_ANON": "",
    "THROTTLE_LOGIN": "",
    "THROTTLE_SYNC": "",
    "THROTTLE_USER": "",
    "YAHOO_BACKEND": "finances.yahoo.offline.OfflineYahoo",
}
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EMAILS = {who: f"{who}@audit.example.test" for who in ("user", "stranger", "staff")}
MAKE_PEOPLE = "from finances.users.models import User\n" + "".join(
    f"User.objects.create_user({email!r}, {PASSWORD!r}, is_staff={who == 'staff'})\n" for who, email in EMAILS.items()
)
# DELETE users/me would end the identity of the run. What `auth/` does with tokens ends it, too, by chance.
LEFT_OUT = [
    "--exclude-path-regex",
    "^/api/v1/auth/(logout|change-password)$",
    "--exclude-operation-id",
    "users_me_destroy",
]
# Rules that no schema can tell (an account that holds no securities, days in an order, sums) refuse valid bodies.
EXCLUDED_CHECKS = "positive_data_acceptance"


def main() -> int:
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder, scratch_database("contract") as database:
        installation = Installation(Path(folder), {**ENVIRONMENT, "DATABASE_URL": database})
        for command in (["migrate"], ["load_currencies"], ["shell", "-c", MAKE_PEOPLE]):
            status, printed = installation.manage(*command)
            if status:
                raise SystemExit(f"{command[0]} failed: {printed}")
        installation.serve()
        try:
            _write_identities(installation, Path(folder))
            return max(_run(installation.base, who, wanted, Path(folder)) for who in wanted.identities.split(","))
        finally:
            installation.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=5, help="cases for each operation and phase")
    parser.add_argument("--seconds", type=int, help="go on until so much time is spent, for each identity")
    parser.add_argument("--identities", default="user,staff", help="with commas between")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests")
    return parser.parse_args()


def _write_identities(installation: Installation, folder: Path) -> None:
    """The stranger only asks for what the user has made, which has to be refused."""
    entries = []
    for who, email in EMAILS.items():
        answer = installation.call("POST", "/api/v1/auth/login", {"email": email, "password": PASSWORD})[1]
        header = {"name": "Authorization", "value": f"Bearer {answer['access_token']}"}
        entries.append({"name": who, "fixedHeaders": [header]})
    (folder / "identities.json").write_text(json.dumps({"auth": entries}))
    for who in EMAILS:
        own = f'[auth.wfc]\npath = "identities.json"\nuser = "{who}"\n'
        peers = 'peers = ["user", "stranger"]\n' if who == "user" else ""
        (folder / f"{who}.toml").write_text(CONFIGURATION.read_text() + own + peers)


def _run(base: str, who: str, wanted: argparse.Namespace, folder: Path) -> int:
    print(f"=== as {who}", flush=True)
    time = ["--max-time", str(wanted.seconds)] if wanted.seconds else []
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", f"{who}.toml",
        "run", f"{base}/api/schema", "--workers", "1",
        "--max-examples", str(wanted.examples), *time,
        "--seed", str(wanted.seed), "--checks", "all", "--exclude-checks", EXCLUDED_CHECKS, "--continue-on-failure",
        "--warnings", "off", "--request-timeout", "60", "--generation-database", "none", *LEFT_OUT,
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())
