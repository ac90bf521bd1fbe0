import { describe, expect, it } from 'vitest'
import { labelOf, targetsOf } from './target.ts'

const resolve = (host: string): Promise<readonly string[]> =>
  host === 'edge-controller'
    ? Promise.resolve(['10.0.0.1', 'fd00::1'])
    : Promise.reject(Object.assign(new Error(host), { code: 'ENOTFOUND' }))

describe('targetsOf', () => {
  it('finds all addresses of a name, and keeps the name for the server', async () => {
    const targets = await targetsOf('edge-controller:9443', resolve)
    expect(targets.map(labelOf)).toEqual(['10.0.0.1:9443', '[fd00::1]:9443'])
    expect(targets.map(({ host }) => host)).toEqual(['edge-controller', 'edge-controller'])
  })

  it.each(['127.0.0.1:9443', '[::1]:443'])('asks nobody about %s', async (address) => {
    const targets = await targetsOf(address, resolve)
    expect(targets.map(labelOf)).toEqual([address])
  })

  it('fails with the code of the resolver', async () => {
    await expect(targetsOf('nowhere:1', resolve)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })
})
