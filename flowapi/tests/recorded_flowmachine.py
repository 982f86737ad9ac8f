"""A ZeroMQ peer that replays FlowMachine's messages as its wire protocol defines them.

It is not FlowMachine, and answers without looking at the database; tests with the real server are in
the integration tests.
"""

import threading
from collections.abc import Callable
from typing import Any

import orjson
import zmq

Params = dict[str, Any]
Reply = dict[str, Any] | bytes | None
Answer = Reply | Callable[[Params], Reply]


def success(payload: dict[str, Any] | None = None, msg: str = "") -> dict[str, Any]:
    return {"status": "success", "msg": msg, "payload": payload or {}}


def error(msg: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"status": "error", "msg": msg, "payload": payload or {}}


def unknown_id(query_id: str) -> dict[str, Any]:
    return error(f"Unknown query id: '{query_id}'", {"query_id": query_id, "query_state": "awol"})


class RecordedFlowMachine:
    """Answers each action with what `answers` holds for it; None means that it stays silent.

    With `curve_secret_key` it talks to clients that know its public key only, as a secured server does.
    """

    def __init__(self, port: int | None = None, curve_secret_key: bytes | None = None) -> None:
        self.answers: dict[str, Answer] = {"ping": success(msg="pong")}
        self.requests: list[dict[str, Any]] = []
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        if curve_secret_key is not None:
            self._socket.curve_server = True
            self._socket.curve_secretkey = curve_secret_key
        if port is None:
            self.port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        else:
            self.port = port
            self._socket.bind(f"tcp://127.0.0.1:{port}")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def actions(self) -> list[str]:
        return [request["action"] for request in self.requests]

    def _serve(self) -> None:
        while not self._stopping.is_set():
            if not self._socket.poll(20):
                continue
            identity, empty, message = self._socket.recv_multipart()
            assert empty == b""
            request = orjson.loads(message)
            if request["request_id"] != "health":  # FlowAPI's own, at times of its own
                self.requests.append(request)
            answer = self.answers.get(request["action"], error("No reply is recorded for this."))
            reply = answer(request.get("params", {})) if callable(answer) else answer
            if reply is not None:
                body = reply if isinstance(reply, bytes) else orjson.dumps(reply)
                self._socket.send_multipart([identity, b"", body])
        self._socket.close(linger=0)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._context.destroy(linger=0)
