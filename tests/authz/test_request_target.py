"""What Orthanc's web server makes of a request line before the plugin sees it."""

import pytest

from orthgen.authz.request_target import read_target, tidy


@pytest.mark.parametrize(
    ("path", "tidied"),
    [
        pytest.param("/ui/app/../../statistics", "/statistics", id="parent"),
        pytest.param("/a/./b", "/a/b", id="here"),
        pytest.param("/a/.", "/a/", id="here-at-the-end"),
        pytest.param("/a//b///c", "/a/b/c", id="doubled"),
        pytest.param("/a\\b", "/a/b", id="backslash"),
        pytest.param("/a/..", "/", id="parent-at-the-end"),
        pytest.param("/../../a", "/a", id="above-the-root"),
        pytest.param("/a./b", "/a/b", id="dot-at-the-end-of-a-segment"),
        pytest.param("/a...", "/a", id="dots-at-the-end"),
        pytest.param("/.hidden", "/.hidden", id="hidden"),
        pytest.param("/studies/1.2.3", "/studies/1.2.3", id="uid"),
    ],
)
def test_paths_are_tidied(path: str, tidied: str) -> None:
    """Dot segments, doubled slashes, backslashes and final dots are gone before anybody matches the path."""
    assert tidy(path) == tidied


@pytest.mark.parametrize(
    ("method", "target", "override", "expected"),
    [
        pytest.param("GET", "/a", "", "GET", id="plain"),
        pytest.param("GET", "/a?_method=DELETE", "", "DELETE", id="argument"),
        pytest.param("GET", "/a?_method=put", "", "PUT", id="argument-in-lower-case"),
        pytest.param("GET", "/a?%5Fmethod=PUT", "", "PUT", id="argument-encoded"),
        pytest.param("GET", "/a?_method=POST", "", "", id="post-is-refused"),
        pytest.param("POST", "/a?_method=DELETE", "", "POST", id="argument-of-a-post"),
        pytest.param("POST", "/a", "delete", "DELETE", id="header"),
        pytest.param("GET", "/a", "POST", "", id="header-post"),
        pytest.param("HEAD", "/a", "", "GET", id="head"),
        pytest.param("MKCOL", "/a", "", "PUT", id="webdav"),
        pytest.param("PATCH", "/a", "", "", id="patch"),
        pytest.param("get", "/a", "", "", id="lower-case"),
    ],
)
def test_the_method_may_come_from_elsewhere(method: str, target: str, override: str, expected: str) -> None:
    """`_method` on a GET and X-HTTP-Method-Override ask for PUT or DELETE; any other word is answered 400."""
    assert read_target(method, target, override).method == expected


def test_only_a_get_has_arguments() -> None:
    """Orthanc reads the query of no other method, so a token in it is not there."""
    assert read_target("GET", "/a?token=x&y").arguments == (("token", "x"), ("y", ""))
    assert read_target("POST", "/a?token=x").arguments == ()


def test_escapes_are_decoded_once_and_end_at_a_nul() -> None:
    """Percent escapes and plus signs are decoded once; what follows a NUL is lost."""
    assert read_target("GET", "/%73tudies+x").path == "/studies x"
    assert read_target("GET", "/a%2500").path == "/a%00"
    assert read_target("GET", "/a%00/b").path == "/a"


def test_the_last_of_equal_arguments_counts() -> None:
    """Of two arguments of one name the later one is seen."""
    assert read_target("GET", "/a?x=1&x=2").argument("x") == "2"
    assert read_target("GET", "/a").argument("x") is None
