/** Most bytes of bodies that are held while they are checked, in all and for one namespace. */
export const bodyBudgetLimits = { all: 64 * 1024 * 1024, namespace: 32 * 1024 * 1024 } as const

/** Most bytes of bodies that are kept in case they have to be sent again. */
export const keptBodyLimits = { all: 32 * 1024 * 1024, namespace: 8 * 1024 * 1024 } as const

/** What bodies that are held back may take up, so that no sender and no namespace can fill the memory. */
export interface BodyBudget {
  /** False, and nothing taken, when it is too much. */
  take(namespace: string, bytes: number): boolean
  give(namespace: string, bytes: number): void
  /** Bytes held now. */
  held(): number
}

export function createBodyBudget(limits: { readonly all: number; readonly namespace: number }): BodyBudget {
  const byNamespace = new Map<string, number>()
  let all = 0
  return {
    take(namespace, bytes) {
      const own = (byNamespace.get(namespace) ?? 0) + bytes
      if (own > limits.namespace || all + bytes > limits.all) return false
      byNamespace.set(namespace, own)
      all += bytes
      return true
    },
    give(namespace, bytes) {
      const own = (byNamespace.get(namespace) ?? 0) - bytes
      if (own > 0) byNamespace.set(namespace, own)
      else byNamespace.delete(namespace)
      all -= bytes
    },
    held: () => all,
  }
}
