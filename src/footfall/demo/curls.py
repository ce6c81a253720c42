"""The five ``curl`` lines, one per read API, ready to paste."""

from footfall.demo.client import DemoClient
from footfall.demo.fill import Shown, milliseconds


def curl_lines(client: DemoClient, shown: Shown) -> list[tuple[str, str]]:
    """A heading and a command for each of the five reads."""
    url = client.url
    basic = f"-H 'Authorization: {client.capillary_authorization}'"
    px = f"-H 'X-APTRINSIC-API-KEY: {client.workspace.gainsight_px.api_key}'"
    account = client.workspace.clevertap
    ct = f"-H 'X-CleverTap-Account-Id: {account.account_id}' -H 'X-CleverTap-Passcode: {account.passcode}'"
    query = f'{{"event_name":"ADD_TRANSACTION","from":{shown.first:%Y%m%d},"to":{shown.last:%Y%m%d}}}'
    search = f"filter=eventName~*viewed&sort=-date&pageSize=3&dateRangeStart={milliseconds(shown.first)}"
    cursor = (
        f"curl -s -X POST -d '{query}' '{url}/1/events.json?batch_size=3' {ct}"
        ' | sed \'s/.*"cursor": *"\\([^"]*\\)".*/\\1/\''
    )
    return [
        (
            "Capillary, one event by its request id",
            f"curl -s '{url}/v2/events/event_data?id={shown.request_id}' {basic}",
        ),
        (
            "Capillary, the events that counted towards a customer's monthly target",
            f"curl -s '{url}/v3/users/{shown.user_id}/trackedTargetEvents/{shown.target_rule_id}?limit=5' {basic}",
        ),
        (
            "Gainsight PX, filtered and sorted",
            f"curl -s '{url}/v1/events/custom?{search}' {px}",
        ),
        (
            "CleverTap, export by cursor (opens one, reads its first page)",
            f'curl -s "{url}/1/events.json?cursor=$({cursor})" {ct}',
        ),
        (
            "Rapidly, one event with its customer and its children counted",
            f"curl -s '{url}/api/events/{shown.event_id}' -H 'Authorization: Bearer {client.workspace.rapidly.token}'",
        ),
    ]
