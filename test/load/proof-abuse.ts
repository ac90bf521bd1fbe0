import { seal } from '@gatehouse/contract'
import { startBackend } from '../support/backend.ts'
import { steeredClock } from '../support/dataplaneProcess.ts'
import { startEventReceiver } from '../support/eventReceiver.ts'
import { saying, startIntrospectionServer } from '../support/introspectionServer.ts'
import { createIssuer } from '../support/issuer.ts'
import { createReport } from '../support/report.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'
import { send, sendAll } from './abuseClients.ts'
import { abuse, type AbuseScene } from './abuseScripts.ts'
import { abuseShop } from './abuseShop.ts'

/** Guesses from many addresses, one client sprayed from more, and a tenant's credential in a thief's hands at night. */
const small = process.argv.includes('--small')
const sizes = small
  ? { days: 1, stuffing: 10, each: 20, spraying: 40, theft: 120, denied: 1000 }
  : { days: 8, stuffing: 50, each: 40, spraying: 500, theft: 600, denied: 1000 }
const report = createReport()

const [backend, idp, receiver, issuer, impostor] = await Promise.all([
  startBackend((_, response) => response.end('{}')),
  startIntrospectionServer(saying({ active: false })),
  startEventReceiver(),
  createIssuer({ issuer: 'https://keys.example', kid: 'staff' }),
  createIssuer({ issuer: 'https://keys.example', kid: 'staff' }),
])
const cast = { backend, idp, receiver, issuer }
const resources = (...denied: string[]) => abuseShop(cast, denied).map((one) => seal(one))
const served = await startServedDataplane(resources(), { nodeOptions: steeredClock })
const target = await served.process.listener('http')

const scene: AbuseScene = {
  dataplanes: 1,
  issuer,
  impostor,
  // What is timed is looked for often.
  patience: { every: 2 },
  attack: (byAddress) => sendAll(target, byAddress),
  everywhere: (requests) => send(target, requests),
  setAhead: served.process.setAhead,
  reached: () => backend.requests.length,
  asked: () => idp.questions.length,
  records: (holds) => served.process.lines.all.filter(holds).length,
  events: () => receiver.events.all.map(({ text }) => text),
  deny: async (range) => {
    const published = performance.now()
    await served.controller.publish(resources(range))
    return performance.now() - published
  },
}

try {
  await abuse(scene, sizes, report)
} finally {
  await served.close()
  await Promise.all([backend.close(), idp.close(), receiver.close()])
}

const method =
  'One data plane, whose wall clock is set ahead, lives for eight days with two tenants: two requests an hour each, and ' +
  'forty of one of them at nine. Then at three at night a thief has the credential of a tenant; at five 50 addresses guess ' +
  'API keys, signatures and opaque tokens, half of them opaque tokens alone; at seven 500 addresses guess for one client, ' +
  'three times each, which no limit of an address sees, until a deny list is pushed. Events go to a webhook over TLS. What ' +
  'must not get through is counted at the backend, what is logged in the log. `make proof-abuse` repeats it.'

if (!small) await report.page('docs/proofs/abuse.md', 'What guessing, spraying and a stolen credential come to', method)
process.exitCode = report.ok() ? 0 : 1
