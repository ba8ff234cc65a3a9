#!/usr/bin/env python3
"""Ask a Kafka broker for its metadata: exit 0 only when a registered broker and a controller answer.

usage: probe.py HOST PORT
"""
import socket
import struct
import sys


def read(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return data


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    with socket.create_connection((host, port), timeout=2) as sock:
        sock.settimeout(2)
        client = b"probe"
        # Metadata, version 1, no topics
        body = struct.pack(">hhih", 3, 1, 7, len(client)) + client + struct.pack(">i", 0)
        sock.sendall(struct.pack(">i", len(body)) + body)
        data = read(sock, struct.unpack(">i", read(sock, 4))[0])
    correlation, brokers = struct.unpack_from(">ii", data)
    at = 8
    for _ in range(brokers):  # node, host, port, rack
        (length,) = struct.unpack_from(">h", data, at + 4)
        at += 6 + length + 4
        (rack,) = struct.unpack_from(">h", data, at)
        at += 2 + max(rack, 0)
    (controller,) = struct.unpack_from(">i", data, at)
    if correlation != 7 or brokers < 1 or controller < 0:
        raise SystemExit(f"not ready: {brokers} brokers, controller {controller}")
    print(f"{brokers} broker, controller {controller}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, struct.error) as error:
        raise SystemExit(f"no answer: {error}") from None
