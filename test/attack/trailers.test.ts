import { connect, constants } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { says } from './faultyAnswers.ts'
import { startFaultyShop, type FaultyShop } from './faultyShop.ts'

/** A field that HTTP/1.1 has no rule against and HTTP/2 does not say (RFC 9113 8.2.2). */
const field = 'HTTP2-Settings: AAMAAABk\r\n'
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'

/** Answers with the field, by where it stands. */
const answers: Readonly<Record<string, string>> = {
  hint: `HTTP/1.1 103 Early Hints\r\n${field}\r\n${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  head: `${chunked}${field}\r\n3\r\nabc\r\n0\r\n\r\n`,
  trailer: `${chunked}\r\n3\r\nabc\r\n0\r\n${field}\r\n`,
}

describe('attack: trailers', () => {
  let shop: FaultyShop
  beforeAll(async () => {
    shop = await startFaultyShop(new Map(Object.entries(answers).map(([where, answer]) => [where, says(answer)])))
  })
  afterAll(() => shop.close())

  /** Asks by HTTP/2. @returns the status, and the error code of the stream */
  async function outcomeOf(path: string): Promise<readonly [status: number | undefined, code: number | undefined]> {
    const { address, port } = await shop.listener()
    const session = connect(`http://${address}:${port}`)
    session.on('error', () => {})
    const stream = session.request({ ':path': path, ':authority': 'api.shop.example' })
    let status: number | undefined
    stream.on('response', (headers) => (status = headers[':status']))
    stream.on('error', () => {})
    stream.resume()
    await new Promise((resolve) => stream.once('close', resolve))
    session.destroy()
    return [status, stream.rstCode]
  }

  it.each(Object.keys(answers))('what HTTP/2 cannot say costs its own answer and nobody else: %s', async (where) => {
    const [status, code] = await outcomeOf(`/plain/${where}/own`)
    expect(await shop.ask('plain/sound/next')).toBe('200 next')
    expect(status !== 200 || code === constants.NGHTTP2_INTERNAL_ERROR).toBe(true)
  })
})
