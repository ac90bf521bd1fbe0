import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthority, type Leaf } from '../authority.ts'
import { createIssuer, type Issuer } from '../issuer.ts'
import type { Holder } from './shapes.ts'

/** Everybody that a world has beside its policies. */
export interface Parties {
  readonly issuer: Issuer
  /** Signs under the issuer's name with a key of its own. */
  readonly stranger: Issuer
  /** Where tokens are asked about. */
  readonly introspection: string
  /** PEM of the authority that client certificates come from. */
  readonly mesh: string
  readonly server: Leaf
  /** Client certificates of the mesh. */
  readonly holders: Readonly<Record<Holder, Leaf>>
  close(): Promise<void>
}

const prefix = 'opaque-'

/** A token that says nothing to anybody but the endpoint. */
export const opaqueToken = (answer: object): string =>
  prefix + Buffer.from(JSON.stringify(answer)).toString('base64url')

/** What the endpoint knows about a token: of one that is not its own, that it is not active (RFC 7662 2.2). */
function answerTo(token: string): string {
  if (!token.startsWith(prefix)) return JSON.stringify({ active: false })
  return Buffer.from(token.slice(prefix.length), 'base64url').toString()
}

async function startEndpoint(): Promise<Pick<Parties, 'introspection' | 'close'>> {
  const server = createServer((request, response) => {
    let form = ''
    request.on('data', (part: Buffer) => (form += part.toString()))
    request.on('end', () => {
      const token = new URLSearchParams(form).get('token') ?? ''
      response.writeHead(200, { 'content-type': 'application/json' }).end(answerTo(token))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    introspection: `http://127.0.0.1:${port}/introspect`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export async function gatherParties(): Promise<Parties> {
  const authority = await createAuthority('Mesh root')
  const holder = (name: Holder) => authority.leaf({ uris: [`spiffe://mesh/${name}`], usages: ['clientAuth'] })
  const [issuer, stranger, endpoint, server, web, other] = await Promise.all([
    createIssuer({ algorithm: 'ES256' }),
    createIssuer({ algorithm: 'ES256' }),
    startEndpoint(),
    authority.leaf({ dnsNames: ['api.shop.example'] }),
    holder('web'),
    holder('stranger'),
  ])
  return { issuer, stranger, ...endpoint, mesh: authority.certificate, server, holders: { web, stranger: other } }
}
