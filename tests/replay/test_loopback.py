"""The server that takes a model's place speaks the protocol that clients expect, and fails on what was not recorded."""

from __future__ import annotations

import pytest
from openai import APIStatusError, OpenAI

from tests.replay.loopback import Asked, Reply, UnknownRequestError, loopback, request_hash

HELLO = [{"role": "user", "content": "Hello"}]


def ask(base_url: str, content: str = "Hello") -> str | None:
    """The answer to one message, by the client that the package uses."""
    with OpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        answer = client.chat.completions.create(model="small", messages=[{"role": "user", "content": content}])
    return answer.choices[0].message.content


def known(asked: Asked) -> Reply:
    """The answer to one message and to no other."""
    if request_hash(asked.model, asked.messages) != request_hash("small", HELLO):
        raise UnknownRequestError("not recorded")
    return Reply("Good morning")


def test_a_client_of_the_protocol_gets_the_recorded_answer() -> None:
    with loopback(known) as server:
        assert ask(server.base_url) == "Good morning"
        assert [one.model for one in server.asked] == ["small"]


def test_an_unknown_request_fails_the_client_and_the_test() -> None:
    with (
        pytest.raises(UnknownRequestError, match="not recorded"),
        loopback(known) as server,
        pytest.raises(APIStatusError, match="not recorded"),
    ):
        ask(server.base_url, "Hello?")


def test_a_status_and_its_headers_reach_the_client() -> None:
    limited = Reply("slow down", 429, headers={"Retry-After": "7"})
    with loopback(lambda _: limited) as server, pytest.raises(APIStatusError, match="slow down") as caught:
        ask(server.base_url)
    assert caught.value.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"


def test_the_hash_is_of_the_model_and_of_every_message() -> None:
    first = request_hash("small", HELLO)
    assert first == request_hash("small", [dict(reversed(HELLO[0].items()))])
    assert len({first, request_hash("large", HELLO), request_hash("small", HELLO * 2)}) == 3
