"""First-tier settings: what the machine decides before anything starts, read from ``NONET_*``.

Second-tier preferences, which an operator changes while the product runs, live in ``core.prefs``.
Every field here is described in docs/reference/settings.md, and a test compares the two.
"""

import ipaddress
from functools import cache, cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The machine's side of the configuration; each field is an environment variable ``NONET_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="NONET_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Where everything the product keeps on disk stands (mode 0700).")
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 lets other machines in.")
    port: int = Field(8080, ge=1, le=65535, description="Port of the web app and the API.")
    media_port: int = Field(0, ge=0, le=65535, description="Port of the media role; 0 means the port above plus one.")
    public_url: str = Field("", description="The one origin for links, cookies and checks; empty means localhost.")
    media_url: str = Field("", description="Where browsers fetch video bytes; empty means the public host, media port.")
    trusted_proxies: str = Field(
        "", description="Addresses or networks, comma-separated, whose forwarded headers count."
    )
    tls_cert: Path | None = Field(None, description="Certificate chain (PEM) to serve https directly.")
    tls_key: Path | None = Field(None, description="Private key (PEM) that belongs to the certificate.")
    database_url: str = Field(
        "", description="postgresql://… of PostgreSQL 16 or newer; empty starts the embedded one."
    )
    upgrade_backups: int = Field(
        3, ge=0, le=100, description="Backups of the database kept from before the last upgrades; 0 makes none."
    )
    pg_bindir: Path | None = Field(None, description="Folder with postgres and initdb for the embedded database.")
    storage_url: str = Field("", description="file:///folder or s3://bucket/prefix; empty means the data folder.")
    s3_endpoint: str = Field("", description="Address of an S3 server other than Amazon's.")
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key: str = Field("", description="Access key id for the bucket.")
    s3_secret_key: str = Field("", description="Secret access key for the bucket.")
    sendfile: Literal["", "accel", "presigned"] = Field(
        "", description="How bytes may leave without us: accel (nginx, X-Accel-Redirect) or presigned (S3)."
    )
    smtp_url: str = Field(
        "", description="smtp://user:password@host:587 to deliver mail; empty keeps it in the outbox."
    )
    mail_from: str = Field("Nonet <nonet@localhost>", description="Sender of the mails.")
    push_hosts: str = Field(
        "fcm.googleapis.com,jmt17.google.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com",
        description="Push services that browsers may name, comma-separated; nothing is pushed anywhere else.",
    )
    ffmpeg: Path | None = Field(None, description="ffmpeg to run; empty means the wheel's, then PATH.")
    ffprobe: Path | None = Field(None, description="ffprobe to run; empty means the wheel's, then PATH.")
    encoders: int = Field(0, ge=0, le=64, description="Encodes at once; 0 means one less than the cores, at least one.")
    disk_floor_mb: int = Field(2048, ge=0, description="Uploads are refused while less disk than this is free (MiB).")
    demo: Literal["full", "small", "none"] = Field(
        "full", description="Whom an empty database is filled with on a private address; none is `nonet up --empty`."
    )
    clock: Literal["real", "virtual"] = Field(
        "real", description="virtual lets a demo pass weeks in minutes; `nonet up` sets it, and nobody else has to."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the logs say.")
    log_to: Literal["files", "terminal"] = Field(
        "files",
        description="Where logs go: files of the data folder, or terminal (standard error), to be gathered.",
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @model_validator(mode="after")
    def _https_or_private(self) -> "Settings":
        """Refuse plain http on a public address: passwords would cross the net in the clear."""
        url = urlsplit(self.origin)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError("NONET_PUBLIC_URL must look like https://videos.example")
        if url.scheme == "http" and not is_private_host(url.hostname):
            raise ValueError(
                f"NONET_PUBLIC_URL is plain http on {url.hostname}: use https, or a loopback or private address"
            )
        return self

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port that browsers see, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"{'https' if self.tls_cert else 'http'}://localhost:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https."""
        return self.origin.startswith("https://")

    @property
    def bytes_port(self) -> int:
        """Port the media role listens on."""
        return self.media_port or self.port + 1

    @cached_property
    def bytes_origin(self) -> str:
        """Scheme, host and port that browsers fetch video bytes from."""
        if self.media_url:
            return self.media_url.rstrip("/")
        url = urlsplit(self.origin)
        host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
        return urlunsplit((url.scheme, f"{host}:{self.bytes_port}", "", "", ""))

    @property
    def objects_url(self) -> str:
        """Where objects are kept, the default filled in."""
        return self.storage_url or (self.data_dir / "objects").as_uri()

    @property
    def clock_file(self) -> Path:
        """The file that tells every role of this machine how far its virtual clock is from the machine's."""
        return self.folder("run") / "clock"

    @property
    def proxies(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """Networks whose forwarded headers are believed."""
        return tuple(
            ipaddress.ip_network(p.strip(), strict=False) for p in self.trusted_proxies.split(",") if p.strip()
        )

    def folder(self, name: str) -> Path:
        """Make and return a folder of the data folder, reachable by its owner alone."""
        path = self.data_dir / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def is_private_host(host: str) -> bool:
    """Tell whether a host name or address can only be this machine's or its own network's."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".home.arpa", ".lan")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


@cache
def load() -> Settings:
    """Read the environment once per process."""
    return Settings()
