import { describe, expect, it } from 'vitest'
import { faultLine } from '../folder/content.ts'
import { folderWith } from '../folder/contentFixture.ts'
import { builtinText, compileOptionsOf, installationIn, listenAddresses, withinInstallation } from './installation.ts'
import type { DevOptions } from './options.ts'

const gatehouse = (name: string, listeners: string): string =>
  `apiVersion: gatehouse.dev/v1alpha1\nkind: Gatehouse\nmetadata: {name: ${name}, namespace: infra}\nspec: {listeners: [${listeners}]}\n---\n`
const http = '{name: web, port: 8080, protocol: HTTP, default: true}'

const options = (change: Partial<DevOptions> = {}): DevOptions => ({
  folders: ['.'],
  upstreams: new Map(),
  http: null,
  https: null,
  admin: { address: '127.0.0.1', port: 0 },
  ...change,
})

describe('installationIn', () => {
  it('is the Gatehouse of the folder, or the built-in one', () => {
    const own = installationIn(folderWith(gatehouse('edge', http)).objects)
    expect(own).toMatchObject({ ref: { namespace: 'infra', name: 'edge' }, builtin: null })
    const builtin = installationIn(new Map())
    expect(builtin.ref).toEqual({ namespace: 'gatehouse-dev', name: 'dev' })
    expect(builtin.spec).toMatchObject({
      listeners: [{ name: 'http', port: 8080, protocol: 'HTTP', default: true, plaintextCredentials: 'Allow' }],
      tenancy: 'Single',
      outbound: { allowLoopback: true },
      identityHeaders: ['x-gatehouse-subject', 'x-gatehouse-roles', 'x-gatehouse-tenant'],
    })
    expect(builtinText).toContain('from: All')
  })

  it('is not one of two', () => {
    expect(() => installationIn(folderWith(gatehouse('a', http), gatehouse('b', http)).objects)).toThrow(
      'there is one in a.yaml:1 and a.yaml:6; leave one out',
    )
  })
})

describe('withinInstallation', () => {
  const builtin = installationIn(new Map())
  it('leaves out a Gatehouse that came later, and says so', () => {
    const before = folderWith(gatehouse('edge', http))
    const own = installationIn(before.objects)
    expect(withinInstallation(before, own)).toBe(before)
    for (const installation of [installationIn(folderWith(gatehouse('other', http)).objects), builtin]) {
      const { objects, faults } = withinInstallation(before, installation)
      expect(objects.size).toBe(0)
      expect(faults.map(faultLine)).toEqual([expect.stringMatching(/^a\.yaml:1: Gatehouse infra\/edge: is left out/)])
    }
  })
})

describe('compileOptionsOf', () => {
  it('moves the first listener of a protocol, and binds the others to this machine', () => {
    const moved = { address: '127.0.0.1', port: 0 }
    const installation = installationIn(
      folderWith(gatehouse('edge', `${http}, {name: more, port: 8081, protocol: HTTP}`)).objects,
    )
    const compile = compileOptionsOf(options({ http: moved }), installation)
    expect(listenAddresses(installation.spec, compile)).toEqual([
      { listener: 'web', at: moved },
      { listener: 'more', at: { address: '127.0.0.1', port: 8081 } },
    ])
  })

  it('refuses to move a listener that is not there', () => {
    const move = options({ https: { address: '127.0.0.1', port: 0 } })
    expect(() => compileOptionsOf(move, installationIn(new Map()))).toThrow(
      '--https moves the first HTTPS listener, but Gatehouse gatehouse-dev/dev has none',
    )
  })
})
