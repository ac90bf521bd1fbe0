import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority } from '../support/authority.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { clusterBinary } from '../cluster/binaries.ts'
import { startFixture, type Fixture, type Wishes } from '../wire/http/fixture.ts'
import { certificate, listener } from '../wire/http/tlsFixture.ts'
import { listenerResource } from '../support/resources.ts'

const run = promisify(execFile)

/** Cases that stay red, each for a reason that others have to mend. */
const exceptions = {
  // nghttp2 ends the connection, which a stream error may always become (RFC 9113 5.4.2): nghttp2/nghttp2#2845
  overflow:
    'http2/6.9.1: Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream',
  // A port that speaks HTTP/1.1 too answers in it, which h2spec does not take for the end: summerwind/h2spec#122
  preface: 'http2/3.5: Sends invalid connection preface',
} as const

describe('h2spec', () => {
  let program: string
  let folder: string
  let backend: Backend
  beforeAll(async () => {
    program = await clusterBinary('h2spec')
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-h2spec-'))
    backend = await startBackend()
  }, 600_000)
  afterAll(async () => {
    await backend.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** The backend answers when it has the whole request, so that nothing is answered before h2spec has said all. */
  const wishes = (): Wishes => ({ targets: [backend], hostnames: ['127.0.0.1'] })

  /** @returns the cases that stayed red, and how many there were */
  async function conform(
    { address, port }: Fixture,
    environment: { readonly [name: string]: string } = {},
    ...more: readonly string[]
  ) {
    const report = join(folder, `${port}.xml`)
    const command = ['--host', address, '--port', String(port), '--timeout', '5', '--junit-report', report, ...more]
    // It exits 1 when a case is red.
    await run(program, command, { env: { ...process.env, ...environment } }).catch(() => {})
    const cases = [...(await readFile(report, 'utf8')).matchAll(/<testcase (.*?)>(.*?)<\/testcase>/gs)]
    const red = cases.filter(([, , body]) => /<(?:failure|error)/.test(body!))
    const named = red.map(([, attributes]) => {
      const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(attributes!)?.[1]
      return `${value('package')}: ${value('classname')}`
    })
    return { red: named.toSorted(), count: cases.length }
  }

  it('finds what it must over TLS', async () => {
    const authority = await createAuthority('servers')
    const resources = [
      listener('api', null, {}),
      certificate('shop/api', await authority.leaf({ addresses: ['127.0.0.1'] })),
    ]
    const fixture = await startFixture({ ...wishes(), listeners: resources })
    const anchor = join(folder, 'authority.pem')
    await writeFile(anchor, authority.certificate)
    const { red, count } = await conform(fixture, { SSL_CERT_FILE: anchor }, '--tls')
    await fixture.close()
    expect(red).toEqual([exceptions.overflow])
    expect(count).toBeGreaterThanOrEqual(145)
  })

  it('finds what it must without TLS', async () => {
    const fixture = await startFixture({ ...wishes(), listeners: [listenerResource()] })
    const { red, count } = await conform(fixture)
    await fixture.close()
    expect(red).toEqual([exceptions.preface, exceptions.overflow])
    expect(count).toBeGreaterThanOrEqual(145)
  })
})
