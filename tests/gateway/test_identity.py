"""Whose token is believed: real ES256 tokens of a fake issuer, and everything that only looks like one."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from adapters.contract.records import PersonId
from gateway import identity, revocations, signing_keys
from gateway.claims import caller_of
from gateway.graphql.refusal import HTTPRefusal
from gateway.identity import LONGEST_TOKEN, Identities
from gateway.signing_keys import AGAIN_AFTER, AGAIN_AFTER_FAILURE
from gateway.trust import LEVELS, Trust
from resolvers.common.assurance import Assurance
from resolvers.common.context import Viewer

ISSUER = "https://login.example.org/city"
JWKS = "https://keys.example.org/jwks?use=sig"
RIGHTS = {"scope": "person", "acr": "substantial"}
TRUST = Trust(issuer=ISSUER, audience="citygate")
OLD_AFTER, KEPT_FOR = TRUST.keys_fresh_for, TRUST.keys_kept_for


class Issuer:
    """Publishes keys and signs tokens; its documents are what `Identities` fetches."""

    def __init__(self) -> None:
        self.keys = {"one": ec.generate_private_key(ec.SECP256R1())}
        self.published = ["one"]
        self.extra_keys: list[dict[str, Any]] = []
        self.discovery: dict[str, Any] = {"issuer": ISSUER, "jwks_uri": JWKS}
        self.fetched: list[str] = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    def token(self, *, kid: str = "one", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(time.time())
        plain = {"iss": ISSUER, "aud": "citygate", "sub": "ann", "iat": now, "exp": now + 600, **RIGHTS, **claims}
        given = {name: value for name, value in plain.items() if value is not None}
        return jwt.encode(given, self.keys[kid], algorithm="ES256", headers={"kid": kid, **(headers or {})})

    def rotate(self, kid: str) -> None:
        self.keys[kid] = ec.generate_private_key(ec.SECP256R1())
        self.published = [kid]

    def jwk(self, kid: str) -> dict[str, Any]:
        return {**json.loads(ECAlgorithm.to_jwk(self.keys[kid].public_key())), "kid": kid, "alg": "ES256", "use": "sig"}

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        await self.gate.wait()
        if self.away:
            raise TimeoutError
        if url == JWKS:
            return json.dumps({"keys": [*self.extra_keys, *map(self.jwk, self.published)]}).encode()
        return json.dumps(self.discovery).encode()


class Clock:
    """Time as `gateway.identity` sees it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return time.time() + self.passed

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    for module in (identity, signing_keys, revocations):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=clock.time, monotonic=clock.monotonic))
    yield clock


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def identities(issuer: Issuer, clock: Clock) -> Identities:
    return Identities(TRUST, issuer.fetch)


async def who(identities: Identities, header: str) -> Viewer | None:
    return await identities.viewer(header.encode("utf-8", "surrogatepass"))


async def refusal(identities: Identities, header: str) -> HTTPRefusal:
    with pytest.raises(HTTPRefusal) as caught:
        await who(identities, header)
    return caught.value


async def is_refused(identities: Identities, header: str) -> None:
    refused = await refusal(identities, header)
    assert refused.status == 401
    assert refused.headers["www-authenticate"].startswith("Bearer ")
    token = header.partition(" ")[2]
    assert len(token) < 16 or token not in str(refused)


async def test_nobody_without_a_header(identities: Identities, issuer: Issuer) -> None:
    assert await identities.viewer(None) is None
    assert issuer.fetched == []


async def test_a_good_token_is_a_person(identities: Identities, issuer: Issuer) -> None:
    token = issuer.token(name="Ann", scope="tax read", acr="high", aud=["other", "citygate"])
    viewer = await who(identities, f"bearer  {token} ")
    assert viewer is not None
    assert viewer == Viewer(PersonId("ann"), "Ann", frozenset({"tax", "read"}), Assurance.HIGH)
    assert issuer.fetched == [f"{ISSUER}/.well-known/openid-configuration", JWKS]


