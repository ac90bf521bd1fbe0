import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { runCase } from '../golden/case.ts'
import { createAuthority } from '../support/authority.ts'
import { chartCases, objectsOf } from './cases.ts'
import type { Manifest } from './manifests.ts'

const examples = join(import.meta.dirname, '../../examples')
const folder = join(examples, 'quickstart')

const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))

async function renderedGatehouse(): Promise<Manifest> {
  const quickstart = chartCases.find(({ name }) => name === 'quickstart')
  const gatehouse = quickstart && (await objectsOf(quickstart)).find(({ kind }) => kind === 'Gatehouse')
  if (gatehouse === undefined) throw new Error('the chart renders no Gatehouse')
  return gatehouse
}

/** What the guide makes beside: the key set of the login service and the certificate of the listener. */
async function credentials(): Promise<readonly object[]> {
  const { publicKey } = await generateKeyPair('ES256')
  const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256', use: 'sig' }] })
  const leaf = await (
    await createAuthority('shop')
  ).leaf({ commonName: 'api.shop.example', dnsNames: ['api.shop.example'] })
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'login-keys', namespace: 'shop' },
      data: { 'jwks.json': keySet },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'shop-tls', namespace: 'gatehouse-system' },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': leaf.certificate, 'tls.key': leaf.privateKey },
    },
  ]
}

describe('the quick start in a cluster', () => {
  it('is accepted by the Gatehouse that the chart renders, and says what the guide says is missing', async () => {
    const objects = [await renderedGatehouse(), ...(await credentials())].map((object) => stringify(object))
    const { statuses } = runCase([...objects, ...texts].join('\n---\n'))
    const wrong = statuses.flatMap(({ kind, name, status }) =>
      (status.conditions ?? [])
        .filter((condition) => condition.status !== 'True')
        .map(({ type, reason }) => `${kind} ${name} ${type} ${reason}`),
    )
    expect(statuses.map(({ kind, name }) => `${kind} ${name}`)).toContain('GatewayRoute orders')
    // The guide makes no API key.
    expect(wrong).toEqual([
      'AccessPolicy callers ResolvedRefs NoKeysSelected',
      'GatewayRoute reports Protected NoPolicy',
    ])
  })

  it('has the hosts and identity headers that it has on one machine', async () => {
    const { spec } = parse(readFileSync(join(examples, 'quickstart-dev/gatehouse.yaml'), 'utf8')) as { spec: object }
    const { hosts, identityHeaders } = (await renderedGatehouse())['spec'] as Record<string, unknown>
    expect(spec).toMatchObject({ hosts, identityHeaders })
  })
})
