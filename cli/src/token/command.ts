import { SignJWT } from 'jose'
import { stringify } from 'yaml'
import { systemNow } from '../clock.ts'
import { dataDirectory } from '../config.ts'
import { exitStatus, usageError } from '../exit.ts'
import { helpFlag, readFlags } from '../flags.ts'
import type { Streams } from '../streams.ts'
import { claimsOf, defaultIssuer } from './claims.ts'
import { algorithm, developmentKey, type DevelopmentKey } from './key.ts'

const help = `gatehouse token - sign a token for trying out policies

Usage: gatehouse token [FLAGS]
       gatehouse token --jwks [--config-map NAMESPACE/NAME]

  --issuer TEXT         claim iss; default ${defaultIssuer}
  --audience TEXT       claim aud; may be given more than once
  --subject TEXT        claim sub; default dev
  --role TEXT           adds to the list in claim roles
  --scope TEXT          adds to the words in claim scope
  --tenant TEXT         claim tenant
  --claim NAME=VALUE    any other claim; the value is JSON or else text
  --expires-in TIME     90s, 15m, 2h, 1d; a negative time makes a token that has expired; default 1h
  --typ TEXT            header typ; default at+jwt
  --jwks                prints the key set that verifies these tokens, public keys only
  --config-map NAMESPACE/NAME
                        prints the key set as a ConfigMap, for jwks.configMapRef
  -h, --help            this text

The key is made on first use, in $XDG_DATA_HOME/gatehouse/dev-key.json (~/.local/share without it), for this user alone.
It is for development: whoever has the file can sign. Exit status: 0; 64 when the command line is wrong.
`

const flags = {
  ...helpFlag,
  issuer: { type: 'string' },
  audience: { type: 'string', multiple: true },
  subject: { type: 'string' },
  role: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  tenant: { type: 'string' },
  claim: { type: 'string', multiple: true },
  'expires-in': { type: 'string' },
  typ: { type: 'string' },
  jwks: { type: 'boolean' },
  'config-map': { type: 'string' },
} as const

/** Lets a negative time follow its flag after a space. */
function joined(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const negative = (at: number): boolean => args[at - 1] === '--expires-in' && /^-\d/.test(args[at] ?? '')
    if (negative(index)) return []
    return negative(index + 1) ? [`${arg}=${args[index + 1]}`] : [arg]
  })
}

const objectName = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)\/([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?)$/

function configMap(reference: string, keySet: string): string {
  const parts = objectName.exec(reference)
  if (!parts) throw usageError(`--config-map needs NAMESPACE/NAME, not "${reference}"`)
  return stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: parts[3], namespace: parts[1] },
    data: { 'jwks.json': keySet },
  })
}

const keySetOf = ({ publicJwk }: DevelopmentKey): string => JSON.stringify({ keys: [publicJwk] })

/** `gatehouse token`. */
export async function tokenCommand(args: readonly string[], streams: Streams): Promise<number> {
  const values = readFlags('token', joined(args), flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const reference = values['config-map']
  if (reference !== undefined && !values.jwks) throw usageError('--config-map needs --jwks beside it')
  const claims = claimsOf(values, systemNow())
  const key = await developmentKey(dataDirectory())
  if (values.jwks) {
    streams.out(reference === undefined ? `${keySetOf(key)}\n` : configMap(reference, keySetOf(key)))
    return exitStatus.ok
  }
  const header = { alg: algorithm, kid: key.kid, typ: values.typ ?? 'at+jwt' }
  streams.out(`${await new SignJWT(claims).setProtectedHeader(header).sign(key.privateKey)}\n`)
  return exitStatus.ok
}
