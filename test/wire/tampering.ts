import { WebSocket, type RawData } from 'ws'
import { pushProtocol } from '@gatehouse/contract'
import type { PushChannel } from '../support/pushChannel.ts'
import { startScriptedController, type ScriptedSession } from '../support/scriptedController.ts'

/** Changes a frame on its way to the data plane. */
export type Tamper = (frame: string) => string

/** Stands between the real push server and the real sync client, with the certificates of both. */
export interface TamperingProxy {
  /** Where the data plane dials. */
  readonly address: string
  /** From the next frame on; null = as it is. */
  tamper(change: Tamper | null): void
  close(): Promise<void>
}

/** Starts a proxy on a free port of 127.0.0.1. @param controller - `host:port` of the push server */
export async function startTamperingProxy(channel: PushChannel, controller: string): Promise<TamperingProxy> {
  let change: Tamper | null = null
  const relay = (session: ScriptedSession): void => {
    const back = new WebSocket(`wss://${controller}/`, pushProtocol, {
      ca: channel.authority.certificate,
      cert: channel.dataplane.certificate,
      key: channel.dataplane.privateKey,
      // The proxy is a test's own; what the data plane checks is the proxy's front.
      checkServerIdentity: () => undefined as unknown as boolean,
    })
    const opened = new Promise<void>((resolve) => back.on('open', resolve))
    session.socket.on('message', (data: Buffer) => void opened.then(() => back.send(data.toString())))
    session.socket.on('close', () => back.terminate())
    back.on('message', (data: RawData) => session.send(change === null ? text(data) : change(text(data))))
    back.on('close', () => session.socket.terminate())
    back.on('error', () => back.terminate())
  }
  const front = await startScriptedController(channel.authority.certificate, channel.controller, relay)
  return { address: front.address, tamper: (tamper) => (change = tamper), close: front.close }
}

const text = (data: RawData): string => (data as Buffer).toString()
