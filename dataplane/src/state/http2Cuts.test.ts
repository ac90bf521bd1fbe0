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

  /** A header section with this status alone, as a literal (RFC 7541 6.2.2). */
  const statusOf = (text: string, flags: number): Buffer =>
    frame(frameType.headers, flags | 4, 1, Buffer.from([0x08, text.length, ...Buffer.from(text)]))

  it.each([
    ['an interim response that is the end', [statusOf('103', 1)]],
    ['a status below 100', [statusOf('099', 0), frame(frameType.data, 1, 1, Buffer.from('all'))]],
    ['a switch of protocols', [statusOf('101', 1)]],
    ['a status that is none', [statusOf('abc', 0), frame(frameType.data, 1, 1, Buffer.from('all'))]],
    ['content before a head', [frame(frameType.data, 1, 1, Buffer.from('all'))]],
    ['interim responses without end', [...Array.from({ length: 40 }, () => statusOf('103', 0)), headers(1)]],
    ['a second head', [headers(0), headers(0), frame(frameType.data, 1, 1, Buffer.from('all'))]],
    ['nothing at all', [frame(frameType.headers, 5, 1, Buffer.alloc(0))]],
  ])('never comes with %s', async (_name, script) => {
    const connections = await byHand(script)
    const { error, trailers } = await send({ connections }, '/').over
    expect(error).not.toBeNull()
    expect(trailers).toBeNull()
  })

  it('is that of a response which cannot be said on, and of nothing else', async () => {
    const connections = await byHand([headers(1)])
    const sent = send({ connections }, '/')
    sent.onResponseStart = () => {
      throw new TypeError('no such header')
    }
    expect((await sent.over).error).not.toBeNull()
  })
})
