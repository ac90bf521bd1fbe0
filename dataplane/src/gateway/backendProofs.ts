import { tokenSigner, type TokenSigner } from '../policy/requestToken.ts'
import type { Gateway } from './gateway.ts'
import type { Parsed, ParsedResources } from './parse.ts'

const signers = new WeakMap<Parsed<'tokenKeys'>, TokenSigner | null>()

/** A resource that has not changed is the same object in the next snapshot. */
function signerOf(keys: Parsed<'tokenKeys'>): TokenSigner | null {
  let signer = signers.get(keys)
  if (signer === undefined) signers.set(keys, (signer = readSigner(keys)))
  return signer
}

function readSigner({ spec }: Parsed<'tokenKeys'>): TokenSigner | null {
  try {
    return tokenSigner(spec)
  } catch {
    return null
  }
}

/** With what a gateway proves itself to backends. What cannot be read is not there: its backends are answered for (M7). */
export function backendProofs({
  backendHeader,
  tokenKeys,
}: ParsedResources): Pick<Gateway, 'backendHeaders' | 'signer'> {
  const keys = tokenKeys.get('tokens')
  return {
    backendHeaders: new Map([...backendHeader].map(([name, { spec }]) => [name, spec])),
    signer: keys === undefined ? null : signerOf(keys),
  }
}
