import { describe, expect, it } from 'vitest'
import { admit } from './admit.ts'
import { builtinCases } from './builtinCases.ts'

describe('admit, for built-in kinds', () => {
  it.each(builtinCases)('$name is $verdict', ({ document, verdict }) => {
    expect(admit(document)).toMatchObject({ ok: verdict === 'accepted' })
  })

  it('turns stringData into data, where it wins', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { a: 'b2xk', b: 'Yg==' },
      stringData: { a: 'new ✓' },
    }
    expect(admit(secret)).toEqual({
      ok: true,
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a', namespace: 'default' },
        type: 'Opaque',
        data: { a: Buffer.from('new ✓').toString('base64'), b: 'Yg==' },
      },
    })
  })

  it('labels a namespace with its name', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } }
    expect(admit(namespace)).toMatchObject({
      object: { metadata: { name: 'shop', labels: { team: 'a', 'kubernetes.io/metadata.name': 'shop' } } },
    })
  })

  it('writes out the protocol of a port', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } }
    expect(admit(service)).toMatchObject({
      object: { spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] } },
    })
  })
})
