"""A model is asked at the server that was named, within bounds, and whatever the server does ends in a message."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offramp.common.errors import UsageError
from offramp.draft import guarded_http
from offramp.draft import provider as provider_module
from offramp.draft.guarded_http import MAX_REPLY
from offramp.draft.prompts import PromptMessage
from offramp.draft.provider import Provider, ServerReply
from offramp.draft.server_address import ServerError, addresses_of, is_local, server_address
from tests.replay.loopback import Asked, Loopback, Reply, loopback

MESSAGES = (PromptMessage("system", "Answer in JSON."), PromptMessage("user", "Who acts? ¶1 …"))
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"actors": {"type": "array"}}}
KEY = "sk-a-key-that-nobody-may-see-1234567890"


def ask(server: Loopback, key: str = "", seconds: float = 20) -> ServerReply:
    with Provider("small", server.base_url, key, seconds=seconds) as provider:
        return provider.answer(MESSAGES, SCHEMA, 500)


def complaint(reply: Reply | Callable[[Asked], Reply], key: str = "", seconds: float = 20) -> str:
    """The message that a server's reply ends in."""
    with loopback(reply if callable(reply) else lambda _: reply) as server, pytest.raises(ServerError) as caught:
        ask(server, key, seconds)
    return str(caught.value)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_module, "FIRST_WAIT", 0.05)


def test_the_messages_the_schema_and_the_bound_are_sent_and_the_answer_comes_back() -> None:
    with loopback(lambda _: Reply('{"actors": []}')) as server:
        reply = ask(server, KEY)
    assert (reply.text, reply.model, reply.is_counted) == ('{"actors": []}', "small", True)
    assert f"http://{reply.host}/v1" == server.base_url
    (asked,) = server.asked
    assert asked.body == {
        "model": "small",
        "messages": [
            {"role": "system", "content": "Answer in JSON."},
            {"role": "user", "content": "Who acts? ¶1 …"},
        ],
        "max_tokens": 500,
        "response_format": {"type": "json_schema", "json_schema": {"name": "records", "schema": SCHEMA}},
    }
    assert asked.headers["Authorization"] == f"Bearer {KEY}"


def test_the_server_counts_tokens_or_they_are_estimated() -> None:
    with loopback(lambda _: Reply("x" * 400)) as server:
        counted = ask(server).usage
    assert (counted.calls, counted.output_tokens) == (1, 100)
    with loopback(lambda _: Reply("x" * 400, counts=False)) as server:
        estimated = ask(server)
    assert (estimated.is_counted, estimated.usage.output_tokens) == (False, 134)


