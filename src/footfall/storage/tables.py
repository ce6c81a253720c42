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
    Column("details", Text),  # JSON object
    Column("modified_at", BigInteger),
    Column("last_used_at", BigInteger),
)

stores = Table(
    "stores",
    metadata,
    Column("workspace", Integer),
    Column("id", BigInteger),
    Column("code", Text),
    Column("name", Text),
    Column("external_id", Text),
    Column("external_id_1", Text),
    Column("external_id_2", Text),
    Column("zone", Text),
    Column("concept", Text),
    Column("access_group", BigInteger),
)

tills = Table(
    "tills",
    metadata,
    Column("workspace", Integer),
    Column("id", BigInteger),
    Column("code", Text),
    Column("name", Text),
    Column("description", Text),
    Column("store", BigInteger),
    Column("wechat", Text),
    Column("mobile_trigger", Text),
)

access_groups = Table(
    "access_groups",
    metadata,
    Column("workspace", Integer),
    Column("id", BigInteger),
    Column("name", Text),
    Column("is_default", Boolean),
    Column("permissions", Text),  # JSON object: resource -> array of read, write
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
    Column("label_selector", Text),  # path of the property whose value is an event's label
    Column("modified_at", BigInteger),
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

members = Table(
    "members",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("email", Text),
    Column("name", Text),
    Column("external_id", Text),
    Column("role", Text),
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
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
    Column("counts", Boolean),  # towards targets
    Column("level", Integer),  # how many ancestors; NULL without a parent
    Column("root_id", LargeBinary),  # the first of them
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

event_summaries = Table(
    "event_summaries",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("type", Integer),
    Column("slot", SmallInteger),
    Column("events", BigInteger),
    Column("first_at", BigInteger),
    Column("last_at", BigInteger),
)

revisions = Table(
    "revisions",
    metadata,
    Column("workspace", Integer),
    Column("slot", SmallInteger),
    Column("customers", BigInteger),
    Column("erased", BigInteger),
    Column("renamed", BigInteger),
)

customer_removals = Table(
    "customer_removals",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("heir", BigInteger),  # a customer's number; NULL: nobody, all goes
    Column("removed_at", BigInteger),
    Column("done_at", BigInteger),
)

pending_answers = Table(
    "pending_answers",
    metadata,
    Column("workspace", Integer),
    Column("key", LargeBinary),
    Column("content", LargeBinary),
    Column("updated_at", BigInteger),
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
    Column("is_standard", Boolean),
)

behavioural_changes = Table(
    "behavioural_changes",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("event_name", Text),
    Column("action", Text),
    Column("changed_by", Text),
    Column("changed_at", BigInteger),
    Column("before", Text),  # JSON object
    Column("after", Text),
)

behavioural_adapters = Table(
    "behavioural_adapters",
    metadata,
    Column("workspace", Integer),
    Column("transformer", Text),
    Column("event_name", Text),
    Column("mapping", Text),  # JSON object
    Column("changed_at", BigInteger),
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

behavioural_queue = Table(
    "behavioural_queue",
    metadata,
    Column("id", LargeBinary),
    Column("workspace", Integer),
    Column("webhook", LargeBinary),
    Column("owner", LargeBinary),  # which process has accepted it
    Column("event_name", Text),  # of long ones the beginning
    Column("received_at", BigInteger),
    Column("size", BigInteger),  # of the request, in characters
    Column("request", Text),
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
    Column("evaluation_type", Text),
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
    Column("entity", Text),
    Column("event_name", Text),
    Column("aggregate", Text),
    Column("filters", Text),  # JSON array
    Column("expression_text", Text),
    Column("field_name", Text),
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

target_milestones = Table(
    "target_milestones",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("group", BigInteger),
    Column("rule", BigInteger),
    Column("name", Text),
    Column("value", BigInteger),  # millionths
)

streak_levels = Table(
    "streak_levels",
    metadata,
    Column("id", BigInteger),
    Column("workspace", Integer),
    Column("group", BigInteger),
    Column("name", Text),
    Column("length", Integer),  # periods
    Column("created_at", BigInteger),
    Column("modified_at", BigInteger),
)

target_authors = Table(
    "target_authors",
    metadata,
    Column("workspace", Integer),
    Column("group", BigInteger),
    Column("part", SmallInteger),  # see storage.target_authors
    Column("id", BigInteger),
    Column("created_by", BigInteger),  # id of a till
    Column("modified_by", BigInteger),
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
    Column("streak_since", BigInteger),
    Column("anchor", BigInteger),
    Column("cycle", Integer),
)

enrolment_entries = Table(
    "enrolment_entries",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("rule", BigInteger),
    Column("occurred_at", BigInteger),
    Column("sequence", BigInteger),
    Column("period", BigInteger),
    Column("name", Text),  # ENROL or UNENROL
    Column("progress", BigInteger),  # id in target_progress
    Column("value", BigInteger),  # millionths
    Column("since", BigInteger),  # as the enrolment says from here on
)

tracked_events = Table(
    "tracked_events",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("rule", BigInteger),
    Column("occurred_at", BigInteger),
    Column("sequence", BigInteger),
    Column("period", BigInteger),
    Column("kind", SmallInteger),  # see storage.target_progress
    Column("display_name", Text),
    Column("event", LargeBinary),  # the event's id, where it is shown
    Column("processed_at", BigInteger),
    Column("value", BigInteger),  # millionths
    Column("counted", BigInteger),  # millionths
)

target_visits = Table(
    "target_visits",
    metadata,
    Column("workspace", Integer),
    Column("customer", BigInteger),
    Column("rule", BigInteger),
    Column("period", BigInteger),
    Column("day", Integer),  # of the group's zone, since 1970-01-01
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
    Column("entries", Integer),  # of enrolment_entries
    Column("first_at", BigInteger),  # when the earliest of its events occurred
    Column("last_at", BigInteger),
    Column("achieved_at", BigInteger),
    Column("achieved_by", BigInteger),  # sequence
    Column("goal", BigInteger),  # millionths, as it stood when something counted last
    Column("last_by", BigInteger),  # sequence of what counted last
)
