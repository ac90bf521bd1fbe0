import { randomUUID } from 'node:crypto'
import { mintFor } from './certs/mint.ts'
import { startCertificateKeeper } from './certs/keeper.ts'
import { runCerts } from './certsCommand.ts'
import { systemClock } from './clock.ts'
import { ConfigError, readCertsConfig, readConfig, type ControllerConfig } from './config.ts'
import { startController } from './controller.ts'
import { AccessError, kubeAccess } from './kube/access.ts'
import { afterBundle } from './kube/afterBundle.ts'
import { BundleError } from './kube/bundle.ts'
import { KubeClient } from './kube/client.ts'
import { LeaseElector } from './kube/elector.ts'
import { KubeSource } from './kube/kubeSource.ts'
import { secretsIn } from './kube/secrets.ts'
import { tokenReview } from './kube/tokenReview.ts'
import type { LeaseName } from './kube/lease.ts'
import { listenFault } from './listenFault.ts'
import { createLog, errorCode, stackFrames } from './log.ts'
import { soleLeader, type Authority } from './push/authority.ts'
import { followPushCredentials, readPushCredentials } from './push/credentials.ts'
import type { PushCredentials } from './push/server.ts'
import { createEventRecorder } from './status/eventRecorder.ts'
import { controllerNameOf } from './status/statuses.ts'
import { StatusWriter } from './status/writer.ts'

/** Exit status of a process that was configured wrongly (EX_CONFIG of sysexits.h). */
const configExit = 78
/** Exit status of a process that was told to end before it had begun (128 + SIGTERM). */
const signalExit = 143
/** Milliseconds between two looks at the push certificates. */
const credentialsInterval = 10_000

const clock = systemClock
const log = createLog((line) => process.stdout.write(line), clock)

/** Looks after the push certificates when it is told to. @returns what ends it */
function keepCertificates(config: ControllerConfig, client: KubeClient, authority: Authority): () => void {
  const { installation, pushCertificates: source } = config
  if (source === null) return () => {}
  return startCertificateKeeper({
    installation,
    source,
    secrets: secretsIn(installation.namespace, client),
    mint: mintFor(installation),
    authority,
    random: Math.random,
    clock,
    log,
  })
}

const createSource = ({ watchNamespaces }: ControllerConfig, client: KubeClient): KubeSource =>
  new KubeSource({
    client,
    namespaces: watchNamespaces,
    clock,
    random: Math.random,
    failed: ({ kind, namespace }, error) =>
      log('watch-failed', { object: namespace === null ? kind : `${kind} ${namespace}`, code: errorCode(error) }),
    refused: (namespace, isRefused) =>
      log(isRefused ? 'namespace-refused' : 'namespace-readable', { object: `Namespace ${namespace}` }),
  })

function createWriter(config: ControllerConfig, client: KubeClient, authority: Authority): StatusWriter {
  return new StatusWriter({
    client,
    authority,
    controllerName: controllerNameOf(config.installation),
    clock,
    events: createEventRecorder({
      client,
      instance: config.instance,
      clock,
      failed: (error) => log('status-failed', { object: 'Event', code: errorCode(error) }),
    }),
    failed: ({ object, error, count }) => log('status-failed', { object, code: errorCode(error), count }),
  })
}

/** @throws ConfigError, since the folder is there before the container is */
const readCredentials = ({ pushDirectory, installation: { namespace, name } }: ControllerConfig) =>
  readPushCredentials(pushDirectory).catch((error: unknown): PushCredentials => {
    throw new ConfigError(
      `${pushDirectory} holds no usable push credentials (${errorCode(error)}); set GATEHOUSE_PUSH_DIRECTORY to where the Secret ${namespace}/${name}-push-controller is mounted, which controller certs makes and mends`,
    )
  })

async function run(config: ControllerConfig): Promise<() => Promise<void>> {
  const access = kubeAccess(config.kubeconfig)
  const client = new KubeClient(access)
  const credentials = await readCredentials(config)
  const source = afterBundle(createSource(config, client), {
    client,
    outdated: refuse,
    failed: (error) => log('watch-failed', { object: 'CustomResourceDefinition', code: errorCode(error) }),
    random: Math.random,
  })
  const elector = config.lease && electorOf(config, config.lease, client, () => controller.authorityChanged())
  const authority = elector ?? soleLeader(clock.now())
  const writer = createWriter(config, client, authority)
  const controller = await startController({
    installation: config.installation,
    source,
    push: {
      ...config.push,
      credentials,
      authenticate: config.dataplaneAccount && tokenReview(client, config.dataplaneAccount),
    },
    authority,
    admin: config.admin,
    keySet: config.keySet,
    compile: {
      address: '0.0.0.0',
      listen: { HTTP: null, HTTPS: null },
      upstreams: new Map(),
      deniedAddresses: [],
      folder: false,
    },
    dataplaneService: config.dataplaneService,
    controllerService: config.controllerService,
    status: (statements) => void writer.write(statements),
    log,
    clock,
  })
  const stopFollowing = followPushCredentials(config.pushDirectory, credentials, {
    interval: credentialsInterval,
    renewed: (renewed) => controller.replaceCredentials(renewed),
    failed: (error) => log('credentials-failed', { code: errorCode(error) }),
  })
  const stopKeeping = keepCertificates(config, client, authority)
  elector?.start()
  return async () => {
    stopKeeping()
    stopFollowing()
    // Nothing more is said from here on; the Lease is given back once what was being said is done.
    elector?.resign()
    await writer.close()
    await elector?.close()
    await controller.close()
    await access.close()
  }
}

const electorOf = (
  { instance }: ControllerConfig,
  lease: LeaseName,
  client: KubeClient,
  changed: () => void,
): LeaseElector =>
  new LeaseElector({
    client,
    lease,
    // A container that starts again has the name of its Pod still, and must not take itself for the leader that it was.
    identity: `${instance}_${randomUUID()}`,
    clock,
    changed,
    failed: (error) =>
      log('lease-failed', { object: `Lease ${lease.namespace}/${lease.name}`, code: errorCode(error) }),
  })

/** What ends the controller; null while it starts, when there is nothing to end. */
let running: (() => Promise<void>) | null = null
let stopping = false

// The first process of a container gets no signal that it has not asked for.
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  await running?.()
  process.exit(running === null ? signalExit : 0)
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())

process.on('uncaughtException', (error) => {
  const stack = stackFrames(error)
  log('failed', { code: errorCode(error), ...(stack === null ? {} : { stack }) })
  process.exit(1)
})

/** What a person has to mend says so in a sentence; anything else is a fault of this program. */
function refuse(error: unknown): never {
  const known = error instanceof ConfigError || error instanceof AccessError || error instanceof BundleError
  const sentence = known ? error.message : listenFault(error)
  if (sentence === null) throw error
  process.stderr.write(`${sentence}\n`)
  process.exit(configExit)
}

const configured = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    return refuse(error)
  }
}

const tell = (sentence: string): void => void process.stderr.write(`${sentence}\n`)

/** The word after the program's name; without one it is the controller. */
const command = process.argv[2]
if (command === 'certs') {
  const config = configured(readCertsConfig)
  process.exit(await runCerts(config, { clock, log, tell }).catch(refuse))
}
if (command !== undefined) refuse(new ConfigError('The only command is certs; without one the controller runs'))

running = await run(configured(readConfig)).catch(refuse)
