import { describe, expect, it, vi } from 'vitest'
import type { KubeObject } from './client.ts'
import { KubeError } from './kubeError.ts'
import { secretsIn } from './secrets.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const path = '/api/v1/namespaces/shop/secrets'
const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys', resourceVersion: '7', labels: { a: 'b' }, annotations: { old: 'x', kept: 'y' } },
  type: 'example.com/keys',
  data: { one: base64('1'), two: base64('2'), binary: '//8=' },
  immutable: false,
}

function client(answers: { get?: KubeObject | null; write?: 'conflict' | 'gone' } = {}) {
  const written = answers.write ?? { object }
  return {
    get: vi.fn(() => Promise.resolve(answers.get === undefined ? object : answers.get)),
    create: vi.fn(() => Promise.resolve(written)),
    put: vi.fn((_path: string, _object: unknown) => Promise.resolve(written)),
  }
}

const present = async (api: ReturnType<typeof client>) => {
  const secret = await secretsIn('shop', api).get('keys')
  if (!secret) throw new Error('there is no Secret')
  return secret
}

describe('secretsIn', () => {
  it('reads text, and nothing where an entry is not text', async () => {
    const api = client()
    const secret = await present(api)
    expect(api.get).toHaveBeenCalledWith(`${path}/keys`)
    expect(secret.type).toBe('example.com/keys')
    expect([...secret.data]).toEqual([
      ['one', '1'],
      ['two', '2'],
      ['binary', ''],
    ])
    expect([secret.labels.get('a'), secret.annotations.get('kept')]).toEqual(['b', 'y'])
    expect(await secretsIn('shop', client({ get: null })).get('keys')).toBe(null)
  })

  it('changes what it is told and sends back the rest as it was read', async () => {
    const api = client()
    const changes = { annotations: { old: null, new: 'z' }, data: { one: null, two: '22', three: '3' } }
    expect(await secretsIn('shop', api).update(await present(api), changes)).toBe('written')
    expect(api.put.mock.calls[0]?.slice(0, 2)).toEqual([
      `${path}/keys`,
      {
        ...object,
        metadata: { ...(object['metadata'] as object), annotations: { kept: 'y', new: 'z' } },
        data: { two: base64('22'), binary: '//8=', three: base64('3') },
      },
    ])
  })

  it.each(['conflict', 'gone'] as const)('calls it a conflict when the object is %s', async (write) => {
    const api = client({ write })
    const changes = { annotations: {}, data: {} }
    expect(await secretsIn('shop', api).update(await present(api), changes)).toBe('conflict')
  })

  it('creates, and tells a name that is taken from a namespace that does not exist', async () => {
    const secret = { name: 'new', type: 'example.com/keys', labels: { a: 'b' }, annotations: {}, data: { one: '1' } }
    const api = client()
    expect(await secretsIn('shop', api).create(secret)).toBe('written')
    expect(api.create).toHaveBeenCalledWith(path, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'new', namespace: 'shop', labels: { a: 'b' }, annotations: {} },
      type: 'example.com/keys',
      data: { one: base64('1') },
    })
    expect(await secretsIn('shop', client({ write: 'conflict' })).create(secret)).toBe('conflict')
    await expect(secretsIn('shop', client({ write: 'gone' })).create(secret)).rejects.toThrow(KubeError)
  })
})
