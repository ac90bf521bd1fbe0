import { describe, expect, it } from 'vitest'
import { tokenKeysIn } from '../compile/tokenKeys.ts'
import { memorySecrets } from './memorySecretsFixture.ts'
import { dueTokenKeys, firstTokenKey, renewTokenKeys } from './tokenKeys.ts'

const hour = 3_600_000
const day = 24 * hour
const noon = 1_700_000_000_000
const installation = { namespace: 'system', name: 'edge' }
const name = 'edge-token-keys'

const pem = Object.values(firstTokenKey(noon))[0]!
const keysFrom = (...from: readonly number[]) => tokenKeysIn(from.map((time) => [`${time}.pem`, pem]))!

describe('the keys that sign requests to backends', () => {
  it('are read oldest first, and named by what they are', () => {
    const keys = keysFrom(2, 1)
    expect(keys.map(({ from }) => from)).toEqual([1, 2])
    expect(keys[0]!.kid).toMatch(/^[\w-]{43}$/)
  })

  it.each<[string, [string, string][]]>([
    ['nothing', []],
    ['another entry', [['tls.key', pem]]],
    ['another key', [['1.pem', 'no key']]],
  ])('are none where there is %s', (_name, entries) => {
    expect(tokenKeysIn(entries)).toBeNull()
  })

  it('rest until a day before the next must sign', () => {
    expect(dueTokenKeys(keysFrom(noon), noon + 29 * day - 1)).toEqual({})
    expect(Object.keys(dueTokenKeys(keysFrom(noon), noon + 29 * day))).toEqual([`${noon + 30 * day}.pem`])
    expect(dueTokenKeys(keysFrom(noon, noon + 30 * day), noon + 29 * day + hour)).toEqual({})
  })

  it('are dropped when the last token of one has long ended', () => {
    const two = keysFrom(noon, noon + 30 * day)
    expect(dueTokenKeys(two, noon + 30 * day + hour - 1)).toEqual({})
    expect(dueTokenKeys(two, noon + 30 * day + hour)).toEqual({ [`${noon}.pem`]: null })
  })
})

describe('renewTokenKeys', () => {
  const lines: string[] = []
  const memory = memorySecrets('system')
  const run = (now: number, mayCreate: boolean, mayWrite = true) =>
    renewTokenKeys({
      installation,
      secrets: memory.secrets,
      clock: { now: () => now, monotonic: () => 0 },
      log: (event, { code } = {}) => void lines.push(`${event} ${code}`),
      mayCreate,
      mayWrite: () => mayWrite,
    })

  it('makes a Secret only where it may, rotates it, and leaves one of somebody else', async () => {
    await run(noon, false)
    expect(memory.object(name)).toBeUndefined()
    await run(noon, true)
    await run(noon, true)
    expect(memory.object(name)).toMatchObject({ type: 'gatehouse.dev/token-keys' })
    await run(noon + 29 * day, false, false)
    expect(memory.writes).toEqual([name])
    await run(noon + 29 * day, false)
    expect(Object.keys(memory.object(name)!['data'] as object)).toEqual([`${noon}.pem`, `${noon + 30 * day}.pem`])
    memory.setObject(name, { ...memory.object(name)!, type: 'Opaque' })
    await run(noon + 90 * day, true)
    expect(lines).toEqual([
      'certificates-changed CREATE',
      'certificates-changed ROTATE',
      'certificates-refused FOREIGN',
    ])
  })
})
