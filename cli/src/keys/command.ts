import { isClientId } from '@gatehouse/controller'
import { systemNow } from '../clock.ts'
import { withCluster } from '../cluster.ts'
import { kubeconfigPath } from '../config.ts'
import { exitStatus, usageError } from '../exit.ts'
import { helpFlag, readFlagsAndNames } from '../flags.ts'
import { plainJson, plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { clusterStore } from './clusterStore.ts'
import { created, revoked, rotated, timeText, withoutOld, type Edit, type NewKey } from './entry.ts'
import { fileStore } from './fileStore.ts'
import { attributesOf, labelsOf, spanOf } from './flagValues.ts'
import { help } from './help.ts'
import type { KeyStore } from './keySecret.ts'
import { clientsIn, tableOf } from './list.ts'
import { newKey } from './newKey.ts'

const flags = {
  ...helpFlag,
  secret: { type: 'string', short: 's' },
  namespace: { type: 'string', short: 'n' },
  file: { type: 'string', short: 'f' },
  output: { type: 'string', short: 'o' },
  kubeconfig: { type: 'string' },
  label: { type: 'string', short: 'l', multiple: true },
  role: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  tenant: { type: 'string' },
  plan: { type: 'string' },
  'expires-in': { type: 'string' },
  overlap: { type: 'string' },
  old: { type: 'boolean' },
} as const

type Values = ReturnType<typeof readFlagsAndNames<typeof flags>>['values']
type Flag = keyof Values

const everywhere: readonly Flag[] = ['help', 'secret', 'namespace', 'file', 'output', 'kubeconfig']
const actions = {
  create: ['label', 'role', 'scope', 'tenant', 'plan', 'expires-in'],
  rotate: ['expires-in', 'overlap'],
  revoke: ['old'],
  list: [],
} as const satisfies { readonly [name: string]: readonly Flag[] }

type Action = keyof typeof actions

const isAction = (name: string | undefined): name is Action => name !== undefined && Object.hasOwn(actions, name)

function checkFlags(action: Action, values: Values): void {
  const taken: readonly string[] = [...everywhere, ...actions[action]]
  const other = Object.keys(values).find((name) => !taken.includes(name))
  if (other !== undefined) throw usageError(`keys ${action} takes no --${other}`)
  if (values.output !== undefined && values.output !== 'text' && values.output !== 'json')
    throw usageError(`-o needs text or json, not "${values.output}"`)
  if (values.file !== undefined && values.kubeconfig !== undefined)
    throw usageError('-f and --kubeconfig exclude each other')
}

const objectName = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/

function named(flag: 'secret' | 'namespace', text: string | undefined): string | null {
  if (text !== undefined && !objectName.test(text)) throw usageError(`--${flag} needs the name of an object`)
  return text ?? null
}

/** Does something with the Secrets that the flags name. @param single - whether it must be one */
async function withStore<T>(values: Values, single: boolean, work: (store: KeyStore) => Promise<T>): Promise<T> {
  const [namespace, name] = [named('namespace', values.namespace), named('secret', values.secret)]
  if (values.file !== undefined) return await work(fileStore(values.file, { namespace, name }))
  if (namespace === null) throw usageError('-n NAMESPACE or -f FILE is needed')
  if (single && name === null) throw usageError('--secret NAME or -f FILE is needed')
  return await withCluster(values.kubeconfig ?? kubeconfigPath(), (client, signal) =>
    work(clusterStore(client, { namespace, name }, signal)),
  )
}

interface Doing {
  readonly client: string
  readonly values: Values
  readonly streams: Streams
}

/** The key goes to standard output and nowhere else, and only once it is written where it counts. */
async function giveKey(
  { client, values, streams }: Doing,
  labelled: boolean,
  edit: (key: NewKey) => Edit,
): Promise<void> {
  const now = systemNow()
  const lifetime = values['expires-in']
  const expiresAt = lifetime === undefined ? null : now + spanOf('expires-in', lifetime)
  const key = newKey()
  await withStore(values, true, async (store) => {
    const labels = labelled ? labelsOf(values.label, values.secret ?? '') : null
    await store.change({ client, edit: edit({ key, now, expiresAt }), labels })
    const until = expiresAt === null ? null : timeText(expiresAt)
    if (values.output === 'json') streams.out(plainJson({ client, key, expiresAt: until }))
    else streams.out(`${key}\n`)
    const expiry = until === null ? 'it never expires' : `it expires at ${until}`
    streams.err(plainText(`${client} in ${store.place} has a new key; ${expiry}, and is not shown again`) + '\n')
  })
}

async function revoke({ client, values, streams }: Doing): Promise<void> {
  const edit = values.old === true ? withoutOld(client) : revoked(client)
  await withStore(values, true, async (store) => {
    await store.change({ client, edit, labels: null })
    if (values.output === 'json') streams.out(plainJson({ client, revoked: values.old === true ? 'old' : 'all' }))
    const what = values.old === true ? `the older key of ${client}` : client
    streams.err(plainText(`${what} is revoked in ${store.place}`) + '\n')
  })
}

async function list(values: Values, streams: Streams): Promise<void> {
  const now = systemNow()
  const clients = clientsIn(await withStore(values, false, (store) => store.read()), now)
  streams.out(values.output === 'json' ? plainJson({ clients }) : tableOf(clients, now))
}

async function act(action: Exclude<Action, 'list'>, doing: Doing): Promise<void> {
  const { client, values } = doing
  switch (action) {
    case 'create': {
      const attributes = attributesOf(values)
      return await giveKey(doing, true, (key) => created(client, key, attributes))
    }
    case 'rotate': {
      const overlap = spanOf('overlap', values.overlap ?? '24h', { zero: true })
      return await giveKey(doing, false, (key) => rotated(client, key, overlap))
    }
    case 'revoke':
      return await revoke(doing)
  }
}

/** `gatehouse keys`. */
export async function keysCommand(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readFlagsAndNames('keys', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const [action, client, ...more] = positionals
  if (!isAction(action)) throw usageError('keys needs one of create, rotate, revoke and list')
  checkFlags(action, values)
  if (action === 'list') {
    if (client !== undefined) throw usageError('keys list takes no client')
    await list(values, streams)
    return exitStatus.ok
  }
  if (client === undefined || more.length > 0) throw usageError(`keys ${action} needs one client`)
  if (!isClientId(client)) throw usageError('a client is named by letters, digits, ".", "-" and "_"')
  await act(action, { client, values, streams })
  return exitStatus.ok
}
