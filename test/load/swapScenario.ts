import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { seal, type SealedResource } from '@gatehouse/contract'
import type { Issuer } from '../support/issuer.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { staff } from '../support/staff.ts'

/** How many backends take turns: generation `g` goes to backend `g % backendCount`. */
export const backendCount = 3

/**
 * One generation of the configuration. From one to the next two things change at once: the endpoint that requests go
 * to, and the claim that becomes the identity header.
 */
export function generation(number: number, issuer: Issuer, ports: readonly number[]): SealedResource[] {
  const rule = ruleTo('orders')
  const patient = { request: 600_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0 }
  if (rule.action.type !== 'Forward') throw new Error('the rule forwards')
  return [
    installationResource(),
    listenerResource(),
    ...upstreamResources('orders', [{ address: '127.0.0.1', port: ports[number % backendCount]! }]),
    { kind: 'keySet' as const, name: 'shop/keys', spec: { type: 'Inline' as const, keys: [issuer.jwk] } },
    policyResource({
      providers: [staff(issuer)],
      identityHeaders: [{ name: 'x-gatehouse-subject', from: { type: 'Claim', path: [`g${number}`] } }],
    }),
    routeResource([{ ...rule, action: { ...rule.action, timeouts: patient } }]),
  ].map(seal)
}

/** A token that says `g` for each generation's claim. */
export function generationToken(issuer: Issuer, generations: number): Promise<string> {
  const claims = Object.fromEntries(Array.from({ length: generations + 1 }, (_, g) => [`g${g}`, String(g)]))
  const exp = Math.floor(Date.now() / 1000) + 3600
  return issuer.sign({ sub: 'swapper', aud: 'orders', exp, ...claims })
}

export const chunkSize = 16 * 1024
export const chunkPause = 50

/** Chunk `index` of the body that uploads and downloads carry. */
export const chunkOf = (index: number): Buffer =>
  Buffer.alloc(chunkSize, createHash('sha256').update(`${index}`).digest())

/** SHA-256 of the first `chunks` chunks, hex. */
export function digestOf(chunks: number): string {
  const hash = createHash('sha256')
  for (let index = 0; index < chunks; index++) hash.update(chunkOf(index))
  return hash.digest('hex')
}

/** Starts a backend that says who it is and what identity it was told; `/upload` digests, `/download` streams. */
export async function startSwapBackend(index: number): Promise<{ server: Server; port: number }> {
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 120_000 },
    (request, response) => {
      if (request.url === '/upload') return digest(request, response)
      if (request.url?.startsWith('/download/')) return stream(Number(request.url.slice('/download/'.length)), response)
      const body = JSON.stringify({ backend: index, subject: request.headers['x-gatehouse-subject'] ?? null })
      response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

function digest(request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash('sha256')
  request.on('data', (chunk: Buffer) => hash.update(chunk))
  request.on('end', () => response.end(hash.digest('hex')))
  request.on('error', () => response.destroy())
}

function stream(chunks: number, response: ServerResponse): void {
  let sent = 0
  const timer = setInterval(() => {
    if (sent < chunks) return void response.write(chunkOf(sent++))
    clearInterval(timer)
    response.end()
  }, chunkPause)
  response.on('close', () => clearInterval(timer))
}