async def test_claims_of_another_type_are_not_taken(identities: Identities, issuer: Issuer) -> None:
    viewer = await who(identities, f"Bearer {issuer.token(name=5, scope=['tax'], acr={'a': 1})}")
    assert viewer is not None
    assert (viewer.name, viewer.scopes, viewer.assurance) == (None, frozenset(), None)


@pytest.mark.parametrize(
    ("acr", "level"),
    [
        ("low", Assurance.LOW),
        ("http://eidas.europa.eu/LoA/high", Assurance.HIGH),
        ("urn:city:two", Assurance.SUBSTANTIAL),
        ("HIGH", None),
        ("highest", None),
        ("3", None),
    ],
)
async def test_an_acr_is_the_level_that_is_configured_or_none(
    issuer: Issuer, clock: Clock, acr: str, level: Assurance | None
) -> None:
    trust = replace(TRUST, levels={**LEVELS, "urn:city:two": Assurance.SUBSTANTIAL})
    viewer = await who(Identities(trust, issuer.fetch), f"Bearer {issuer.token(acr=acr)}")
    assert viewer is not None
    assert viewer.assurance is level


async def test_a_token_of_an_actor_names_both(identities: Identities, issuer: Issuer) -> None:
    viewer = await who(identities, f"Bearer {issuer.token(act={'sub': 'bob', 'act': {'sub': 'eve'}})}")
    assert viewer is not None
    assert (viewer.id, viewer.actor, viewer.basis) == ("ann", "bob", "issuer")
    caller = caller_of(viewer, locale="en", deadline=0)
    assert (caller.subject, caller.actor, caller.basis) == ("ann", "bob", "issuer")
    assert caller_of(None, locale="en", deadline=0).subject is None


@pytest.mark.parametrize("act", [5, "bob", [], {}, {"sub": ""}, {"sub": 5}, {"sub": "b\r\n"}, {"sub": "b" * 256}])
async def test_an_actor_that_is_nobody_is_refused_and_not_passed_over(
    identities: Identities, issuer: Issuer, act: Any
) -> None:
    await is_refused(identities, f"Bearer {issuer.token(act=act)}")


async def test_a_token_for_longer_than_is_accepted_is_refused(identities: Identities, issuer: Issuer) -> None:
    longest = int(time.time() + TRUST.lifetime)
    assert await who(identities, f"Bearer {issuer.token(exp=longest)}")
    await is_refused(identities, f"Bearer {issuer.token(exp=longest + 120)}")
    await is_refused(identities, f"Bearer {issuer.token(exp=2**60)}")


@pytest.mark.parametrize(
    "headers",
    [
        {"crit": ["b64"], "b64": True},
        {"crit": []},
        {"crit": ["exp"], "exp": 5},
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": 5},
    ],
)
async def test_a_token_that_demands_more_or_is_for_something_else_is_refused(
    identities: Identities, issuer: Issuer, headers: dict[str, Any]
) -> None:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    signing = f"{_part({'alg': 'ES256', 'kid': 'one', **headers})}.{_part(claims)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(signing.encode(), issuer.keys["one"])
    await is_refused(identities, f"Bearer {signing}.{_text(signature)}")
    assert issuer.fetched == [], "refused before anybody is asked"
    signing = f"{_part({'alg': 'ES256', 'kid': 'one', 'typ': 'at+jwt'})}.{_part(claims)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(signing.encode(), issuer.keys["one"])
    assert await who(identities, f"Bearer {signing}.{_text(signature)}"), "the same by hand is a good one"


