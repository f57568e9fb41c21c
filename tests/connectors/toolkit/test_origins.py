"""Addresses are read once, in one way, and only within what was declared."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit._origins import Origins, shown_path
from cxm_core.errors import ConfigurationError, ForeignOrigin

ACME = Origins("https://api.acme.com")


class TestDeclaring:
    @pytest.mark.parametrize(
        ("declared", "shown"),
        [
            ("https://api.acme.com", "https://api.acme.com"),
            ("https://API.Acme.com:443/", "https://api.acme.com"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
        ],
    )
    def test_is_read_in_one_form(self, declared: str, shown: str) -> None:
        """Case, and the scheme's own port, make no difference."""
        assert str(Origins(declared).first) == shown

    @pytest.mark.parametrize(
        "declared",
        ["api.acme.com", "ftp://acme.com", "https://", "https://a@acme.com", "https://acme.com?x=1",
         "https://acme.com#x", "https://acme.com:0", "https://acme.com:99999", "https://a b.com",
         "https://-acme.com", "https://acme\\.com", "", []],
    )  # fmt: skip
    def test_what_is_no_origin(self, declared: str | list[str]) -> None:
        """Its author is told, and what was written is not repeated."""
        with pytest.raises(ConfigurationError):
            Origins(declared)

    def test_the_first_may_have_a_path(self) -> None:
        """Everything of ours is below it; what a source gives is taken as it is."""
        origins = Origins("https://proxy.corp/acme/")
        assert origins.target("/v1/x").url == "https://proxy.corp/acme/v1/x"
        assert origins.target("https://proxy.corp/acme/v1/x?n=2").url.endswith("/acme/v1/x?n=2")


class TestTargets:
    @pytest.mark.parametrize(
        ("place", "params", "url"),
        [
            ("/v1/x", (), "/v1/x"),
            ("v1/x", (), "/v1/x"),
            ("/v1/x?a=1", (("b", "2"),), "/v1/x?a=1&b=2"),
            ("/v1/x", (("a", "1 +&é"), ("a", "2")), "/v1/x?a=1%20%2B%26%C3%A9&a=2"),
            ("/v1/ünï x", (), "/v1/%C3%BCn%C3%AF%20x"),
            ("/v1/x%2Fy", (), "/v1/x%2Fy"),
            ("/v1/x#part", (), "/v1/x"),
            ("/v1/x?page[size]=100&after=a%3D%3D", (), "/v1/x?page[size]=100&after=a%3D%3D"),
            ("https://api.acme.com", (), "/"),
            ("https://API.ACME.COM:443/v1/x?a=%20", (("b", "2"),), "/v1/x?a=%20&b=2"),
        ],
    )
    def test_are_written_in_one_way(
        self, place: str, params: tuple[tuple[str, str], ...], url: str
    ) -> None:
        """What is encoded stays, the rest is encoded."""
        assert ACME.target(place, params).url == "https://api.acme.com" + url

    @given(st.text(max_size=40))
    def test_whatever_a_source_gives(self, place: str) -> None:
        """It is within the origin, or refused; and every reader of addresses agrees."""
        try:
            url = ACME.target(place).url
        except ForeignOrigin:
            return
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("https", "api.acme.com")
        assert url.isascii()
        assert url.isprintable()
        assert " " not in url

    @given(
        st.text(st.sampled_from("/\\@:.#?%&htps[]evil0 \t\r\n"), max_size=25),
        st.sampled_from(["https://api.acme.com", "", "//", "https:", "https://api.acme.com@"]),
    )
    def test_whatever_tricks_it_plays(self, rest: str, start: str) -> None:
        """Signs that parsers differ about are no way out, not even for a redirect."""
        base = ACME.target("/v1/x")
        for read in (ACME.target, lambda place: ACME.linked(base, place)):
            try:
                target = read(start + rest)
            except ForeignOrigin:
                continue
            assert target.origin == ACME.first
            assert urlsplit(target.url).hostname == "api.acme.com"

    def test_a_refusal_does_not_repeat_the_address(self) -> None:
        """It may hold a secret, or a person."""
        with pytest.raises(ForeignOrigin) as caught:
            ACME.target("https://evil.example/?email=ann@example.com")
        assert "evil" not in str(caught.value)
        assert "ann" not in str(caught.value) + repr(caught.value.context)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/v2/incremental/tickets/cursor.json", "/api/v2/incremental/tickets/cursor.json"),
        ("/crm/objects/2026-09/contacts", "/crm/objects/2026-09/contacts"),
        ("/forms/lT4Z3j/responses", "/forms/*/responses"),
        ("/contacts/email/ann@example.com", "/contacts/email/*"),
        ("/users/12345", "/users/*"),
        ("/x/a%20b/", "/x/*/"),
    ],
)
def test_a_path_is_told_without_ids(path: str, shown: str) -> None:
    """Plain words and versions stay; what may be an id or an address does not."""
    assert shown_path(path) == shown
