import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { errors } from 'undici'
import { describe, expect, it } from 'vitest'
import { systemResolve } from '../state/checkedDialer.ts'
import { open } from '../state/dial.ts'
import { upstreamFailures } from '../telemetry/upstreamFailure.ts'
import { upstreamFailure } from './upstreamFailure.ts'

const coded = (code: string): Error => Object.assign(new Error('with words of its own'), { code })

const failureOf = async (attempt: Promise<unknown>): Promise<string> =>
  await attempt.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? upstreamFailure(error) : 'no error'),
  )

describe('the word for a failure', () => {
  it.each([
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ETIMEDOUT', 'timeout'],
    ['EMFILE', 'local-limit'],
    ['UPSTREAM_RESET', 'reset'],
    ['UND_ERR_SOCKET', 'closed'],
    ['CERT_HAS_EXPIRED', 'certificate-expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-untrusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['ERR_HTTP2_STREAM_ERROR', 'malformed'],
    ['constructor', 'other'],
    ['', 'other'],
  ])('of %j is %s', (code, failure) => {
    expect(upstreamFailure(coded(code))).toBe(failure)
  })

  it('of an answer that cannot be read is the same with a code and without', () => {
    expect(upstreamFailure(new errors.HTTPParserError('Invalid EOF state'))).toBe('malformed')
  })

  it('of a stream is whether it was refused', () => {
    const stream = (http2ErrorCode: number): Error => Object.assign(coded('ERR_HTTP2_STREAM_ERROR'), { http2ErrorCode })
    expect([7, 8].map((code) => upstreamFailure(stream(code)))).toEqual(['stream-refused', 'reset'])
  })

  it('of an address where nothing listens, a name that nobody has, and no answer in time', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    expect(await failureOf(open({ address: '127.0.0.1', port, tls: null }, 1000))).toBe('refused')
    expect(await failureOf(systemResolve('nobody.invalid'))).toBe('dns')
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const target = { address: '127.0.0.1', port: (silent.address() as AddressInfo).port, tls: {} }
    expect(await failureOf(open(target, 50))).toBe('timeout')
    silent.close()
  })

  it('has a meaning for each', () => {
    for (const meaning of Object.values(upstreamFailures)) expect(meaning).toMatch(/^[a-z]/)
  })
})
