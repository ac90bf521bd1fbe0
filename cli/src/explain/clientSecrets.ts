import { member, membersOf, secretTypes } from '@gatehouse/controller'
import type { Json } from '@gatehouse/crds'

const holdsKeys = (document: Json): boolean =>
  member(document, 'kind') === 'Secret' && member(document, 'type') === secretTypes.apiKeys

/** Whether a Secret of API keys names this client. @param documents - objects as the API server would store them */
export const namesClient = (documents: readonly Json[], id: string): boolean =>
  documents.some((one) => holdsKeys(one) && member(member(one, 'data'), id) !== undefined)

/** The objects without what they say of a client: of one that two Secrets name nobody could say which is meant. */
export const withoutClient = (documents: readonly Json[], id: string): readonly Json[] =>
  documents.map((one) =>
    namesClient([one], id)
      ? {
          ...Object.fromEntries(membersOf(one)),
          data: Object.fromEntries(membersOf(member(one, 'data')).filter(([name]) => name !== id)),
        }
      : one,
  )

/** Why nobody is taken for this client; null = a Secret names it. */
export const unknownClient = (documents: readonly Json[], id: string): string | null =>
  namesClient(documents, id) ? null : `no Secret of type ${secretTypes.apiKeys} that was read names the client "${id}"`
