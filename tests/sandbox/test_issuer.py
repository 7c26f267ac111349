"""Tokens of the issuer, checked as a resource server would."""

import jwt
import pytest
from jwt import PyJWKSet

from sandbox.personas import DECEASED, PERSONAS


async def discovered(issuer):
    async with issuer.get("/.well-known/openid-configuration") as reply:
        return await reply.json()


async def token_for(issuer, **form):
    async with issuer.post("/token", data=form) as reply:
        return reply.status, await reply.json()


async def verified(issuer, token):
    found = await discovered(issuer)
    async with issuer.get(found["jwks_uri"]) as reply:
        keys = PyJWKSet.from_dict(await reply.json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["ES256"], audience="citygate", issuer=found["issuer"])


@pytest.mark.parametrize("name", PERSONAS)
async def test_a_persona_gets_a_token_that_verifies(issuer, city, name):
    status, answer = await token_for(issuer, persona=name)
    claims = await verified(issuer, answer["access_token"])
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    assert claims["sub"] == city.personas[name].id
    assert claims["acr"] in {"substantial", "high"}
    assert claims["name"] == city.persona(name).name.get(claims["locale"])
    assert {"openid", "person"} <= set(claims["scope"].split())
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["nbf"] == claims["iat"]


async def test_everybody_who_lives_here_can_have_a_token(issuer, city):
    async with issuer.get("/_sandbox/residents") as reply:
        found = {one["id"]: one["name"] for one in await reply.json()}
    assert {one.id for one in city.persons.values() if not one.died} == found.keys()
    ordinary = next(iter(found.keys() - {persona.id for persona in PERSONAS.values()}))
    _, answer = await token_for(issuer, resident=ordinary)
    claims = await verified(issuer, answer["access_token"])
    assert (claims["sub"], claims["name"], claims["acr"]) == (ordinary, found[ordinary]["zh-CN"], "substantial")
    assert claims["scope"] == "openid person"


async def test_a_token_says_who_acts_for_the_persona(issuer, city):
    _, answer = await token_for(issuer, persona="resident", act="parent")
    claims = await verified(issuer, answer["access_token"])
    assert (claims["sub"], claims["act"]) == (city.personas["resident"].id, {"sub": city.personas["parent"].id})
    _, answer = await token_for(issuer, persona="resident")
    assert "act" not in await verified(issuer, answer["access_token"])


async def test_only_those_who_work_there_get_the_scopes_for_it(issuer):
    scopes = {}
    for name in PERSONAS:
        _, answer = await token_for(issuer, persona=name)
        scopes[name] = set(answer["scope"].split()) - {"openid", "person"}
    assert {name: extra for name, extra in scopes.items() if extra} == {
        "manager": {"centre:manage"},
        "operator": {"complaints:operate"},
    }


async def test_no_two_tokens_are_the_same(issuer):
    tokens = [(await token_for(issuer, persona="busy"))[1]["access_token"] for _ in range(2)]
    ids = {(await verified(issuer, token))["jti"] for token in tokens}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("expired", jwt.ExpiredSignatureError),
        ("audience", jwt.InvalidAudienceError),
        ("key", KeyError),
        ("none_alg", KeyError),
    ],
)
async def test_a_bad_token_is_bad_in_the_way_that_was_asked_for(issuer, fault, error):
    status, answer = await token_for(issuer, persona="resident", fault=fault)
    assert status == 200
    with pytest.raises(error):
        await verified(issuer, answer["access_token"])


async def test_the_unsigned_token_says_none(issuer):
    _, answer = await token_for(issuer, persona="resident", fault="none_alg")
    assert jwt.get_unverified_header(answer["access_token"])["alg"] == "none"
    assert answer["access_token"].endswith(".")


async def test_rotation_keeps_the_previous_key_and_forgets_the_one_before(issuer):
    _, answer = await token_for(issuer, persona="resident")
    old = answer["access_token"]
    async with issuer.post("/_sandbox/rotate") as reply:
        kid = (await reply.json())["kid"]
    _, answer = await token_for(issuer, persona="resident")
    assert jwt.get_unverified_header(answer["access_token"])["kid"] == kid
    assert await verified(issuer, old)
    await issuer.post("/_sandbox/rotate")
    with pytest.raises(KeyError):
        await verified(issuer, old)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"persona": "mayor"}, "invalid_grant"),
        ({"resident": "100000000"}, "invalid_grant"),
        ({"resident": DECEASED}, "invalid_grant"),
        ({}, "invalid_grant"),
        ({"persona": "busy", "fault": "sulky"}, "invalid_request"),
        ({"persona": "busy", "act": "nobody"}, "invalid_request"),
        ({"persona": "busy", "act": ""}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_refused_with_a_list_of_what_is_known(issuer, form, error):
    status, answer = await token_for(issuer, **form)
    assert (status, answer["error"]) == (400, error)
    assert "none of" in answer["error_description"]


async def test_a_body_that_is_no_form_is_refused(issuer):
    async with issuer.post("/token", data=b"persona=\xff\xfe&%ff=%ff") as reply:
        assert reply.status == 400


async def test_the_public_keys_tell_nothing_private(issuer):
    async with issuer.get("/jwks") as reply:
        for key in (await reply.json())["keys"]:
            assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
            assert "d" not in key
