"""Postal addresses: countries and, for two of them, states (contracts/rapidly.md 4.1, 4.4)."""

from typing import Any

from footfall.apis.rapidly import scalars
from footfall.apis.rapidly.faults import MISSING, OBJECT_TYPE, Fault, Faults, Problem, invalid
from footfall.model.customer_details import Address

_ALL = """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE
    KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU
    MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RW SA
    SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM
    US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"""
COUNTRIES = tuple(_ALL.split())
"""Accepted countries: all of ISO 3166-1 but those the product refuses (CU, IR, KP, RU, SY)."""

_US_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY"
)
_CA_PROVINCES = "AB BC MB NB NL NS ON PE QC SK"
_STATES = {"US": frozenset(_US_STATES.split()), "CA": frozenset(_CA_PROVINCES.split())}
_INVALID_STATE = {"US": invalid("Invalid US state"), "CA": invalid("Invalid CA province")}

_QUOTED = [f"'{country}'" for country in COUNTRIES]
_EXPECTED = f"{', '.join(_QUOTED[:-1])} or {_QUOTED[-1]}"
_COUNTRY = Problem("literal_error", f"Input should be {_EXPECTED}", {"expected": _EXPECTED})
_LINES = ("line1", "line2", "postal_code", "city", "state")


def parse(value: object) -> tuple[Address | None, list[Fault]]:
    """The address, trimmed and completed, or what is wrong with it (locations relative to it)."""
    faults = Faults()
    if not isinstance(value, dict):
        faults.add((), OBJECT_TYPE, value)
        return None, faults.found
    lines = {key: _line(value, key, faults) for key in _LINES}
    country = _country(value, faults)
    if faults.found:
        return None, faults.found
    state = lines["state"]
    if state is not None and country in _STATES:
        code = state.upper().removeprefix(f"{country}-")
        if code not in _STATES[country]:
            faults.add((), _INVALID_STATE[country], value)
            return None, faults.found
        lines["state"] = f"{country}-{code}"
    return Address(country=country, **lines), []


def _line(given: dict[str, Any], key: str, faults: Faults) -> str | None:
    if given.get(key) is None:
        return None
    outcome = scalars.text(given[key])
    if isinstance(outcome, Problem):
        faults.add((key,), outcome, given[key])
        return None
    return outcome.strip() or None


def _country(given: dict[str, Any], faults: Faults) -> str:
    if "country" not in given:
        faults.add(("country",), MISSING, given)
        return ""
    country = given["country"].strip().upper() if isinstance(given["country"], str) else ""
    if country not in COUNTRIES:
        faults.add(("country",), _COUNTRY, given["country"])
    return country
