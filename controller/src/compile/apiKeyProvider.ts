import { secretTypes } from '../world.ts'
import { note, placeWith } from './findings.ts'
import { locations, type Made, type Place, type ProviderSources, type ProviderSpec } from './providerParts.ts'
import type { Selection } from './selections.ts'

type ApiKey = NonNullable<ProviderSpec['apiKey']>

/** Why no Secret is selected; null when one is. @param selection - null = they are not read */
function unselected(
  selection: Selection | null,
  { folder }: ProviderSources,
): 'NamespaceNotWatched' | 'NotInFolder' | 'NoKeysSelected' | null {
  if (selection === null) return 'NamespaceNotWatched'
  if (selection.secrets.length > 0) return null
  return folder ? 'NotInFolder' : 'NoKeysSelected'
}

export function apiKeyProvider(apiKey: ApiKey, place: Place, sources: ProviderSources): Made {
  const { matchLabels } = apiKey.secretSelector
  const { selections } = sources
  const at = `${place.at}/apiKey/secretSelector`
  const readable = selections.select(matchLabels)
  const selection = readable ?? selections.none()
  const fits = place.purse.payOnce(selection.name, selection.bytes)
  const { resource, notes, ends } = selections.keysOf(fits ? selection : selections.none())
  const none = fits ? unselected(readable, sources) : 'BudgetExceeded'
  return {
    method: { type: 'ApiKey', from: locations(apiKey.from), credentials: resource.resource.name },
    resources: [resource],
    notes:
      none === null
        ? notes
        : [
            note(
              'ResolvedRefs',
              none,
              none === 'NotInFolder' ? placeWith(at, `Secret of type ${secretTypes.apiKeys}`) : at,
            ),
          ],
    // Nobody is refused as unknown who may well be known where we do not look.
    broken: !fits || readable === null,
    anchors: null,
    ends,
  }
}
