"""What the auth-service makes of its files and of tokens."""

from orthgen.authz.auth_service import AuthService
from orthgen.authz.resources import Level, Resource
from orthgen.findings import Location
from orthgen.formats.yaml_io import Path

from .builders import ROLES, link, service, user


def test_a_user_is_the_union_of_the_known_roles() -> None:
    """Permissions and labels of several roles add up; a role that the file does not know adds nothing."""
    profile = service().profile(user("reader", "eraser", "unknown"))

    assert profile is not None
    assert profile.permissions == {"view", "delete"}
    assert profile.labels == {"external"}
    assert profile.title == "roles `reader`, `eraser`, `unknown`"
    assert profile.is_user


def test_a_service_is_equal_to_one_that_has_answered() -> None:
    """What it has worked out for a caller is no part of it."""
    asked = service()
    asked.profile(user("reader", "eraser"))

    assert asked == service()
    assert "eraser`, " not in repr(asked)


def test_a_role_name_is_equal_to_the_letter() -> None:
    """`Reader` is not `reader`, and a user without known roles has nothing."""
    for names in (("Reader",), ()):
        profile = service().profile(user(*names))
        assert profile is not None
        assert not profile.permissions
    unknown = service().profile(user("Reader"))
    assert unknown is not None
    assert "does not know" in unknown.title


def test_whoever_is_no_user_is_anonymous() -> None:
    """A link, a broken token and no token all give the anonymous profile."""
    at = service(anonymous={"permissions": ["view"], "authorized-labels": []})

    assert at.profile(None) is at.anonymous
    assert at.profile(link("A")) is at.anonymous
    assert service(reachable=False).profile(None) is None


def test_the_shipped_anonymous_profile_uploads() -> None:
    """Without a file of its own the image's anonymous profile is in force, which holds `upload`."""
    assert AuthService.compile({"roles": ROLES}).anonymous.permissions == {"upload"}


def test_a_word_that_is_no_permission_is_found_at_its_place() -> None:
    """The service does not start with an unknown permission; the finding names it and the nearest known one."""

    def locate(path: Path) -> Location | None:
        return Location("permissions.json", 3, 5) if path == ("roles", "odd", "permissions") else None

    at = AuthService.compile({"roles": {"odd": {"permissions": ["veiw"]}}}, locate=locate)
    bare = AuthService.compile({"roles": {"odd": {"permissions": ["veiw"]}}})

    assert at.findings[0].location == Location("permissions.json", 3, 5)
    assert at.findings[0].hint == "did you mean `view`?"
    assert bare.findings


def test_the_service_does_not_start_with_roles_that_it_cannot_read() -> None:
    """Its model of the file wants objects with lists of known words; the labels may be spelt either way."""
    for roles in ([], {"odd": None}, {"odd": {"permissions": "view"}}, {"odd": {"authorized-labels": [1]}}):
        assert not AuthService.compile({"roles": roles}).starts
    at = AuthService.compile({"roles": {"good": {"authorized_labels": ["x"]}}})

    assert at.starts
    assert at.roles["good"].labels == {"x"}
    assert at.stopped().profile(user("good")) is None


def test_an_anonymous_profile_that_cannot_be_read_holds_nothing() -> None:
    """The service starts without it, so one wrong word takes the others away."""
    at = AuthService.compile(
        {"roles": ROLES}, {"permissions": ["view", "uplaod"], "authorized-labels": ["*"]}
    )

    assert at.starts
    assert not at.anonymous.permissions
    assert not at.anonymous.labels
    assert at.findings[0].hint == "did you mean `upload`?"


def test_a_link_opens_by_id_or_by_uid() -> None:
    """A link names studies by Orthanc id and DICOM UID; a resource without UID is not opened by an empty one."""
    at = service()
    token = link("A")

    assert at.opens(token, Resource(Level.STUDY, next(iter(token.studies)), ""))
    assert not at.opens(token, Resource(Level.STUDY, "", ""))
    assert not at.opens(user("all"), Resource(Level.STUDY, next(iter(token.studies)), ""))
