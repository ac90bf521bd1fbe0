import { http1Lanes, type Requests } from './lanes/http1Lanes.ts'
import { http2Lanes } from './lanes/http2Lanes.ts'
import type { Lanes } from './lanes/lanes.ts'
import { socketLanes } from './lanes/socketLanes.ts'
import type { Peer, Skill } from './peers/peer.ts'
import { guardedRequest, publicRequest } from './scenario.ts'

/** One kind of request that all peers with the skills are asked. */
export interface Work {
  readonly name: string
  readonly skills: readonly Skill[]
  /** How many a round. */
  readonly requests: number
  open(peer: Peer): Promise<Lanes>
}

const host = 'api.shop.example'
const connections = 32

const overHttp1 =
  (requests: Requests, options: { readonly authority?: string; readonly count?: number } = {}) =>
  ({ ports }: Peer): Promise<Lanes> => {
    const { authority = null, count = connections } = options
    return http1Lanes({ port: authority === null ? ports.plain : ports.secure, authority, count, request: requests })
  }

const getHead = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench/1\r\nAccept: */*\r\n\r\n`

function uploadOf(bytes: number): Buffer {
  const head = `POST /upload HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench/1\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(bytes, 'x')])
}

const h2Headers = {
  ':authority': host,
  ':path': '/public/orders/42',
  'user-agent': 'bench/1',
  accept: 'application/json',
}
const grpcHeaders = {
  ':authority': host,
  ':method': 'POST',
  ':path': '/bench.Echo/Unary',
  'content-type': 'application/grpc',
  te: 'trailers',
}
/** One message of 64 bytes, not compressed (gRPC over HTTP2, Length-Prefixed-Message). */
const grpcMessage = Buffer.concat([Buffer.from([0, 0, 0, 0, 64]), Buffer.alloc(64, 1)])

/** @param authority - PEM, of the peers' certificate @param scale - of the number of requests */
export function worksOf(tokens: readonly string[], authority: string, scale: number): readonly Work[] {
  const guarded = tokens.map(guardedRequest)
  const inTurn: Requests = (index) => guarded[index % guarded.length]!
  const upload = uploadOf(1024 * 1024)
  const large = getHead('/public/large')
  const works: readonly Work[] = [
    { name: 'small-get', skills: ['plain'], requests: 8000, open: overHttp1(() => publicRequest) },
    { name: 'policy', skills: ['policy'], requests: 8000, open: overHttp1(inTurn) },
    { name: 'policy-tls', skills: ['policy', 'tls'], requests: 6000, open: overHttp1(inTurn, { authority }) },
    { name: 'small-get-tls', skills: ['tls'], requests: 6000, open: overHttp1(() => publicRequest, { authority }) },
    { name: 'response-100-kib', skills: ['plain'], requests: 2000, open: overHttp1(() => large) },
    { name: 'upload-1-mib', skills: ['plain'], requests: 200, open: overHttp1(() => upload, { count: 8 }) },
    { name: 'routes', skills: ['routes'], requests: 8000, open: overHttp1(() => publicRequest) },
    {
      name: 'h2-get',
      skills: ['h2'],
      requests: 6000,
      open: ({ ports }) =>
        http2Lanes({ port: ports.secure, authority, sessions: 4, streams: 8, headers: h2Headers, body: null }),
    },
    {
      name: 'grpc-unary',
      skills: ['grpc'],
      requests: 4000,
      open: ({ ports }) =>
        http2Lanes({ port: ports.secure, authority, sessions: 4, streams: 8, headers: grpcHeaders, body: grpcMessage }),
    },
    {
      name: 'websocket',
      skills: ['websocket'],
      requests: 10_000,
      open: ({ ports }) => socketLanes(ports.plain, connections, Buffer.alloc(100, 'x')),
    },
  ]
  return works.map((work) => ({ ...work, requests: Math.max(connections, Math.round(work.requests * scale)) }))
}
