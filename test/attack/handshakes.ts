import { createCipheriv, createECDH, createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * A client of TLS 1.2 (RFC 5246, with ECDHE_ECDSA and AES-128-GCM by RFC 5288 and 8422) that does as it likes with
 * handshake messages, also where every real one would have given up. It verifies nothing.
 */
export interface LooseClient {
  readonly socket: Socket
  /** Encrypts a message of this content type as the next record. */
  record(type: number, plain: Buffer): Buffer
  /** A ClientHello as it would begin another handshake on this connection. */
  hello(): Buffer
}

/** What a handshake asks for. */
export interface Wanted {
  readonly serverName: string
  readonly protocol: 'http/1.1' | 'h2'
}

export const contentType = { handshake: 22, data: 23 } as const

const version = Buffer.from([3, 3])
const uint = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}
const vector = (content: Buffer, bytes: number): Buffer => Buffer.concat([uint(content.length, bytes), content])
const message = (type: number, content: Buffer): Buffer => Buffer.concat([uint(type, 1), vector(content, 3)])
const plainRecord = (type: number, content: Buffer): Buffer =>
  Buffer.concat([uint(type, 1), version, vector(content, 2)])

function helloOf(random: Buffer, { serverName, protocol }: Wanted, finished: Buffer): Buffer {
  const name = Buffer.concat([uint(0, 1), vector(Buffer.from(serverName), 2)])
  const extensions = [
    [0, vector(name, 2)],
    [10, vector(uint(0x0017, 2), 2)],
    [11, vector(uint(0, 1), 1)],
    [13, vector(uint(0x0403, 2), 2)],
    [16, vector(vector(Buffer.from(protocol), 1), 2)],
    [0xff01, vector(finished, 1)],
  ] as const
  const listed = extensions.map(([type, content]) => Buffer.concat([uint(type, 2), vector(content, 2)]))
  const suites = vector(uint(0xc02b, 2), 2)
  const rest = [vector(Buffer.alloc(0), 1), suites, vector(uint(0, 1), 1), vector(Buffer.concat(listed), 2)]
  return message(1, Buffer.concat([version, random, ...rest]))
}

/** RFC 5246 5. */
function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const all: Buffer = Buffer.concat([Buffer.from(label), seed])
  const hmac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest()
  let round: Buffer = all
  let out: Buffer = Buffer.alloc(0)
  while (out.length < length) {
    round = hmac(round)
    out = Buffer.concat([out, hmac(Buffer.concat([round, all]))])
  }
  return out.subarray(0, length)
}

/** Handshake messages of the server's first flight, by type. */
async function flight(
  socket: Socket,
): Promise<{ readonly bytes: Buffer; readonly byType: ReadonlyMap<number, Buffer> }> {
  let received = Buffer.alloc(0)
  for (;;) {
    received = Buffer.concat([received, (await once(socket, 'data'))[0] as Buffer])
    const contents: Buffer[] = []
    for (let at = 0; at + 5 <= received.length;) {
      const end = at + 5 + received.readUInt16BE(at + 3)
      if (end <= received.length) contents.push(received.subarray(at + 5, end))
      at = end
    }
    const bytes = Buffer.concat(contents)
    const byType = new Map<number, Buffer>()
    for (let at = 0; at + 4 <= bytes.length;) {
      const end = at + 4 + bytes.readUIntBE(at + 1, 3)
      if (end <= bytes.length) byType.set(bytes[at]!, bytes.subarray(at + 4, end))
      at = end
    }
    if (byType.has(14)) return { bytes, byType }
  }
}

/** Encrypts what goes to the server. */
function sealer(key: Buffer, salt: Buffer): (type: number, plain: Buffer) => Buffer {
  let sequence = 0n
  return (type, plain) => {
    const explicit = Buffer.alloc(8)
    explicit.writeBigUInt64BE(sequence++)
    const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([salt, explicit]))
    cipher.setAAD(Buffer.concat([explicit, uint(type, 1), version, uint(plain.length, 2)]))
    const sealed = Buffer.concat([explicit, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    return plainRecord(type, sealed)
  }
}

/** Connects and finishes the first handshake. */
export async function connectLoosely(
  { address, port }: { readonly address: string; readonly port: number },
  wanted: Wanted,
): Promise<LooseClient> {
  const socket = connect({ host: address, port, noDelay: true })
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy())
  const random = randomBytes(32)
  const hello = helloOf(random, wanted, Buffer.alloc(0))
  socket.write(plainRecord(contentType.handshake, hello))
  const { bytes, byType } = await flight(socket)
  const serverRandom = byType.get(2)!.subarray(2, 34)
  const exchange = byType.get(12)!
  const ecdh = createECDH('prime256v1')
  const share = message(16, vector(ecdh.generateKeys(), 1))
  const shared = ecdh.computeSecret(exchange.subarray(4, 4 + exchange[3]!))
  const master = prf(shared, 'master secret', Buffer.concat([random, serverRandom]), 48)
  const keys = prf(master, 'key expansion', Buffer.concat([serverRandom, random]), 40)
  const record = sealer(keys.subarray(0, 16), keys.subarray(32, 36))
  // To a server that asks for a certificate it says that it has none.
  const certificate = byType.has(13) ? message(11, vector(Buffer.alloc(0), 3)) : Buffer.alloc(0)
  const answer = Buffer.concat([certificate, share])
  const transcript = createHash('sha256')
    .update(Buffer.concat([hello, bytes, answer]))
    .digest()
  const finished = prf(master, 'client finished', transcript, 12)
  const changed = plainRecord(20, uint(1, 1))
  const last = record(contentType.handshake, message(20, finished))
  socket.write(Buffer.concat([plainRecord(contentType.handshake, answer), changed, last]))
  await once(socket, 'data')
  return { socket, record, hello: () => helloOf(randomBytes(32), wanted, finished) }
}