async def test_clocks_may_differ_by_the_leeway(identities: Identities, issuer: Issuer) -> None:
    now = int(time.time())
    assert await who(identities, f"Bearer {issuer.token(exp=now - 20)}")
    assert await who(identities, f"Bearer {issuer.token(nbf=now + 20)}")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -40},
        {"exp": None},
        {"nbf": +40},
        {"iat": +40},
        {"aud": "someone-else"},
        {"aud": None},
        {"aud": []},
        {"iss": "https://login.example.org"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": " "},
        {"sub": 5},
        {"sub": "ann\r\nx-evil: 1"},
        {"exp": "soon"},
        {"exp": 1e400},
        {"exp": [1]},
    ],
)
async def test_a_claim_that_does_not_fit_is_refused(
    identities: Identities, issuer: Issuer, claims: dict[str, Any]
) -> None:
    now = int(time.time())
    shifted = {
        name: now + value if name in ("exp", "nbf", "iat") and isinstance(value, int) else value
        for name, value in claims.items()
    }
    await is_refused(identities, f"Bearer {_signed(issuer, shifted)}")


def _signed(issuer: Issuer, claims: dict[str, Any]) -> str:
    """Signed by hand: PyJWT would not encode some of these."""
    now = int(time.time())
    plain = {"iss": ISSUER, "aud": "citygate", "sub": "ann", "exp": now + 600, **claims}
    payload = json.dumps({name: value for name, value in plain.items() if value is not None}).encode()
    return jwt.api_jws.encode(payload, issuer.keys["one"], algorithm="ES256", headers={"kid": "one"})


async def test_an_expired_token_says_what_to_do(identities: Identities, issuer: Issuer) -> None:
    refused = await refusal(identities, f"Bearer {issuer.token(exp=int(time.time()) - 40)}")
    assert "expired" in str(refused)


