import { sha256 } from '@gatehouse/contract'
import { isWatched, secretTypes, type World, type WorldObject } from '../world.ts'
import { apiKeyBytes, apiKeysOf, type ApiKeys } from './apiKeys.ts'
import { sortedByKey } from './byKey.ts'
import type { Note } from './findings.ts'
import { matchesLabels } from './labels.ts'
import { sealOnce, type Sealed } from './seal.ts'

type Labels = Readonly<Record<string, string>>

/** Some Secrets of API keys of one namespace. */
export interface Selection {
  /** Sorted by name. */
  readonly secrets: readonly WorldObject[]
  /**
   * Says which Secrets of a namespace these are: providers that select the same share one resource, so that many of them
   * do not multiply a large Secret.
   */
  readonly name: string
  /** The most bytes that their clients take up in an update. */
  readonly bytes: number
}

/** What a selection holds. */
export interface SelectedKeys {
  /** A `credentials` resource with the clients. */
  readonly resource: Sealed
  readonly notes: readonly Note[]
  readonly ends: ApiKeys['ends']
}

/** The selections that were made of one namespace. */
export interface MadeSelections {
  /** All that there was to select from. */
  readonly from: readonly WorldObject[] | null
  /** By labels. */
  readonly selected: ReadonlyMap<string, Selection>
  readonly byName: ReadonlyMap<string, Selection>
  readonly keys: ReadonlyMap<Selection, SelectedKeys>
}

/** Selects Secrets of API keys of one namespace, and reads them. The same result for all that select the same. */
export interface Selections {
  /** Null when the Secrets are not read. */
  select(matchLabels: Labels): Selection | null
  none(): Selection
  keysOf(selection: Selection): SelectedKeys
  /** Grows with each that is made. */
  readonly made: MadeSelections
}

/** Secrets of API keys, sorted, so that the order of events does not show; null when they are not read. */
export const apiKeySecrets = (namespace: string, part: World): readonly WorldObject[] | null =>
  isWatched(part, namespace)
    ? sortedByKey(part.Secret).filter(
        ({ meta, raw }) => meta.namespace === namespace && raw['type'] === secretTypes.apiKeys,
      )
    : null

const sameSecrets = (a: readonly WorldObject[], b: readonly WorldObject[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index])

function nameOf(namespace: string, secrets: readonly WorldObject[]): string {
  const names = secrets.map(({ meta }) => meta.name).join('/')
  return `${namespace}/api-keys/${names === '' ? 'none' : sha256(names).slice(0, 32)}`
}

const labelsKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

function madeKeys({ secrets, name }: Selection): SelectedKeys {
  const { clients, notes, ends } = apiKeysOf(secrets)
  return { notes, ends, resource: sealOnce(null, { kind: 'credentials', name, spec: { clients } }) }
}

/**
 * The selections of one compilation of a namespace; what did not change is taken from the one before. Nothing older is
 * remembered: each label can select other Secrets, so beside the Secrets selections would pile up for as long as one of
 * those stays the same.
 *
 * @param all - the Secrets of API keys of the namespace, sorted by name; null when they are not read
 */
export function selectionsOf(
  namespace: string,
  all: readonly WorldObject[] | null,
  before: MadeSelections | null,
): Selections {
  const selected = new Map<string, Selection>()
  const byName = new Map<string, Selection>()
  const keys = new Map<Selection, SelectedKeys>()
  const unchanged = !!before?.from && !!all && sameSecrets(before.from, all)
  const selectionOf = (secrets: readonly WorldObject[]): Selection => {
    const name = nameOf(namespace, secrets)
    const known = byName.get(name) ?? before?.byName.get(name)
    return known && sameSecrets(known.secrets, secrets) ? known : { secrets, name, bytes: apiKeyBytes(secrets) }
  }
  const remembered = (selection: Selection): Selection => {
    byName.set(selection.name, selection)
    return selection
  }
  return {
    select: (matchLabels) => {
      if (all === null) return null
      const key = labelsKey(matchLabels)
      const known = selected.get(key) ?? (unchanged ? before.selected.get(key) : undefined)
      const selection = known ?? selectionOf(all.filter(({ meta }) => matchesLabels(meta.labels, matchLabels)))
      selected.set(key, selection)
      return remembered(selection)
    },
    none: () => remembered(selectionOf([])),
    keysOf: (selection) => {
      const known = keys.get(selection) ?? before?.keys.get(selection) ?? madeKeys(selection)
      keys.set(selection, known)
      return known
    },
    made: { from: all, selected, byName, keys },
  }
}
