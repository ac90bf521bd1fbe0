import { describe, expect, it } from 'vitest'
import { createLog, errorCode, stackFrames } from './log.ts'

const logged = (write: (log: ReturnType<typeof createLog>) => void): string => {
  const lines: string[] = []
  write(createLog((line) => lines.push(line), { now: () => 0, monotonic: () => 0 }))
  return lines.join('')
}

describe('the log', () => {
  it('writes one line of ASCII, whatever a data plane calls itself', () => {
    const line = logged((log) => log('dataplane-connected', { instance: 'a\n\u009b\u2028\u202eb' }))
    expect(line).toMatch(/^[\x20-\x7e]+\n$/)
    expect(JSON.parse(line)).toMatchObject({ event: 'dataplane-connected', instance: 'a\n\u009b\u2028\u202eb' })
  })

  it('says where an error came from and never what it says', () => {
    const error = Object.assign(new Error('secret\n    at secret'), { code: 'EADDRINUSE' })
    const line = logged((log) => log('failed', { code: errorCode(error), stack: stackFrames(error) ?? 'none' }))
    expect(line).toContain('EADDRINUSE')
    expect(line).toContain('log.test.ts')
    expect(line).not.toContain('secret')
  })

  it('takes only codes of the usual form', () => {
    expect(errorCode({ code: 'no code' })).toBe('FAILED')
    expect(errorCode('secret')).toBe('FAILED')
    expect(stackFrames('secret')).toBeNull()
  })
})
