"""
Callbacks: functions of the program that the engine calls, over the server the SDK starts for them.

Only the line to that server; what a function is for is known where it is called.

Source: `sdk/proto/pulumi/callback.proto` of Pulumi 3.272.
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc

from meta_prefect.interfaces.provider import ProviderError


class Callbacks:
    """Calls functions of one program; for one event loop."""

    def __init__(self) -> None:
        """Connect to nothing yet."""
        self._channels: dict[str, grpc.aio.Channel] = {}

    @property
    def are_in_use(self) -> bool:
        """Whether there is a line to the program."""
        return bool(self._channels)

    async def call(self, callback: Any, request: Any) -> bytes:
        """
        Call a function with a protobuf message; gives its answer, still to be read.

        Raises:
            ProviderError: it raised; the text is what the user's code said.
        """
        if callback.target not in self._channels:
            self._channels[callback.target] = grpc.aio.insecure_channel(callback.target)
        stub: Any = callback_pb2_grpc.CallbacksStub(self._channels[callback.target])
        message = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=request.SerializeToString()
        )
        try:
            answer = await stub.Invoke(message)
        except grpc.aio.AioRpcError as error:
            raise ProviderError(error.details() or str(error.code())) from error
        return bytes(answer.response)

    async def close(self) -> None:
        """Close every line."""
        await asyncio.gather(*(channel.close(None) for channel in self._channels.values()))
