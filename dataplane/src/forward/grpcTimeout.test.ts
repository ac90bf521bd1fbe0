import { describe, expect, it } from 'vitest'
import { grpcTimeout } from './grpcTimeout.ts'

const of = (timeouts: readonly string[], type = 'application/grpc') =>
  grpcTimeout(
    new Map([
      ['content-type', [type]],
      ['grpc-timeout', timeouts],
    ]),
  )

describe('grpcTimeout', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['10S', 10_000],
    ['250m', 250],
    ['1500u', 1.5],
    ['1000000n', 1],
    ['0m', 0],
    ['99999999S', 99_999_999_000],
  ])('reads %s', (text, time) => expect(of([text])).toBe(time))

  it.each(['', '10', 'S', '-1S', '1.5S', '123456789S', '10s', ' 10S', '10S '])('takes %j for nothing', (text) =>
    expect(of([text])).toBe(Infinity),
  )

  it('takes two for nothing, and one outside gRPC', () => {
    expect(of(['1S', '2S'])).toBe(Infinity)
    for (const type of ['application/json', 'application/grpc-web+proto', 'application/grpcx'])
      expect(of(['1S'], type)).toBe(Infinity)
    expect(grpcTimeout(new Map())).toBe(Infinity)
  })
})
