import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A server that speaks the protocol of Redis and says whatever a test wants. */
export interface ScriptedStore {
  readonly port: number
  /** Every command that came, word by word. */
  readonly commands: readonly (readonly string[])[]
  close(): Promise<void>
}

/** Takes one whole command off the front; null = it has not arrived. */
function commandIn(text: string): { readonly words: readonly string[]; readonly rest: string } | null {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (head === null) return null
  const words: string[] = []
  let rest = text.slice(head[0].length)
  while (words.length < Number(head[1])) {
    const length = /^\$(\d+)\r\n/.exec(rest)
    if (length === null) return null
    const from = length[0].length
    const to = from + Number(length[1])
    if (rest.length < to + 2) return null
    words.push(rest.slice(from, to))
    rest = rest.slice(to + 2)
  }
  return { words, rest }
}

/** The bytes to say to a command; those that follow wait for it, as they do in Redis. */
export type Answer = (words: readonly string[]) => string | Promise<string>

export async function startScriptedStore(answer: Answer): Promise<ScriptedStore> {
  const commands: (readonly string[])[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    let said = Promise.resolve()
    const say = async (before: Promise<void>, words: string | Promise<string>): Promise<void> => {
      const next = await words
      await before
      socket.write(next, 'latin1')
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let found = commandIn(text); found !== null; found = commandIn(text)) {
        text = found.rest
        commands.push(found.words)
        said = say(said, answer(found.words))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
