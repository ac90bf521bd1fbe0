import { altNameOf } from './altNames.ts'
import { note } from './findings.ts'
import type { Made, Place, ProviderSources, ProviderSpec } from './providerParts.ts'
import { sealOnce } from './seal.ts'
import { trustBundle } from './trust.ts'

type Mtls = NonNullable<ProviderSpec['mtls']>

export function mtlsProvider(mtls: Mtls, place: Place, sources: ProviderSources): Made {
  const refs = mtls.caCertificateRefs ?? []
  const at = `${place.at}/mtls/caCertificateRefs`
  const { anchors, bytes, notes: unresolved } = trustBundle(sources.references, place.policy.meta.namespace, refs, at)
  const narrows = refs.length > 0
  const fits = !narrows || place.purse.pay(bytes)
  const notes = fits ? unresolved : [...unresolved, note('ResolvedRefs', 'BudgetExceeded', at)]
  const spec = { anchors: fits ? [...anchors] : [] }
  return {
    method: { type: 'Mtls', subjectAltNames: mtls.subjectAltNames.map(altNameOf), trust: narrows ? place.name : null },
    resources: narrows ? [sealOnce(place.policy, { kind: 'trust', name: place.name, spec })] : [],
    notes,
    broken: notes.length > 0,
    anchors: narrows ? anchors : null,
  }
}
