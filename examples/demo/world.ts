import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBackend, type DemoBackend } from './backend.ts'
import { Client } from './client.ts'
import { newApiKey, writeCredentials } from './credentials.ts'
import { startGateway, type Gateway, type GatewayOptions } from './gateway.ts'

/** Everything that the demo runs: two backends, the gateway between, and the credentials to call it with. */
export interface DemoWorld {
  readonly orders: DemoBackend
  readonly payments: DemoBackend
  readonly gateway: Gateway
  readonly client: Client
  readonly apiKey: string
  /** Where the development key lies; null = where it always does. */
  readonly dataHome: string | null
  /** A folder of this run's own. */
  readonly scratch: string
  close(): Promise<void>
}

export interface WorldOptions {
  /** The folder of examples. */
  readonly examples: string
  /** The folder with the Gatehouse. */
  readonly installation: string
  /** Whether to sign with the user's own development key. */
  readonly ownKey: boolean
  readonly decided?: GatewayOptions['decided']
  readonly note: GatewayOptions['note']
}

/** Starts all of it on free ports of 127.0.0.1. */
export async function startWorld(options: WorldOptions): Promise<DemoWorld> {
  const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'))
  const dataHome = options.ownKey ? null : join(scratch, 'data')
  const credentials = await mkdtemp(join(scratch, 'credentials-'))
  const apiKey = newApiKey()
  const orders = await startBackend('orders')
  const payments = await startBackend('payments')
  const release = async (): Promise<void> => {
    await orders.close()
    await payments.close()
    await rm(scratch, { recursive: true, force: true })
  }
  try {
    await writeCredentials(credentials, dataHome, apiKey)
    const gateway = await startGateway({
      ...options,
      folders: [options.installation, options.examples, credentials],
      upstreams: [`shop/orders=${orders.address}`, `shop/payments=${payments.address}`],
    })
    const client = new Client(gateway.http)
    const close = async (): Promise<void> => {
      client.close()
      await gateway.close()
      await release()
    }
    return { orders, payments, gateway, client, apiKey, dataHome, scratch, close }
  } catch (error) {
    await release()
    throw error
  }
}
