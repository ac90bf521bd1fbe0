import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'
import { curl, type Answer } from './curl.ts'
import { startInstallation, type Installation } from './installation.ts'
import { manifests } from './manifests.ts'
import { hostAddress } from './network.ts'

/** A running installation with an echo backend, a token issuer, and what users do with them. */
export interface Fixture {
  readonly installation: Installation
  readonly backend: Backend
  readonly issuer: Issuer
  /** Path of a file of the test's own; `ca.crt` holds the authority. */
  path(file: string): string
  /** Asks every data plane with curl, and wants the same status and code of each. `target` is `HOST/path`. */
  ask(target: string, ...args: readonly string[]): Promise<Answer>
  /** Asks until every data plane gives this status; the test's own time limit ends a wait in vain. */
  until(target: string, status: number, ...args: readonly string[]): Promise<void>
  /** Applies, and waits until the API server says that all three data planes have the route. */
  apply(documents: readonly object[], route: string, options?: { readonly unprotected: boolean }): Promise<void>
}

/** Backend references of a rule that leads to the echo backend. */
export const toEcho = [{ name: 'echo', port: 80 }]

/** One rule for every request. */
export const everything = (over: object = {}): readonly object[] => [{ name: 'all', backendRefs: toEcho, ...over }]

async function start(): Promise<Fixture> {
  const installation = await startInstallation()
  const backend = await startBackend(undefined, hostAddress)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-e2e-'))
  const path = (file: string): string => join(folder, file)
  await writeFile(path('ca.crt'), installation.authority.certificate)
  await installation.apply(manifests.service('echo', [backend.port]))
  const one = (address: string, target: string, args: readonly string[]): Promise<Answer> =>
    curl(address, path('ca.crt'), `https://${target}`, ...args)
  return {
    installation,
    backend,
    issuer: await createIssuer({ issuer: 'https://idp.example' }),
    path,
    ask: async (target, ...args) => {
      const answers = await Promise.all(installation.addresses.map((address) => one(address, target, args)))
      const first = answers[0]!
      for (const { status, code } of answers)
        expect({ status, code }).toEqual({ status: first.status, code: first.code })
      return first
    },
    until: async (target, status, ...args) => {
      for (const address of installation.addresses) {
        while ((await one(address, target, args)).status !== status) await pause(20)
      }
    },
    apply: async (documents, route, { unprotected } = { unprotected: false }) => {
      await installation.apply(documents)
      await installation.wait(`gatewayroute/${route}`, 'Programmed')
      if (!unprotected) await installation.wait(`gatewayroute/${route}`, 'Protected')
    },
  }
}

/** Starts an installation before the tests of a file and ends it after them. */
export function useFixture(): () => Fixture {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await start()
  })
  afterAll(async () => {
    await fixture.installation.close()
    await fixture.backend.close()
    await rm(fixture.path('.'), { recursive: true })
  })
  return () => fixture
}

/** What the echo backend got, as the answer tells. */
export function received({ body }: Answer): { target: string; headers: ReadonlyMap<string, string> } {
  const { target, rawHeaders } = JSON.parse(body) as { target: string; rawHeaders: string[] }
  const headers = new Map<string, string>()
  rawHeaders.forEach((name, index) => index % 2 === 0 && headers.set(name.toLowerCase(), rawHeaders[index + 1] ?? ''))
  return { target, headers }
}
