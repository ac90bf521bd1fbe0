import { constants } from 'node:http2'
import { expect, it } from 'vitest'
import { ClientStreams } from './clientStreams.ts'
import { frameTypes } from './http2Frame.ts'

const headers = (stream: number) => ({ type: frameTypes.headers, flags: 0, stream, length: 0 })
const reset = (stream: number) => ({ ...headers(stream), type: frameTypes.rstStream })

it('forgets no closed stream for resets of stream 0', () => {
  const streams = new ClientStreams()
  expect(streams.take(headers(1))).toBeNull()
  streams.leave(1)
  streams.take(reset(1))
  for (let frame = 0; frame < 300; frame++) streams.take(reset(0))
  // Still known as closed, and not as one that never was.
  expect(streams.take(headers(1))).toBe(constants.NGHTTP2_STREAM_CLOSED)
})
