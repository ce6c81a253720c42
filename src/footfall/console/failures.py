"""What can go wrong on the console's pages, and the page that tells so."""

from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest
from footfall.console.rendering import page, redirect

_FORBIDDEN = 403


class NotSignedIn(Exception):  # noqa: N818
    """Nobody is signed in, or no longer."""


class NotThere(Exception):  # noqa: N818
    """The workspace has no such thing; the message says what."""


class BadForm(Exception):  # noqa: N818
    """The form was not given out to this visitor, or is no form."""


def answer(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """The page for a request that failed."""
    match error:
        case NotSignedIn():
            return redirect("/console/login")
        case NotThere():
            return page("error.html", status=404, title="Not found", message=str(error))
        case BadForm():
            message = "This form is no longer valid. Go back, load the page again, and send it once more."
            return page("error.html", status=_FORBIDDEN, title="Form refused", message=message)
    failure = classify(error)
    return page("error.html", status=failure.status, headers=failure.headers, title="Failed", message=failure.message)
