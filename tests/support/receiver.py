"""A receiver of callbacks and webhooks, and documents that have some."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.support.running import PATIENCE

JOBS = """
openapi: 3.1.0
info: {title: Jobs, version: '1'}
paths:
  /queues/{queue}/jobs:
    post:
      operationId: startJob
      parameters:
        - {name: queue, in: path, required: true, schema: {type: string}}
        - {name: notify, in: query, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [title], properties: {title: {type: string}, hook: {type: string}}}
      responses:
        '201':
          description: The job.
          content:
            application/json:
              schema:
                type: object
                required: [id, title]
                properties: {id: {type: integer}, title: {type: string}, state: {enum: [waiting, done]}}
      callbacks:
        finished:
          '{$request.body#/hook}?queue={$request.path.queue}&job={$response.body#/id}':
            post:
              parameters: [{name: X-Event, in: header, schema: {type: string, default: job.finished}}]
              requestBody:
                content:
                  application/json:
                    schema:
                      type: object
                      required: [id, state]
                      properties: {id: {type: integer}, title: {type: string}, state: {const: done}}
              responses: {'204': {description: Thanks.}}
        watched:
          $request.query.notify: {put: {responses: {'204': {description: Thanks.}}}}
"""


class Received(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A server that clients of the mock have; it answers with the statuses that are left, and 204 after them."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[Received] = []
        self._statuses = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                fields = {name.lower(): text for name, text in self.headers.items()}
                receiver.received.append(Received(self.command, self.path, fields, self.rfile.read(length)))
                self.send_response(receiver._statuses.pop(0) if receiver._statuses else 204)
                self.end_headers()

            do_PUT = do_POST  # noqa: N815  # the name that the library looks for

            def log_message(self, format: str, *arguments: Any) -> None: ...  # noqa: A002  # as the library has it

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@contextmanager
def receiver(*statuses: int) -> Iterator[Receiver]:
    made = Receiver(*statuses)
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def states(mock: Any) -> list[str]:
    return [delivery.state for delivery in mock.deliveries()]


SHOP = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {$ref: '#/components/responses/Pet'}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {$ref: '#/components/responses/Pet'}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'200': {$ref: '#/components/responses/Pet'}}
    delete: {responses: {'204': {description: .}}}
  /hooks:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Hook'}}}}
      responses: {'201': {$ref: '#/components/responses/Hook'}}
  /hooks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {$ref: '#/components/responses/Hook'}}}
    delete: {responses: {'204': {description: .}}}
webhooks:
  petEvent:
    post:
      x-lookalike-signature: {headers: {X-Sign: 'v1={signature}'}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [id, event, at, data]
              properties:
                id: {type: string}
                event: {enum: [pet.created, pet.updated, pet.deleted]}
                at: {type: string, format: date-time}
                data: {$ref: '#/components/schemas/Pet'}
      responses: {'204': {description: Thanks.}}
  petAdopted: {post: {responses: {'204': {description: Thanks.}}}}
components:
  responses:
    Pet: {description: ., content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
    Hook: {description: ., content: {application/json: {schema: {$ref: '#/components/schemas/Hook'}}}}
  schemas:
    Pet:
      type: object
      required: [name]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}, pin: {type: string, writeOnly: true}}
    Hook:
      type: object
      required: [url]
      properties:
        id: {type: integer, readOnly: true}
        url: {type: string}
        events: {type: array, items: {type: string}}
        active: {type: boolean}
        secret: {type: string}
"""
