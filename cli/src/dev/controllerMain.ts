import type { Json } from '@gatehouse/crds'
import {
  createLog,
  readPushCredentials,
  soleLeader,
  startController,
  systemClock,
  worldOf,
  type InstallationRef,
  type Controller,
  type World,
  type WorldSource,
} from '@gatehouse/controller'
import { tokenKeysFor } from '../tokenKeys.ts'
import type { DocumentsMessage, ListeningMessage, StartMessage } from './messages.ts'

/** The world as dev last sent it. */
class SentWorld implements WorldSource {
  #world: World
  #changed: () => void = () => {}
  readonly #tokenKeys: Json

  constructor(documents: DocumentsMessage['documents'], installation: InstallationRef) {
    this.#tokenKeys = tokenKeysFor(installation)
    this.#world = this.#worldOf(documents)
  }

  #worldOf(documents: DocumentsMessage['documents']): World {
    return worldOf([...documents, this.#tokenKeys], 'Equal')
  }

  replace(documents: DocumentsMessage['documents']): void {
    this.#world = this.#worldOf(documents)
    this.#changed()
  }

  start(changed: () => void): void {
    this.#changed = changed
    changed()
  }

  world(): World {
    return this.#world
  }

  /** There is nothing newer to be read. */
  relist(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

async function start(message: StartMessage, source: SentWorld): Promise<Controller> {
  const { installation, pushDirectory, compile } = message
  return await startController({
    installation,
    source,
    push: {
      address: '127.0.0.1',
      port: 0,
      credentials: await readPushCredentials(pushDirectory),
      authenticate: null,
    },
    authority: soleLeader(systemClock.now()),
    admin: null,
    keySet: { address: '127.0.0.1', port: 0 },
    compile: { ...compile, upstreams: new Map(compile.upstreams), deniedAddresses: [], folder: true },
    dataplaneService: null,
    controllerService: null,
    status: () => {},
    log: createLog((line) => process.stdout.write(line), systemClock),
    clock: systemClock,
  })
}

/** The controller of a run of dev, in a process of its own: its world comes from dev, everything else is the same. */
async function main(): Promise<void> {
  let stop = (): Promise<void> => Promise.resolve()
  let source: SentWorld | null = null
  const end = (): void => void stop().finally(() => process.exit(0))
  // Without dev nobody needs this process, however dev came to its end.
  process.once('disconnect', end)
  process.once('SIGTERM', end)
  const first = await new Promise<StartMessage>((resolve) => {
    process.on('message', (message: StartMessage | DocumentsMessage) => {
      if (message.type === 'start') resolve(message)
      else source?.replace(message.documents)
    })
  })
  source = new SentWorld(first.documents, first.installation)
  const controller = await start(first, source)
  stop = () => controller.close()
  const listening: ListeningMessage = {
    type: 'listening',
    port: controller.pushPort,
    keySetPort: controller.keySetPort ?? 0,
  }
  process.send?.(listening)
}

await main()