async def test_the_algorithm_is_pinned(identities: Identities, issuer: Issuer) -> None:
    public = issuer.keys["one"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    head = {"kid": "one", "typ": "JWT"}
    unsigned = f"{_part({**head, 'alg': 'none'})}.{_part(claims)}."
    signing = f"{_part({**head, 'alg': 'HS256'})}.{_part(claims)}"
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    confused = f"{signing}.{_text(hmac.sign(signing.encode(), public))}"
    for token in (unsigned, unsigned.replace("none", "nOnE"), confused):
        await is_refused(identities, f"Bearer {token}")
    assert issuer.fetched == [], "refused before anybody is asked"


async def test_an_algorithm_that_the_header_only_claims(identities: Identities, issuer: Issuer) -> None:
    """The token says ES256 and names a published key of another kind."""
    other = rsa.generate_private_key(65537, 2048)
    issuer.extra_keys = [
        {**json.loads(RSAAlgorithm.to_jwk(other.public_key())), "kid": "rsa", "alg": "RS256"},
        {"kty": "oct", "k": _text(b"k" * 32), "kid": "oct", "alg": "HS256"},
    ]
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    for kid, secret, algorithm in (("rsa", other, "RS256"), ("oct", b"k" * 32, "HS256")):
        honest = jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": kid})
        lying = f"{_part({'alg': 'ES256', 'kid': kid})}.{honest.partition('.')[2]}"
        for token in (honest, lying):
            await is_refused(identities, f"Bearer {token}")
    assert await who(identities, f"Bearer {issuer.token()}")


async def test_a_strangers_key_is_refused(identities: Identities, issuer: Issuer) -> None:
    stranger = Issuer()
    await is_refused(identities, f"Bearer {stranger.token()}")
    public = stranger.jwk("one")
    await is_refused(identities, f"Bearer {stranger.token(headers={'jwk': public, 'jku': 'https://evil.example'})}")
    assert all("evil" not in url for url in issuer.fetched)


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def test_an_unknown_key_asks_once_per_window(identities: Identities, issuer: Issuer, clock: Clock) -> None:
    await who(identities, f"Bearer {issuer.token()}")
    stranger = Issuer()
    stranger.rotate("two")
    clock.passed += AGAIN_AFTER
    before = len(issuer.fetched)
    for _ in range(3):
        await asyncio.gather(*(is_refused(identities, f"Bearer {stranger.token(kid='two')}") for _ in range(5)))
    assert len(issuer.fetched) == before + 2


async def test_rotation_is_picked_up_and_the_old_key_goes(identities: Identities, issuer: Issuer, clock: Clock) -> None:
    before = issuer.token()
    await who(identities, f"Bearer {before}")
    issuer.rotate("two")
    clock.passed += AGAIN_AFTER
    assert await who(identities, f"Bearer {issuer.token(kid='two')}")
    await is_refused(identities, f"Bearer {issuer.token(kid='one', jti='another')}")


async def test_a_key_that_is_withdrawn_takes_remembered_tokens_with_it(
    identities: Identities, issuer: Issuer, clock: Clock
) -> None:
    """A process that is busy asks when the keys are old; what the withdrawn key signed was remembered until then."""
    stolen = f"Bearer {issuer.token(exp=int(time.time()) + 3600)}"
    await who(identities, stolen)
    issuer.rotate("two")
    clock.passed += OLD_AFTER - 1
    assert await who(identities, stolen)
    assert len(issuer.fetched) == 2
    clock.passed += 1
    await who(identities, stolen)
    await settle()
    await is_refused(identities, stolen)
    assert identities.still_valid(stolen.encode()) is None


async def test_a_process_that_was_idle_asks_before_it_believes(
    identities: Identities, issuer: Issuer, clock: Clock
) -> None:
    stolen = f"Bearer {issuer.token(exp=int(time.time()) + 3600)}"
    await who(identities, stolen)
    issuer.rotate("two")
    clock.passed += 2 * OLD_AFTER
    await is_refused(identities, stolen)


async def test_another_key_under_the_same_id_is_another_key(
    identities: Identities, issuer: Issuer, clock: Clock
) -> None:
    stolen = f"Bearer {issuer.token(exp=int(time.time()) + 3600)}"
    await who(identities, stolen)
    issuer.rotate("one")
    clock.passed += 2 * OLD_AFTER
    await is_refused(identities, stolen)
    assert await who(identities, f"Bearer {issuer.token()}")


async def test_without_the_issuer_known_keys_end(identities: Identities, issuer: Issuer, clock: Clock) -> None:
    header = f"Bearer {issuer.token(exp=int(time.time()) + int(KEPT_FOR))}"
    await who(identities, header)
    issuer.away = True
    clock.passed += KEPT_FOR - 1
    assert await who(identities, header)
    clock.passed += 1
    assert (await refusal(identities, header)).status == 503
    issuer.away = False
    clock.passed += AGAIN_AFTER_FAILURE
    assert await who(identities, f"Bearer {issuer.token(exp=int(clock.time()) + 60, iat=None)}")


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


async def test_what_is_remembered_is_one_look_up(
    identities: Identities, issuer: Issuer, clock: Clock, verified: list[str]
) -> None:
    header = f"Bearer {issuer.token(exp=int(time.time()) + 100)}".encode()
    assert identities.still_valid(header) is None
    viewer = await identities.viewer(header)
    assert identities.still_valid(header) is viewer
    assert identities.still_valid(header[:-1]) is None
    assert len(verified) == 1
    clock.passed += 101
    assert identities.still_valid(header) is None


async def test_many_first_requests_ask_once(identities: Identities, issuer: Issuer) -> None:
    tokens = [issuer.token(sub=f"p{number}") for number in range(20)]
    viewers = await asyncio.gather(*(who(identities, f"Bearer {token}") for token in tokens))
    assert [viewer.id for viewer in viewers if viewer] == [f"p{number}" for number in range(20)]
    assert len(issuer.fetched) == 2


async def test_a_first_request_that_is_given_up_fails_no_other(identities: Identities, issuer: Issuer) -> None:
    issuer.gate.clear()
    tasks = [asyncio.create_task(who(identities, f"Bearer {issuer.token()}")) for _ in range(2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks[0].cancel()
    issuer.gate.set()
    assert await tasks[1]


async def test_an_issuer_that_is_away_is_not_besieged(identities: Identities, issuer: Issuer, clock: Clock) -> None:
    issuer.away = True
    header = f"Bearer {issuer.token()}"
    refused = await asyncio.gather(*(refusal(identities, header) for _ in range(10)))
    assert {each.status for each in refused} == {503}
    assert refused[0].headers["retry-after"] == "5"
    assert len(issuer.fetched) == 1
    issuer.away = False
    clock.passed += AGAIN_AFTER_FAILURE
    assert await who(identities, header), "it is asked again"


async def test_a_new_key_of_an_issuer_that_is_away_is_not_called_wrong(
    identities: Identities, issuer: Issuer, clock: Clock
) -> None:
    await who(identities, f"Bearer {issuer.token()}")
    issuer.rotate("two")
    issuer.away = True
    clock.passed += AGAIN_AFTER
    for _ in range(2):
        assert (await refusal(identities, f"Bearer {issuer.token(kid='two')}")).status == 503
    assert await who(identities, f"Bearer {issuer.token(kid='one', jti='x')}"), "known keys go on"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example", "jwks_uri": JWKS},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": 5},
        {},
    ],
)
async def test_a_wrong_discovery_document_gives_no_keys(
    identities: Identities, issuer: Issuer, discovery: dict[str, Any]
) -> None:
    issuer.discovery = discovery
    assert (await refusal(identities, f"Bearer {issuer.token()}")).status == 503
    assert JWKS not in issuer.fetched


