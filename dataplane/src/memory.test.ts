import { describe, expect, it, vi } from 'vitest'
import { collectYoung } from './memory.ts'

const mebibyte = 1024 * 1024
const heldByBuffers = (): number => process.memoryUsage().arrayBuffers

/** Buffers as bodies come in, of which none is used any more. */
function leaveBuffers(count: number): void {
  for (let made = 0; made < count; made++) Buffer.allocUnsafeSlow(mebibyte / 16)
}

describe('collecting what is young', () => {
  it('gives back buffers that nobody uses any more', async () => {
    const before = heldByBuffers()
    leaveBuffers(320)
    expect(heldByBuffers() - before).toBeGreaterThan(19 * mebibyte)
    collectYoung()
    await vi.waitFor(() => expect(heldByBuffers() - before).toBeLessThan(mebibyte))
  })
})