@pytest.mark.parametrize("counts", [{"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": 10**30}, "x", []])
def test_counts_that_cannot_be_are_estimated(counts: object) -> None:
    body = {"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}], "usage": counts}
    with loopback(lambda _: Reply(body=json.dumps(body).encode())) as server:
        assert not ask(server).is_counted


def test_the_environment_changes_nothing_that_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Own: of-the-environment\nAuthorization: Bearer of-the-environment")
    with loopback(lambda _: Reply("{}")) as server:
        ask(server)
        ask(server, KEY)
    for asked in server.asked:
        assert "of-the-environment" not in str(asked)
        assert {name.lower() for name in asked.headers} - {"authorization"} == {
            *("host", "accept", "content-type", "content-length", "user-agent", "accept-encoding", "connection")
        }
    assert "Authorization" not in server.asked[0].headers
    assert server.asked[1].headers["Authorization"] == f"Bearer {KEY}"


def test_a_schema_that_is_refused_is_left_out_and_stays_out() -> None:
    def picky(asked: Asked) -> Reply:
        return Reply("no response_format here", 400) if "response_format" in asked.body else Reply("{}")

    with loopback(picky) as server, Provider("small", server.base_url, seconds=20) as provider:
        provider.answer(MESSAGES, SCHEMA, 500)
        provider.answer(MESSAGES, SCHEMA, 500)
    assert ["response_format" in asked.body for asked in server.asked] == [True, False, False]


def test_the_bound_on_an_answer_goes_by_the_name_that_the_server_takes() -> None:
    def renamed(asked: Asked) -> Reply:
        if "max_tokens" in asked.body:
            return Reply("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", 400)
        return Reply("{}")

    with loopback(renamed) as server:
        ask(server)
    assert [asked.body.get("max_completion_tokens") for asked in server.asked] == [None, 500]
    assert all("response_format" in asked.body for asked in server.asked)


def test_a_request_that_is_always_refused_is_given_up() -> None:
    assert complaint(Reply("the model is not loaded", 400)).endswith("refused: 400: the model is not loaded")
    assert complaint(Reply("max_tokens is too large", 400)).endswith("refused: 400: max_tokens is too large")


@pytest.mark.usefixtures("quick")
def test_a_busy_server_is_asked_again_after_the_time_that_it_names() -> None:
    replies = iter([Reply("slow down", 429, headers={"Retry-After": "0.3"}), Reply("oh", 503), Reply("{}")])
    start = time.monotonic()
    with loopback(lambda _: next(replies)) as server:
        assert ask(server).text == "{}"
    assert time.monotonic() - start >= 0.3
    assert len(server.asked) == 3


@pytest.mark.usefixtures("quick")
def test_a_server_that_stays_busy_is_given_up() -> None:
    assert complaint(Reply("overloaded", 529)).endswith("it answered 529 4 times: overloaded")


@pytest.mark.parametrize("wait", ["300", "1e300", "Fri, 31 Dec 2099 23:59:59 GMT"])
def test_a_wait_longer_than_the_timeout_is_not_waited_for(wait: str) -> None:
    start = time.monotonic()
    assert "longer than --timeout allows" in complaint(Reply("later", 429, headers={"Retry-After": wait}), seconds=5)
    assert time.monotonic() - start < 4


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("wait", ["soon", "nan", "inf", "-7", ""])
def test_a_wait_that_is_no_time_is_not_believed(wait: str) -> None:
    replies = iter([Reply("later", 429, headers={"Retry-After": wait}), Reply("{}")])
    with loopback(lambda _: next(replies)) as server:
        assert ask(server, seconds=5).text == "{}"


@pytest.mark.parametrize(
    "slow",
    [
        Reply("{}", delay=5),
        Reply(body=b'{"choices": []}' + b" " * 100, drip=0.2),
    ],
    ids=["silent", "drop by drop"],
)
def test_a_slow_server_is_left_after_the_timeout(slow: Reply) -> None:
    start = time.monotonic()
    assert "took longer than 1 seconds (--timeout)" in complaint(slow, seconds=1)
    assert time.monotonic() - start < 2.5


@contextmanager
def raw_server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """The base URL of a server that takes one connection and behaves as told."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as connection:
                connection.recv(65_536)
                with suppress(OSError):
                    behave(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        thread.join(10)


def complaint_of(base_url: str, seconds: float = 10) -> str:
    with Provider("small", base_url, KEY, seconds=seconds) as provider, pytest.raises(ServerError) as caught:
        provider.answer(MESSAGES, SCHEMA, 500)
    return str(caught.value)


def test_headers_that_never_end_are_left_after_the_timeout() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(60):
            connection.sendall(b"X-A: b\r\n")
            time.sleep(0.1)

    start = time.monotonic()
    with raw_server(drip) as base_url:
        assert "(--timeout)" in complaint_of(base_url, 1)
        assert time.monotonic() - start < 2.5


def test_a_reply_that_never_ends_is_read_up_to_a_bound() -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while sent < 20 * MAX_REPLY:
            connection.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            sent += 65_536

    with raw_server(flood) as base_url:
        assert f"sent more than {MAX_REPLY:,} bytes" in complaint_of(base_url)
    assert sent < 5 * MAX_REPLY


def test_an_error_of_ten_megabytes_is_read_up_to_a_bound() -> None:
    assert f"sent more than {MAX_REPLY:,} bytes" in complaint(Reply(status=400, body=b"x" * 10_000_000))
    assert f"sent more than {MAX_REPLY:,} bytes" in complaint(Reply("x" * 10_000_000))


def test_a_compressed_reply_is_not_unpacked() -> None:
    reply = Reply(body=b"\x1f\x8b" + b"\0" * 100, headers={"Content-Encoding": "gzip"})
    assert "compressed" in complaint(reply)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00\xff" * 500,
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{",
        b"HTTP/1.1 999999 OK\r\n\r\n",
    ],
)
def test_what_is_no_http_ends_in_a_message(said: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(said)) as base_url:
        assert "broke off" in complaint_of(base_url)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>It works</html>",
        b"null",
        b"[]",
        b"[" * 500_000,
        b'{"choices": []}',
        b'{"choices": null}',
        b'{"choices": [{"message": "hello"}]}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b'{"choices": [{"message": {"content": " "}, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": null, "refusal": "I would rather not"}}]}',
        b"\xff\xfe\x00",
        b'{"error": NaN}',
    ],
)
def test_garbage_ends_in_a_message(body: bytes) -> None:
    said = complaint(Reply(body=body))
    assert "sent no answer of a model" in said or "gave no answer" in said


def test_an_answer_that_is_cut_off_is_not_taken() -> None:
    assert "cut the answer" in complaint(Reply('{"actors": [', finish="length"))


def test_an_answer_that_is_held_back_says_so() -> None:
    assert "its filter held it back" in complaint(Reply("", finish="content_filter"))


def test_a_redirect_is_not_followed() -> None:
    with loopback(lambda _: Reply("{}")) as other:
        moved = Reply("", 307, headers={"Location": f"{other.base_url}/chat/completions"})
        assert "redirects elsewhere (307)" in complaint(moved, KEY)
        assert other.asked == []


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert complaint_of(f"http://127.0.0.1:{port}/v1").startswith(f"cannot connect to 127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "--key-env"), (403, "--key-env"), (404, "most end in /v1"), (413, "too long")]
)
def test_a_refusal_says_what_to_do(status: int, hint: str) -> None:
    assert hint in complaint(Reply("no", status))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(f"wrong key {KEY}", 401),
        Reply("", 500, headers={"Retry-After": KEY}),
        Reply(body=b"{", headers={"Content-Encoding": KEY}),
        Reply(body=f'{{"choices": "{KEY}"}}'.encode()),
    ],
)
@pytest.mark.usefixtures("quick")
def test_the_key_stands_in_no_message_and_no_log(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with loopback(lambda _: reply) as server, pytest.raises(ServerError) as caught:
        ask(server, KEY)
    shown = [str(caught.value), repr(caught.value), caplog.text, *(str(vars(record)) for record in caplog.records)]
    assert not any(KEY in text for text in shown)


def test_a_key_that_the_model_says_is_taken_out_of_its_answer() -> None:
    with loopback(lambda asked: Reply(asked.headers["Authorization"])) as server:
        assert ask(server, KEY).text == "Bearer [key]"


@pytest.mark.parametrize("escapes", [1, 2])
def test_a_key_that_is_sent_back_with_its_characters_escaped_is_taken_out(escapes: int) -> None:
    key = f"a/b+{KEY}"
    spelt = "".join(f"\\u{ord(each):04X}" for each in key[:-1]) + key[-1]
    slashes = key.replace("/", r"\/")
    for _ in range(escapes - 1):
        spelt, slashes = json.dumps(spelt)[1:-1], json.dumps(slashes)[1:-1]
    body = f'{{"choices": [{{"message": {{"content": "{spelt} and {slashes}"}}}}]}}'.encode()
    with loopback(lambda _: Reply(body=body)) as server:
        assert ask(server, key).text == "[key] and [key]"
    with loopback(lambda _: Reply(body=b"\\" * 3_000_000)) as server, pytest.raises(ServerError):
        ask(server, key)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "sch\u00fcssel", "tab\tbed"])
def test_a_key_that_could_change_the_request_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(UsageError, match="the key must be one line") as caught:
        Provider("small", "http://127.0.0.1:9/v1", key, seconds=1)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "localhost:11434",
        "ftp://localhost/v1",
        "file:///etc/passwd",
        "http://",
        "http://name:word@localhost/v1",
        "http://localhost\\@other.example/v1",
        "http://localhost/v1?key=1",
        "http://localhost/v1#x",
        "http://localhost:99999/v1",
        "http://local host/v1",
        "http://l\u00f6calhost/v1",
        "http://localhost/v1\r\nX-A: b",
        "http://" + "a" * 600,
    ],
)
def test_an_address_that_is_none_or_more_than_one_is_refused(base_url: str) -> None:
    with pytest.raises(UsageError, match="--base-url takes an address"):
        server_address(base_url)


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        server_address(f"http://me:{KEY}@localhost/v1")
    assert KEY not in str(caught.value)


def test_only_addresses_of_this_machine_are_local() -> None:
    local = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]
    far = ["0.0.0.0", "10.0.0.1", "192.168.1.7", "::", "::ffff:10.0.0.1", "fe80::1%eth0", "8.8.8.8", "localhost", ""]
    assert [address for address in [*local, *far] if is_local(address)] == local


def test_local_only_refuses_another_machine_before_anything_is_sent() -> None:
    with pytest.raises(UsageError, match=r"--local-only: 192\.0\.2\.1 is 192\.0\.2\.1, which is not this machine"):
        addresses_of(server_address("http://192.0.2.1/v1"), local_only=True)
    assert addresses_of(server_address("http://192.0.2.1/v1"), local_only=False) == ("192.0.2.1",)


def test_local_only_holds_if_a_name_leads_elsewhere_later(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def elsewhere(host: str, *rest: Any, **named: Any) -> Any:
        return real("192.0.2.1" if host == "model.example" else host, *rest, **named)

    connected: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    monkeypatch.setattr(socket, "create_connection", lambda *given, **_: connected.append(given))
    with (
        Provider("small", "http://model.example/v1", seconds=5, local_only=True) as provider,
        pytest.raises(UsageError, match="--local-only"),
    ):
        provider.answer(MESSAGES, SCHEMA, 500)
    assert connected == []


def test_local_only_asks_a_server_of_this_machine() -> None:
    with loopback(lambda _: Reply("{}")) as server:
        base_url = server.base_url.replace("127.0.0.1", "localhost")
        provider = Provider("small", base_url, seconds=9, local_only=True)
        assert provider.answer(MESSAGES, SCHEMA, 500).text == "{}"
        provider.close()


@pytest.mark.parametrize("model", ["a\nb", "x" * 101, "\x1b[31m"])
def test_a_name_of_a_model_that_cannot_be_shown_is_refused(model: str) -> None:
    with pytest.raises(UsageError, match="--model takes a name"):
        Provider(model, "http://127.0.0.1:9/v1", seconds=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody has signed but itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    path.write_bytes(plain + built.public_bytes(pem))
    return path


@contextmanager
def encrypted(server: Loopback, certificate: Path) -> Iterator[tuple[str, list[bytes]]]:
    """The encrypted base URL of a server of this machine, and what came through to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    came: list[bytes] = []
    port = int(server.base_url.rpartition(":")[2].removesuffix("/v1"))

    def passed_on(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            came.append(secured.recv(65_536))  # the headers, then the body
            came.append(secured.recv(65_536))
            with socket.create_connection(("127.0.0.1", port)) as plain:
                plain.sendall(b"".join(came))
                while content := plain.recv(65_536):
                    secured.sendall(content)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: passed_on(listening.accept()[0]), daemon=True)
        thread.start()
        yield f"https://localhost:{listening.getsockname()[1]}/v1", came
        thread.join(10)


def test_a_server_with_a_certificate_that_is_not_trusted_gets_nothing(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # the environment does not decide whom to trust
    with loopback(lambda _: Reply("{}")) as server, encrypted(server, certificate) as (base_url, came):
        assert "certificate verify failed" in complaint_of(base_url)
    assert came == []


def test_an_encrypted_connection_carries_the_answer_within_the_same_bounds(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(guarded_http.httpx2, "create_ssl_context", lambda **_: trusting)
    with (
        loopback(lambda _: Reply("{}")) as server,
        encrypted(server, certificate) as (base_url, came),
        Provider("small", base_url, KEY, seconds=20, local_only=True) as provider,
    ):
        assert provider.answer(MESSAGES, SCHEMA, 500).text == "{}"
        assert KEY.encode() in came[0]
    with (
        loopback(lambda _: Reply("x" * 2 * MAX_REPLY)) as server,
        encrypted(server, certificate) as (base_url, _),
        pytest.raises(ServerError, match="sent more than"),
        Provider("small", base_url, KEY, seconds=20) as provider,
    ):
        provider.answer(MESSAGES, SCHEMA, 500)
