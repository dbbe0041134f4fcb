"""
Talks to the WebSockets of a server as the package websockets of Python does, and prints what came of it as JSON.
With a path and a text behind the URL, it sends that text there and prints each message on a line.
"""
import asyncio
import json
import sys

import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

base, *listening = sys.argv[1:]


async def echo(path, **options):
    async with websockets.connect(base + path, **options) as socket:
        seen = {"extensions": [each.name for each in socket.extensions], "protocol": socket.subprotocol}
        received = []
        for message in ["čaj", "", b"\x00\xff", "x" * 70_000, ["in ", "three ", "pieces"], [b"1", b"2"]]:
            await socket.send(message)
            received.append(await socket.recv())
        seen["received"] = [each if len(each) < 100 else len(each) for each in received if isinstance(each, str)]
        seen["bytes"] = [list(each) for each in received if isinstance(each, bytes)]
        await asyncio.wait_for(await socket.ping(b"here"), 10)
        seen["pong"] = True
    seen["closed"] = [socket.close_code, socket.close_reason]
    return seen


async def closed(path, act):
    async with websockets.connect(base + path) as socket:
        try:
            await act(socket)
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def refused(path, **options):
    try:
        async with websockets.connect(base + path, **options):
            return 101
    except InvalidStatusCode as error:
        return error.status_code


async def raw(socket, data):
    socket.transport.write(data)


async def listen(path, text):
    async with websockets.connect(base + path) as socket:
        await socket.send(text)
        print("open", flush=True)
        async for message in socket:
            print(message, flush=True)


async def main():
    print(json.dumps({
        "plain": await echo("/echo", compression=None),
        "unwanted": await echo("/echo"),
        "deflate": await echo("/deflate", subprotocols=["chat.v1", "chat.v2"]),
        "closed": {
            "as it likes": await closed("/echo", lambda socket: socket.close(4000, "enough")),
            "leaving": await closed("/echo", lambda socket: socket.close(1001)),
            "by the handler": await closed("/bye", lambda socket: socket.send("go")),
            "not masked": await closed("/echo", lambda socket: raw(socket, b"\x81\x01a")),
            "reserved bit": await closed("/echo", lambda socket: raw(socket, b"\xc1\x81\x00\x00\x00\x00a")),
            "not UTF-8": await closed("/echo", lambda socket: socket.write_frame(True, 1, b"\xc3\x28")),
            "too large": await closed("/small", lambda socket: socket.send("x" * 17)),
            "too large, packed": await closed("/deflate", lambda socket: socket.send("x" * (2**20 + 1))),
            "what throws": await closed("/throws", lambda socket: socket.send("x")),
        },
        "refused": {
            "no login": await refused("/guarded"),
            "login": await refused("/guarded?token=demo"),
            "foreign": await refused("/echo", origin="https://evil.example"),
            "own": await refused("/echo", origin=base.replace("ws", "http", 1)),
            "not there": await refused("/nothing"),
            "no WebSocket": await refused("/page"),
        },
    }))


asyncio.run(listen(*listening) if listening else main())
