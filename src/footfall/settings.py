"""Settings of a server, from the environment: every field ``x`` is read from ``FOOTFALL_X``."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

PREFIX = "FOOTFALL_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a deployment may choose. Sizes are bytes, times are seconds unless the name says more."""

    database_url: str = "sqlite:///footfall.db"
    database_patience_seconds: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 10.0  # for locks, and for a server
    max_body_bytes: int = 16 * 1024 * 1024  # of one request to a product's API; more is 413
    max_event_bytes: int = 1024 * 1024  # of one event in a streamed body
    queue_capacity: int = 100_000  # events that may wait to be written; more is 429 or 503
    px_max_window_days: int = 190  # gainsight_px 2.3; 0: no limit
    px_requests_per_second: Annotated[int, msgspec.Meta(ge=0)] = 0  # of one key; 0: no limit (the product allows 200)
    px_requests_per_day: Annotated[int, msgspec.Meta(ge=0)] = 0  # likewise (the product allows 1,000,000)
    clevertap_strict_event_names: bool = True  # clevertap 2.5: a name never stored is refused
    clevertap_restricted_names: bool = False  # clevertap 3.2: refuse uploads of system events (513)
    clevertap_not_exportable: str = ""  # clevertap 2.5: names, separated by commas; "standard": the product's own list
    clevertap_max_scan: Annotated[int, msgspec.Meta(ge=0)] = 200_000  # events that one filtered page looks at; 0: all
    clevertap_verbose_auth: bool = False  # clevertap 1.3: tell which half of the credentials is wrong
    clevertap_legacy_throttle: bool = False  # clevertap 1.6: too many requests at once are told in HTTP 200
    clevertap_partial_first: bool = True  # clevertap 4.1: trends and top are answered when they are asked for again
    clevertap_max_reads: int = 0  # concurrent requests per account; 0: no limit (the product allows 3)
    clevertap_max_uploads: int = 0  # likewise (the product allows 15)
    future_tolerance_seconds: int = 0  # how far ahead Rapidly's timestamps may be
    rapidly_metadata_limits: bool = False  # rapidly 2.1: enforce 50 keys of 1 to 40 characters for events, too
    rapidly_requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 0  # of one token; 0: no limit (they say 500)
    rapidly_check_email_domains: bool = False  # rapidly 4.2: ask the name servers whether an address's domain exists
    metrics: bool = True  # GET /metrics, for Prometheus
    metrics_token: str = ""  # what a scraper has to send as "Authorization: Bearer ..."; empty: nothing
    log_format: Literal["text", "json"] = "text"  # json: a line of JSON an entry, an entry for each request
    public_url: str = ""  # where the outside reaches this server; used in links that answers carry


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in ``environment``. Raises msgspec.ValidationError for a value of the wrong form."""
    given = {
        field: environment[PREFIX + field.upper()]
        for field in Settings.__struct_fields__
        if PREFIX + field.upper() in environment
    }
    return msgspec.convert(given, Settings, strict=False)
