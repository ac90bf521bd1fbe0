import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seal } from '@gatehouse/contract'
import { createAuthority } from '../support/authority.ts'
import { startBackend } from '../support/backend.ts'
import { createReport, type Report } from '../support/report.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'

/** What testssl.sh finds at an HTTPS listener with its defaults. Needs Debian's package testssl.sh. */

interface Finding {
  readonly id: string
  readonly severity: string
  readonly finding: string
}

/** Of Debian's package testssl.sh. */
const program = 'testssl'
const ninetyDays = 90 * 24 * 3_600_000
const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const

/** Says something of the certificate of this test, which has no place where it could be revoked. */
const ownCertificate = 'cert_revocation'

async function findings(folder: string): Promise<readonly Finding[]> {
  const authority = await createAuthority()
  const leaf = await authority.leaf({ dnsNames: ['api.shop.example'], notAfter: Date.now() + ninetyDays })
  const anchor = join(folder, 'ca.pem')
  await writeFile(anchor, authority.certificate)
  const backend = await startBackend()
  const served = await startServedDataplane(
    [
      installationResource(),
      listenerResource(
        {
          protocol: 'HTTPS',
          tls: {
            certificates: ['gatehouse-system/shop'],
            minVersion: 'TLS1_2',
            clientCertificate: { mode: 'Off', trust: null },
          },
        },
        'https',
      ),
      {
        kind: 'certificate' as const,
        name: 'gatehouse-system/shop',
        spec: { chain: leaf.certificate, privateKey: leaf.privateKey },
      },
      ...upstreamResources('web', [backend]),
      policyResource({ securityHeaders: [{ name: 'strict-transport-security', value: 'max-age=63072000' }] }),
      routeResource([ruleTo('web')], { listeners: ['https'] }),
    ].map(seal),
  )
  try {
    const { port } = await served.process.listener('https')
    const file = join(folder, 'findings.json')
    const options = ['--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'min', '--ip', '127.0.0.1']
    const { error, status } = spawnSync(program, [...options, '--jsonfile', file, `https://api.shop.example:${port}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ADDITIONAL_CA_FILES: anchor },
    })
    if (error !== undefined) throw new Error('testssl could not be started: install Debian’s package testssl.sh')
    // Its status counts what it found; beyond 200 it could not look.
    if (status === null || status > 200) throw new Error(`testssl ended with ${status}`)
    return JSON.parse(await readFile(file, 'utf8')) as Finding[]
  } finally {
    await served.close()
    await backend.close()
  }
}

function publish(report: Report, found: readonly Finding[]): void {
  const counted = found.filter(({ id }) => id !== ownCertificate)
  report.line('checks', counted.length, 'findings', { atLeast: 100 })
  for (const severity of severities) {
    const those = counted.filter((one) => one.severity === severity)
    report.line(severity.toLowerCase(), those.length, 'findings', severity === 'LOW' ? null : { exactly: 0 })
    for (const { id, finding } of those) console.log(`  ${severity} ${id}: ${finding}`)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'))
const report = createReport()
try {
  publish(report, await findings(folder))
} finally {
  await rm(folder, { recursive: true, force: true })
}
await report.page(
  'docs/proofs/tls.md',
  'TLS of a listener',
  `\`make proof-tls\` lets testssl.sh (Debian's package) look at an HTTPS listener with its defaults: TLS 1.2 and 1.3, a certificate
of 90 days by a test authority that it is told of, and HSTS by the policy of the route. That this certificate names no place
where it could be revoked is left out.`,
)
process.exit(report.ok() ? 0 : 1)