async def test_no_usable_key_is_no_answer(identities: Identities, issuer: Issuer) -> None:
    issuer.published = []
    assert (await refusal(identities, f"Bearer {issuer.token()}")).status == 503


async def test_old_keys_are_renewed_and_nobody_waits(identities: Identities, issuer: Issuer, clock: Clock) -> None:
    await who(identities, f"Bearer {issuer.token()}")
    issuer.keys["two"] = issuer.keys["one"]
    issuer.published = ["two"]
    clock.passed += OLD_AFTER
    issuer.gate.clear()
    for number in range(3):
        assert await who(identities, f"Bearer {issuer.token(jti=str(number))}"), "while the issuer is thinking"
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(issuer.fetched) == 3, "one renewal"
    issuer.gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    await is_refused(identities, f"Bearer {issuer.token(jti='later')}")


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was checked."""
    tokens: list[str] = []
    decode = jwt.decode

    def counting(token: str, *arguments: Any, **options: Any) -> Any:
        tokens.append(token)
        return decode(token, *arguments, **options)

    monkeypatch.setattr(jwt, "decode", counting)
    return tokens


async def test_a_token_is_remembered_until_it_expires(
    identities: Identities, issuer: Issuer, clock: Clock, verified: list[str]
) -> None:
    header = f"Bearer {issuer.token(exp=int(time.time()) + 100)}"
    assert await who(identities, header) == await who(identities, header)
    assert len(verified) == 1
    clock.passed += 101
    await who(identities, header)
    assert len(verified) == 2


async def test_with_a_withdrawn_key_go_the_tokens_that_were_believed_by_it(
    identities: Identities, issuer: Issuer, clock: Clock
) -> None:
    issuer.keys["stays"] = ec.generate_private_key(ec.SECP256R1())
    issuer.published.append("stays")
    gone, stays = f"Bearer {issuer.token()}", f"Bearer {issuer.token(kid='stays')}"
    for header in (gone, stays):
        assert await who(identities, header)
    assert identities.still_valid(gone.encode()) == await who(identities, gone)
    issuer.published.remove("one")
    clock.passed += OLD_AFTER
    await who(identities, stays)
    assert identities._keys._renewal
    await identities._keys._renewal
    assert await who(identities, stays)
    assert identities.still_valid(stays.encode())
    assert identities.still_valid(gone.encode()) is None
    await is_refused(identities, gone)


async def test_another_key_under_the_same_name_ends_what_was_believed_by_the_first(
    identities: Identities, issuer: Issuer, clock: Clock
) -> None:
    header = f"Bearer {issuer.token(exp=int(time.time() + 3 * OLD_AFTER))}"
    assert await who(identities, header)
    issuer.rotate("one")
    clock.passed += OLD_AFTER
    assert await who(identities, header), "nobody waits for the login service"
    assert identities._keys._renewal
    await identities._keys._renewal
    await is_refused(identities, header)


async def test_a_refused_token_is_not_remembered(identities: Identities, issuer: Issuer, verified: list[str]) -> None:
    header = f"Bearer {issuer.token(aud='other')}"
    for _ in range(2):
        await is_refused(identities, header)
    assert len(verified) == 2


async def test_memory_is_bounded(
    identities: Identities, issuer: Issuer, verified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "MOST_REMEMBERED", 3)
    headers = [f"Bearer {issuer.token(sub=f'p{number}')}" for number in range(5)]
    for header in headers:
        await who(identities, header)
    for header in (headers[4], headers[0]):
        await who(identities, header)
    assert [token[-8:] for token in verified[5:]] == [headers[0][-8:]]
    assert len(identities._known) == 3


GARBAGE = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Basic YTpi",
    "Bearer a, Bearer b",
    "Bearer \xff",
    "Bearer \ud800",
    "Bearer ..",
    "Bearer a.b.c",
    "Bearer a.b.c.d.e",
    f"Bearer {'a' * (LONGEST_TOKEN + 1)}",
    f"Bearer {_text(b'[' * 6000)}.e30.AA",
    f"Bearer {_text(b'{}')}.e30.AA",
    f"Bearer {_part({'alg': ['ES256']})}.e30.AA",
    f"Bearer {_part({'alg': 'ES256', 'kid': 5})}.e30.AA",
    f"Bearer {_part({'alg': 'ES256', 'kid': 'one', 'crit': ['x']})}.e30.AA",
    f"Bearer {_part({'alg': 'ES256', 'kid': 'one', 'b64': False})}.e30.AA",
)


@pytest.mark.parametrize("header", GARBAGE)
async def test_garbage_is_refused(identities: Identities, header: str) -> None:
    await is_refused(identities, header or "Bearer")


async def test_a_deep_payload_is_refused(identities: Identities, issuer: Issuer) -> None:
    token = jwt.api_jws.encode(b"[" * 5000, issuer.keys["one"], algorithm="ES256", headers={"kid": "one"})
    await is_refused(identities, f"Bearer {token}")


characters = st.text(st.characters(max_codepoint=255), max_size=60)
parts = st.one_of(
    characters,
    st.binary(max_size=40).map(_text),
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "exp", "sub", "x"]),
        st.sampled_from(["ES256", "one", "none", 5, None, [], {}, True, 1e308]),
    ).map(_part),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(characters, st.lists(parts, min_size=1, max_size=5).map(lambda found: "Bearer " + ".".join(found))))
def test_whatever_comes_is_refused_and_nothing_breaks(clock: Clock, header: str) -> None:
    asyncio.run(is_refused(Identities(TRUST, SHARED.fetch), header))


class Shared:
    """One issuer for all examples, whose one document answers for discovery and keys alike."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1()).public_key()

    async def fetch(self, url: str) -> bytes:
        jwk = {**json.loads(ECAlgorithm.to_jwk(self._key)), "kid": "one", "alg": "ES256"}
        return json.dumps({"issuer": ISSUER, "jwks_uri": JWKS, "keys": [jwk]}).encode()


SHARED = Shared()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10_000), letter=st.sampled_from("AZaz09-_"))
def test_a_token_with_one_letter_changed_is_refused(clock: Clock, position: int, letter: str) -> None:
    async def run() -> None:
        issuer = Issuer()
        token = issuer.token()
        at = position % len(token)
        changed = token[:at] + letter + token[at + 1 :]
        padding_only = changed[:-1] == token[:-1]
        if token[at] != "." and changed != token and not padding_only:
            await is_refused(Identities(TRUST, issuer.fetch), f"Bearer {changed}")

    asyncio.run(run())
