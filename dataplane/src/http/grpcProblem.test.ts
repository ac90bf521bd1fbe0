import { describe, expect, it } from 'vitest'
import { refusals, type RefusalCode } from '../gateway/refusal.ts'
import { grpcProblemOf, isGrpc } from './grpcProblem.ts'

const details = { requestId: 'id', challenge: null, retryAfter: null, quotas: [] }

describe('isGrpc', () => {
  it.each(['application/grpc', 'Application/gRPC', 'application/grpc+proto', 'application/grpc;charset=x'])(
    'is %s over HTTP/2 alone',
    (type) => {
      expect(isGrpc({ httpVersion: '2.0', rawHeaders: ['te', 'trailers', 'Content-Type', type] })).toBe(true)
      expect(isGrpc({ httpVersion: '1.1', rawHeaders: ['Content-Type', type] })).toBe(false)
    },
  )

  it.each(['application/grpc-web+proto', 'application/grpcx', 'application/json', 'text/plain, application/grpc'])(
    'is not %s',
    (type) => expect(isGrpc({ httpVersion: '2.0', rawHeaders: ['content-type', type] })).toBe(false),
  )

  it('is nothing without a type', () => {
    expect(isGrpc({ httpVersion: '2.0', rawHeaders: [] })).toBe(false)
  })
})

describe('grpcProblemOf', () => {
  it('says in trailers what is wrong, and why not', () => {
    expect(grpcProblemOf('unauthenticated', { ...details, challenge: 'Bearer realm="a"' })).toEqual({
      status: 200,
      headers: [
        ...['content-type', 'application/grpc', 'cache-control', 'no-store', 'x-request-id', 'id'],
        ...['www-authenticate', 'Bearer realm="a"'],
      ],
      body: '',
      trailers: [
        ['grpc-status', '16'],
        ['grpc-message', 'A valid credential is required (unauthenticated)'],
      ],
    })
  })

  it('has a status other than OK and UNKNOWN for every refusal, and a message without escapes', () => {
    for (const code of Object.keys(refusals) as RefusalCode[]) {
      const { 'grpc-status': status, 'grpc-message': message } = Object.fromEntries(
        grpcProblemOf(code, details).trailers,
      )
      expect(Number(status)).toBeGreaterThan(2)
      expect(message).toMatch(/^[ -$&-~]+$/)
    }
  })
})
