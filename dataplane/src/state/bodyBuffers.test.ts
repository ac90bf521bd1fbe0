import { describe, expect, it, vi } from 'vitest'
import { createBodyBuffers } from './bodyBuffers.ts'

const mebibyte = 1024 * 1024

describe('buffers of bodies', () => {
  it('are given back once for every 16 MiB that came, in pieces of any size', () => {
    const collectYoung = vi.fn<() => void>()
    const buffers = createBodyBuffers(collectYoung)
    for (let piece = 0; piece < 15; piece++) buffers.came(mebibyte)
    expect(collectYoung).not.toHaveBeenCalled()
    buffers.came(mebibyte)
    expect(collectYoung).toHaveBeenCalledTimes(1)
    buffers.came(20 * mebibyte)
    expect(collectYoung).toHaveBeenCalledTimes(2)
    buffers.came(mebibyte)
    expect(collectYoung).toHaveBeenCalledTimes(2)
  })
})
