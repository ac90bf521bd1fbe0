import { describe, expect, it } from 'vitest'
import { stackFrames } from './stackFrames.ts'

describe('stackFrames', () => {
  it('says where an error came from and never what it says', () => {
    const frames = stackFrames(new TypeError('secret\n    at secret (secret:1:1)'))
    expect(frames).toContain('stackFrames.test.ts')
    expect(frames).not.toContain('secret')
  })

  it('has nothing of what is no error', () => {
    expect(stackFrames('secret')).toBeNull()
  })
})
