import { once } from 'node:events'
import {
  fromController,
  pushProtocol,
  resourceKey,
  type Ack,
  type FromDataplane,
  type Hello,
  type NackReason,
  type RefusedResource,
  type Update,
} from '@gatehouse/contract'
import { WebSocket } from 'ws'
import { changes, type Changes } from './changes.ts'
import type { PushChannel } from './pushChannel.ts'

/** What a scripted data plane says to an update. */
export type Reply =
  | ({ readonly refused: RefusedResource[] } & Pick<Ack, 'openCircuits' | 'storeFault'>)
  | { readonly nack: NackReason }
  | 'silence'

export interface ScriptedDataplaneOptions {
  readonly port: number
  /** Default: `dp-0`. */
  readonly instance?: string
  /** Fields of the hello that are not the usual ones; null = it says none. */
  readonly hello?: Partial<Hello> | null
  /** Default: everything is taken. */
  readonly reply?: (update: Update) => Reply
  /** Answers no ping. */
  readonly deaf?: boolean
}

/** A session of a real push server whose other end does what a test tells it to. */
export interface ScriptedDataplane {
  /** Every update received, in order. */
  readonly updates: Changes<Update>
  /** Keys of the resources that it holds. */
  held(): ReadonlySet<string>
  /** Sends a message, or a frame as it is. */
  send(message: FromDataplane | string | Buffer): void
  /** The code with which the session ended. */
  readonly closed: Promise<number>
  /** Ends the connection without a word. */
  terminate(): void
  close(): Promise<void>
}

const firstHello = (instance: string): Hello => ({
  type: 'hello',
  instance,
  version: '0.0.0-test',
  contract: { min: 1, max: 1 },
  revision: null,
  token: null,
})

/** Connects and says hello; from then on each update is answered as `reply` says. */
export async function connectScripted(
  { authority, dataplane }: PushChannel,
  { port, instance = 'dp-0', hello = {}, reply = () => ({ refused: [] }), deaf = false }: ScriptedDataplaneOptions,
): Promise<ScriptedDataplane> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}`, pushProtocol, {
    ca: authority.certificate,
    cert: dataplane.certificate,
    key: dataplane.privateKey,
    autoPong: !deaf,
    // The controller's name is a URI, which Node does not compare with the host. The typings of ws are wrong here.
    checkServerIdentity: () => undefined as unknown as boolean,
  })
  const updates = changes<Update>()
  const held = new Set<string>()
  const send = (message: FromDataplane | string | Buffer): void =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
  const take = (update: Update): void => {
    const answer = reply(update)
    if (answer === 'silence') return
    if ('nack' in answer) return send({ type: 'nack', revision: update.revision, reason: answer.nack })
    if (update.base === null) held.clear()
    for (const key of update.removed) held.delete(key)
    for (const resource of update.set) held.add(resourceKey(resource))
    send({ type: 'ack', revision: update.revision, ...answer })
  }
  socket.on('message', (data: Buffer) => {
    const update = fromController.parse(JSON.parse(data.toString()))
    take(update)
    updates.add(update)
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await once(socket, 'open')
  if (hello !== null) send({ ...firstHello(instance), ...hello })
  return {
    updates,
    held: () => held,
    send,
    closed,
    terminate: () => socket.terminate(),
    close: async () => {
      socket.close()
      await closed
    },
  }
}
