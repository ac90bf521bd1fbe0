import { constants } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import { byHand, closeUpstreams, frame, frameType, headers, send } from './http2Fixture.ts'

afterEach(closeUpstreams)

describe('the end of an HTTP/2 answer', () => {
  // Node's own server ends a stream before it resets it.
  it.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_INTERNAL_ERROR, constants.NGHTTP2_CANCEL])(
    'never takes an answer that is cut off with %i for a whole one',
    async (code) => {
      const reset = frame(frameType.reset, 0, 1, Buffer.from([0, 0, 0, code]))
      const connections = await byHand([headers(0), frame(frameType.data, 0, 1, Buffer.from('half')), reset])
      const { error, trailers } = await send({ connections }, '/cut').over
      expect(error).not.toBeNull()
      expect(trailers).toBeNull()
    },
  )

  it('takes an answer for whole that was, also where its stream is reset after it', async () => {
    const reset = frame(frameType.reset, 0, 1, Buffer.from([0, 0, 0, 0]))
    const connections = await byHand([headers(0), frame(frameType.data, 1, 1, Buffer.from('all')), reset])
    expect(await send({ connections }, '/').over).toMatchObject({ body: 'all', trailers: {}, error: null })
  })

  it('never takes less than the announced length for the whole', async () => {
    const length = Buffer.from([0x0f, 0x0d, 0x01, 0x39])
    const connections = await byHand([headers(0, length), frame(frameType.data, 1, 1, Buffer.from('half'))])
    expect((await send({ connections }, '/').over).error).not.toBeNull()
  })

  it('sends elsewhere what came after the last request that a connection looked at', async () => {
    const goaway = frame(frameType.goaway, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]))
    const answer = [headers(0), frame(frameType.data, 1, 1, Buffer.from('all'))]
    const connections = await byHand([goaway], answer)
    const sent = send({ connections }, '/')
    expect(await sent.over).toMatchObject({ body: 'all', error: null })
    expect(sent.starts).toBe(2)
  })
})
