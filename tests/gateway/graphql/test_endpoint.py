"""The endpoint beyond the specification: methods, hooks, deadline, headers, what happens when things break."""

from tests.gateway.graphql.conftest import GRAPHQL, SECRET, City, Client, Servers


async def test_a_query_is_answered(client: Client):
    reply = await client.post("{ greeting }")
    assert reply.status == 200
    assert reply.entries == {"data": {"greeting": "Hello Wuhan"}}
    assert reply.media_type == f"{GRAPHQL}; charset=utf-8"


async def test_the_deadline_cancels_everything(servers: Servers):
    city = City()
    client = servers.start(city, timeout=0.2)
    reply = await client.post("{ slow }")
    assert (reply.status, reply.code) == (504, "TIMED_OUT")
    assert (city.started, city.cancelled) == (2, 2)


async def test_the_text_of_an_unexpected_exception_stays_inside(client: Client):
    for name in ("broken", "brokenHard", "misfit"):
        reply = await client.post("{ %s }" % name)
        assert reply.status == 294
        assert SECRET not in reply.body.decode()
        assert reply.entries["errors"][0]["message"] == "Internal error"
        assert reply.entries["errors"][0]["extensions"] == {"code": "INTERNAL"}
        assert reply.entries["errors"][0]["path"] == [name]
