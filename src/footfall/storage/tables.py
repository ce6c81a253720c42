"""The tables, as SQLAlchemy Core sees them. Columns only: keys and indexes are written in the migrations.

Times are instants (microseconds since 1970, UTC); identifiers are 16 bytes; JSON is text, kept as it came.
Names and customers stand in ``events`` as numbers of a few bytes: that is what keeps an event and its indexes
small, and lets a filter on names be answered from the short dictionary before it touches an event.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

metadata = MetaData()

workspaces = Table(
    "workspaces",
    metadata,
    Column("number", Integer),
    Column("id", LargeBinary),
    Column("name", Text),
    Column("timezone", Text),
    Column("org_id", BigInteger),
    Column("till_id", BigInteger),
    Column("till_code", Text),
    Column("property_key", Text),
    Column("account_id", Text),
    Column("settings", Text),
    Column("created_at", BigInteger),
)

credentials = Table(
    "credentials",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("kind", Text),
    Column("name", Text),
    Column("hash", LargeBinary),
    Column("scopes", Text),  # joined by blanks
    Column("created_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

server_keys = Table(
    "server_keys",
    metadata,
    Column("name", Text),
    Column("content", LargeBinary),
)

event_types = Table(
    "event_types",
    metadata,
    Column("number", Integer),
    Column("workspace", Integer),
    Column("name", Text),
    Column("folded", Text),  # name.casefold()
    Column("label", Text),
    Column("created_at", BigInteger),
    Column("family", Text),
)

accounts = Table(
    "accounts",
    metadata,
    Column("workspace", Integer),
    Column("id", Text),
    Column("folded", Text),  # id.casefold()
    Column("registered", Boolean),  # False: only events and customers have named it
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
    Column("deleted_at", BigInteger),
    Column("fields", Text),  # JSON object
    Column("properties", Text),  # JSON object
)

denied_customers = Table(
    "denied_customers",
    metadata,
    Column("workspace", Integer),
    Column("external_id", Text),
    Column("denied_at", BigInteger),
)

customers = Table(
    "customers",
    metadata,
    Column("number", BigInteger),
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("registered", Boolean),
    Column("external_id", Text),
    Column("email", Text),
    Column("mobile", Text),
    Column("object_id", Text),
    Column("name", Text),
    Column("account_id", Text),
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
    Column("deleted_at", BigInteger),
    Column("properties", Text),
    Column("details", Text),
    Column("identity_folded", Text),  # Customer.primary_identity.casefold()
)

identities = Table(
    "identities",
    metadata,
    Column("workspace", Integer),
    Column("kind", Text),
    Column("value", Text),
    Column("customer", BigInteger),
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger),
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("type", Integer),
    Column("customer", BigInteger),
    Column("customer_link", SmallInteger),
    Column("occurred_at", BigInteger),
    Column("received_at", BigInteger),
    Column("utc_offset", SmallInteger),  # minutes
    Column("external_id", Text),
    Column("account_id", Text),
    Column("source", Text),
    Column("outlet", Text),
    Column("amount", BigInteger),  # millionths
    Column("parent_id", LargeBinary),
    Column("member_id", LargeBinary),
    Column("external_member_id", Text),
    Column("unique_key", Text),
    Column("is_duplicate", Boolean),
    Column("captured_by", Text),
    Column("properties", Text),
    Column("session", Text),
)

customer_events = Table(
    "customer_events",
    metadata,
    Column("sequence", BigInteger),
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("type", SmallInteger),  # see model.customer_event.TYPES
    Column("customer", BigInteger),
    Column("occurred_at", BigInteger),
    Column("metadata", Text),
)

event_counts = Table(
    "event_counts",
    metadata,
    Column("workspace", Integer),
    Column("type", Integer),  # 0: all types together
    Column("level", SmallInteger),  # see storage.time_buckets
    Column("bucket", BigInteger),
    Column("slot", SmallInteger),
    Column("events", BigInteger),
)

imports = Table(
    "imports",
    metadata,
    Column("workspace", Integer),
    Column("fingerprint", LargeBinary),
    Column("rows_done", BigInteger),
    Column("rows_rejected", BigInteger),  # of those done
    Column("digest", LargeBinary),  # of the file's bytes up to there
    Column("updated_at", BigInteger),
)

behavioural_definitions = Table(
    "behavioural_definitions",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("name", Text),
    Column("label", Text),
    Column("description", Text),
    Column("actions", Text),  # JSON array
    Column("fields", Text),  # JSON array
    Column("is_verified", Boolean),
    Column("created_at", BigInteger),
    Column("disabled_at", BigInteger),
)

behavioural_webhooks = Table(
    "behavioural_webhooks",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("transformer", Text),
    Column("till_code", Text),
    Column("is_authenticated", Boolean),
    Column("checks_uniqueness", Boolean),
    Column("listens_to_children", Boolean),
    Column("created_at", BigInteger),
    Column("disabled_at", BigInteger),
)

behavioural_posts = Table(
    "behavioural_posts",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("webhook", LargeBinary),
    Column("event_name", Text),
    Column("received_at", BigInteger),
    Column("response_time", BigInteger),  # milliseconds
    Column("status", Text),
    Column("message", Text),
    Column("request", Text),
    Column("states", Text),  # JSON array
)

target_groups = Table(
    "target_groups",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("name", Text),
    Column("folded", Text),  # name.casefold()
    Column("description", Text),
    Column("active", Boolean),
    Column("preferred_till_id", BigInteger),
    Column("tracking_type", Text),
    Column("combination_type", Text),
    Column("timezone", Text),
    Column("total_periods", Integer),
    Column("frequency_type", Text),
    Column("frequency", Integer),
    Column("recurring_cycles", Integer),
    Column("user_created", Boolean),
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
)

target_periods = Table(
    "target_periods",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("group", BigInteger),
    Column("ref_code", Text),
    Column("description", Text),
    Column("active", Boolean),
    Column("first_day", Text),  # YYYY-MM-DD
    Column("last_day", Text),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),  # excluded
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
)

target_rules = Table(
    "target_rules",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("group", BigInteger),
    Column("name", Text),
    Column("description", Text),
    Column("active", Boolean),
    Column("type", Text),
    Column("expression", Text),  # JSON text
    Column("enrolment_method", Text),
    Column("created_after", BigInteger),  # an event's sequence
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
)

target_goals = Table(
    "target_goals",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("group", BigInteger),
    Column("rule", BigInteger),
    Column("period", BigInteger),
    Column("value", BigInteger),  # millionths
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("rule", BigInteger),
    Column("period", BigInteger),
    Column("since", BigInteger),
    Column("enrolled", Boolean),
    Column("enrolled_by", Text),
    Column("enrolled_at", BigInteger),
)

tracked_events = Table(
    "tracked_events",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("rule", BigInteger),
    Column("occurred_at", BigInteger),
    Column("sequence", BigInteger),
    Column("group", BigInteger),
    Column("period", BigInteger),
    Column("name", Text),
    Column("display_name", Text),
    Column("unique_id", Text),
    Column("processed_at", BigInteger),
    Column("value", BigInteger),  # millionths
)

target_progress = Table(
    "target_progress",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("rule", BigInteger),
    Column("period", BigInteger),
    Column("whole", BigInteger),
    Column("millionths", BigInteger),
    Column("events", BigInteger),
    Column("enrolled_at", BigInteger),
    Column("updated_at", BigInteger),
)
